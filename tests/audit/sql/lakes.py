"""A lake's view by hand: a table in DuckDB, asked in Athena's SQL, beside rows of a source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any

import duckdb

from audit.expected.expectations import Expectations
from audit.expected.table import ExpectedTable
from audit.expected.table_report import Places, TableReport
from audit.sql import Answer, Comparison, SqlLake
from audit.views.compare import Compared, SourceSide, Way, compare
from audit.views.rows import ViewRows
from documents.athena_types import athena_type
from mappings.target import Target, unchanged
from model import Column, PipelineError, Row, Table, Value
from rehearsal.athena.dialect import translated

EXPECTED = Expectations(null_and_empty=True)
UNREADABLE = "cdc_unreadable"
_NUMBERS = count()
_PRESTO = {
    bool: "boolean",
    int: "bigint",
    float: "double",
    bytes: "varbinary",
    datetime: "timestamp(6)",
    date: "date",
}


@dataclass(frozen=True)
class Told:
    """An answer."""

    columns: Sequence[str]
    rows: Iterable[tuple[Any, ...]]


@cache
def _duckdb() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:")


class Lake:
    """A view with these columns and rows. ``asked`` has every query that it got."""

    def __init__(self, types: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> None:
        self.name, self.types, self.asked = f"v{next(_NUMBERS)}", tuple(types), list[str]()
        named = ", ".join(f'"{name}" {_of_duckdb(kind)}' for name, kind in types)
        _duckdb().execute(f'CREATE TABLE "{self.name}" ({named})')
        self.put(rows)

    def put(self, rows: Iterable[Sequence[Any]]) -> None:
        """Have these rows and no others."""
        _duckdb().execute(f'DELETE FROM "{self.name}"')
        values = [list(row) for row in rows]
        if values:
            marks = f"({', '.join('?' * len(self.types))})"
            every = ", ".join([marks] * len(values))
            _duckdb().execute(f'INSERT INTO "{self.name}" VALUES {every}', [it for row in values for it in row])

    def ask(self, sql: str) -> Answer:
        self.asked.append(sql)
        try:
            cursor = _duckdb().cursor().execute(translated(sql))
            return Told([it[0] for it in cursor.description or ()], cursor.fetchall())
        except duckdb.Error as error:
            raise PipelineError(str(error)) from error

    def all(self) -> list[tuple[Any, ...]]:
        return _duckdb().cursor().execute(f'SELECT * FROM "{self.name}"').fetchall()


def _of_duckdb(presto: str) -> str:
    return {"varbinary": "BLOB"}.get(presto, "TIMESTAMP" if presto.startswith("timestamp") else presto)


def presto_type(value: Any) -> str:
    """The type of a column that gives ``value``."""
    if isinstance(value, Decimal):
        digits, scale = value.as_tuple().digits, -int(value.as_tuple().exponent)
        return f"decimal({max(len(digits), scale, 1)},{scale})"
    return _PRESTO.get(type(value), "varchar")


def in_the_lake(column: Column, value: Value) -> Any:
    """The source's ``value`` as a right view gives it."""
    if value is None:
        return None
    kind = athena_type(column.column_type).sql
    if kind == "boolean":
        return bool(value)
    if column.data_type == "bit":
        assert isinstance(value, int)
        return value.to_bytes(((column.precision or 1) + 7) // 8, "big")
    if kind in ("date", "timestamp(6)"):
        text = str(value)
        if text.startswith("0000-00-00"):
            return None
        return date.fromisoformat(text) if kind == "date" else datetime.fromisoformat(text)
    if kind == "varchar":
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    return Decimal(value) if kind.startswith("decimal") and isinstance(value, int) else value


def view_types(table: Table) -> list[tuple[str, str]]:
    return [(it.name.lower(), athena_type(it.column_type).sql) for it in table.columns] + [(UNREADABLE, "varchar")]


def right_rows(table: Table, rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    """What a right view gives for the source's ``rows``."""
    return [(*(in_the_lake(it, v) for it, v in zip(table.columns, row, strict=True)), None) for row in rows]


def comparison_of(table: Table, lake: Lake, expectations: Expectations = EXPECTED, target: Target | None = None):
    expected = ExpectedTable(target or unchanged(table))
    return Comparison(expected, lake.name, lake.types, null_and_empty=expectations.null_and_empty)


def by_sql(
    comparison: Comparison,
    source: SourceSide,
    lake: Lake,
    expectations: Expectations = EXPECTED,
    way: Way | None = None,
) -> tuple[TableReport[ExpectedTable], Compared]:
    """What the audit under test says."""
    report = TableReport(comparison.expected, Places())
    return report, compare(report, comparison, source, SqlLake(lake.ask, comparison), expectations, way or Way())


def by_rows(comparison: Comparison, rows: Iterable[Row], lake: Lake, expectations: Expectations = EXPECTED):
    """What the row-by-row comparison says, the oracle."""
    report = TableReport(comparison.expected, Places())
    found = ViewRows(report, comparison.name, comparison.lake_columns, expectations)
    found.take(lake.all())
    found.compare(comparison.expected.wanted(rows))
    return report


def said(report: TableReport[ExpectedTable]) -> list[object]:
    """What a report has found, whatever the order."""
    return [report.findings.counts, *sorted(map(str, report.findings.listed))]
