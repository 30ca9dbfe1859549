"""The lake's tables: SQL of the Iceberg table that a MERGE keeps for each table of the source. Pure functions.

Its rows are the newest image of each key, in the order of the current-state views (log_columns.py). What is gone stays
as a tombstone, for an older image may come later; the row whose key is empty keeps the mark: when the table last began
anew, and the hour up to which the log was read. A statement reads the log from a given hour on and merges what it
finds, so it may be repeated, begin too early, or see the same records in any order: see
docs/decisions/0028-tables-kept-by-merge.md.

``<from_dt>``, ``<from_hr>`` and ``<before>`` stand for texts that ``start`` answers; who runs a statement puts them in.
Run without them it reads nothing and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from documents.athena_sql import listed, quoted
from documents.athena_types import VARCHAR, AthenaType
from documents.current_rows import BEGINS, images
from documents.log_columns import STATE, of_table
from documents.table_descriptions import TableDescription
from documents.table_forms import Form
from documents.versions import BEFORE, FROM_DT, FROM_HR, HOUR, Windows, hours_before, sortable, types_of, versions

OWN = {
    "cdc_key": VARCHAR,
    "cdc_version": VARCHAR,
    "cdc_gone": AthenaType("boolean", "boolean", "{}"),
    "cdc_hour": VARCHAR,
}
"""What the table has beside the columns of the source and of the state: the key in one text, the place of the image in
the total order, whether the row is a tombstone (or the mark), and of the mark the hour up to which the log was read."""


@dataclass(frozen=True, kw_only=True)
class KeptTable:
    """An Iceberg table, and the statements that keep it."""

    name: str
    table: TableDescription
    columns: Mapping[str, AthenaType]
    start: str
    """A query: from where on the log is to be read, and the version before which tombstones are no longer needed; no
    row for a table that was never merged."""
    merge: str
    sweep: str
    """Deletes the tombstones before ``<before>``."""

    @property
    def form(self) -> Form:
        """What it is; a folder is called after it, so that a run sees whether a table is as it is described."""
        columns = {name.lower(): kind.hive for name, kind in self.columns.items()}
        return Form(of=str(self.table), key=self.table.primary_key, columns=columns)

    def create(self, database: str, bucket: str) -> str:
        """DDL of the table, whose files are to lie in ``bucket``, in a folder that is called after its form."""
        columns = [f"{_escaped(name)} {kind.hive}" for name, kind in self.columns.items()]
        return f"""CREATE TABLE IF NOT EXISTS {_escaped(database)}.{_escaped(self.name)} (
  {listed(columns, 2)}
)
LOCATION 's3://{bucket}/{self.name}/{self.form.folder}/'
TBLPROPERTIES ('table_type' = 'ICEBERG', 'format' = 'parquet', 'write_compression' = 'zstd')"""


def kept_table(
    database: str, name: str, table: TableDescription, changes: str, records: str, windows: Windows
) -> KeptTable:
    """The table ``name`` of ``database``; ``changes`` and ``records`` are the views that it is merged from, as SQL."""
    types = types_of(table)
    kept = f"{quoted(database)}.{quoted(name)}"
    columns = {"cdc_key": OWN["cdc_key"], **{key.lower(): kind for key, kind in types.items()}, **STATE}
    columns |= {key: kind for key, kind in OWN.items() if key not in columns}
    return KeptTable(
        name=name,
        table=table,
        columns=columns,
        start=_start(kept, windows),
        merge=_merge(kept, changes, records, table, windows),
        sweep=f"DELETE FROM {kept}\nWHERE cdc_gone AND cdc_key <> '' AND cdc_version < '{BEFORE}'",
    )


def _start(kept: str, windows: Windows) -> str:
    start = hours_before("cdc_hour", windows.again)
    return f"""SELECT
  substr({start}, 1, 10) AS from_dt, substr({start}, 12, 2) AS from_hr,
  replace({hours_before("cdc_hour", windows.again + windows.latest)}, '/', ' ') AS before
