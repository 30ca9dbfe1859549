"""Table log: what is said of one table's records as they are read, whatever their order.

Order of arrival says nothing: PutRecords does not promise one
(https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html), shards are delivered side by side, and
delivery is at least once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from operator import itemgetter
from typing import NamedTuple

from audit.expected.table import LakeRow
from audit.expected.table_report import TableReport
from audit.log.records import LOAD, Record
from audit.log.table_reader import TableReader
from audit.verdict.findings import FindingKind
from audit.verdict.result import TableResult

Position = tuple[int, int]
"""(transaction-id, transaction-record-id): where in the source's log a change stands."""
Order = tuple[str, str, int, int, int]
"""What entries are ordered by: (metadata.timestamp, commit-timestamp, transaction-id, transaction-record-id, arrival).

The message's own time comes first because load rows are built before the changes that happened during the load are
applied: by commit time a load row could beat such a change. After a resume DMS sends older changes again with newer
message times, and everything after them again too; of a change that was sent twice the last copy therefore stands in
the right order to all others.
"""


class Entry(NamedTuple):
    """A record of the table. The first five fields are its `Order`."""

    timestamp: str
    commit: str
    transaction: int
    number: int
    arrival: int
    """See table_report.py; decides only between records that nothing else orders."""
    table: int
    """The number of its table."""
    operation: str
    row: LakeRow
    before: LakeRow | None
    previous: Position | None

    @property
    def position(self) -> Position:
        """Its place in the source's log."""
        return self.transaction, self.number

    def says(self) -> tuple[str, LakeRow, LakeRow | None]:
        """Its content, however often and whenever it was sent."""
        return self.operation, self.row, self.before


order: Callable[[Entry], Order] = itemgetter(slice(0, 5))


class TableLog:
    """Takes a table's records as they are read."""

    def __init__(self, number: int, report: TableReport[TableReader]) -> None:
        self.number, self.report = number, report
        self.operations: Counter[str] = Counter()
        """Copies count."""
        self.distinct: Counter[str] = Counter()
        """Records by operation, each once; of load records those of the last load, by key."""
        self.bytes = 0
        self.objects: set[int] = set()
        self.prepared: list[str] = []
        """Times of the control records that prepare the table for a load."""
        self.emptied: list[str] = []
        """Times of the control records that empty it."""
        self.load_end = ""
        """The time of the last load record; empty without one."""
        self.forgotten: set[tuple[object, ...]] = set()
        """The resets (resets.py) before which it had rows."""
        self.rows_source = self.rows_lake = 0

    def read(self, record: Record, arrival: int, size: int, *, suspect: bool = False) -> Entry | None:
        """The entry that ``record`` makes, which has ``size`` bytes; ``suspect`` if its object is damaged. None if it
        cannot be told which row it is about."""
        self.operations[record.operation] += 1
        self.bytes += size
        self.objects.add(arrival >> 64)
        expected = self.report.expected
        row = expected.row(record.data)
        before = None if record.before is None else expected.row(record.before)
        entry = Entry(*record[2:6], arrival, self.number, record.operation, row, before, record.previous)
        self._check_names(record, entry)
        if suspect:  # one changed byte of compressed data changes every later record alike, and they still join up
            text = "its object is damaged: what the record says cannot be relied on"
            self.report.find(FindingKind.SUSPECT, text, row=row, arrival=arrival)
        if len(record.data) < len(row) and expected.keyed and expected.keyless(row):
            text = "the record lacks a column of the primary key"
            self.report.find(FindingKind.UNREADABLE, text, row=row, arrival=arrival)
            return None
        if entry.operation == LOAD:
            self.load_end = max(self.load_end, entry.timestamp)
        return entry

    def result(self) -> TableResult:
        """What the audit comes to for the table."""
        return TableResult(
            rows_source=self.rows_source,
            rows_lake=self.rows_lake,
            operations=dict(self.operations),
            objects=len(self.objects),
            bytes=self.bytes,
            findings=self.report.findings,
            notes=self.report.notes,
        )

    def _check_names(self, record: Record, entry: Entry) -> None:
        known = self.report.expected.known
        if not record.data.keys() <= known or (record.before and not record.before.keys() <= known):
            for name in {**record.data, **(record.before or {})}.keys() - known:
                self.report.find(
                    FindingKind.UNKNOWN_COLUMN,
                    "the table has no such column, by the source and the declared mappings",
                    row=entry.row,
                    arrival=entry.arrival,
                    column=name,
                )
        if record.strange:
            text = f"{', '.join(sorted(record.strange))}: in no documented record"
            self.report.note(FindingKind.UNKNOWN_METADATA, text, row=entry.row, arrival=entry.arrival)
