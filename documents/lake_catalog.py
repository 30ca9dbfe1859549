"""The lake's catalog: which raw tables, views and saved queries there are, and by what names. Pure functions.

Names are those of the source, in lower case, with ``_`` for every character but ``a-z 0-9 _``: Athena folds case, takes
other characters in quotes only and hyphens not even there. What then cannot be told apart is refused here, all of it
together, before anything is made: Glue would say ``AlreadyExistsException`` half-way.
https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html
"""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from documents.lake_questions import Question, questions
from documents.lake_sql import LINES, View, kept_tables, shared_views, table_views
from documents.lake_tables import KeptTable
from documents.table_descriptions import DescriptionError, TableDescription
from documents.versions import Windows

_MOST_NAME = 255
_MOST_TEXT = 409_600
_MOST_STATEMENT = 200_000
"""Of the 262,144 that Athena and a state of Step Functions take, for what JSON escapes and what is around it.
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_LEAVE_OUT = "take it out of the description; the value stays in cdc_record"
_UNTYPED = "the table is then in the views of all tables only"


@dataclass(frozen=True, kw_only=True)
class RawTable:
    """A table of lines, with a partition for each hour."""

    name: str
    about: str
    folder: str = ""
    """What it reads of each hour's folder, ``schema=…/table=…/``; empty for all."""


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """What there is to query."""

    raw_tables: tuple[RawTable, ...]
    views: tuple[View, ...]
    questions: tuple[Question, ...]
    kept_tables: tuple[KeptTable, ...] = ()


def identifier(name: str) -> str:
    """A name that Athena takes without quotes."""
    return re.sub(r"[^a-z0-9_]", "_", name.lower())


def catalog(
    database: str,
    tables: Sequence[TableDescription],
    *,
    by_table: bool,
    windows: Windows | None = None,
    heartbeat_minutes: int = 0,
) -> Catalog:
    """The catalog of ``tables``; ``by_table`` says that each table's records lie in a folder of their own, ``windows``
    that an Iceberg table is kept for each that has a primary key.

    ``heartbeat_minutes`` are those between two beats of the heartbeat; 0 for none.

    Raises DescriptionError for tables that cannot be queried beside each other, with all that is wrong.
    """
    named = [(identifier(str(table)), table) for table in tables]
    raw_tables = [RawTable(name=LINES, about="every line of the lake, as it was delivered")]
    views, kept = shared_views(database), list[KeptTable]()
    for name, table in named:
        own = [_own_lines(name, table)] if by_table and _has_a_folder(table) else []
        raw_tables += own
        lines = own[0].name if own else ""
        views += table_views(database, name, table, lines, windows)
        kept += kept_tables(database, name, table, lines, windows)
    names = [it.name for it in (*raw_tables, *views)]
    if problems := [*_problems(tables), *_oversized(database, views), *_kept_problems(names, kept)]:
        raise DescriptionError("\n".join([f"The lake cannot be queried as described ({len(problems)}).", *problems]))
    return Catalog(
        raw_tables=tuple(raw_tables),
        views=tuple(views),
        questions=tuple(questions(database, named, heartbeat_minutes)),
        kept_tables=tuple(kept),
    )


def first_day(start: str, kept_days: int, today: date) -> str:
    """Where projected days begin: at ``start``, or where objects may still be that are kept for so long (0: for ever).

    Every day that is named costs each query a look into its hours, there or not. S3 deletes at the midnight after the
    last day, or later.
    """
    if kept_days and str(today - timedelta(days=kept_days + 1)) > start:
        return f"NOW-{kept_days + 1}DAYS"
    return start


def view_text(database: str, view: View) -> str:
    """The text by which Athena knows a view: its SQL and its columns, with the names that Trino has for types."""
    definition = {
        "originalSql": view.sql,
        "catalog": "awsdatacatalog",
        "schema": database,
        "columns": [{"name": name, "type": kind.sql} for name, kind in view.columns.items()],
        "runAsInvoker": True,  # with the rights of who asks, as Athena does; a plain Trino wants it said, or an owner
    }
    return f"/* Presto View: {base64.b64encode(json.dumps(definition).encode()).decode()} */"


def _has_a_folder(table: TableDescription) -> bool:
    """Whether its folder's name is sure: how Firehose writes other characters is on no page."""
    return all(_PLAIN.fullmatch(part) for part in (table.schema, table.table))


def _own_lines(name: str, table: TableDescription) -> RawTable:
    return RawTable(
        name=f"{name}_{LINES}",
        about=f"the lines of {table}, as they were delivered",
        folder=f"schema={table.schema}/table={table.table}/",
    )


def _problems(tables: Iterable[TableDescription]) -> Iterator[str]:
    owners: dict[str, TableDescription] = {}
    for table in tables:
        name = identifier(str(table))
        if (first := owners.setdefault(name, table)) is not table:
            yield (
                f"  {first} and {table}: both are called {name} here. Remedy: delete the description of one, and if "
                f"tables names it, write {table.schema}.{table.table[:-1]}[{table.table[-1]}] there; {_UNTYPED}."
            )
        columns = Counter(column.name.lower() for column in table.columns)
        for column, count in columns.items():
            if count > 1:
                yield f"  {table}, column {column}: is there {count} times, for case is folded. Remedy: describe one."
            if column.startswith("cdc_"):
                yield (
                    f"  {table}, column {column}: cdc_ begins the names of the views' own columns. "
                    f"Remedy: {_LEAVE_OUT}."
                )


def _oversized(database: str, views: Iterable[View]) -> Iterator[str]:
    for view in views:
        if len(view.name) > _MOST_NAME:
            yield f"  {view.name}: Glue takes {_MOST_NAME} characters. Remedy: delete the description; {_UNTYPED}."
        if (size := len(view_text(database, view))) > _MOST_TEXT:
            columns = len(view.table.columns) if view.table else 0
            yield (
                f"  {view.name}: its text has {size} bytes, and Glue takes {_MOST_TEXT}, which is about "
                f"{columns * _MOST_TEXT // size} columns like these {columns}. "
                f"Remedy: if nobody queries a column, {_LEAVE_OUT}."
            )


def _kept_problems(names: Sequence[str], tables: Iterable[KeptTable]) -> Iterator[str]:
    for kept in tables:
        if kept.name in names:
            yield (
                f"  {kept.table}: its Iceberg table {kept.name} is called like a table or view of the catalog. "
                f"Remedy: delete the description; {_UNTYPED}. Or set tablesEveryMinutes to 0."
            )
        if (size := len(kept.merge.encode())) > _MOST_STATEMENT:
            yield (
                f"  {kept.table}: the MERGE of its Iceberg table has {size} bytes, and Step Functions passes on "
                f"{_MOST_STATEMENT}. Remedy: if nobody queries a column, {_LEAVE_OUT}. Or set tablesEveryMinutes to 0."
            )
