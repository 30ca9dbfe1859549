"""The lake's SQL: views over the change log, in Athena's dialect. Pure functions; no pulumi here.

The raw table has one column, the line, because nothing that a record may become can break that: blank lines, control
records, new columns, lines that are no record at all. Everything else is read from it:

``records``            every line that is not blank, with its kind: ``change``, ``control``, ``dms`` (of DMS's own
                       ``awsdms_`` tables) or ``unread`` (none of these, no JSON, or more than one record on a line)
``changes``            the changes of all captured tables, untyped
``control_records``    what DMS told of tables themselves: created, truncated, altered
``<table>_changes``    the changes of one table, its columns typed
``<table>_current``    its rows as they are now (current_rows.py); with kept tables (lake_tables.py) those of the table
                       and of what the log has had since
``<table>_replayed``   with kept tables, what ``_current`` is without them: its rows by the whole log

Values are taken out of the line one by one: Athena gives a scalar's text with all its digits, but reads the numbers of
a whole JSON object as doubles.

Habits of Trino, which were seen on its release 406:

* ``json_extract_scalar`` does not look at what is behind the first JSON of a line. ``json_parse`` does, but a line that
  is nested thousands of levels deep ends the query, and TRY does not help. So a line is put into an array in front of
  a mark: the mark is found only behind one whole JSON text. ``array_join`` has no limit of a megabyte, as ``||`` has.
* A function takes 127 arguments, and an expression must fit into a method of the JVM: what is unreadable is gathered in
  parts of 50 columns, inside. That each part is used twice outside keeps the optimizer from making one of them again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from documents.athena_sql import document, listed, literal, quoted, value
from documents.athena_types import BIGINT, TIMESTAMP, AthenaType, athena_type
from documents.current_rows import current_rows
from documents.fresh_rows import fresh_rows
from documents.lake_tables import KeptTable, kept_table
from documents.log_columns import LOG, NAMES, PLACE, RECORD, STATE, UNREADABLE, of_table
from documents.table_descriptions import TableDescription
from documents.versions import Windows

LINES = "lines"
"""The raw table: ``line``, and the partition columns ``dt`` and ``hr``."""

CHANGES, CURRENT, REPLAYED = "changes", "current", "replayed"
"""What a view of a table shows; its name ends in it."""

_PART = 50
_MARK = "the end of the line"


@dataclass(frozen=True, kw_only=True)
class View:
    """A view of the lake's catalog."""

    name: str
    sql: str
    columns: dict[str, AthenaType]
    about: str
    """What it shows, in words."""
    table: TableDescription | None = None
    """The table of the source that it shows; None for a view of all tables."""
    shows: str = ""
    """``changes``, ``current`` or ``replayed``, of a view of one table."""


def shared_views(database: str) -> list[View]:
    """The views of all tables, over the raw table of ``database``."""
    name = f"{quoted(database)}.{quoted(LINES)}"
    records = f"{quoted(database)}.{quoted('records')}"
    some = {key: kind for key, kind in RECORD.items() if key != "cdc_kind"}
    names = ", ".join(some)
    return [
        View(name="records", sql=_records(name), columns=RECORD, about="every line, and what kind of record it is"),
        View(
            name="changes",
            sql=f"SELECT {names}\nFROM {records}\nWHERE cdc_kind = 'change'",
            columns=some,
            about="every change of every captured table, untyped",
        ),
        View(
            name="control_records",
            sql=f"SELECT {names}\nFROM {records}\nWHERE cdc_kind = 'control'",
            columns=some,
            about="what DMS told of tables themselves",
        ),
    ]


def table_views(
    database: str, name: str, table: TableDescription, lines: str = "", windows: Windows | None = None
) -> list[View]:
    """The views of one table, called after ``name``: its changes, and its current state if its key is known.

    ``lines`` is the raw table that has this table's lines alone, if there is one. With ``windows`` a table is kept.
    """
    records = _records_of(database, lines)
    types = {column.name: athena_type(column.type) for column in table.columns}
    typed = {column.lower(): kind for column, kind in types.items()}
    changes = View(
        name=f"{name}_{CHANGES}",
        sql=_changes(records, table, types),
        columns=typed | LOG | UNREADABLE | PLACE,
        about=f"every change of {table}",
        table=table,
        shows=CHANGES,
    )
    if not table.primary_key:
        return [changes]

    def state(shows: str, sql: str, about: str) -> View:
        return View(name=f"{name}_{shows}", sql=sql, columns=typed | STATE, about=about, table=table, shows=shows)

    of_changes, now = _changes_of(database, name), f"the rows of {table} as they are now"
    by_log = current_rows(of_changes, records, table, types)
    if windows is None:
        return [changes, state(CURRENT, by_log, now)]
    fresh = fresh_rows(database, name, table, of_changes, records, windows)
    return [changes, state(CURRENT, fresh, now), state(REPLAYED, by_log, f"{now}, by the whole log")]


