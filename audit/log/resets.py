"""Resets: where in its log a table starts anew, so that all that was said of its rows before must be forgotten.

A truncated or reloaded table has no delete records for the rows that are gone. A reload begins with the first load
record after a change, or after a control record that prepares the table.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from audit.log.table_log import Entry, Order, TableLog, order
from audit.verdict.findings import FindingKind

Mark = tuple[int, Order, bool, int]
"""Of an entry the number of its table, its order, whether it is a load record, and the share in which it was."""


class Reset(NamedTuple):
    """The table starts anew before the entry of this order; None: after all."""

    before: Order | None
    why: str


def resets(logs: Sequence[TableLog], marks: Iterable[Mark]) -> list[list[Reset]]:
    """The resets of each of ``logs`` in order; ``marks`` are of all entries, sorted."""
    emptied = [deque(sorted(log.emptied)) for log in logs]
    prepared = [deque(sorted(log.prepared)) for log in logs]
    loading, found = [True] * len(logs), [list[Reset]() for _ in logs]
    for table, before, load, _ in marks:
        if _passed(emptied[table], before[0]):
            found[table].append(Reset(before, "truncated"))
        if _passed(prepared[table], before[0]) or (load and not loading[table]):
            found[table].append(Reset(before, "loaded again"))
        loading[table] = load
    for table, of_table in enumerate(found):
        if emptied[table] or prepared[table]:
            of_table.append(Reset(None, "truncated" if emptied[table] else "loaded again"))
    return found


def ordered(entries: Iterable[Entry], of_table: Sequence[Reset]) -> Iterator[Entry | Reset]:
    """``entries`` of a table in order, and its resets between them."""
    coming = deque(of_table)
    for entry in sorted(entries, key=order):
        while coming and (before := coming[0].before) and before <= order(entry):
            yield coming.popleft()
        yield entry
    yield from coming


def note_reset(log: TableLog, reset: Reset) -> None:
    """Note that rows of the table were forgotten, whatever the number of shares that had some."""
    if reset not in log.forgotten:
        log.forgotten.add(reset)
        text = f"the table was {reset.why}: what was before is forgotten"
        log.report.note(FindingKind.RESET, text)


def _passed(times: deque[str], now: str) -> bool:
    """Whether a time has come; takes those out."""
    passed = False
    while times and times[0] <= now:
        passed = bool(times.popleft())
    return passed
