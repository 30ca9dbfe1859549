"""The chain: with IncludeTransactionDetails a change names the change before it, which must be in the lake, too.

https://docs.aws.amazon.com/dms/latest/APIReference/API_KinesisSettings.html. A named change that is not in the lake is
lost, or was before the first one. AWS documents the fields but not whether the chain runs through the whole task;
records published from real tasks agree with that, it was never observed here on AWS.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from audit.log.settling import Settling
from audit.log.spool import Spool
from audit.log.table_log import Entry, Place, Position, TableLog, order
from audit.verdict.findings import FindingKind


class Chain:
    """Takes in the changes of all tables; tells what is missing when it has all."""

    def __init__(self, logs: Sequence[TableLog], most: float) -> None:
        """``most``: see `Spool`."""
        self._logs = logs
        self._first: Place | None = None
        self._named = Spool[tuple[Position, int, Entry | None]](lambda named: (hash(named[0]),), most)
        """Places in the log: with None one that is there, with an entry one that it names, of a table by its number."""

    def add(self, settled: Sequence[Settling], beginnings: Sequence[str]) -> None:
        """Take in changes, ``settled`` by the tables' numbers, and report each that is of two tables.

        Two changes may name one place if the task began anew between them, at one of ``beginnings``, as in `Settling`.
        """
        here: dict[Position, tuple[int, Entry]] = {}
        for table, changes in enumerate(settled):
            for position, entry in changes.changes.items():
                number, other = here.setdefault(position, (table, entry))
                if number != table:
                    self._check_twice(self._logs[table], entry, self._logs[number], other, beginnings)
                else:
                    self._named.put((position, table, None))
                if entry.previous:
                    self._named.put((entry.previous, table, entry))
        places = (order(entry) for changes in settled for entry in changes.changes.values())
        first = min(places, default=self._first)
        self._first = min(first, self._first or first) if first else None

    def check(self, elsewhere: Container[Position], last: Position | None, *, from_start: bool) -> bool:
        """Report each change whose predecessor was not added and is not ``elsewhere`` (places of control records).

        The first change of all may name one from before the lake, unless the lake has the task ``from_start``. Whether
        the change at ``last`` was added.
        """
        there = False
        for share in self._named.shares:
            named = list(self._named.take(share))
            here = {position for position, _, entry in named if entry is None}
            there = there or last in here
            for previous, table, entry in named:
                if entry is None or previous in here or previous in elsewhere:
                    continue
                if from_start or order(entry) != self._first:
                    self._lost(self._logs[table], previous, entry)
        return there

    def _check_twice(
        self, log: TableLog, entry: Entry, other_log: TableLog, other: Entry, beginnings: Sequence[str]
    ) -> None:
        times = sorted((entry.timestamp, other.timestamp))
        if not any(times[0] < time <= times[1] for time in beginnings):
            text = (
                f"transaction {entry.transaction} record {entry.number} is also a change of "
                f"{other_log.report.expected.name}"
            )
            log.report.find(FindingKind.CONFLICT, text, row=entry.row, arrival=entry.arrival)

    def _lost(self, log: TableLog, previous: Position, entry: Entry) -> None:
        text = (
            f"transaction {previous[0]} record {previous[1]}, which came just before transaction "
            f"{entry.transaction} record {entry.number}, is not in the lake"
        )
        log.report.find(FindingKind.LOST_CHANGE, text, row=entry.row, arrival=entry.arrival)
