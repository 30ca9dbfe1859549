"""Tables and settings that the replication's tests write records of."""

from __future__ import annotations

from typing import Any

from model import Change, Column, Position, Row, Table, Transaction
from rehearsal.replication.messages import Clock
from rehearsal.replication.records import RecordWriter
from rehearsal.replication.settings import kinesis_settings, task_settings

ORDERS = Table(
    schema="shop",
    name="orders",
    columns=(
        Column(name="id", data_type="bigint", column_type="bigint(20)", nullable=False),
        Column(name="status", data_type="varchar", column_type="varchar(20)", charset="utf8mb4", length=20),
        Column(name="total", data_type="decimal", column_type="decimal(12,2)", precision=12, scale=2),
        Column(name="note", data_type="longtext", column_type="longtext", charset="utf8mb4", length=4294967295),
    ),
    primary_key=("id",),
)
UNKEYED = Table(schema="shop", name="clicks", columns=ORDERS.columns)

BEGIN = Position("mysql-bin-changelog.000024", 1975)
END = Position("mysql-bin-changelog.000024", 2002)
COMMITTED_AT = 1790000000

DECLARED = {
    "messageFormat": "json-unformatted",
    "includeControlDetails": True,
    "includeNullAndEmpty": True,
    "includePartitionValue": True,
    "includeTableAlterOperations": True,
    "includeTransactionDetails": True,
    "partitionIncludeSchemaTable": True,
    "useLargeIntegerValue": True,
}


def writer(task: dict[str, Any] | None = None, **kinesis: Any) -> RecordWriter:
    """A record writer with the recommended settings, save what is given."""
    return RecordWriter(task_settings(task or {}), kinesis_settings({**DECLARED, **kinesis}), Clock())


def transaction(*changes: tuple[Row | None, Row | None], table: Table = ORDERS) -> Transaction:
    """A transaction of (before, after) changes of ``table``."""
    rows = tuple(Change(table=table, before=before, after=after) for before, after in changes)
    return Transaction(begin=BEGIN, end=END, committed_at=COMMITTED_AT, changes=rows)
