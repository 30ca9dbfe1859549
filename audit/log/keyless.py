"""Keyless tables: those without a primary key. A row is identified by its content, and equal rows are counted.

Two things cannot be told apart here, and the count of a row is then a range and not a number: a change made during the
full load may or may not be in the loaded rows already, and two load records that are equal to the microsecond may be
one row delivered twice or two rows. Inside the range the audit notes it; outside it finds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from audit.expected.expectations import Expectations
from audit.expected.table import LakeRow
from audit.log.records import DELETE, INSERT, LOAD, UPDATE
from audit.log.table_log import Entry, TableLog, TableReset
from audit.log.table_reader import Key
from audit.verdict.findings import ABSENT, FindingKind
from model import Row


class _Copies(NamedTuple):
    """One of the equal rows: how its first record wrote it, and the records that the live ones come from."""

    row: LakeRow
    arrivals: list[int]


class KeylessRows:
    """The rows of a table without a primary key, as its log leaves them."""

    def __init__(self, log: TableLog, expectations: Expectations) -> None:
        self._report, self._expected = log.report, log.report.expected
        self._provable = expectations.transaction_details and expectations.full_load
        self._load_end = log.load_end
        self._copies: dict[Key, _Copies] = {}
        self._more: Counter[Key] = Counter()
        """How many of the live rows may be one row twice."""
        self._less: Counter[Key] = Counter()
        """How many rows there may be besides the live ones."""
        self._seen: set[object] = set()
        for entry in log.ordered():
            if isinstance(entry, TableReset):
                self._forget(entry)
            else:
                self._apply(entry)

    @property
    def rows(self) -> int:
        """Live rows."""
        return sum(len(copies.arrivals) for copies in self._copies.values())

    def _forget(self, reset: TableReset) -> None:
        if self._copies:
            self._report.note(FindingKind.RESET, f"the table was {reset.why}: what was before is forgotten")
        for state in (self._copies, self._more, self._less):
            state.clear()

    def _apply(self, entry: Entry) -> None:
        key = self._expected.key(entry.row)
        if entry.number < 0 and self._repeated(entry, key):
            return
        if entry.operation == UPDATE and entry.before is None:
            text = (
                "an update without before image, of a table without primary key: no reader knows which row it changed"
            )
            self._report.find(FindingKind.UNREADABLE, text, row=entry.row, arrival=entry.arrival)
        if entry.operation == DELETE:
            self._remove(entry, entry.row)
        elif entry.before is not None:
            self._remove(entry, entry.before)
        if entry.operation in (LOAD, INSERT, UPDATE):
            self._add(entry, key)

    def _repeated(self, entry: Entry, key: Key) -> bool:
        """Whether a record that does not say where in the log it stands was there before, to the microsecond."""
        identity = (entry[:4], entry.operation, key, entry.before and self._expected.key(entry.before))
        if identity not in self._seen:
            self._seen.add(identity)
            return False
        self._less[key] += 1
        self._report.note(FindingKind.TWICE, "or two equal rows", row=entry.row, arrival=entry.arrival)
        return True

    def _add(self, entry: Entry, key: Key) -> None:
        known = self._copies.setdefault(key, _Copies(entry.row, []))
        if self._during_load(entry) and known.arrivals:
            self._more[key] += 1
        known.arrivals.append(entry.arrival)

    def _remove(self, entry: Entry, image: LakeRow) -> None:
        key = self._find(image)
        if key is None:
            if self._provable and not self._during_load(entry):
                text = (
                    f"a change before the {entry.operation} of transaction {entry.transaction} record {entry.number} "
                    "is not in the lake: no row is as its image says"
                )
                self._report.find(FindingKind.LOST_CHANGE, text, row=image, arrival=entry.arrival)
            return
        self._copies[key].arrivals.pop()
        if self._during_load(entry):
            self._less[key] += 1

    def _find(self, image: LakeRow) -> Key | None:
        """The live row that ``image`` stands for; images may leave columns out (LOBs)."""
        if ABSENT not in image:
            key = self._expected.key(image)
            return key if key in self._copies and self._copies[key].arrivals else None
        live = ((key, copies) for key, copies in self._copies.items() if copies.arrivals)
        return next((key for key, copies in live if not self._expected.changed(image, copies.row)), None)

    def _during_load(self, entry: Entry) -> bool:
        return entry.operation != LOAD and bool(entry.commit) and entry.commit <= self._load_end

    def compare(self, rows: Iterable[Row]) -> int:
        """Report where they are not the source's ``rows``; returns how many those are."""
        source: Counter[Key] = Counter()
        samples: dict[Key, Row] = {}
        for row in rows:
            key = self._expected.source_key(row)
            source[key] += 1
            samples.setdefault(key, row)
        for key in source.keys() | self._copies.keys():
            self._judge(key, source[key], samples.get(key))
        return source.total()

    def _judge(self, key: Key, wanted: int, sample: Row | None) -> None:
        copies = self._copies.get(key)
        there = len(copies.arrivals) if copies else 0
        if wanted == there:
            return
        row = sample if copies is None else copies.row
        arrival = copies.arrivals[-1] if copies and copies.arrivals else None
        text = f"the source has {wanted} such rows, the lake {there}"
        if there - self._more[key] <= wanted <= there + self._less[key]:
            self._report.note(
                FindingKind.UNPROVABLE, f"{text}, within what the load leaves open", row=row, arrival=arrival
            )
        else:
            kind = FindingKind.MISSING if wanted > there else FindingKind.EXTRA
            self._report.find(kind, text, row=row, arrival=arrival)
