"""The source's side of the audit in SQL, on a real server: its checksums are those of its rows, and so are its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from audit.expected.table import ExpectedTable
from audit.sql import Answer, Comparison, KeptRows, SqlLake, SqlSource
from audit.sql.ranges import EVERYTHING, FIRST
from mappings.target import unchanged
from model import Row, Table
from rehearsal.source.connection.queries import ask
from tests.audit.sql.lakes import Lake, Told, comparison_of, right_rows, view_types

from .conftest import Shop
from .test_types import TYPES

ANY_SESSION = (
    "SET time_zone = '+05:30'",
    "SET sql_mode = 'PAD_CHAR_TO_FULL_LENGTH,ANSI_QUOTES,NO_BACKSLASH_ESCAPES,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
    "STRICT_ALL_TABLES'",
)
"""Settings of a session that change what MySQL shows."""


def asking(shop: Shop) -> Callable[[str], Answer]:
    """Asks the server through the session of ``shop``."""

    def run(sql: str) -> Answer:
        assert not set(sql) & set(":%?"), "a driver may take it for a parameter"
        return Told((), ask(shop.connection, sql))

    return run


def every_type(shop: Shop) -> tuple[Table, list[Row]]:
    """A table with a column of every type, and its rows: each value, and NULLs."""
    shop.sql("SET sql_mode = ''", "SET time_zone = '+00:00'")
    table = shop.create("id INT PRIMARY KEY", *(f"c{number} {kind}" for number, kind in enumerate(TYPES)))
    deepest = max(map(len, TYPES.values()))
    for number in range(deepest):
        picked = [list(values)[number % len(values)] for values in TYPES.values()]
        shop.sql(f"INSERT INTO t VALUES ({number}, {', '.join(picked)})")
    shop.sql(f"INSERT INTO t (id) VALUES ({deepest})")
    return table, shop.rows()


@pytest.mark.parametrize("null_and_empty", [True, False])
def test_every_type_has_the_checksum_of_its_rows_in_any_session(shop: Shop, null_and_empty: bool):
    table, rows = every_type(shop)
    lake = Lake(view_types(table), right_rows(table, rows))
    shop.sql(*ANY_SESSION)
    expected = ExpectedTable(unchanged(table))
    kinds = {column.name: column.column_type for column in table.columns}

    def differing(names: Sequence[str]) -> list[str]:
        """The types that have another text on one of the sides: all columns are asked at once, and then each half."""
        types = [it for it in lake.types if it[0] in ("id", *names)]
        one = Comparison(expected, lake.name, types, null_and_empty=null_and_empty)
        sides = KeptRows(lambda: rows, one), SqlSource(asking(shop), one), SqlLake(lake.ask, one)
        kept, source, seen = (side.digests(FIRST, EVERYTHING) for side in sides)
        if kept == source == seen:
            return []
        half = len(names) // 2
        return [*differing(names[:half]), *differing(names[half:])] if half else [kinds[names[0]]]

    assert differing([name for name in kinds if name != "id"]) == []


def test_every_type_is_read_as_its_rows_are(shop: Shop):
    table, rows = every_type(shop)
    lake = Lake(view_types(table), right_rows(table, rows))
    shop.sql(*ANY_SESSION)
    given = sorted(SqlSource(asking(shop), comparison_of(table, lake)).rows(EVERYTHING))
    for one, other in zip(given, sorted(rows), strict=True):
        assert one == other
        assert list(map(type, one)) == list(map(type, other))
