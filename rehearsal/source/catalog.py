"""Catalog: what the source says of itself: its tables, its place in the binlog, its rows."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import groupby
from typing import Any

import pymysql
from pymysql.cursors import SSCursor

from model import Column, PipelineError, Position, Row, Table, Value
from rehearsal.source.connection.floats import shortest_float32
from rehearsal.source.connection.queries import ask, is_mariadb, quoted
from rehearsal.source.definitions.definition import DefinedColumn, Definition
from rehearsal.source.privileges import not_wholly_readable

SYSTEM_SCHEMAS = ("information_schema", "mysql", "performance_schema", "sys")
"""Schemas that belong to the server; DMS asks not to capture them."""

_COLUMNS = """
    SELECT c.table_schema, c.table_name, c.column_name, c.data_type, c.column_type, c.is_nullable,
           c.character_set_name, c.character_maximum_length, c.numeric_precision, c.numeric_scale,
           c.datetime_precision, c.extra, t.table_collation
    FROM information_schema.columns c
    JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
    WHERE t.table_type = 'BASE TABLE' AND {condition}
    ORDER BY c.table_schema, c.table_name, c.ordinal_position"""

_KEYS = """
    SELECT k.table_schema, k.table_name, k.column_name
    FROM information_schema.key_column_usage k
    WHERE k.constraint_name = 'PRIMARY' AND {condition}
    ORDER BY k.table_schema, k.table_name, k.ordinal_position"""

_LABEL = re.compile(r"'((?:[^'\\]|''|\\.)*)'", re.DOTALL)
_ESCAPE = re.compile(r"''|\\(.)", re.DOTALL)
_ESCAPED = {"0": "\0", "n": "\n", "r": "\r", "Z": "\x1a"}
_JSON_VALID = re.compile(r"CHECK \(json_valid\(`((?:[^`]|``)+)`\)\)")
_NO_SUCH_TABLE = 1146
_LEFT_OUT = re.compile(r"\b(GENERATED|VIRTUAL|PERSISTENT|STORED|INVISIBLE)\b", re.IGNORECASE)
_DEFAULT_GENERATED = "DEFAULT_GENERATED"  # MySQL's mark of an expression default: an ordinary column

_TEMPORAL = frozenset({"time", "datetime", "timestamp"})
_PRECISE = frozenset({"decimal", "bit"})


def tables(connection: pymysql.Connection[Any]) -> tuple[Table, ...]:
    """All base tables outside the system schemas of which the user may read every column, by schema and name."""
    return tuple(definition.table for definition in definitions(connection))


def definitions(connection: pymysql.Connection[Any]) -> tuple[Definition, ...]:
    """The same tables, with all that a statement which alters one needs to know of it."""
    return _definitions(connection, "{alias}.{schema} NOT IN %s", (SYSTEM_SCHEMAS,))


def table(connection: pymysql.Connection[Any], schema: str, name: str) -> Table | None:
    """The table as it is now; None if there is none or the user may not see it."""
    found = _definitions(connection, "{alias}.{schema} = %s AND {alias}.table_name = %s", (schema, name))
    return found[0].table if found else None


def log_status(connection: pymysql.Connection[Any]) -> tuple[Any, ...]:
    """File and offset of the binlog's end, then the schemas that it takes alone and those that it leaves out."""
    status = "SHOW BINARY LOG STATUS" if _since_8_4(connection) else "SHOW MASTER STATUS"
    rows = ask(connection, status)
    if not rows:
        raise PipelineError(
            "the source has no binlog (log_bin=OFF), so no change can be captured: set binlog_format=ROW in the "
            "cluster parameter group and reboot the writer"
        )
    return rows[0]


def position(connection: pymysql.Connection[Any]) -> Position:
    """The end of the binlog now: every transaction committed before this call lies before it."""
    file, offset, *_ = log_status(connection)
    return Position(file, int(offset))


@contextmanager
def consistent(connection: pymysql.Connection[Any]) -> Iterator[Position]:
    """A consistent snapshot on ``connection`` while the block runs, and the exact binlog position it belongs to.

    MariaDB tells the position of a snapshot. MySQL does not: there the snapshot is opened in a moment of rest, when
    the binlog's end has not moved for a while; a source that never rests is refused.
    """
    snapshot = _mariadb_snapshot if is_mariadb(connection) else _mysql_snapshot
    try:
        yield snapshot(connection)
    finally:
        connection.rollback()


def read(
    connection: pymysql.Connection[Any],
    table: Table,
    columns: Sequence[str] | None = None,
    where: str | None = None,
) -> Iterator[Row]:
    """The rows of ``table``, streamed: ``connection`` can do nothing else until the iterator ends or is closed.

    ``columns`` chooses and orders the values (all of the table's by default); ``where`` is SQL.
    """
    known = {column.name: column for column in table.columns}
    chosen = [known[name] for name in columns] if columns is not None else list(table.columns)
    statement = f"SELECT {', '.join(map(_expression, chosen))} FROM {quoted(table.schema)}.{quoted(table.name)}" + (
        f" WHERE {where}" if where else ""
    )
    floats = [place for place, column in enumerate(chosen) if column.data_type == "float"]
    with closing(connection.cursor(SSCursor)) as cursor:
        cursor.execute(statement)
        rows = iter(cursor.fetchone, None)
        yield from (_with_exact_floats(row, floats) for row in rows) if floats else rows


