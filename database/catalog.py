"""Catalog: what the source says of its tables, and their rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any

import pymysql
from pymysql.constants import ER
from pymysql.cursors import SSCursor

from database.definition import DefinedColumn, Definition
from database.floats import shortest_float32
from database.privileges import Name, not_wholly_readable
from database.queries import ask, is_mariadb, quoted
from database.session import UNCUT
from model import Column, Row, Table, Value

SYSTEM_SCHEMAS = ("information_schema", "mysql", "performance_schema", "sys")
"""Schemas that belong to the server; DMS asks not to capture them."""

# Joined and sorted here: to information_schema, names that differ in case or accents alone are often the same.
_TABLES = """
    SELECT t.table_schema, t.table_name, t.table_collation
    FROM information_schema.tables t
    WHERE t.table_type = 'BASE TABLE' AND {condition}"""

_COLUMNS = """
    SELECT c.table_schema, c.table_name, c.column_name, c.data_type, c.column_type, c.is_nullable,
           c.character_set_name, c.character_maximum_length, c.numeric_precision, c.numeric_scale,
           c.datetime_precision, c.extra, c.ordinal_position
    FROM information_schema.columns c
    WHERE {condition}"""

_KEYS = """
    SELECT k.table_schema, k.table_name, k.column_name, k.ordinal_position
    FROM information_schema.key_column_usage k
    WHERE k.constraint_name = 'PRIMARY' AND {condition}"""

_LABEL = re.compile(r"'((?:[^'\\]|''|\\.)*)'", re.DOTALL)
_ESCAPE = re.compile(r"''|\\(.)", re.DOTALL)
_ESCAPED = {"0": "\0", "n": "\n", "r": "\r", "Z": "\x1a"}
_JSON_VALID = re.compile(r"CHECK \(json_valid\(`((?:[^`]|``)+)`\)\)")
_LEFT_OUT = re.compile(r"\b(GENERATED|VIRTUAL|PERSISTENT|STORED|INVISIBLE)\b", re.IGNORECASE)
_DEFAULT_GENERATED = "DEFAULT_GENERATED"  # MySQL's mark of an expression default: an ordinary column

_AT_ONCE = 40
"""Tables of which columns are listed in one answer."""
_TEMPORAL = frozenset({"time", "datetime", "timestamp"})
_PRECISE = frozenset({"decimal", "bit"})


def tables(connection: pymysql.Connection[Any]) -> tuple[Table, ...]:
    """All base tables outside the system schemas of which the user may read every column, by schema and name."""
    return tuple(definition.table for definition in definitions(connection))


def definitions(connection: pymysql.Connection[Any]) -> tuple[Definition, ...]:
    """The same tables, with all that a statement which alters one needs to know of it."""
    return _definitions(connection, "CAST({alias}.table_schema AS BINARY) NOT IN %s", (SYSTEM_SCHEMAS,))


def table(connection: pymysql.Connection[Any], schema: str, name: str) -> Table | None:
    """The table as it is now; None if there is none or the user may not see it."""
    found = _definitions(connection, "{alias}.table_schema = %s AND {alias}.table_name = %s", (schema, name))
    return next((one.table for one in found if (one.schema, one.name) == (schema, name)), None)


def tables_by_query(
    ask: Callable[[str], Iterable[tuple[Any, ...]]], wanted: Callable[[str, str], bool]
) -> tuple[Table, ...]:
    """The base tables outside the system schemas whose schema and name are ``wanted``, by schema and name.

    For who has no session to ask in and may read every table, of a server that is no MariaDB: ``ask`` runs one
    statement, which lists few tables at a time.
    """
    system = ", ".join(map(_literal, SYSTEM_SCHEMAS))
    listed = ask(_TABLES.format(condition=f"t.table_schema NOT IN ({system}) {UNCUT}"))
    collations = {(schema, name): collation for schema, name, collation in listed if wanted(schema, name)}
    names, found = sorted(collations), []
    for first in range(0, len(names), _AT_ONCE):
        some = names[first : first + _AT_ONCE]
        pairs = ", ".join(f"({_literal(schema)}, {_literal(name)})" for schema, name in some)
        columns, keys = (
            _by_table(
                list(ask(query.format(condition=f"({alias}.table_schema, {alias}.table_name) IN ({pairs}) {UNCUT}")))
            )
            for query, alias in ((_COLUMNS, "c"), (_KEYS, "k"))
        )
        found += [_definition(it, columns[it], collations[it], keys.get(it, ()), set()) for it in some if it in columns]
    return tuple(one.table for one in found)


def _literal(text: str) -> str:
    """``text`` in quotes, whatever the ``sql_mode``."""
    return f"CONVERT(0x{text.encode().hex()} USING utf8mb4)" if set(text) & set("'\\") else f"'{text}'"


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
        try:
            cursor.execute(statement)
            rows = iter(cursor.fetchone, None)
            yield from (_with_exact_floats(row, floats) for row in rows) if floats else rows
        except pymysql.MySQLError:
            if not connection.open:
                _abandon(cursor)
            raise


def _abandon(cursor: Any) -> None:
    """Let ``cursor`` not read to its end, as its close would: its connection is lost, which the driver trips over."""
    if cursor._result is not None:
        cursor._result.unbuffered_active = False
    cursor.connection = None


def _definitions(
    connection: pymysql.Connection[Any], condition: str, arguments: tuple[object, ...]
) -> tuple[Definition, ...]:
    def rows(query: str, alias: str) -> list[tuple[Any, ...]]:
        return ask(connection, query.format(condition=condition.format(alias=alias)), arguments)

    tables = {(schema, name): collation for schema, name, collation in rows(_TABLES, "t")}
    columns = _by_table(rows(_COLUMNS, "c"))
    keys = _by_table(rows(_KEYS, "k"))
    there = sorted(name for name in tables if name in columns)
    hidden = not_wholly_readable(connection, there)
    there = [name for name in there if name not in hidden]
    json = _json_aliases(connection, [row for name in there for row in columns[name]])
    return tuple(_definition(name, columns[name], tables[name], keys.get(name, ()), json) for name in there)


def _by_table(rows: list[tuple[Any, ...]]) -> dict[Name, list[tuple[Any, ...]]]:
    """The rows of each table, which their first two values name, in the order of their last."""
    found: dict[Name, list[tuple[Any, ...]]] = {}
    for row in sorted(rows, key=lambda row: row[-1]):
        found.setdefault((row[0], row[1]), []).append(row)
    return found


def _json_aliases(connection: pymysql.Connection[Any], columns: list[tuple[Any, ...]]) -> set[tuple[str, str, str]]:
    """The columns that MariaDB keeps as checked LONGTEXT, by schema, table and name.

    information_schema.check_constraints would tell them in one answer, but not to a user who may read one table alone.
    """
    found: set[tuple[str, str, str]] = set()
    if not is_mariadb(connection):
        return found
    for schema, name in {(row[0], row[1]) for row in columns if row[3].lower() == "longtext"}:
        try:
            ((_, statement),) = ask(connection, f"SHOW CREATE TABLE {quoted(schema)}.{quoted(name)}")
        except pymysql.err.ProgrammingError as error:
            if error.args[0] != ER.NO_SUCH_TABLE:  # dropped since the columns were listed
                raise
            continue
        found |= {(schema, name, column.replace("``", "`")) for column in _JSON_VALID.findall(statement)}
    return found


def _definition(
    table: Name,
    rows: Sequence[tuple[Any, ...]],
    collation: str | None,
    key: Sequence[tuple[Any, ...]],
    json: set[tuple[str, str, str]],
) -> Definition:
    """One table of information_schema's rows; ``json`` names the columns that MariaDB keeps as checked LONGTEXT."""
    return Definition(
        schema=table[0],
        name=table[1],
        columns=tuple(
            DefinedColumn(
                _column(row, is_json=(*table, row[2]) in json),
                bool(_LEFT_OUT.search(row[11].replace(_DEFAULT_GENERATED, ""))),
            )
            for row in rows
        ),
        primary_key=tuple(row[2] for row in key),
        charset=(collation or "").partition("_")[0],
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
