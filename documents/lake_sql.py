"""The lake's SQL: views over the change log, in Athena's dialect. Pure functions; no pulumi here.

The raw table has one column, the line, because nothing that a record may become can break that: blank lines, control
records, new columns, lines that are no record at all. Everything else is read from it:

``records``            every line that is not blank, with its kind: ``change``, ``control``, ``dms`` (of DMS's own
                       ``awsdms_`` tables) or ``unread`` (none of these, no JSON, or more than one record on a line)
``changes``            the changes of all captured tables, untyped
``control_records``    what DMS told of tables themselves: created, truncated, altered
``<table>_changes``    the changes of one table, its columns typed
``<table>_current``    its rows as they are now

Columns of the log are called ``cdc_…``, so that they meet no column of a table. Values are taken out of the line one by
one: Athena gives a scalar's text with all its digits, but reads the numbers of a whole JSON object as doubles.

The current state takes each key's latest image by (message time, commit time, transaction id, record id). The message's
own time comes first because the rows of a load are built before the changes that were made during it are applied: by
commit time a loaded row could beat such a change. A changed primary key is a delete of the old one. A table begins anew
where DMS says that it created, dropped or emptied it: what was deleted meanwhile gets no delete record. See
docs/decisions/0012-views-over-lines.md.

Two habits of Trino: ``json_extract_scalar`` does not look at what is behind the first JSON of a line, so ``json_parse``
does, and ``concat_ws`` takes 254 texts. How many hundred columns a table may have before Athena refuses the expression
behind ``cdc_unreadable`` as too long is unverified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from documents.athena_types import BIGINT, TIMESTAMP, VARCHAR, AthenaType, athena_type
from documents.dms_documents import BEFORE_IMAGE
from documents.table_descriptions import TableDescription

LINES = "lines"
"""The raw table: ``line``, and the partition columns ``dt`` and ``hr``."""

_LOG = {
    "cdc_operation": VARCHAR,
    "cdc_message_time": TIMESTAMP,
    "cdc_commit_time": TIMESTAMP,
    "cdc_transaction_id": BIGINT,
    "cdc_record_id": BIGINT,
}
_PLACE = {"cdc_record": VARCHAR, "cdc_dt": VARCHAR, "cdc_hr": VARCHAR}
_NAMES = {"cdc_schema": VARCHAR, "cdc_table": VARCHAR}
_RECORD = {"cdc_kind": VARCHAR, **_NAMES, **_LOG, **_PLACE}
_UNREADABLE = {"cdc_unreadable": VARCHAR}
_STATE = {"cdc_operation": VARCHAR, "cdc_message_time": TIMESTAMP, "cdc_commit_time": TIMESTAMP, **_UNREADABLE}

NEWEST_FIRST = (
    "cdc_message_time DESC, cdc_commit_time DESC NULLS LAST, "
    "cdc_transaction_id DESC NULLS LAST, cdc_record_id DESC NULLS LAST"
)
"""The total order: what is equal in it is one record that came twice."""

CHANGES, CURRENT = "changes", "current"
"""What a view of a table shows; its name ends in it."""

_MOST_TEXTS = 200


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
    """``changes`` or ``current``, of a view of one table."""


def quoted(name: str) -> str:
    """A name as an identifier. Athena knows lower case only."""
    return '"' + name.lower().replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a string literal."""
    return "'" + text.replace("'", "''") + "'"


def shared_views(database: str) -> list[View]:
    """The views of all tables, over the raw table of ``database``."""
    name = f"{quoted(database)}.{quoted(LINES)}"
    records = f"{quoted(database)}.{quoted('records')}"
    some = {key: kind for key, kind in _RECORD.items() if key != "cdc_kind"}
    listed = ", ".join(some)
    return [
        View(name="records", sql=_records(name), columns=_RECORD, about="every line, and what kind of record it is"),
        View(
            name="changes",
            sql=f"SELECT {listed}\nFROM {records}\nWHERE cdc_kind = 'change'",
            columns=some,
            about="every change of every captured table, untyped",
        ),
        View(
            name="control_records",
            sql=f"SELECT {listed}\nFROM {records}\nWHERE cdc_kind = 'control'",
            columns=some,
            about="what DMS told of tables themselves",
        ),
    ]


def table_views(database: str, name: str, table: TableDescription, lines: str = "") -> list[View]:
    """The views of one table, called after ``name``: its changes, and its current state if its key is known.

    ``lines`` is the raw table that has this table's lines alone, if there is one.
    """
    records = f"(\n{_records(f'{quoted(database)}.{quoted(lines)}')}\n)" if lines else f"{quoted(database)}.records"
    types = {column.name: athena_type(column.type) for column in table.columns}
    typed = {column.lower(): kind for column, kind in types.items()}
    changes = View(
        name=f"{name}_{CHANGES}",
        sql=_changes(records, table, types),
        columns=typed | _LOG | _UNREADABLE | _PLACE,
        about=f"every change of {table}",
        table=table,
        shows=CHANGES,
    )
    if not table.primary_key:
        return [changes]
    current = View(
        name=f"{name}_{CURRENT}",
        sql=_current(f"{quoted(database)}.{quoted(changes.name)}", records, table, types),
        columns=typed | _STATE,
        about=f"the rows of {table} as they are now",
        table=table,
        shows=CURRENT,
    )
    return [changes, current]


