"""Records: from a row to the bytes of one DMS data record and its Kinesis partition key.

Fields and partition keys follow https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html; where the
page is silent, public records of real tasks decide (``FIDELITY.md`` lists which):

* a load record is always keyed by primary key, a change by ``schema.table`` unless ParallelApplyThreads is set;
  a table without a primary key always by ``schema.table``; an object-mapping rule that declares a key decides for both;
* names, also in partition keys, are those that the transformation rules give;
* a delete's ``data`` is the row as it was; only updates have a before image;
* ``transaction-id`` is present in every change, the rest of the transaction's details where they are declared.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from mappings.rules import refuse
from mappings.target import Target, unchanged
from model import Change, PipelineError, Position, Row, Table, Transaction
from rehearsal.replication.columns import RowFormat
from rehearsal.replication.messages import LAYOUTS, Clock, Record, record
from rehearsal.replication.settings import KinesisSettings, TaskSettings


def transaction_id(begin: Position) -> int:
    """DMS's id of a MySQL transaction: the binlog file's number times 2^32 plus the offset at which it begins.

    Not documented, but every public id reads so: the checkpoint in
    https://docs.aws.amazon.com/dms/latest/APIReference/API_StartReplicationTask.html,
    ``mysql-bin-changelog.157832:1975:…:677883278264080:…``, holds 157832 * 2^32 + 1808.
    """
    return (int(begin.file.rpartition(".")[2]) << 32) + begin.offset


class RecordWriter:
    """Writes the data records of one task, and keeps the chain of ``prev-transaction-*`` between them."""

    def __init__(
        self,
        task: TaskSettings,
        kinesis: KinesisSettings,
        clock: Clock,
        target: Callable[[Table], Target] = unchanged,
    ) -> None:
        self.previous: tuple[int, int] | None = None
        """Transaction id and record id of the last change written; None before the first."""
        self._task = task
        self._kinesis = kinesis
        self._clock = clock
        self._target = target
        self._layout = LAYOUTS[kinesis.message_format]
        self._formats: dict[int, RowFormat] = {}

    def load(self, table: Table, row: Row) -> Record:
        """The record of a row that the full load read."""
        rows = self._format(table)
        return self._record(rows, "load", row, None, [self._layout.member("data", rows.data(row))], [])

    def changes(self, transaction: Transaction) -> Iterator[Record]:
        """The records of a transaction's changes, in log order."""
        number = transaction_id(transaction.begin)
        details = self._details(transaction, number)
        for record_id, change in enumerate(transaction.changes, start=1):
            yield self._change(change, number, self._identity(number, record_id) + details)
            self.previous = (number, record_id)

    def _change(self, change: Change, number: int, transaction: list[str]) -> Record:
        rows = self._format(change.table)
        row = change.before if change.after is None else change.after
        if row is None:
            raise PipelineError(f"a change of {change.table} has neither a before nor an after image")
        members = [self._layout.member("data", rows.data(row))]
        image = self._task.before_image
        if image and change.before is not None and change.after is not None:
            members.append(self._layout.member(image.field_name, rows.before_image(change.before)))
        return self._record(rows, change.operation, row, number, members, transaction)

    def _record(
        self,
        rows: RowFormat,
        operation: str,
        row: Row,
        number: int | None,
        members: list[str],
        transaction: list[str],
    ) -> Record:
        """``number`` is the transaction's id, None for a load record; ``members`` are what stands before the metadata,
        ``transaction`` the metadata's last members."""
        target, member, string = rows.target, self._layout.member, self._layout.string
        kind = self._partition_kind(target, loads=number is None)
        key = self._partition_key(kind, rows, row, number)
        metadata = [
            string("timestamp", self._clock()),
            string("record-type", "data"),
            string("operation", operation),
            string("partition-key-type", kind),
        ]
        if kind != "schema-table" and self._kinesis.include_partition_value:
            metadata.append(string("partition-key-value", key))
        metadata += [string("schema-name", target.schema), string("table-name", target.name), *transaction]
        members.append(member("metadata", self._layout.object(metadata, 1)))
        return record(target, key, self._layout.object(members, 0))

    def _partition_kind(self, target: Target, *, loads: bool) -> str:
        if target.partition:
            return target.partition.kind
        by_primary_key = loads or self._task.key_by_primary_key
        return "primary-key" if by_primary_key and target.table.primary_key else "schema-table"

    def _partition_key(self, kind: str, rows: RowFormat, row: Row, number: int | None) -> str:
        declared = rows.target.partition
        if kind == "transaction-id":
            if number is None:
                assert declared
                refuse(declared.rule, "a load record has no transaction-id; what DMS takes for its key is not known")
            return str(number)
        if kind == "primary-key":
            return rows.key(row)
        if declared is None or kind == "schema-table":
            return str(rows.target)
        return declared.value if kind == "constant" else rows.attribute(row, declared.value)

    def _identity(self, number: int, record_id: int) -> list[str]:
        numbers = {"transaction-id": number}
        if self._kinesis.include_transaction_details:
            numbers["transaction-record-id"] = record_id
            if self.previous:
                numbers["prev-transaction-id"], numbers["prev-transaction-record-id"] = self.previous
        return [self._layout.member(name, str(value)) for name, value in numbers.items()]

    def _details(self, transaction: Transaction, number: int) -> list[str]:
        """What is the same in all records of a transaction. The position has the form of a DMS checkpoint."""
        if not self._kinesis.include_transaction_details:
            return []
        begin, end = transaction.begin, transaction.end
        committed = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(transaction.committed_at))
        position = f"{end}:-1:{end.offset}:{number}:{begin}"
        return [self._layout.string("commit-timestamp", committed), self._layout.string("stream-position", position)]

    def _format(self, table: Table) -> RowFormat:
        """By identity: a table is hashed with all its columns, which costs more than writing a row."""
        found = self._formats.get(id(table))
        if found is None:
            # The format keeps the table alive, so that no other can get its id.
            found = self._formats[id(table)] = RowFormat(self._target(table), self._task, self._kinesis)
        return found
