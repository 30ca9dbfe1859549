"""Columns of the log: what the lake's views say of a record itself, beside the columns of its table. No I/O here.

They are called ``cdc_…``, so that they meet no column of a table. Each group has its columns' types in the views.
"""

from __future__ import annotations

from documents.athena_sql import literal
from documents.athena_types import BIGINT, TIMESTAMP, VARCHAR
from documents.table_descriptions import TableDescription

LOG = {
    "cdc_operation": VARCHAR,
    "cdc_message_time": TIMESTAMP,
    "cdc_commit_time": TIMESTAMP,
    "cdc_transaction_id": BIGINT,
    "cdc_record_id": BIGINT,
}
"""What happened, when, and where in the source's log."""
PLACE = {"cdc_record": VARCHAR, "cdc_dt": VARCHAR, "cdc_hr": VARCHAR}
"""The record's whole text, and the partition in which it lies."""
NAMES = {"cdc_schema": VARCHAR, "cdc_table": VARCHAR}
RECORD = {"cdc_kind": VARCHAR, **NAMES, **LOG, **PLACE}
"""All that is known of a record whose table is not."""
UNREADABLE = {"cdc_unreadable": VARCHAR}
"""The columns of the table whose texts are no values of the described types."""
STATE = {"cdc_operation": VARCHAR, "cdc_message_time": TIMESTAMP, "cdc_commit_time": TIMESTAMP, **UNREADABLE}
"""What is told of a row as it is now."""

NEWEST_FIRST = (
    "cdc_message_time DESC, cdc_commit_time DESC NULLS LAST, "
    "cdc_transaction_id DESC NULLS LAST, cdc_record_id DESC NULLS LAST"
)
"""The total order: what is equal in it is one record that came twice."""


def of_table(table: TableDescription) -> str:
    """The condition that a record is of ``table``."""
    return f"cdc_schema = {literal(table.schema)} AND cdc_table = {literal(table.table)}"
