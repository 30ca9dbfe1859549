"""Settling: of each change one entry, its last copy, whatever was sent how often, and what two contents of one mean.

A change says where in the source's log it stands. All entries of one place must be given to one `Settling`; so must the
load records of one key, to be counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from audit.log.records import LOAD
from audit.log.table_log import Entry, Position, TableLog, order
from audit.verdict.findings import FindingKind


class Settling:
    """Takes entries of one table; gives those back that count."""

    def __init__(self, log: TableLog) -> None:
        self._log, self._report = log, log.report
        self.changes: dict[Position, Entry] = {}
        """The last copy of each change that says where in the source's log it stands."""
        self._others: list[Entry] = []
        self._contested: dict[Position, list[Entry]] = {}
        """The last copies of other changes that name a place of ``changes``, each with another content."""

    def __iter__(self) -> Iterator[Entry]:
        """What counts, in no order."""
        yield from self._others
        yield from self.changes.values()

    def add(self, entry: Entry) -> None:
        """Keep the last copy of a change, and apart from it what names the same place and says something else."""
        if entry.number < 0:
            self._others.append(entry)
            return
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
        self._report.note(FindingKind.TWICE, _change(entry), row=entry.row, arrival=entry.arrival)

    def settle(self, beginnings: Sequence[str]) -> None:
        """Tell changes of two logs apart from one change with two contents, and count; to be called when all is added.

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
        self._count()

    def _count(self) -> None:
        log, expected = self._log, self._report.expected
        begun = max(log.prepared, default="")
        log.distinct.update(entry.operation for entry in self if entry.operation != LOAD)
        loads = (entry for entry in self._others if entry.operation == LOAD and entry.timestamp >= begun)
        log.distinct[LOAD] += len({("" if expected.keyed else it.timestamp, expected.key(it.row)) for it in loads})

    def _conflict(self, known: Entry, entry: Entry) -> None:
        column, values = _first_difference(known, entry)
        text = f"{_change(entry)} is there with two contents, the other at {self._report.place(known.arrival)}"
        self._report.find(
            FindingKind.CONFLICT, text, row=entry.row, arrival=entry.arrival, column=column, values=values
        )


def _last(one: Entry, other: Entry) -> Entry:
    """The last copy of a change, with the predecessor that either names: the first change of a task names none."""
    last = max(one, other, key=order)
    return last if last.previous else last._replace(previous=one.previous or other.previous)


def _change(entry: Entry) -> str:
    return f"transaction {entry.transaction} record {entry.number}"


def _first_difference(one: Entry, other: Entry) -> tuple[int | str, tuple[object, object]]:
    """The first column in which two copies of a change differ, or their operations."""
    for mine, others in ((one.row, other.row), (one.before or (), other.before or ())):
        for position, values in enumerate(zip(mine, others, strict=False)):
            if values[0] != values[1]:
                return position, values
    return "", (one.operation, other.operation)
