"""History: whether the changes of each key join up, so that a lost one is found even if the final state is right.

As far as DMS gives grounds for it: chain.py tells of losses that leave no trace here. Between changes, what a change
says was there before must be what the change before it left: an insert finds nothing, an update's before image and a
delete's data repeat the row. Where a key's first change meets the full load, less can be asked: changes made while the
load runs are applied after it, so the loaded row may already be what the first change, or a later one, only arrives
at. Then the loaded state must be among the states that the key's changes pass through up to the load: up to its place
in the log where the task has told that, else up to its time (source and DMS clocks are then taken as equal, as Amazon
Time Sync keeps them). A change that a load already has, and that is the only one of its key before the load, can be
lost without a trace in its key.
"""

from __future__ import annotations

from typing import NamedTuple

from audit.expected.expectations import Expectations
from audit.expected.table import LakeRow
from audit.expected.table_report import TableReport
from audit.log.table_log import Entry
from audit.log.table_reader import Key, TableReader
from audit.verdict.findings import FindingKind

State = LakeRow | None
"""A key's row, or None while it has none."""


class Step(NamedTuple):
    """What one change does to one key. A changed primary key is two: one key loses its row, one gets it."""

    key: Key
    old: State
    new: State
    blind: bool = False
    """``old`` is not known but that there was a row: an update without before image."""


class _Overlap(NamedTuple):
    """A key whose first change does not start from the loaded state: a later state must be it."""

    loaded: State
    until: str
    """The loaded state was read before this."""
    entry: Entry
    step: Step


class History:
    """Continuity of one table's changes, in order."""

    def __init__(self, report: TableReport[TableReader], expectations: Expectations, load_end: str) -> None:
        self._report = report
        self._expectations = expectations
        self._provable = expectations.transaction_details
        self._loads = expectations.full_load
        self._load_end = load_end
        self._open: dict[Key, _Overlap] = {}

    def after_load(self, step: Step, loaded: State, loaded_at: str, entry: Entry) -> None:
        """The first change of a key after the load, which left ``loaded`` (None: no row; ``loaded_at`` is empty)."""
        if not self._provable or not self._loads or self._continues(step, loaded):
            return
        overlap = _Overlap(loaded, loaded_at or self._load_end, entry, step)
        if not self._arrives(step, overlap, entry):
            self._open[step.key] = overlap

    def after_change(self, step: Step, left: State, entry: Entry) -> None:
        """A change of a key after another change, which left ``left``."""
        if not self._provable:
            return
        if not self._continues(step, left):
            self._lost(step, left, entry, "the change before it in the lake left")
        overlap = self._open.get(step.key)
        if overlap and self._arrives(step, overlap, entry):
            del self._open[step.key]

    def close(self) -> None:
        """The end of the log, or a reload: overlaps that were not explained are lost changes."""
        for overlap in self._open.values():
            self._lost(overlap.step, overlap.loaded, overlap.entry, "the load, and no change up to its time, gave")
        self._open.clear()

    def _arrives(self, step: Step, overlap: _Overlap, entry: Entry) -> bool:
        """Whether the loaded state is what ``step`` left, and the load may have read it."""
        table = self._report.expected.table
        if not self._expectations.may_be_loaded(table, entry.transaction, entry.commit, overlap.until):
            return False
        if not self._same(overlap.loaded, step.new):
            return False
        row = overlap.loaded or step.old
        self._report.note(FindingKind.OVERLAP, "made during the load, applied after it", row=row, arrival=entry.arrival)
        return True

    def _continues(self, step: Step, state: State) -> bool:
        return state is not None if step.blind else self._same(step.old, state)

    def _same(self, image: State, state: State) -> bool:
        if image is None or state is None:
            return image is state
        return not self._report.expected.changed(image, state)

    def _lost(self, step: Step, left: State, entry: Entry, by: str) -> None:
        """A finding: what ``step`` says was there, and what the lake says was."""
        row = step.old or step.new or left
        what = f"{entry.operation} of transaction {entry.transaction} record {entry.number}"
        if left is None or step.old is None:
            was, gave = ("a row" if step.old or step.blind else "no row"), ("a row" if left else "no row")
            text = f"a change before the {what} is not in the lake: it found {was}, {by} {gave}"
            self._report.find(FindingKind.LOST_CHANGE, text, row=row, arrival=entry.arrival)
            return
        first, *more = self._report.expected.changed(step.old, left)
        others = ", ".join(self._report.expected.columns[position] for position in more)
        text = f"a change before the {what} is not in the lake: {by} another value" + (others and f" (also {others})")
        values = step.old[first], left[first]
        self._report.find(FindingKind.LOST_CHANGE, text, row=row, arrival=entry.arrival, column=first, values=values)
