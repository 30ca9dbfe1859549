"""Loading: the rows of a table for the full load, which may come to it long after the task has begun.

The definition is the one with which the task began; statements that altered the table since are still to be read in the
log. So the columns of then are read, as long as the table has them and their values have the same form.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pymysql
from pymysql.constants import ER

from database import catalog
from database.queries import ask, quoted
from model import Column, PipelineError, Row, Table


def loaded_rows(connection: pymysql.Connection[Any], table: Table) -> Iterator[Row]:
    """The rows of ``table``, streamed. Raises PipelineError if it is gone, or is no longer what it was."""
    connection.begin()
    try:
        # From here on, until the transaction ends, nobody can alter it.
        ask(connection, f"SELECT 1 FROM {quoted(table.schema)}.{quoted(table.name)} LIMIT 0")
    except pymysql.err.ProgrammingError as error:
        if error.args[0] != ER.NO_SUCH_TABLE:
            raise
        raise PipelineError(
            f"{table} is gone: it was dropped or renamed after the task had begun and before the full load came to it. "
            "What DMS does with it then is not known: begin again, or take it out of the mappings"
        ) from None
    _check(table, catalog.table(connection, table.schema, table.name))
    yield from catalog.read(connection, table)
    connection.rollback()


def _check(table: Table, now: Table | None) -> None:
    columns = {column.name: column for column in now.columns} if now else {}
    for column in table.columns:
        other = columns.get(column.name)
        if other is None or not _same_form(column, other):
            what = f"is {other.column_type} now" if other else "is gone"
            raise PipelineError(
                f"{table} was altered after the task had begun and before the full load came to it: column "
                f"{column.name}, {column.column_type}, {what}. What DMS loads then is not known: begin again, "
                "and leave its columns alone until the load is over"
            )


_LIKE = (
    {"tinyint", "smallint", "mediumint", "int", "bigint"},
    {"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"},
    {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"},
    {"datetime", "timestamp"},
)
"""Types whose values are written alike."""


def _same_form(one: Column, other: Column) -> bool:
    if one.data_type == "bit":
        return one.column_type == other.column_type
    kinds = {one.data_type, other.data_type}
    return len(kinds) == 1 or any(kinds <= like for like in _LIKE)
