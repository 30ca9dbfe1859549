"""Keyless tables: those without a primary key. A row is identified by its content, and equal rows are counted.

Some things cannot be told apart here, and the count of a row is then a range and not a number: a change made during the
full load may or may not be in the loaded rows already; two load records that are equal to the microsecond may be one
row delivered twice or two rows; and of rows that differ only in columns which an image leaves out, LOBs, a change may
mean any. Inside the range the audit notes it; outside it finds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from audit.expected.expectations import Expectations
from audit.expected.table import LakeRow
from audit.log.records import DELETE, INSERT, LOAD, UPDATE
from audit.log.resets import Reset, note_reset
from audit.log.table_log import Entry, TableLog
from audit.log.table_reader import Key
from audit.verdict.findings import ABSENT, FindingKind
from model import Row


class _Copies(NamedTuple):
    """One of the equal rows: how its first record wrote it, and the records that the live ones come from."""

    row: LakeRow
    arrivals: list[int]


class KeylessRows:
    """The rows of a table without a primary key, as its log leaves them."""

    def __init__(self, log: TableLog, ordered: Iterable[Entry | Reset], expectations: Expectations) -> None:
        self._log, self._report, self._expected = log, log.report, log.report.expected
        self._expectations = expectations
        self._provable = expectations.transaction_details and expectations.full_load
        self._load_end = log.load_end
        self._copies: dict[Key, _Copies] = {}
        self._parts: dict[tuple[int, ...], dict[Key, list[Key]]] = {}
        """For images that tell these columns alone: which rows have these values in them."""
        self._more: Counter[Key] = Counter()
        """How many of the live rows may be one row twice."""
        self._less: Counter[Key] = Counter()
        """How many rows there may be besides the live ones."""
        self._tied: list[dict[Key, None]] = []
        """Rows of which it is known how many there are together, but not of each."""
        self._shifted: Counter[Key] = Counter()
        """By how much the number of a tied row may be wrong for that."""
        self._seen: set[object] = set()
        for entry in ordered:
            if isinstance(entry, Reset):
                self._forget(entry)
            else:
                self._apply(entry)

    @property
    def rows(self) -> int:
        """Live rows."""
        return sum(len(copies.arrivals) for copies in self._copies.values())

    def _forget(self, reset: Reset) -> None:
        if self._copies:
            note_reset(self._log, reset)
        for state in (self._copies, self._more, self._less, self._tied, self._shifted, self._parts):
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
        if key not in self._copies:
            self._copies[key] = _Copies(entry.row, [])
            for told in self._parts:
                self._index(told, key)
        known = self._copies[key]
        if self._during_load(entry) and known.arrivals:
            self._more[key] += 1
        known.arrivals.append(entry.arrival)

    def _remove(self, entry: Entry, image: LakeRow) -> None:
        known = self._like(image)
        live = [key for key in known if self._copies[key].arrivals]
        if not live:
            self._remove_unseen(entry, image, known)
            return
        self._copies[live[0]].arrivals.pop()
        if self._during_load(entry):
            self._less[live[0]] += 1
        if len(live) > 1:
            self._tie(live)

    def _tie(self, keys: list[Key]) -> None:
        """One of ``keys``, which differ in what an image leaves out alone, has lost a row, and any may be the one."""
        tied = dict.fromkeys(keys)
        for other in [group for group in self._tied if group.keys() & tied.keys()]:
            self._tied.remove(other)
            tied |= other
        self._tied.append(tied)
        self._shifted.update(keys)

    def _remove_unseen(self, entry: Entry, image: LakeRow, known: list[Key]) -> None:
        """No live row is as ``image`` says. A change during the load may have taken one that the load did not have any
        more, and so left this one."""
        if self._during_load(entry):
            return
        open_count = next((key for key in known if self._less[key] > 0), None)
        if open_count is not None:
            self._less[open_count] -= 1
            text = "the load leaves open how many such rows there were before a change"
            self._report.note(FindingKind.UNPROVABLE, text, row=image, arrival=entry.arrival)
        elif self._provable:
            text = (
                f"a change before the {entry.operation} of transaction {entry.transaction} record {entry.number} "
                "is not in the lake: no row is as its image says"
            )
            self._report.find(FindingKind.LOST_CHANGE, text, row=image, arrival=entry.arrival)

    def _like(self, image: LakeRow) -> list[Key]:
        """The rows, live or not, that ``image`` may stand for; images may leave columns out (LOBs)."""
        if ABSENT not in image:
            key = self._expected.key(image)
            return [key] if key in self._copies else []
        told = tuple(place for place, value in enumerate(image) if value is not ABSENT)
        if told not in self._parts:
            self._parts[told] = {}
            for key in self._copies:
                self._index(told, key)
        found = self._parts[told].get(tuple(self._expected.readers[place].lake(image[place]) for place in told), [])
        if any(self._copies[key].arrivals for key in found):
            return found
        # Nor does NULL contradict a row from before its column was added; that is rare, and asked one by one.
        return [key for key, copies in self._copies.items() if not self._expected.changed(image, copies.row)]

    def _index(self, told: tuple[int, ...], key: Key) -> None:
        self._parts[told].setdefault(tuple(key[place] for place in told), []).append(key)

    def _during_load(self, entry: Entry) -> bool:
        if entry.operation == LOAD or not entry.commit:
            return False
        table = self._expected.table
        return self._expectations.may_be_loaded(table, entry.transaction, entry.commit, self._load_end)

    def compare(self, rows: Iterable[Row]) -> int:
        """Report where they are not the source's ``rows``; returns how many those are."""
        source: Counter[Key] = Counter()
        samples: dict[Key, Row] = {}
        for row in rows:
            key = self._expected.source_key(row)
            source[key] += 1
            samples.setdefault(key, row)
        for key in source.keys() | self._copies.keys():
            self._judge([key], source[key], samples.get(key), self._shifted[key])
        for tied in self._tied:
            self._judge(list(tied), sum(source[key] for key in tied), None)
        return source.total()

    def _judge(self, keys: list[Key], wanted: int, sample: Row | None, shifted: int = 0) -> None:
        """Judge the number of rows of ``keys``, together, of which ``shifted`` may be others' that differ in LOBs."""
        copies = self._copies.get(keys[0])
        there = sum(len(self._copies[key].arrivals) for key in keys if key in self._copies)
        if wanted == there:
            return
        row = sample if copies is None else copies.row
        arrival = copies.arrivals[-1] if copies and copies.arrivals else None
        text = f"the source has {wanted} such rows, the lake {there}"
        more, less = (sum(state[key] for key in keys) + shifted for state in (self._more, self._less))
        if there - more <= wanted <= there + less:
            if shifted:
                text += " (rows that differ in LOBs alone cannot be told apart)"
            self._report.note(FindingKind.UNPROVABLE, f"{text}, within what is left open", row=row, arrival=arrival)
        else:
            kind = FindingKind.MISSING if wanted > there else FindingKind.EXTRA
            self._report.find(kind, text, row=row, arrival=arrival)