def _definitions(
    connection: pymysql.Connection[Any], condition: str, arguments: tuple[object, ...]
) -> tuple[Definition, ...]:
    def rows(query: str, alias: str) -> list[tuple[Any, ...]]:
        return ask(connection, query.format(condition=condition.format(alias=alias, schema="table_schema")), arguments)

    keys: dict[tuple[str, str], list[str]] = {}
    for schema, name, column in rows(_KEYS, "k"):
        keys.setdefault((schema, name), []).append(column)
    columns = rows(_COLUMNS, "c")
    hidden = not_wholly_readable(connection, dict.fromkeys((row[0], row[1]) for row in columns))
    columns = [row for row in columns if (row[0], row[1]) not in hidden]
    json = _json_aliases(connection, columns) if is_mariadb(connection) else set()
    return tuple(
        _definition(schema, name, tuple(own), keys.get((schema, name), []), json)
        for (schema, name), own in groupby(columns, key=lambda row: (row[0], row[1]))
    )


def _json_aliases(connection: pymysql.Connection[Any], columns: list[tuple[Any, ...]]) -> set[tuple[str, str, str]]:
    """The columns that MariaDB keeps as checked LONGTEXT, by schema, table and name.

    information_schema.check_constraints would tell them in one answer, but not to a user who may read one table alone.
    """
    found: set[tuple[str, str, str]] = set()
    for schema, name in {(row[0], row[1]) for row in columns if row[3].lower() == "longtext"}:
        try:
            ((_, statement),) = ask(connection, f"SHOW CREATE TABLE {quoted(schema)}.{quoted(name)}")
        except pymysql.err.ProgrammingError as error:
            if error.args[0] != _NO_SUCH_TABLE:  # dropped since the columns were listed
                raise
            continue
        found |= {(schema, name, column.replace("``", "`")) for column in _JSON_VALID.findall(statement)}
    return found


def _definition(
    schema: str,
    name: str,
    rows: tuple[tuple[Any, ...], ...],
    key: list[str],
    json: set[tuple[str, str, str]],
) -> Definition:
    """One table of information_schema's rows; ``json`` names the columns that MariaDB keeps as checked LONGTEXT."""
    return Definition(
        schema=schema,
        name=name,
        columns=tuple(
            DefinedColumn(
                _column(row, is_json=(schema, name, row[2]) in json),
                bool(_LEFT_OUT.search(row[11].replace(_DEFAULT_GENERATED, ""))),
            )
            for row in rows
        ),
        primary_key=tuple(key),
        charset=(rows[0][12] or "").partition("_")[0],
    )


def _column(row: tuple[Any, ...], *, is_json: bool) -> Column:
    name, data_type, column_type, nullable, charset, length, precision, scale, second_digits = row[2:11]
    data_type = "json" if is_json and data_type.lower() == "longtext" else data_type.lower()
    return Column(
        name=name,
        data_type=data_type,
        column_type=column_type,
        nullable=nullable == "YES",
        charset=charset,
        length=length,
        precision=second_digits if data_type in _TEMPORAL else precision if data_type in _PRECISE else None,
        scale=scale if data_type == "decimal" else None,
        labels=_labels(column_type) if data_type in ("enum", "set") else (),
    )


def _labels(column_type: str) -> tuple[str, ...]:
    """The labels of ``enum('a','it''s')``: quotes are doubled, backslashes and control characters escaped."""

    def unescape(match: re.Match[str]) -> str:
        return "'" if match[1] is None else _ESCAPED.get(match[1], match[1])

    return tuple(_ESCAPE.sub(unescape, label) for label in _LABEL.findall(column_type))


def _expression(column: Column) -> str:
    name = quoted(column.name)
    # A FLOAT is printed with 6 digits and a DOUBLE(m,d) with d decimals; times 1e0 either is a plain double, in full.
    return f"{name} * 1e0" if column.data_type in ("float", "double") else name


def _with_exact_floats(row: Row, places: list[int]) -> Row:
    values: list[Value] = list(row)
    for place in places:
        number = values[place]
        if isinstance(number, float):
            values[place] = shortest_float32(number)
    return tuple(values)


def _mariadb_snapshot(connection: pymysql.Connection[Any]) -> Position:
    """https://mariadb.com/kb/en/enhancements-for-start-transaction-with-consistent-snapshot/"""
    ask(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT")
    status = dict(ask(connection, "SHOW STATUS LIKE 'Binlog_snapshot_%%'", ()))
    if not status.get("Binlog_snapshot_file"):
        return position(connection)  # no binlog: says so
    return Position(status["Binlog_snapshot_file"], int(status["Binlog_snapshot_position"]))


def _mysql_snapshot(connection: pymysql.Connection[Any], attempts: int = 50, rest: float = 0.2) -> Position:
    before = position(connection)
    for _ in range(attempts):
        # A commit reaches the binlog before the engine: wait until what is in the log is also in the tables.
        time.sleep(rest)
        ask(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT")
        after = position(connection)
        if after == before:
            return after
        connection.rollback()
        before = after
    raise PipelineError(
        f"the source's binlog moved in each of {attempts} attempts to open a snapshot at a known position: "
        "stop the writers for a moment and try again"
    )


def _since_8_4(connection: pymysql.Connection[Any]) -> bool:
    version = tuple(int(part) for part in re.findall(r"\d+", connection.get_server_info())[:2])
    return version >= (8, 4) and not is_mariadb(connection)
