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
from json.encoder import encode_basestring

from mappings.rules import refuse
from mappings.target import Target, unchanged
from model import PipelineError, Position, Row, Table, Transaction
from rehearsal.replication.columns import RowFormat, Shape
from rehearsal.replication.compiled import PLACE, Part, compiled
from rehearsal.replication.messages import LAYOUTS, Clock, Record, record
from rehearsal.replication.settings import KinesisSettings, TaskSettings

_NUMBERS = ("transaction-id", "transaction-record-id", "prev-transaction-id", "prev-transaction-record-id")
_DETAILS = ("commit-timestamp", "stream-position")


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
        self._transactions = {numbers: self._transaction(numbers) for numbers in (1, 2, 4)}

    def load(self, table: Table, row: Row) -> Record:
        """The record of a row that the full load read."""
        return self._record(self._format(table), "load", row, None, None, "")

    def changes(self, transaction: Transaction) -> Iterator[Record]:
        """The records of a transaction's changes, in log order."""
        number = transaction_id(transaction.begin)
        details = self._details(transaction, number)
        for record_id, change in enumerate(transaction.changes, start=1):
            numbers = (number, record_id, *(self.previous or ())) if details else (number,)
            row = change.before if change.after is None else change.after
            if row is None:
                raise PipelineError(f"a change of {change.table} has neither a before nor an after image")
            told = self._transactions[len(numbers)] % (*numbers, *details)
            rows = self._formats.get(id(change.table)) or self._format(change.table)
            yield self._record(rows, change.operation, row, change.before, number, told)
            self.previous = (number, record_id)

    def _record(
        self, rows: RowFormat, operation: str, row: Row, before: Row | None, number: int | None, transaction: str
    ) -> Record:
        """``number`` is the transaction's id, None for a load record; ``transaction`` is what the metadata end with."""
        shape = rows.shapes.get(operation)
        if shape is None:
            shape = rows.shapes[operation] = self._shape(rows, operation)
        key = rows.key(row) if shape.kind == "primary-key" else self._partition_key(shape.kind, rows, row, number)
        return record(rows.target, key, shape.write(row, before, key, self._clock(), transaction))

    def _shape(self, rows: RowFormat, operation: str) -> Shape:
        member, string, target = self._layout.member, self._layout.string, rows.target
        kind, image = self._partition_kind(target, loads=operation == "load"), self._task.before_image
        values = [*rows.data.expressions]
        members = [member("data", rows.data.text)]
        if image and operation == "update":
            values += rows.before_image.expressions
            members.append(member(image.field_name, rows.before_image.text))
        metadata = [member("timestamp", f'"{PLACE}"'), string("record-type", "data"), string("operation", operation)]
        metadata.append(string("partition-key-type", kind))
        values.append("now")
        if kind != "schema-table" and self._kinesis.include_partition_value:
            metadata.append(member("partition-key-value", PLACE))
            values.append("string(key)")
        metadata += [string("schema-name", target.schema), string("table-name", target.name)]
        if operation != "load":
            metadata.append(PLACE)
            values.append("transaction")
        members.append(member("metadata", self._layout.object(metadata, 1)))
        names = {**rows.names, "string": encode_basestring}
        part = Part(self._layout.object(members, 0), values)
        return Shape(kind, compiled("row, before, key, now, transaction", part, names))

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
        if declared is None or kind == "schema-table":
            return str(rows.target)
        return declared.value if kind == "constant" else rows.attribute(row, declared.value)

    def _details(self, transaction: Transaction, number: int) -> tuple[str, ...]:
        """What is the same in all records of a transaction. The position has the form of a DMS checkpoint."""
        if not self._kinesis.include_transaction_details:
            return ()
        begin, end = transaction.begin, transaction.end
        committed = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(transaction.committed_at))
        position = f"{end}:-1:{end.offset}:{number}:{begin}"
        return encode_basestring(committed), encode_basestring(position)

    def _transaction(self, numbers: int) -> str:
        """The metadata's last members, that many numbers and the details, with places for the values."""
        names = [*_NUMBERS[:numbers], *(_DETAILS if self._kinesis.include_transaction_details else ())]
        text = self._layout.members([self._layout.member(name, PLACE) for name in names], 1)
        return text.replace("%", "%%").replace(PLACE, "%s")

    def _format(self, table: Table) -> RowFormat:
        """By identity: a table is hashed with all its columns, which costs more than writing a row."""
        found = self._formats.get(id(table))
        if found is None:
            # The format keeps the table alive, so that no other can get its id.
            found = self._formats[id(table)] = RowFormat(self._target(table), self._task, self._kinesis)
        return found