def value(line: str, *path: str) -> str:
    """The text of the scalar at ``path`` of the JSON text ``line``; NULL where there is none or ``line`` is no JSON."""
    keys = "".join('["' + key.replace("\\", "\\\\").replace('"', '\\"') + '"]' for key in path)
    return f"json_extract_scalar({line}, {literal('$' + keys)})"


def _records(lines: str) -> str:
    return f"""SELECT
  CASE
    WHEN TRY(json_parse(cdc_record)) IS NULL THEN 'unread'
    WHEN starts_with(cdc_table, 'awsdms_') AND cdc_type IN ('data', 'control') THEN 'dms'
    WHEN cdc_message_time IS NULL THEN 'unread'
    WHEN cdc_type = 'data' AND cdc_operation IN ('load', 'insert', 'update', 'delete') THEN 'change'
    WHEN cdc_type = 'control' THEN 'control'
    ELSE 'unread'
  END AS cdc_kind,
  {_lines(list(_NAMES | _LOG | _PLACE), 2)}
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


def _changes(records: str, table: TableDescription, types: dict[str, AthenaType]) -> str:
    """Inside, each column's text; outside, its value. So the text of what could not be read is still at hand."""
    texts = [f"{value('cdc_record', 'data', name)} AS {quoted(name)}" for name in types]
    values = [f"{kind.of(quoted(name))} AS {quoted(name)}" for name, kind in types.items()]
    keys = {name.lower() for name in table.primary_key}
    unread = [
        f"CASE WHEN {_unread(quoted(name), kind, key=name.lower() in keys)} THEN {literal(name.lower())} END"
        for name, kind in types.items()
        if kind is not VARCHAR or name.lower() in keys
    ]
    return f"""SELECT
  {_lines([*values, *_LOG, f"{_joined(unread)} AS cdc_unreadable", *_PLACE], 2)}
FROM (
  SELECT
    {_lines([*texts, *_LOG, *_PLACE], 4)}
  FROM {records}
  WHERE cdc_kind = 'change' AND {_of(table)}
)"""


def _unread(column: str, kind: AthenaType, *, key: bool) -> str:
    """SQL for: this column's value is not what it should be. NULL is right everywhere but in a key."""
    return f"{kind.of(column)} IS NULL" if key else f"{column} IS NOT NULL AND {kind.of(column)} IS NULL"


def _joined(texts: Sequence[str]) -> str:
    """SQL for those of the SQL ``texts`` that are not NULL, in one text; NULL where all are."""
    if not texts:
        return "CAST(NULL AS varchar)"
    while len(texts) > _MOST_TEXTS:
        parts = (texts[start : start + _MOST_TEXTS] for start in range(0, len(texts), _MOST_TEXTS))
        texts = [_joined(part) for part in parts]
    return f"nullif(concat_ws(', ', {_lines(texts, 4)}), '')"


def _current(changes: str, records: str, table: TableDescription, types: dict[str, AthenaType]) -> str:
    columns = [quoted(column.name) for column in table.columns]
    keys = [(f"cdc_key_{number}", name) for number, name in enumerate(table.primary_key, start=1)]
    now = {key: value("cdc_record", "data", name) for key, name in keys}
    # A before image without the key (DMS may be told to leave columns out) says nothing about it.
    before = {key: f"coalesce({value('cdc_record', BEFORE_IMAGE, name)}, {now[key]})" for key, name in keys}
    moved = " OR ".join(f"{before[key]} IS DISTINCT FROM {now[key]}" for key in now)
    images = [f"CASE WHEN cdc_leaves THEN {before[key]} ELSE {now[key]} END AS {key}" for key in now]
    one_key = [part for key, name in keys for part in _identity(key, types[name])]
    return f"""WITH anew AS (
  SELECT max(cdc_message_time) AS cdc_since
  FROM {records}
  WHERE cdc_kind = 'control' AND {_of(table)}
    AND cdc_operation IN ('create-table', 'drop-table', 'truncate-table')
), images AS (
  SELECT
    {_lines([*images, "cdc_leaves OR cdc_operation = 'delete' AS cdc_gone", "cdc_leaves"], 4)},
    {_lines([*columns, *_LOG, *_UNREADABLE, "cdc_record"], 4)}
  FROM {changes} CROSS JOIN anew
  CROSS JOIN UNNEST(
    CASE WHEN cdc_operation = 'update' AND ({moved}) THEN ARRAY[false, true] ELSE ARRAY[false] END
  ) AS image (cdc_leaves)
  WHERE cdc_since IS NULL OR cdc_message_time >= cdc_since
), ranked AS (
  SELECT
    {_lines([*columns, *_STATE, "cdc_gone"], 4)},
    row_number() OVER (
      PARTITION BY {_lines(one_key, 6)}
      ORDER BY {NEWEST_FIRST}, cdc_leaves
    ) AS cdc_age
  FROM images
)
SELECT
  {_lines([*columns, *_STATE], 2)}
FROM ranked
WHERE cdc_age = 1 AND NOT cdc_gone"""


def _identity(key: str, kind: AthenaType) -> list[str]:
    """What makes two texts one key: the value, for a load and a change may spell it in two ways; the text if it is no
    value; and without a text the record, for records that lack their key must not become one row.
    """
    read = kind.of(key)
    return [read, f"CASE WHEN {read} IS NULL THEN coalesce({key}, cdc_record) END"]


def _of(table: TableDescription) -> str:
    return f"cdc_schema = {literal(table.schema)} AND cdc_table = {literal(table.table)}"


def _lines(items: Sequence[str], indent: int) -> str:
    return (",\n" + " " * indent).join(items)
