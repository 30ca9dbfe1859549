"""The chain: with IncludeTransactionDetails a change names the change before it, which must be in the lake, too.

https://docs.aws.amazon.com/dms/latest/APIReference/API_KinesisSettings.html. A named change that is not in the lake is
lost, or was before the first one. AWS documents the fields but not whether the chain runs through the whole task;
records published from real tasks agree with that, it was never observed here on AWS.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import NamedTuple

from audit.expected.table import LakeRow
from audit.log.settling import Settling
from audit.log.spool import Spool, share_of
from audit.log.table_log import Entry, Order, Position, TableLog, order
from audit.verdict.findings import FindingKind


class _Named(NamedTuple):
    """A predecessor, and the change that names it."""

    previous: Position
    order: Order
    table: int
    row: LakeRow


class Chain:
    """Takes in the changes of all tables; tells what is missing when it has all."""

    def __init__(self, logs: Sequence[TableLog], *, split: bool) -> None:
        """``split``: whether they are many, see `Spool`."""
        self._logs = logs
        self._first: Order | None = None
        """Of all changes."""
        self._there = Spool[Position](lambda position: (share_of(position),), split=split)
        self._named = Spool[_Named](lambda named: (share_of(named.previous),), _Named._make, split=split)

    def add(self, settled: Sequence[Settling], beginnings: Sequence[str]) -> None:
        """Take in changes, ``settled`` by the tables' numbers, and report each that is of two tables.

        Two changes may name one place if the task began anew between them, at one of ``beginnings``, as in `Settling`.
        """
        here: dict[Position, Entry] = {}
        for changes in settled:
            for position, entry in changes.changes.items():
                other = here.setdefault(position, entry)
                if other.table != entry.table:
                    self._check_twice(entry, other, beginnings)
        self._there.put(here)
        entries = [entry for changes in settled for entry in changes.changes.values()]
        self._named.put(_Named(it.previous, order(it), it.table, it.row) for it in entries if it.previous)
        first = min(map(order, entries), default=self._first)
        self._first = min(first, self._first or first) if first else None

    def check(self, elsewhere: Container[Position], last: Position | None, *, from_start: bool) -> bool:
        """Report each change whose predecessor was not added and is not ``elsewhere`` (places of control records).

        The first change of all may name one from before the lake, unless the lake has the task ``from_start``. Whether
        the change at ``last`` was added.
        """
        there = False
        for share in self._named.shares:
            here = set(self._there.take(share))
            there = there or last in here
            for named in self._named.take(share):
                if named.previous in here or named.previous in elsewhere:
                    continue
                if from_start or named.order != self._first:
                    self._lost(named)
        self._there.close()
        self._named.close()
        return there

    def _check_twice(self, entry: Entry, other: Entry, beginnings: Sequence[str]) -> None:
        times = sorted((entry.timestamp, other.timestamp))
        if not any(times[0] < time <= times[1] for time in beginnings):
            name = self._logs[other.table].report.expected.name
            text = f"transaction {entry.transaction} record {entry.number} is also a change of {name}"
            report = self._logs[entry.table].report
            report.find(FindingKind.CONFLICT, text, row=entry.row, arrival=entry.arrival)

    def _lost(self, named: _Named) -> None:
        _, _, transaction, number, arrival = named.order
        text = (
            f"transaction {named.previous[0]} record {named.previous[1]}, which came just before transaction "
            f"{transaction} record {number}, is not in the lake"
        )
        self._logs[named.table].report.find(FindingKind.LOST_CHANGE, text, row=named.row, arrival=arrival)
