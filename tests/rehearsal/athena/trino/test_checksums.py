"""The audit in SQL on Trino: each type has the checksum there that the source's rows have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal, localcontext

from audit.expected.table import ExpectedTable
from audit.sql import Comparison, KeptRows, SqlLake
from audit.sql.ranges import EVERYTHING, FIRST
from mappings.target import unchanged
from model import Column, Row, Table, Value
from rehearsal.athena import Open
from rehearsal.replication.settings import kinesis_settings, task_settings
from rehearsal.replication.values import renderer
from tests.rehearsal.athena.catalogs import declared, described, record
from tests.rehearsal.athena.trino.corpus import NOW, put
from tests.rehearsal.source.test_types import TYPES

NOT_OF_DMS = ("UUID", "INET6", "INET4")
KINDS = {kind: list(values.values()) for kind, values in TYPES.items() if kind not in NOT_OF_DMS and len(kind) < 60}


def column(name: str, kind: str) -> Column:
    """A column as information_schema tells it."""
    spelled = kind.lower().removesuffix(" null").partition(" character set")[0]
    sizes = [int(it) for it in spelled.partition("(")[2].partition(")")[0].split(",") if it.strip().isdigit()]
    return Column(
        name=name,
        data_type=spelled.partition("(")[0].partition(" ")[0],
        column_type=spelled,
        precision=sizes[0] if sizes else None,
        scale=sizes[1] if len(sizes) > 1 else None,
    )


def rows_of(columns: Sequence[Column]) -> list[Row]:
    """Each value of each type, and a row of NULLs."""
    every = [[_spelled(it, value) for value in values] for it, values in zip(columns, KINDS.values(), strict=True)]
    deepest = max(map(len, every))
    rows: list[Row] = [(n, *(values[n % len(values)] for values in every)) for n in range(deepest)]
    return [*rows, (deepest, *[None] * len(every))]


def _spelled(it: Column, value: Value) -> Value:
    """A value as the source has it, of those that DMS writes as they are."""
    if isinstance(value, Decimal):
        with localcontext(prec=80):
            return value.quantize(Decimal(1).scaleb(-(it.scale or 0)))
    if isinstance(value, int) and it.data_type == "bigint":
        return value % (2**53 - 1)
    return value[:1000] if isinstance(value, str) else value


def line(table: Table, row: Row) -> str:
    """The record of a load, as the rehearsal's DMS writes it."""
    task, kinesis = task_settings({}), kinesis_settings({})

    def written(it: Column, value: Value) -> str:
        return "null" if value is None else renderer(table, it, task, kinesis)(value)

    members = [f"{json.dumps(it.name)}:{written(it, v)}" for it, v in zip(table.columns, row, strict=True)]
    empty = record("load", "shop.every", "2026-01-05T03:00:00.000001Z", {})
    assert '"data":{}' in empty.replace(" ", "")
    return empty.replace(" ", "").replace('"data":{}', f'"data":{{{",".join(members)}}}')


def test_every_type_has_the_checksum_of_its_rows(trino: Open):
    columns = [column("id", "INT"), *(column(f"c{n}", kind) for n, kind in enumerate(KINDS))]
    table = Table(schema="shop", name="every", columns=tuple(columns), primary_key=("id",))
    rows = rows_of(columns[1:])
    catalog = declared(
        described("shop.every", "id", **{it.name: it.column_type for it in columns}),
        **{"projection.dt.range": "2026-01-01,NOW"},
    )
    (view,) = (it for it in catalog.views if it.kind == "current")
    expected = ExpectedTable(unchanged(table))
    with trino(catalog, [put(0, "\n".join(line(table, row) for row in rows).encode())], now=NOW) as athena:

        def differing(names: Sequence[str]) -> list[str]:
            types = [it for it in view.columns if it[0] in ("id", *names)]
            one = Comparison(expected, view.name, types, null_and_empty=True)
            kept, lake = KeptRows(lambda: rows, one), SqlLake(athena.run, one)
            if kept.digests(FIRST, EVERYTHING) == lake.digests(FIRST, EVERYTHING):
                return []
            half = len(names) // 2
            return [*differing(names[:half]), *differing(names[half:])] if half else list(names)

        kinds = {it.name: it.column_type for it in columns[1:]}
        wrong = [kinds[name] for name in differing(list(kinds))]
        assert wrong == [], wrong
