"""Table log: one table's records out of all objects, each change once, in an order that does not depend on arrival.

The order is (metadata.timestamp, commit-timestamp, transaction-id, transaction-record-id). The message's own time comes
first because load rows are built before the changes that happened during the load are applied: by commit time a load
row could beat such a change. After a resume DMS sends older changes again with newer message times, and everything
after them again too; of a change that was sent twice the last copy therefore stands in the right order to all others.

Order of arrival says nothing: PutRecords does not promise one
(https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html), shards are delivered side by side, and
delivery is at least once.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from audit.expected.table import LakeRow
from audit.expected.table_report import TableReport
from audit.log.records import LOAD, Record
from audit.log.table_reader import TableReader
from audit.verdict.findings import FindingKind

Position = tuple[int, int]
"""(transaction-id, transaction-record-id): where in the source's log a change stands."""


class Entry(NamedTuple):
    """A record of the table. The first four fields are its place in the order."""

    timestamp: str
    commit: str
    transaction: int
    number: int
    arrival: int
    """See table_report.py; decides only between records that nothing else orders."""
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


class TableReset(NamedTuple):
    """The table starts anew: what its log said before must be forgotten."""

    why: str


order: Callable[[Entry], tuple[object, ...]] = itemgetter(slice(0, 5))
"""The place of an entry in the order, arrival last."""


class TableLog:
    """Takes a table's records as they are read; gives them back in order, each once."""

    def __init__(self, report: TableReport[TableReader]) -> None:
        self.report = report
        self.operations: Counter[str] = Counter()
        self.bytes = 0
        self.objects: set[int] = set()
        self.prepared: list[str] = []
        """Times of the control records that prepare the table for a load."""
        self.emptied: list[str] = []
        """Times of the control records that empty it."""
        self.changes: dict[Position, Entry] = {}
        """The last copy of each change that says where in the source's log it stands."""
        self.load_end = ""
        """The time of the last load record; empty without one."""
        self._others: list[Entry] = []
        self._contested: dict[Position, list[Entry]] = {}
        """The last copies of other changes that name a place of ``changes``, each with another content."""

    def add(self, record: Record, arrival: int, size: int, *, suspect: bool = False) -> None:
        """Take in ``record``, which has ``size`` bytes; ``suspect`` if its object is damaged."""
        self.operations[record.operation] += 1
        self.bytes += size
        self.objects.add(arrival >> 32)
        expected = self.report.expected
        row = expected.row(record.data)
        before = None if record.before is None else expected.row(record.before)
        entry = Entry(*record[2:6], arrival, record.operation, row, before, record.previous)
        self._check_names(record, entry)
        if suspect:  # one changed byte of compressed data changes every later record alike, and they still join up
            text = "its object is damaged: what the record says cannot be relied on"
            self.report.find(FindingKind.SUSPECT, text, row=row, arrival=arrival)
        if len(record.data) < len(row) and expected.keyed and expected.keyless(row):
            self.report.find(
                FindingKind.UNREADABLE, "the record lacks a column of the primary key", row=row, arrival=arrival
            )
        elif entry.number < 0:
            self._others.append(entry)
            if entry.operation == LOAD:
                self.load_end = max(self.load_end, entry.timestamp)
        else:
            self._keep(entry)

    def _keep(self, entry: Entry) -> None:
        """Keep the last copy of a change, and apart from it what names the same place and says something else."""
        known = self.changes.setdefault(entry.position, entry)
        if known is entry:
            return
        if known.says() == entry.says():
            self.changes[entry.position] = _last(known, entry)
        else:
            others = self._contested.setdefault(entry.position, [])
            twin = next((place for place, other in enumerate(others) if other.says() == entry.says()), None)
            if twin is None:
                others.append(entry)
                return
            others[twin] = _last(others[twin], entry)
        self.report.note(FindingKind.TWICE, _change(entry), row=entry.row, arrival=entry.arrival)

    def settle(self, beginnings: Sequence[str]) -> None:
        """Tell changes of two logs apart from one change with two contents; to be called when all records are read.

        A restored database counts its log from the start again, so its changes can name places of the old one's. Then
        the task began anew between them, at one of ``beginnings``. Within one task's time two contents cannot both be
        what the source did.
        """
        for position, others in self._contested.items():
            first, *more = sorted((self.changes[position], *others), key=order)
            for entry in more:
                if not any(first.timestamp < time <= entry.timestamp for time in beginnings):
                    self._conflict(first, entry)
                else:
                    self._others.append(first)
                first = entry
            self.changes[position] = first

    def _conflict(self, known: Entry, entry: Entry) -> None:
        column, values = _first_difference(known, entry)
        text = f"{_change(entry)} is there with two contents, the other at {self.report.place(known.arrival)}"
        self.report.find(FindingKind.CONFLICT, text, row=entry.row, arrival=entry.arrival, column=column, values=values)

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

    def distinct(self) -> Counter[str]:
        """Records by operation, each once; of load records those of the last load, by key."""
        begun, expected = max(self.prepared, default=""), self.report.expected
        everything = (*self._others, *self.changes.values())
        counts = Counter(entry.operation for entry in everything if entry.operation != LOAD)
        loads = (entry for entry in everything if entry.operation == LOAD and entry.timestamp >= begun)
        counts[LOAD] = len({("" if expected.keyed else entry.timestamp, expected.key(entry.row)) for entry in loads})
        return counts

    def ordered(self) -> Iterator[Entry | TableReset]:
        """Every record in order; a `TableReset` where the table starts anew and all that was before must be forgotten.

        A truncated or reloaded table has no delete records for the rows that are gone. A reload begins with the first
        load record after a change, or after a control record that prepares the table.
        """
        emptied, prepared = deque(sorted(self.emptied)), deque(sorted(self.prepared))
        loading = True
        for entry in sorted((*self._others, *self.changes.values()), key=order):
            if _passed(emptied, entry.timestamp):
                yield TableReset("truncated")
            if _passed(prepared, entry.timestamp) or (entry.operation == LOAD and not loading):
                yield TableReset("loaded again")
            loading = entry.operation == LOAD
            yield entry
        if emptied or prepared:
            yield TableReset("truncated" if emptied else "loaded again")


def _last(one: Entry, other: Entry) -> Entry:
    """The last copy of a change, with the predecessor that either names: the first change of a task names none."""
    last = max(one, other, key=order)
    return last if last.previous else last._replace(previous=one.previous or other.previous)


def _passed(times: deque[str], now: str) -> bool:
    """Whether a time has come; takes those out."""
    passed = False
    while times and times[0] <= now:
        passed = bool(times.popleft())
    return passed


def _change(entry: Entry) -> str:
    return f"transaction {entry.transaction} record {entry.number}"


def _first_difference(one: Entry, other: Entry) -> tuple[int | str, tuple[object, object]]:
    """The first column in which two copies of a change differ, or their operations."""
    for mine, others in ((one.row, other.row), (one.before or (), other.before or ())):
        for position, values in enumerate(zip(mine, others, strict=False)):
            if values[0] != values[1]:
                return position, values
    return "", (one.operation, other.operation)
