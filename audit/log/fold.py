"""Fold: from a table's log to the rows that it leaves, for a table with a primary key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from audit.expected.table_report import TableReport
from audit.log.history import History, State, Step
from audit.log.records import DELETE, INSERT, LOAD
from audit.log.resets import Reset, note_reset
from audit.log.table_log import Entry, TableLog
from audit.log.table_reader import Key, TableReader
from audit.verdict.findings import ABSENT, FindingKind


class KeyState(NamedTuple):
    """What a key has come to."""

    row: State
    """None: deleted."""
    arrival: int
    """The record that left it so."""
    loaded_at: str
    """The time of the load record; empty once the key was changed."""


def fold(
    log: TableLog, ordered: Iterable[Entry | Reset], history: History, mine: Callable[[Key], bool]
) -> dict[Key, KeyState]:
    """The last state of every key of ``mine`` that ``ordered`` names, entries of ``log``. Tells ``history`` of each
    step."""
    states: dict[Key, KeyState] = {}
    report = log.report
    for entry in ordered:
        if isinstance(entry, Reset):
            history.close()
            if states:
                note_reset(log, entry)
            states.clear()
            continue
        if entry.operation == LOAD:
            _load(report, states, entry)
            continue
        for step in steps(report.expected, entry, mine):
            state = states.get(step.key)
            if state is None or state.loaded_at:
                row, loaded_at = (state.row, state.loaded_at) if state else (None, "")
                history.after_load(step, row, loaded_at, entry)
            else:
                history.after_change(step, state.row, entry)
            if state and state.arrival > entry.arrival:
                text = f"after the next change of its key ({report.place(state.arrival)})"
                report.note(FindingKind.LATE, text, row=entry.row, arrival=entry.arrival)
            states[step.key] = KeyState(step.new, entry.arrival, "")
    history.close()
    return states


def _load(report: TableReport[TableReader], states: dict[Key, KeyState], entry: Entry) -> None:
    key = report.expected.key(entry.row)
    known = states.get(key)
    states[key] = KeyState(entry.row, entry.arrival, entry.timestamp)
    if known is None:
        return
    if known.loaded_at != entry.timestamp:
        report.note(FindingKind.LOADED_AGAIN, "the row, at another time", row=entry.row, arrival=entry.arrival)
    elif known.row == entry.row:
        report.note(FindingKind.TWICE, "a load record", row=entry.row, arrival=entry.arrival)
    else:
        text = f"one load record with two contents, the other at {report.place(known.arrival)}"
        report.find(FindingKind.CONFLICT, text, row=entry.row, arrival=entry.arrival)


def steps(expected: TableReader, entry: Entry, mine: Callable[[Key], bool] = lambda _: True) -> Iterable[Step]:
    """What a change does, key by key; of a changed primary key, which is two, only what is of ``mine``."""
    key = expected.key(entry.row)
    if entry.operation == INSERT:
        return (Step(key, None, entry.row),)
    if entry.operation == DELETE:
        return (Step(key, entry.row, None),)
    return _update(expected, entry, key, mine)


def _update(expected: TableReader, entry: Entry, key: Key, mine: Callable[[Key], bool]) -> Iterable[Step]:
    before = entry.before
    if before is None:
        return (Step(key, None, entry.row, blind=True),)
    old = expected.key(before)
    if expected.keyless(before):  # what an image leaves out it says nothing about
        old = expected.key(tuple(now if then is ABSENT else then for then, now in zip(before, entry.row, strict=True)))
    if old == key:
        return (Step(key, before, entry.row),)
    return [step for step in (Step(old, before, None), Step(key, None, entry.row)) if mine(step.key)]
