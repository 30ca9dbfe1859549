"""The audit in SQL at a million rows, for ``make bench``: seconds, queries, bytes moved; row by row beside it."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
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
RELADIFF = shutil.which("reladiff")
"""Another tool for the same, measured where it is installed (`pip install reladiff mysql-connector-python`)."""
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


@dataclass(frozen=True)
class _Sides:
    """The same rows twice; the lake is opened by whoever reads it, for one process may at a time."""

    connection: pymysql.Connection[Any]
    table: Table
    lake: Path

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """What the lake answers to a statement in DuckDB's SQL."""
        with closing(duckdb.connect(str(self.lake))) as lake:
            return lake.execute(sql).fetchall()


def measure(server: Server, folder: Path, rows: int = ROWS) -> None:
    """Print a line for each audit of ``rows`` rows, on ``server`` and in DuckDB in ``folder``."""
    with closing(server.connect()) as connection:
        for statement in ("CREATE DATABASE bench", "USE bench", _CREATE, _FILL.format(rows=rows)):
            ask(connection, statement)
        table = catalog.table(connection, "bench", "seats")
        assert table
        sides = _Sides(connection, table, folder / "bench.duckdb")
        sides.execute(_LAKE.format(rows=rows))
        for what, wrong in (("equal", 0), ("10 differences", 10)):
            if wrong:
                sides.execute(_WRONG.format(rows=rows, middle=rows // 2))
            for how, audit in (("in SQL", _in_sql), ("row by row", _row_by_row)):
                moved = _Moved()
                start = time.perf_counter()
                found = audit(sides, moved)
                _say(f"audit {how}: {what}", rows, time.perf_counter() - start, moved)
                assert found == wrong, f"{found} findings"
            if RELADIFF:
                _reladiff(sides, rows, what)


def _say(name: str, rows: int, seconds: float, moved: _Moved) -> None:
    line = f"{name:<36}{rows:>9,}{seconds:>8.2f} s{rows / seconds:>12,.0f}/s{moved.queries:>4} queries"
    print(f"{line}{moved.bytes:>13,} bytes moved", flush=True)


def _in_sql(sides: _Sides, moved: _Moved) -> int:
    def of_source(sql: str) -> Answer:
        moved.queries += 1
        return _Told((), moved.counted(ask(sides.connection, sql)))

    def of_lake(sql: str) -> Answer:
        moved.queries += 1
        return _Told((), moved.counted(sides.execute(translated(sql))))

    judged = audit_rows(of_lake, _CATALOG, [sides.table], lambda it: SqlSource(of_source, it), _EXPECTED, Way())
    return sum(it.findings.total for it in judged.values())


def _row_by_row(sides: _Sides, moved: _Moved) -> int:
    report = TableReport(ExpectedTable(unchanged(sides.table)), Places())
    found = ViewRows(report, _VIEW.name, [name for name, _ in _VIEW.columns], _EXPECTED)
    moved.queries = 2
    found.take(sides.execute("SELECT * FROM seats"))
    found.compare(catalog.read(sides.connection, sides.table))
    ((moved.bytes,),) = sides.execute(
        "SELECT 2 * sum(strlen(concat(id, seat, price, sold_at, holder, hex(barcode)))) FROM seats"
    )
    return report.findings.total


def _reladiff(sides: _Sides, rows: int, what: str) -> None:
    """The same by reladiff, without the column that it refuses; queries and bytes are the source's alone."""
    assert RELADIFF
    ask(sides.connection, "GRANT ALL ON *.* TO 'bench'@'%' IDENTIFIED BY 'bench'")
    ((port,),) = ask(sides.connection, "SELECT @@port")
    databases = f"mysql://bench:bench@127.0.0.1:{port}/bench", "seats", f"duckdb://main@{sides.lake}", "seats"
    columns = [part for name in ("seat", "price", "sold_at", "holder") for part in ("-c", name)]
    before = _status(sides.connection)
    start = time.perf_counter()
    subprocess.run([RELADIFF, *databases, "-k", "id", *columns, "-s"], check=True, capture_output=True)
    seconds = time.perf_counter() - start
    queries, sent = (now - then for now, then in zip(_status(sides.connection), before, strict=True))
    _say(f"reladiff: {what}", rows, seconds, _Moved(queries, sent))


def _status(connection: pymysql.Connection[Any]) -> tuple[int, int]:
    told = dict(ask(connection, "SHOW GLOBAL STATUS WHERE variable_name IN ('Questions', 'Bytes_sent')"))
    return int(told["Questions"]), int(told["Bytes_sent"])
