"""The report of a rehearsal: a table for people and a JSON document for machines, from one Outcome."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table as Grid

from audit import AuditResult, Findings
from model import Position
from rehearsal import watch_report
from rehearsal.athena import TRINO
from rehearsal.play.rehearse import Played

_OPERATIONS = ("load", "insert", "update", "delete")
_SHOWN = 40
"""Findings printed; the report file lists more, and all are counted."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a rehearsal, or an audit alone, came to."""

    folder: Path
    """Where lake, source rows and report are kept."""
    audit: AuditResult
    position: Position
    seconds: dict[str, float]
    played: Played | None
    """None when only the audit ran."""
    latencies: list[float] = field(default_factory=list)
    """From commit to lake in seconds, of each change, the shortest first. The audit alone knows none."""
    unlimited: bool = False
    """Whether the stream was played without the limits of its shards."""

    @property
    def likely_causes(self) -> Mapping[str, tuple[str, ...]]:
        """What may explain the findings, by table."""
        views = self.audit.views.tables if self.audit.views else {}
        found = {
            name for tables in (self.audit.tables, views) for name, table in tables.items() if table.findings.total
        }
        return {table: texts for table, texts in (self.played.causes if self.played else {}).items() if table in found}

    @property
    def unproven(self) -> tuple[str, ...]:
        """Tables of which the audit could not prove something, or a real task may write something else."""
        return tuple(dict.fromkeys((*self.audit.unproven, *(self.played.differing if self.played else ()))))

    def as_text(self) -> str:
        """The report as JSON text."""
        document: dict[str, Any] = {
            "equal": self.audit.equal,
            "position": str(self.position),
            "seconds": self.seconds,
            "lake": str(self.folder / "lake"),
            "audit": self.audit.as_json(),
        }
        if self.played:
            document |= {
                "notCaptured": list(self.played.not_captured),
                "missed": list(self.played.missed),
                "leftOut": list(self.played.left_out),
                "differing": list(self.played.differing),
                "likelyCauses": {table: list(texts) for table, texts in self.likely_causes.items()},
                "warnings": list(self.played.warnings),
                "throttled": self.played.throttled,
                "unlimited": self.unlimited,
                "happened": list(self.played.happened),
            }
            if self.played.watched:
                document |= watch_report.as_json(self.latencies, self.played.watched)
        return json.dumps(document, indent=2) + "\n"


def show(outcome: Outcome, console: Console) -> None:
    """Print the report."""
    console.print(_grid(outcome.audit))
    audit = outcome.audit
    for finding in audit.listed_findings[:_SHOWN]:
        console.print(str(finding), style="red", markup=False, soft_wrap=True)
    if audit.total_findings > _SHOWN:
        console.print(f"… {audit.total_findings:,} findings in all; report.json lists more of them", markup=False)
    for table, texts in outcome.likely_causes.items():
        for text in texts:
            console.print(f"likely cause: {table}: {text}", style="red", markup=False, soft_wrap=True)
    for kind, count in audit.note_counts.items():
        console.print(f"note: {kind}: {count:,}", markup=False)
    for name, operations in audit.gone.items():
        text = f"{operations.total():,} records of {name}, which was dropped or renamed while it was captured"
        console.print(f"note: table is gone: {text}: not compared", markup=False)
    for note in _view_notes(audit):
        console.print(f"note: {note}", markup=False, soft_wrap=True)
    for line in _played(outcome):
        console.print(line, markup=False, soft_wrap=True)
    seconds = ", ".join(f"{name} {value:.1f}" for name, value in outcome.seconds.items())
    console.print(f"seconds: {seconds}; lake: {outcome.folder / 'lake'}", markup=False, soft_wrap=True)
    console.print(_verdict(outcome), soft_wrap=True, style="bold green" if audit.equal else "bold red", markup=False)


def _played(outcome: Outcome) -> Iterator[str]:
    """What happened beside the audit."""
    played = outcome.played
    if played is None:
        return
    yield from (f"happened: {event}" for event in played.happened)
    yield from (f"warning: {warning}" for warning in played.warnings)
    if played.left_out:
        yield f"left out: {', '.join(played.left_out)}"
    if played.not_captured:
        yield f"not captured: {', '.join(played.not_captured)}"
    yield from (f"not captured, though selected: {text}" for text in played.missed)
    if played.watched:
        yield from watch_report.lines(outcome.latencies, played.watched, equal=outcome.audit.equal)


def _grid(audit: AuditResult) -> Grid:
    grid = Grid("table", *(f"{name}" for name in ("rows", *_OPERATIONS, "objects", "bytes", "log", "view")))
    for column in grid.columns:
        column.no_wrap = True
        column.justify = "left" if column.header == "table" else "right"
    for name, table in audit.tables.items():
        counts = [table.operations.get(operation, 0) for operation in _OPERATIONS]
        numbers = (table.rows_source, *counts, table.objects, table.bytes)
        view = audit.views.tables.get(name) if audit.views else None
        verdicts = _found(table.findings), _found(view.findings) if view and view.asked else "–"
        grid.add_row(name, *(f"{number:,}" for number in numbers), *verdicts)
    return grid


def _found(findings: Findings) -> str:
    return f"{findings.total:,} finding{'s' * (findings.total > 1)}" if findings.total else "EQUAL"


def _view_notes(audit: AuditResult) -> list[str]:
    """What the second audit could not see, and why."""
    if audit.views is None:
        return ["no views are known that are declared over this lake: the log alone was audited"]
    return [str(note) for table in audit.views.tables.values() for note in table.notes.listed]


def _verdict(outcome: Outcome) -> str:
    audit, played_so = outcome.audit, "; the stream was played without its limits" * outcome.unlimited
    if audit.equal:
        rows = sum(table.rows_source for table in audit.tables.values())
        size, how = f"{len(audit.tables)} tables, {rows:,} rows", _how(audit) + played_so
        missed = outcome.played.missed if outcome.played else ()
        of = " of what the user may see and DMS captures" if missed else ""
        where = "notes and warnings" if outcome.played and outcome.played.differing else "notes"
        if unproven := ", ".join(outcome.unproven):
            return f"EQUAL as far as provable{of}: {size} at {outcome.position}, {how}; see the {where} of {unproven}"
        return f"EQUAL{of}: {size}, lake == source at {outcome.position}, {how}"
    return f"NOT EQUAL: {audit.total_findings:,} findings, lake != source at {outcome.position}{played_so}"


def _how(audit: AuditResult) -> str:
    """By which of the audits the lake is equal, and in which order they read it."""
    how = "by the log" + (" (in order and disordered)" if audit.disorder else "")
    if audit.views is None:
        return how
    asked, tables = sum(table.asked for table in audit.views.tables.values()), len(audit.tables)
    on = " on Trino" * (audit.views.engine == TRINO)
    kept = sum(table.kept is not None for table in audit.views.tables.values()) if audit.views.merges else 0
    views = f"by the declared views{on} ({f'{asked} of {tables} tables, ' * (asked < tables)}disordered)"
    if not kept:
        return f"{how} and {views}"
    few = f"{kept} of {tables} tables, " * (kept < tables)
    return f"{how}, {views} and by the Iceberg tables ({few}{audit.views.merges} merges, disordered)"