def kept_tables(
    database: str, name: str, table: TableDescription, lines: str, windows: Windows | None
) -> list[KeptTable]:
    """The Iceberg table that is kept of one table: none without ``windows``, or where no key is known."""
    if windows is None or not table.primary_key:
        return []
    return [kept_table(database, name, table, _changes_of(database, name), _records_of(database, lines), windows)]


def _records_of(database: str, lines: str) -> str:
    return f"(\n{_records(f'{quoted(database)}.{quoted(lines)}')}\n)" if lines else f"{quoted(database)}.records"


def _changes_of(database: str, name: str) -> str:
    return f"{quoted(database)}.{quoted(f'{name}_{CHANGES}')}"


def _records(lines: str) -> str:
    return f"""SELECT
  CASE
    WHEN {_broken("cdc_record")} THEN 'unread'
    WHEN starts_with(cdc_table, 'awsdms_') AND cdc_type IN ('data', 'control') THEN 'dms'
    WHEN cdc_message_time IS NULL THEN 'unread'
    WHEN cdc_type = 'data' AND cdc_operation IN ('load', 'insert', 'update', 'delete') THEN 'change'
    WHEN cdc_type = 'control' THEN 'control'
    ELSE 'unread'
  END AS cdc_kind,
  {listed(list(NAMES | LOG | PLACE), 2)}
FROM (
  SELECT
    {value("line", "metadata", "record-type")} AS cdc_type,
    {value("line", "metadata", "schema-name")} AS cdc_schema,
    {value("line", "metadata", "table-name")} AS cdc_table,
    {value("line", "metadata", "operation")} AS cdc_operation,
    {TIMESTAMP.of(value("line", "metadata", "timestamp"))} AS cdc_message_time,
    {TIMESTAMP.of(value("line", "metadata", "commit-timestamp"))} AS cdc_commit_time,
    {BIGINT.of(value("line", "metadata", "transaction-id"))} AS cdc_transaction_id,
    {BIGINT.of(value("line", "metadata", "transaction-record-id"))} AS cdc_record_id,
    line AS cdc_record, dt AS cdc_dt, hr AS cdc_hr
  FROM {lines}
  WHERE trim(line) <> ''
)"""


def _broken(line: str) -> str:
    """SQL for: ``line`` is not one JSON text."""
    marked = f"array_join(ARRAY['[', {line}, ',\"{_MARK}\"]'], '')"
    return f"TRY(json_extract_scalar({marked}, '$[1]')) IS DISTINCT FROM '{_MARK}'"


def _changes(records: str, table: TableDescription, types: dict[str, AthenaType]) -> str:
    """From the inside out: each column's text; its value; in parts, the names of what could not be read; all of it."""
    keys = {name.lower() for name in table.primary_key}
    texts = {name: f"cdc_text_{number}" for number, name in enumerate(types)}
    taken = [f"{value('cdc_record', 'data', name)} AS {text}" for name, text in texts.items()]
    read = [f"{types[name].of(text)} AS {quoted(name)}" for name, text in texts.items()]
    unread = [_unread(name, text, key=name.lower() in keys) for name, text in texts.items()]
    parts = {
        f"cdc_unreadable_{first // _PART}": f"concat_ws(', ', {listed(unread[first : first + _PART], 2)})"
        for first in range(0, len(unread), _PART)
    }
    return f"""SELECT
  {listed([*map(quoted, types), *LOG, f"{_joined(parts)} AS cdc_unreadable", *PLACE], 2)}
FROM (SELECT
  {listed(["*", *(f"{part} AS {name}" for name, part in parts.items())], 2)}
FROM (SELECT
  {listed(["*", *read], 2)}
FROM (SELECT
  {listed([*taken, *LOG, *PLACE], 2)}
FROM {records}
WHERE cdc_kind = 'change' AND {of_table(table)}
)))"""


def _unread(name: str, text: str, *, key: bool) -> str:
    """SQL for: the column's name, if its value is not what it should be. NULL is right everywhere but in a key."""
    nested = f"NOT is_json_scalar({document('cdc_record', 'data', name)})"
    wrong = "" if key else f" AND ({text} IS NOT NULL OR {nested})"
    return f"IF({quoted(name)} IS NULL{wrong}, {literal(name.lower())})"


def _joined(parts: Iterable[str]) -> str:
    """SQL for those of the columns ``parts`` that are not empty, in one text; NULL where all are."""
    texts = [f"IF({part} <> '', {part})" for part in parts]
    return f"nullif(concat_ws(', ', {', '.join(texts)}), '')" if texts else "CAST(NULL AS varchar)"
