"""Fresh rows: the view of a kept table's rows as they are now, in Athena's SQL. Pure functions; no pulumi here.

It reads the table, which is small, and of the log only what may not be merged yet: the hours from so long before the
mark on as an object may be late. They are joined by their day and by the hour of the day, which are partition columns:
Trino works out the few values first, and then looks into their folders alone. Nobody has promised that Athena does so;
if it does not, the view reads more and shows the same.
"""

from __future__ import annotations

from documents.athena_sql import listed, quoted
from documents.current_rows import BEGINS, images
from documents.log_columns import STATE, of_table
from documents.table_descriptions import TableDescription
from documents.versions import HOUR, Windows, hours_before, versions


def fresh_rows(database: str, name: str, table: TableDescription, changes: str, records: str, windows: Windows) -> str:
    """SQL of the rows as they are now: those of the table ``name``, and what the log has had since it was merged."""
    kept = f"{quoted(database)}.{quoted(name)}"
    columns = [quoted(column.name) for column in table.columns]
    shown = [*columns, *STATE, "cdc_gone"]
    newer = "merged.cdc_key IS NULL OR coalesce(tail.cdc_version > merged.cdc_version, false)"
    tail_window = "cdc_hr = cdc_at AND cdc_dt >= cdc_from_dt AND concat(cdc_dt, '/', cdc_hr) >= cdc_from"
    return f"""WITH mark AS (
  SELECT
    max(cdc_message_time) AS cdc_begun,
    coalesce(max({hours_before("cdc_hour", windows.again)}), '') AS cdc_from,
    coalesce(max(substr({hours_before("cdc_hour", windows.again)}, 1, 10)), '') AS cdc_from_dt
  FROM {kept}
  WHERE cdc_key = ''
), hours AS (
{hours("mark")}
), begun AS (
  SELECT max(cdc_since) AS cdc_since
  FROM (
    SELECT cdc_message_time AS cdc_since
    FROM {records} CROSS JOIN hours
    WHERE cdc_kind = 'control' AND {of_table(table)}
      AND {BEGINS}
      AND {tail_window}
    UNION ALL
    SELECT cdc_begun FROM mark
  )
), images AS (
{images(changes, table, beside="hours", where=tail_window)}
), tail AS (
  SELECT *
  FROM (
    SELECT {listed([*shown, "cdc_key", "cdc_version"], 6)},
      row_number() OVER (PARTITION BY cdc_key ORDER BY cdc_version DESC) AS cdc_age
    FROM (
{versions(table, "images", indent=6)}
    )
  )
  WHERE cdc_age = 1
), joined AS (
  SELECT
    {listed([f"IF({newer}, tail.{name}, merged.{name}) AS {name}" for name in shown], 4)}
  FROM {kept} AS merged FULL JOIN tail ON merged.cdc_key = tail.cdc_key
)
SELECT
  {listed([*columns, *STATE], 2)}
FROM joined CROSS JOIN begun
WHERE NOT cdc_gone AND (cdc_since IS NULL OR cdc_message_time >= cdc_since)"""


def hours(mark: str) -> str:
    """SQL of the hours of the day in which there may be something since the hour ``cdc_from`` of ``mark``: all of them
    where that is none, or a day ago. The clocks of Firehose and of who asks may differ by up to an hour.
    """
    begin = f"date_parse(nullif(cdc_from, ''), '{HOUR}')"
    return f"""  SELECT lpad(CAST(cdc_number AS varchar), 2, '0') AS cdc_at, cdc_from, cdc_from_dt
  FROM {mark} CROSS JOIN UNNEST(sequence(0, 23)) AS day (cdc_number)
  WHERE coalesce(mod(cdc_number - hour({begin}) + 24, 24) <= date_diff('hour', {begin}, localtimestamp) + 1, true)"""
