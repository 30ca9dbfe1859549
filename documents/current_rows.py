"""Current rows: the view of a table's rows as they are now, in Athena's SQL. Pure functions; no pulumi here.

It takes each key's latest image by (message time, commit time, transaction id, record id). The message's own time comes
first because the rows of a load are built before the changes that were made during it are applied: by commit time a
loaded row could beat such a change. A changed primary key is a delete of the old one. A table begins anew where DMS
says that it created, dropped or emptied it: what was deleted meanwhile gets no delete record. See
docs/decisions/0012-views-over-lines.md.
"""

from __future__ import annotations

from documents.athena_sql import listed, quoted, value
from documents.athena_types import AthenaType
from documents.log_columns import LOG, NEWEST_FIRST, STATE, UNREADABLE, of_table
from documents.table_descriptions import TableDescription
from documents.task_settings import BEFORE_IMAGE

BEGINS = "cdc_operation IN ('create-table', 'drop-table', 'truncate-table')"
"""The condition that a control record is of a table that begins anew."""


def current_rows(changes: str, records: str, table: TableDescription, types: dict[str, AthenaType]) -> str:
    """SQL over ``changes``, the view of a table's changes, and ``records``, in which control records of it are."""
    columns = [quoted(column.name) for column in table.columns]
    keys = [(f"cdc_key_{number}", name) for number, name in enumerate(table.primary_key, start=1)]
    others = [quoted(column.name) for column in table.columns if column.name not in table.primary_key]
    keyed = [part for key, name in keys for part in _identity(key, name, types[name])]
    one_key = [part for key, name in keys for part in (quoted(name), f"{key}_text")]
    since = "cdc_since IS NULL OR cdc_message_time >= cdc_since"
    return f"""WITH anew AS (
  SELECT max(cdc_message_time) AS cdc_since
  FROM {records}
  WHERE cdc_kind = 'control' AND {of_table(table)}
    AND {BEGINS}
), images AS (
{images(changes, table, beside="anew", where=since)}
), keyed AS (
  SELECT
    {listed([*keyed, *others, *LOG, *UNREADABLE, "cdc_gone", "cdc_leaves"], 4)}
  FROM images
), ranked AS (
  SELECT
    {listed([*columns, *STATE, "cdc_gone"], 4)},
    row_number() OVER (
      PARTITION BY {listed(one_key, 6)}
      ORDER BY {NEWEST_FIRST}, cdc_leaves
    ) AS cdc_age
  FROM keyed
)
SELECT
  {listed([*columns, *STATE], 2)}
FROM ranked
WHERE cdc_age = 1 AND NOT cdc_gone"""


def key_texts(table: TableDescription, types: dict[str, AthenaType]) -> list[tuple[str, AthenaType]]:
    """The columns in which ``images`` has the texts of the primary key, and the types that the texts are of."""
    return [(f"cdc_key_{number}", types[name]) for number, name in enumerate(table.primary_key, start=1)]


def images(changes: str, table: TableDescription, *, where: str, beside: str = "") -> str:
    """SQL of what each of ``changes`` leaves: the image of a row, and where it changed the row's primary key, that the
    old key is gone (``cdc_leaves``). ``where`` says of which changes; it may ask the one row of ``beside``.
    """
    columns = [quoted(column.name) for column in table.columns]
    keys = [(f"cdc_key_{number}", name) for number, name in enumerate(table.primary_key, start=1)]
    now = [f"{value('cdc_record', 'data', name)} AS {key}_now" for key, name in keys]
    before = [f"{value('cdc_record', BEFORE_IMAGE, name)} AS {key}_before" for key, name in keys]
    # A before image without the key (DMS may be told to leave columns out) says nothing about it.
    left = {key: f"coalesce({key}_before, {key}_now)" for key, _ in keys}
    moved = " OR ".join(f"{left[key]} IS DISTINCT FROM {key}_now" for key in left)
    texts = [f"CASE WHEN cdc_leaves THEN {left[key]} ELSE {key}_now END AS {key}" for key in left]
    logged = [*columns, *LOG, *UNREADABLE, "cdc_record"]
    return f"""  SELECT
    {listed([*texts, "cdc_leaves OR cdc_operation = 'delete' AS cdc_gone", "cdc_leaves"], 4)},
    {listed(logged, 4)}
  FROM (
    SELECT {listed([*now, *before, *logged, "cdc_dt", "cdc_hr"], 6)}
    FROM {changes}
  ){f" CROSS JOIN {beside}" if beside else ""}
  CROSS JOIN UNNEST(
    CASE WHEN cdc_operation = 'update' AND ({moved}) THEN ARRAY[false, true] ELSE ARRAY[false] END
  ) AS image (cdc_leaves)
  WHERE {where}"""


def _identity(key: str, name: str, kind: AthenaType) -> list[str]:
    """What makes two texts one key: the value, for a load and a change may spell it in two ways; the text if it is no
    value; and without a text the record, for records that lack their key must not become one row.

    The value is the column that is shown, so that who asks for one key has the others left out before the ranking.
    """
    read = kind.of(key)
    text = f"CASE WHEN {read} IS NULL THEN coalesce({key}, cdc_record) END"
    return [f"{read} AS {quoted(name)}", f"{text} AS {key}_text"]