FROM {kept}
WHERE cdc_key = '' AND cdc_hour <> ''"""


def _merge(kept: str, changes: str, records: str, table: TableDescription, windows: Windows) -> str:
    columns = [quoted(column.name) for column in table.columns]
    window = f"cdc_dt >= '{FROM_DT}' AND (cdc_dt > '{FROM_DT}' OR cdc_hr >= '{FROM_HR}')"
    given = ["cdc_key", *columns, *STATE, "cdc_version", "cdc_gone", "cdc_hour"]
    told = {"cdc_message_time": "cdc_since", "cdc_gone": "true", "cdc_version": _mark_version(), "cdc_hour": "cdc_mark"}
    ranked = [f"IF(cdc_from = 'mark', {told[name]}, {name}) AS {name}" if name in told else name for name in given]
    nothing = {name: f"NULL AS {name}" for name in (*columns, *STATE, "cdc_version", "cdc_gone", "cdc_hour")}
    of_state = [{**nothing, "cdc_message_time": "cdc_message_time"}[name] for name in given[1:]]
    updated = [f"{name} = merged.{name}" for name in given[1:]]
    return f"""MERGE INTO {kept} AS kept
USING (
  WITH told AS (
    SELECT cdc_since, IF('{FROM_DT}' <= substr(cdc_was, 1, 10), greatest(cdc_was, cdc_seen), cdc_was) AS cdc_mark
    FROM (
      SELECT
        max(cdc_since) AS cdc_since,
        coalesce(max(cdc_hour), '') AS cdc_was,
        greatest(coalesce(max(cdc_read), ''), {_oldest_that_may_come(windows)}) AS cdc_seen
      FROM (
        SELECT
          IF(cdc_kind = 'control' AND {of_table(table)}
            AND {BEGINS}, cdc_message_time) AS cdc_since,
          CAST(NULL AS varchar) AS cdc_hour, concat(cdc_dt, '/', cdc_hr) AS cdc_read
        FROM {records}
        WHERE {window}
        UNION ALL
        SELECT cdc_message_time, cdc_hour, NULL FROM {kept} WHERE cdc_key = ''
      )
    )
  ), images AS (
{images(changes, table, where=window)}
  ), candidates AS (
    SELECT 'image' AS cdc_from, {listed(given[:-1], 6)}, CAST(NULL AS varchar) AS cdc_hour
    FROM (
{versions(table, "images", indent=6)}
    )
    UNION ALL
    SELECT 'kept' AS cdc_from, cdc_key, {listed(of_state, 6)}
    FROM {kept}
    WHERE cdc_key <> ''
    UNION ALL
    SELECT 'mark' AS cdc_from, '' AS cdc_key, {listed(list(nothing.values()), 6)}
  ), ranked AS (
    SELECT
      cdc_from, {listed(ranked, 6)},
      row_number() OVER (PARTITION BY cdc_key ORDER BY IF(cdc_from = 'kept', 1, 0), cdc_version DESC) AS cdc_age
    FROM candidates CROSS JOIN told
    WHERE CASE cdc_from
      WHEN 'image' THEN cdc_since IS NULL OR cdc_message_time >= cdc_since
      WHEN 'kept' THEN cdc_message_time < cdc_since
      ELSE true
    END
  )
  SELECT cdc_from, {listed(given, 4)}
  FROM ranked
  WHERE cdc_age = 1
) AS merged
ON kept.cdc_key = merged.cdc_key
WHEN MATCHED AND merged.cdc_from = 'kept' THEN DELETE
WHEN MATCHED AND merged.cdc_version > kept.cdc_version THEN UPDATE SET
  {listed(updated, 2)}
WHEN NOT MATCHED AND merged.cdc_from <> 'kept' THEN INSERT ({listed(given, 2)})
  VALUES ({listed([f"merged.{name}" for name in given], 2)})"""


def _oldest_that_may_come(windows: Windows) -> str:
    """SQL of an hour before which nothing can come any more, whatever was read: so the mark follows an idle log."""
    return f"date_format(localtimestamp - INTERVAL '{windows.latest}' HOUR, '{HOUR}')"


def _mark_version() -> str:
    """SQL of the version of the mark: it grows with each of the two things that the mark keeps."""
    return f"concat({sortable('cdc_since')}, cdc_mark)"


def _escaped(name: str) -> str:
    """A name in DDL, which is Hive's."""
    return "`" + name.lower().replace("`", "``") + "`"
