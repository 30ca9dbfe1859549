"""The audit in SQL at a million rows, for ``make bench``: seconds, queries, bytes moved; and row by row beside it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import duckdb
import pymysql

from audit import Answer, Expectations, SqlSource, Way, audit_rows
from audit.expected.table import ExpectedTable
from audit.expected.table_report import Places, TableReport
from audit.views.rows import ViewRows
from database import catalog
from database.queries import ask
from database.server import Server
from mappings.target import unchanged
from model import Table
from model.plan import CatalogPlan, ViewPlan
from rehearsal.athena.dialect import translated

ROWS = 1_000_000
_EXPECTED = Expectations(null_and_empty=True)
_CREATE = """CREATE TABLE bench.seats (id BIGINT PRIMARY KEY, seat VARCHAR(40), price DECIMAL(10,2),
    sold_at DATETIME(6), holder INT, barcode VARBINARY(16))"""
_FILL = """INSERT INTO bench.seats SELECT seq, CONCAT('K-', seq), (seq % 9000) / 100,
    '2026-01-01' + INTERVAL seq SECOND, NULLIF(seq % 3, 0), UNHEX(MD5(seq)) FROM seq_1_to_{rows}"""
_LAKE = """CREATE TABLE seats AS SELECT seq::BIGINT AS id, concat('K-', seq) AS seat,
    ((seq % 9000) / 100)::DECIMAL(10,2) AS price, TIMESTAMP '2026-01-01' + to_seconds(seq) AS sold_at,
    nullif(seq % 3, 0)::INTEGER AS holder, unhex(md5(seq::VARCHAR)) AS barcode FROM range(1, {rows} + 1) AS r(seq)"""
_WRONG = """UPDATE seats SET price = price + 1
    WHERE id BETWEEN 1000 AND 1003 OR id BETWEEN {middle} AND {middle} + 3 OR id > {rows} - 2"""
_VIEW = ViewPlan(
    name="seats",
    sql="",
    columns=(
        ("id", "bigint"),
        ("seat", "varchar"),
        ("price", "decimal(10,2)"),
        ("sold_at", "timestamp(6)"),
        ("holder", "integer"),
        ("barcode", "varbinary"),
    ),
    table=("bench", "seats"),
    kind="current",
)
_CATALOG = CatalogPlan(database="bench", tables=(), views=(_VIEW,), queries=())


@dataclass
class _Moved:
    """What an audit asks for, and gets."""

    queries: int = 0
    bytes: int = 0
    """Of the values as text."""

    def counted(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """``rows``, of which each is counted."""
        for row in rows:
            self.bytes += sum(len(str(value)) for value in row)
            yield row


@dataclass(frozen=True)
class _Told:
    columns: Sequence[str]
    rows: Iterable[tuple[Any, ...]]


def measure(server: Server, rows: int = ROWS) -> None:
    """Print a line for each audit of ``rows`` rows, on ``server`` and in DuckDB."""
    with closing(server.connect()) as connection, closing(duckdb.connect(":memory:")) as lake:
        for statement in (
            "CREATE DATABASE bench",
            "USE bench",
            _CREATE,
            _FILL.format(rows=rows),
            "ANALYZE TABLE bench.seats",
        ):
            ask(connection, statement)
        lake.execute(_LAKE.format(rows=rows))
        table = catalog.table(connection, "bench", "seats")
        assert table
        for what in ("equal", "10 differences"):
            if what != "equal":
                lake.execute(_WRONG.format(rows=rows, middle=rows // 2))
            for how, audit in (("in SQL", _in_sql), ("row by row", _row_by_row)):
                moved = _Moved()
                start = time.perf_counter()
                found = audit(connection, lake, table, moved)
                seconds = time.perf_counter() - start
                assert found == (0 if what == "equal" else 10), f"{found} findings"
                name = f"audit {how}: {what}"
                print(f"{name:<36}{rows:>9,}{seconds:>8.2f} s{rows / seconds:>12,.0f}/s", end="")
                print(f"{moved.queries:>4} queries{moved.bytes:>13,} bytes moved", flush=True)


def _in_sql(connection: pymysql.Connection[Any], lake: duckdb.DuckDBPyConnection, table: Table, moved: _Moved) -> int:
    def of_source(sql: str) -> Answer:
        moved.queries += 1
        return _Told((), moved.counted(ask(connection, sql)))

    def of_lake(sql: str) -> Answer:
        moved.queries += 1
        return _Told((), moved.counted(lake.execute(translated(sql)).fetchall()))

    judged = audit_rows(of_lake, _CATALOG, [table], lambda it: SqlSource(of_source, it), _EXPECTED, Way())
    return sum(it.findings.total for it in judged.values())


def _row_by_row(
    connection: pymysql.Connection[Any], lake: duckdb.DuckDBPyConnection, table: Table, moved: _Moved
) -> int:
    report = TableReport(ExpectedTable(unchanged(table)), Places())
    found = ViewRows(report, _VIEW.name, [name for name, _ in _VIEW.columns], _EXPECTED)
    moved.queries = 2
    found.take(lake.execute("SELECT * FROM seats").fetchall())
    found.compare(catalog.read(connection, table))
    names = "concat(id, seat, price, sold_at, holder, hex(barcode))"  # not counted while the time is taken
    ((moved.bytes,),) = lake.execute(f"SELECT 2 * sum(strlen({names})) FROM seats").fetchall()
    return report.findings.total
