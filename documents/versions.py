"""Versions: images of rows with one text for their key, and one for their place in the total order. Pure functions.

A MERGE matches rows by one column and compares versions of one type; a row of values cannot be compared where one of
them is NULL. So both become text, whose order is that of log_columns.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from documents.athena_sql import listed, quoted
from documents.athena_types import AthenaType, athena_type
from documents.current_rows import key_texts
from documents.log_columns import STATE
from documents.table_descriptions import TableDescription

HOUR = "%Y-%m-%d/%H"
"""The form of an hour of the log: its partition columns, with a slash between them."""
DELIVERY_RETRY_HOURS = 24
"""For so long Firehose tries to write to S3. https://docs.aws.amazon.com/firehose/latest/dev/retry.html"""
FROM_DT, FROM_HR, BEFORE = "<from_dt>", "<from_hr>", "<before>"
"""What stands in a statement for the hour from which it reads, and for the version before which tombstones go."""


@dataclass(frozen=True, kw_only=True)
class Windows:
    """How far back a statement reads, in hours."""

    again: int
    """Before the mark: how late an object may come."""
    latest: int
    """Before now: nothing that is older can still come into the lake."""


def types_of(table: TableDescription) -> dict[str, AthenaType]:
    """The type of each column of the table."""
    return {column.name: athena_type(column.type) for column in table.columns}


def hours_before(hour: str, hours: int) -> str:
    """SQL of the hour that lies so many hours before ``hour``, in the same form; NULL for none."""
    parsed = f"date_parse(nullif({hour}, ''), '{HOUR}')"
    return f"date_format({parsed} - INTERVAL '{hours}' HOUR, '{HOUR}')"


def versions(table: TableDescription, source: str, *, indent: int) -> str:
    """SQL of the images of ``source`` with their key in one text, and their place in the total order in another."""
    columns = [quoted(column.name) for column in table.columns]
    values = [f"IF(cdc_gone, NULL, {name}) AS {name}" for name in columns]
    texts = key_texts(table, types_of(table))
    parts = {f"cdc_part_{number}": _key_part(*text) for number, text in enumerate(texts, start=1)}
    blank = " " * indent
    return f"""{blank}SELECT
{blank}  {_key(parts)} AS cdc_key,
{blank}  {listed([*values, *STATE, "cdc_gone"], indent + 2)},
{blank}  concat({listed(_order(), indent + 4)}) AS cdc_version
{blank}FROM (
{blank}  SELECT *, {listed([f"{part} AS {name}" for name, part in parts.items()], indent + 4)}
{blank}  FROM {source}
{blank})"""


def _order() -> list[str]:
    """The total order of log_columns.py in texts of fixed width; what is not there comes first, as NULLS LAST has it.
    The place that a moved key leaves is older than the image that came to it.
    """
    return [
        sortable("cdc_message_time"),
        sortable("cdc_commit_time"),
        "lpad(coalesce(CAST(cdc_transaction_id AS varchar), ''), 20, ' ')",
        "lpad(coalesce(CAST(cdc_record_id AS varchar), ''), 20, ' ')",
        "IF(cdc_leaves, '0', '1')",
    ]


def sortable(time: str) -> str:
    """SQL of a moment as text whose order is that of time; what is no moment is the first. In 26 characters."""
    return f"rpad(coalesce(CAST({time} AS varchar), ''), 26, ' ')"


def _key(parts: Iterable[str]) -> str:
    """SQL of the whole key in one text: each part but the last behind its length, so that no two keys are one."""
    *first, last = parts
    told = [f"CAST(length({part}) AS varchar), ':', {part}" for part in first]
    return f"concat({listed(told, 8)}, {last})" if told else last


def _key_part(text: str, kind: AthenaType) -> str:
    """SQL of one part: its value, for two texts may be one; the text that is no value; without a text the record."""
    read = kind.of(text)
    written = {"varchar": read, "varbinary": f"to_hex({read})", "double": f"CAST({read} + 0e0 AS varchar)"}
    spelt = written.get(kind.sql, f"CAST({read} AS varchar)")
    record = "to_hex(sha256(to_utf8(cdc_record)))"
    return f"CASE WHEN {read} IS NOT NULL THEN 'v' || {spelt} ELSE coalesce('t' || {text}, 'r' || {record}) END"
