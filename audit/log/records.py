"""Records: from a JSON document to a DMS record, or the rule that it breaks.

The shapes: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html ("message format" and
"before image"), the endpoint settings, and records published from real tasks.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from audit.expected.expectations import Expectations

LOAD, INSERT, UPDATE, DELETE = "load", "insert", "update", "delete"
OPERATIONS = (LOAD, INSERT, UPDATE, DELETE)


class Record(NamedTuple):
    """A data record: one row loaded or changed."""

    table: tuple[str, str]
    """Schema and table."""
    operation: str
    timestamp: str
    """When DMS built the message, normalised so that text order is time order."""
    commit: str
    """When the source committed, likewise; empty for a load or without transaction details."""
    transaction: int
    """``transaction-id``; -1 for a load or if not given."""
    number: int
    """``transaction-record-id``, the record's place in its transaction; -1 if not given."""
    previous: tuple[int, int] | None
    """The (transaction-id, transaction-record-id) of the change before; None if not given."""
    data: dict[str, Any]
    before: dict[str, Any] | None
    """An update's before image."""
    strange: frozenset[str]
    """Metadata keys that no documented DMS record has."""


class Control(NamedTuple):
    """A control record: a table was created, dropped or altered on the target."""

    table: tuple[str, str]
    operation: str
    timestamp: str
    position: tuple[int, int] | None
    """(transaction-id, transaction-record-id) if the record has one, for the changes after it may refer to it."""


class NotARecordError(ValueError):
    """The document is no DMS record; the text says which rule it breaks."""


def parse_record(document: Any, expectations: Expectations) -> Record | Control:
    """The record that ``document`` is. Raises NotARecordError."""
    if not isinstance(document, dict):
        raise NotARecordError(f"a record is a JSON object, not {type(document).__name__}")
    metadata = document.get("metadata")
    if not isinstance(metadata, dict):
        raise NotARecordError("no metadata object")
    kind = metadata.get("record-type")
    if kind == "data":
        return _data(document, metadata, expectations)
    if kind == "control":
        return _control(document, metadata)
    raise NotARecordError(f"record-type is {kind!r}, not data or control")


def _data(document: dict[str, Any], metadata: dict[str, Any], expectations: Expectations) -> Record:
    operation, data = metadata.get("operation"), document.get("data")
    before = document.get(expectations.before_image) if expectations.before_image else None
    if operation not in OPERATIONS:
        raise NotARecordError(f"operation is {operation!r}, not one of {', '.join(OPERATIONS)}")
    if not isinstance(data, dict):
        raise NotARecordError("no data object")
    if len(document) != 2 + (before is not None):
        raise NotARecordError(f"unknown field among {', '.join(document)}")
    if before is not None and not isinstance(before, dict):
        raise NotARecordError(f"{expectations.before_image} is not an object")
    if operation == UPDATE and before is None and expectations.before_image:
        raise NotARecordError(f"an update without the declared {expectations.before_image}")
    if operation != UPDATE and before is not None:
        raise NotARecordError(f"{operation} with a {expectations.before_image}")
    if operation == LOAD and "transaction-record-id" in metadata:
        raise NotARecordError("a load record with a transaction-record-id: only changes belong to a transaction")
    if operation == LOAD:
        commit, transaction, number, previous = "", -1, -1, None
    else:
        commit, transaction, number, previous = _place(metadata, required=expectations.transaction_details)
    timestamp = _time(metadata, "timestamp")
    strange = frozenset() if metadata.keys() <= _METADATA else frozenset(metadata.keys() - _METADATA)
    table = _table(metadata)
    return Record(table, operation, timestamp, commit, transaction, number, previous, data, before, strange)


def _place(metadata: dict[str, Any], *, required: bool) -> tuple[str, int, int, tuple[int, int] | None]:
    """Where in the source's log a change stands; -1 and empty for what is not given and need not be."""
    commit = _time(metadata, "commit-timestamp") if required or "commit-timestamp" in metadata else ""
    transaction = _whole(metadata, "transaction-id", required)
    number = _whole(metadata, "transaction-record-id", required)
    before = _whole(metadata, "prev-transaction-id", False), _whole(metadata, "prev-transaction-record-id", False)
    return commit, transaction, number, before if min(before) > 0 else None


def _control(document: dict[str, Any], metadata: dict[str, Any]) -> Control:
    operation = metadata.get("operation")
    if operation not in _CONTROL_OPERATIONS:
        raise NotARecordError(
            f"control operation is {operation!r}, not one of {', '.join(sorted(_CONTROL_OPERATIONS))}"
        )
    if not document.keys() <= {"control", "metadata"}:
        raise NotARecordError(f"unknown field among {', '.join(document)}")
    position = _whole(metadata, "transaction-id", False), _whole(metadata, "transaction-record-id", False)
    return Control(_table(metadata), operation, _time(metadata, "timestamp"), position if min(position) > 0 else None)


def _table(metadata: dict[str, Any]) -> tuple[str, str]:
    schema, table = metadata.get("schema-name"), metadata.get("table-name")
    if not isinstance(schema, str) or not isinstance(table, str):
        raise NotARecordError("no schema-name and table-name")
    return schema, table


def _whole(metadata: dict[str, Any], name: str, required: bool) -> int:
    value = metadata.get(name, -1)
    if type(value) is not int or (required and value < 0):
        raise NotARecordError(f"{name} is {metadata.get(name)!r}, not a whole number")
    return value


def _time(metadata: dict[str, Any], name: str) -> str:
    """A UTC time without Z and fractional zeros: of two such texts the earlier one is the smaller."""
    value = metadata.get(name)
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        raise NotARecordError(f"{name} is {value!r}, not a time as 2026-11-22T09:14:02.113000Z")
    return value[:-1].rstrip("0").rstrip(".") if "." in value else value[:-1]


_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z")
_METADATA = frozenset(
    {
        "timestamp",
        "record-type",
        "operation",
        "partition-key-type",
        "partition-key-value",
        "schema-name",
        "table-name",
        "transaction-id",
        "transaction-record-id",
        "prev-transaction-id",
        "prev-transaction-record-id",
        "commit-timestamp",
        "stream-position",
    }
)
_CONTROL_OPERATIONS = frozenset(
    {
        "create-table",
        "drop-table",
        "rename-table",
        "truncate-table",
        "add-column",
        "drop-column",
        "rename-column",
        "column-type-change",
        "change-columns",
    }
)
"""Seen in records of DMS tasks on several engines; for MySQL not all of them appear."""
