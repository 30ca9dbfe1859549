"""The chain: with IncludeTransactionDetails a change names the change before it, which must be in the lake, too.

https://docs.aws.amazon.com/dms/latest/APIReference/API_KinesisSettings.html. A named change that is not in the lake is
lost, or was before the first one. AWS documents the fields but not whether the chain runs through the whole task;
records published from real tasks agree with that, it was never observed here on AWS.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from audit.expected.table import LakeRow
from audit.log.settling import Settling
from audit.log.spool import Spool, share_of
from audit.log.table_log import Entry, Place, Position, TableLog, order
from audit.verdict.findings import FindingKind


class Chain:
    """Takes in the changes of all tables; tells what is missing when it has all."""

    def __init__(self, logs: Sequence[TableLog], *, split: bool) -> None:
        """``split``: whether they are many, see `Spool`."""
        self._logs = logs
        self._first: Place | None = None
        self._named = Spool[tuple[Position, Place | None, int, LakeRow | None]](
            lambda it: (share_of(it[0]),), split=split
        )
        """Places in the source's log: one that is there, or one that an entry names: its place, table and row."""

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
        self._named.put((position, None, 0, None) for position in here)
        entries = [entry for changes in settled for entry in changes.changes.values()]
        self._named.put((it.previous, order(it), it.table, it.row) for it in entries if it.previous)
        first = min(map(order, entries), default=self._first)
        self._first = min(first, self._first or first) if first else None

    def check(self, elsewhere: Container[Position], last: Position | None, *, from_start: bool) -> bool:
        """Report each change whose predecessor was not added and is not ``elsewhere`` (places of control records).

        The first change of all may name one from before the lake, unless the lake has the task ``from_start``. Whether
        the change at ``last`` was added.
        """
        there = False
        for share in self._named.shares:
            named = list(self._named.take(share))
            here = {position for position, place, *_ in named if place is None}
            there = there or last in here
            for previous, place, table, row in named:
                if place is None or previous in here or previous in elsewhere:
                    continue
                if from_start or place != self._first:
                    self._lost(self._logs[table], previous, place, row)
        return there

    def _check_twice(self, entry: Entry, other: Entry, beginnings: Sequence[str]) -> None:
        times = sorted((entry.timestamp, other.timestamp))
        if not any(times[0] < time <= times[1] for time in beginnings):
            name = self._logs[other.table].report.expected.name
            text = f"transaction {entry.transaction} record {entry.number} is also a change of {name}"
            report = self._logs[entry.table].report
            report.find(FindingKind.CONFLICT, text, row=entry.row, arrival=entry.arrival)

    def _lost(self, log: TableLog, previous: Position, place: Place, row: LakeRow | None) -> None:
        _, _, transaction, number, arrival = place
        text = (
            f"transaction {previous[0]} record {previous[1]}, which came just before transaction "
            f"{transaction} record {number}, is not in the lake"
        )
        log.report.find(FindingKind.LOST_CHANGE, text, row=row, arrival=arrival)
