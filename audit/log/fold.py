"""Fold: from a table's log to the rows that it leaves, for a table with a primary key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from audit.expected.table_report import TableReport
from audit.log.history import History, State, Step
from audit.log.records import DELETE, INSERT, LOAD
from audit.log.shape import Key, Shape
from audit.log.table_log import Entry, Fresh, TableLog
from audit.verdict.findings import ABSENT, FindingKind


class Standing(NamedTuple):
    """What a key has come to."""

    row: State
    """None: deleted."""
    arrival: int
    """The record that left it so."""
    loaded_at: str
    """The time of the load record; empty once the key was changed."""


def fold(log: TableLog, history: History) -> dict[Key, Standing]:
    """The last standing of every key that the log names. Tells ``history`` of each step."""
    standings: dict[Key, Standing] = {}
    report = log.report
    for entry in log.ordered():
        if isinstance(entry, Fresh):
            history.close()
            if standings:
                report.note(FindingKind.FRESH, f"the table was {entry.why}: what was before is forgotten")
            standings.clear()
            continue
        if entry.operation == LOAD:
            _load(report, standings, entry)
            continue
        for step in steps(report.shape, entry):
            standing = standings.get(step.key)
            if standing is None or standing.loaded_at:
                row, loaded_at = (standing.row, standing.loaded_at) if standing else (None, "")
                history.after_load(step, row, loaded_at, entry)
            else:
                history.after_change(step, standing.row, entry)
            if standing and standing.arrival > entry.arrival:
                text = f"after the next change of its key ({report.place(standing.arrival)})"
                report.note(FindingKind.LATE, text, row=entry.row, arrival=entry.arrival)
            standings[step.key] = Standing(step.new, entry.arrival, "")
    history.close()
    return standings


def _load(report: TableReport[Shape], standings: dict[Key, Standing], entry: Entry) -> None:
    key = report.shape.key(entry.row)
    known = standings.get(key)
    standings[key] = Standing(entry.row, entry.arrival, entry.timestamp)
    if known is None:
        return
    if known.loaded_at != entry.timestamp:
        report.note(FindingKind.LOADED_AGAIN, "the row, at another time", row=entry.row, arrival=entry.arrival)
    elif known.row == entry.row:
        report.note(FindingKind.TWICE, "a load record", row=entry.row, arrival=entry.arrival)
    else:
        text = f"one load record with two contents, the other at {report.place(known.arrival)}"
        report.find(FindingKind.CONFLICT, text, row=entry.row, arrival=entry.arrival)


def steps(shape: Shape, entry: Entry) -> Iterator[Step]:
    """What a change does, key by key."""
    key = shape.key(entry.row)
    if entry.operation == INSERT:
        yield Step(key, None, entry.row)
    elif entry.operation == DELETE:
        yield Step(key, entry.row, None)
    else:
        yield from _update(shape, entry, key)


def _update(shape: Shape, entry: Entry, key: Key) -> Iterator[Step]:
    before = entry.before
    if before is None:
        yield Step(key, None, entry.row, blind=True)
        return
    old = shape.key(before)
    if shape.keyless(before):  # what an image leaves out it says nothing about
        old = shape.key(tuple(now if then is ABSENT else then for then, now in zip(before, entry.row, strict=True)))
    if old == key:
        yield Step(key, before, entry.row)
    else:
        yield Step(old, before, None)
        yield Step(key, None, entry.row)
