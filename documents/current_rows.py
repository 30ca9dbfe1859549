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


def current_rows(changes: str, records: str, table: TableDescription, types: dict[str, AthenaType]) -> str:
    """SQL over ``changes``, the view of a table's changes, and ``records``, in which control records of it are."""
    columns = [quoted(column.name) for column in table.columns]
    keys = [(f"cdc_key_{number}", name) for number, name in enumerate(table.primary_key, start=1)]
    others = [quoted(column.name) for column in table.columns if column.name not in table.primary_key]
    now = {key: value("cdc_record", "data", name) for key, name in keys}
    # A before image without the key (DMS may be told to leave columns out) says nothing about it.
    before = {key: f"coalesce({value('cdc_record', BEFORE_IMAGE, name)}, {now[key]})" for key, name in keys}
    moved = " OR ".join(f"{before[key]} IS DISTINCT FROM {now[key]}" for key in now)
    images = [f"CASE WHEN cdc_leaves THEN {before[key]} ELSE {now[key]} END AS {key}" for key in now]
    keyed = [part for key, name in keys for part in _identity(key, name, types[name])]
    one_key = [part for key, name in keys for part in (quoted(name), f"{key}_text")]
    return f"""WITH anew AS (
  SELECT max(cdc_message_time) AS cdc_since
  FROM {records}
  WHERE cdc_kind = 'control' AND {of_table(table)}
    AND cdc_operation IN ('create-table', 'drop-table', 'truncate-table')
), images AS (
  SELECT
    {listed([*images, "cdc_leaves OR cdc_operation = 'delete' AS cdc_gone", "cdc_leaves"], 4)},
    {listed([*others, *LOG, *UNREADABLE, "cdc_record"], 4)}
  FROM {changes} CROSS JOIN anew
  CROSS JOIN UNNEST(
    CASE WHEN cdc_operation = 'update' AND ({moved}) THEN ARRAY[false, true] ELSE ARRAY[false] END
  ) AS image (cdc_leaves)
  WHERE cdc_since IS NULL OR cdc_message_time >= cdc_since
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


def _identity(key: str, name: str, kind: AthenaType) -> list[str]:
    """What makes two texts one key: the value, for a load and a change may spell it in two ways; the text if it is no
    value; and without a text the record, for records that lack their key must not become one row.

    The value is the column that is shown, so that who asks for one key has the others left out before the ranking.
    """
    read = kind.of(key)
    text = f"CASE WHEN {read} IS NULL THEN coalesce({key}, cdc_record) END"
    return [f"{read} AS {quoted(name)}", f"{text} AS {key}_text"]
