"""Report: what the audit of a running stack comes to. What could not be compared is named in the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table as Grid

from audit import FindingKind, ViewResult
from operations.command import COULD_NOT, FOUND, WELL, Operation

_SHOWN = 40
"""Findings printed; --json lists more, and all are counted."""
_STYLES = {WELL: "bold green", FOUND: "bold red", COULD_NOT: "bold magenta"}


@dataclass(frozen=True, kw_only=True)
class Audited:
    """What was found of each table."""

    tables: Mapping[str, ViewResult]
    """By the names in the lake."""
    named: bool
    """Whether the user named the tables."""
    unreadable: Sequence[str] = ()
    unseen: Sequence[str] = ()
    """Tables in the lake's names that have a view, and of which the source showed nothing: dropped, or hidden."""
    queries: int = 0
    """Asked of Athena."""
    scanned: int = 0
    """Bytes that Athena charges."""
    source_queries: int = 0
    limits: list[str] = field(default_factory=list, init=False)
    """What the verdict is not about."""

    def __post_init__(self) -> None:
        self.limits.extend(self._limits())

    def _limits(self) -> list[str]:
        told = []
        for name, table in self.tables.items():
            if not _compared(table):
                told.append(f"{name} was not compared" if table.rows is None else f"no row of {name} was compared")
            elif table.uncompared:
                compared = table.columns - len(table.uncompared)
                told.append(f"{name} in {compared} of {table.columns} columns (not {', '.join(table.uncompared)})")
            if table.changing:
                rows = "1 row" if table.changing == 1 else f"{table.changing:,} rows"
                told.append(f"{rows} of {name} changed while compared")
            if table.findings.counts[FindingKind.UNREAD]:
                told.append(f"rows of {name} that differed were too many to be read again: raise --most-rows")
        told += [f"{name} may not be read" for name in self.unreadable]
        return told + [f"{name} has a view, and who asked sees no such table of the source" for name in self.unseen]

    @property
    def compared(self) -> int:
        """How many tables were compared."""
        return sum(map(_compared, self.tables.values()))

    @property
    def unasked(self) -> int:
        """What could not be asked, or not asked again: what differed once may have been on its way."""
        return sum(map(_unasked, self.tables.values()))

    @property
    def found(self) -> int:
        """Findings, but for these."""
        return sum(table.findings.total for table in self.tables.values()) - self.unasked

    @property
    def code(self) -> int:
        """Exit code."""
        if self.found:
            return FOUND
        missed = self.named and (self.compared < len(self.tables) or self.unreadable)
        return COULD_NOT if self.unasked or missed or not self.compared else WELL

    def __str__(self) -> str:
        rows = sum(table.rows or 0 for table in self.tables.values())
        known = len(self.tables) + len(self.unreadable) + len(self.unseen)
        size = f"{self.compared} of {known} tables, {rows:,} rows"
        limits = f"; {'; '.join(self.limits)}" if self.limits else ""
        if self.found:
            return f"NOT EQUAL: {self.found:,} findings in {size}{limits}"
        if self.code == COULD_NOT:
            return f"NOT KNOWN: nothing was found in {size}{limits}"
        if self.limits:
            return f"EQUAL as far as compared: {size}{limits}"
        return f"EQUAL: {size}, lake == source, each range of rows at the moment at which it was asked"

    def as_json(self) -> dict[str, Any]:
        """The whole for machines."""
        return {
            "verdict": {"exitCode": self.code, "says": str(self)},
            "tables": {name: table.as_json() for name, table in self.tables.items()},
            "notReadable": list(self.unreadable),
            "notSeen": list(self.unseen),
            "athena": {"queries": self.queries, "scannedBytes": self.scanned},
            "sourceQueries": self.source_queries,
        }


def show(operation: Operation, audited: Audited) -> None:
    """The report for people."""
    operation.console.print(_grid(audited.tables))
    listed = [finding for table in audited.tables.values() for finding in table.findings.listed]
    for finding in listed[:_SHOWN]:
        operation.say(str(finding), "red")
    if audited.found + audited.unasked > min(len(listed), _SHOWN):
        operation.say(f"… {audited.found + audited.unasked:,} findings in all; --json lists more of them")
    for table in audited.tables.values():
        for note in table.notes.listed:
            operation.say(f"note: {note}")
    operation.say(
        f"asked: {audited.source_queries} queries of the source, {audited.queries} of Athena, which scanned "
        f"{audited.scanned / 2**20:,.1f} MiB"
    )
    operation.say(str(audited), _STYLES[audited.code])


def _grid(tables: Mapping[str, ViewResult]) -> Grid:
    grid = Grid("table", show_edge=False, pad_edge=False)
    for name in ("rows", "columns", "verdict"):
        grid.add_column(name, justify="right")
    for name, table in tables.items():
        columns = f"{table.columns - len(table.uncompared)} of {table.columns}" if table.asked else "–"
        grid.add_row(name, f"{table.rows:,}" if table.rows is not None else "–", columns, _verdict(table))
    return grid


def _compared(table: ViewResult) -> bool:
    """Whether any row was, or there is none."""
    return table.rows is not None and (not table.changing or table.changing < table.rows)


def _unasked(table: ViewResult) -> int:
    return table.findings.counts[FindingKind.UNASKED] + table.findings.counts[FindingKind.UNREAD]


def _verdict(table: ViewResult) -> str:
    if table.findings.total > _unasked(table):
        return f"{table.findings.total:,} finding{'s' * (table.findings.total > 1)}"
    if table.findings.total:
        return "not known"
    if not _compared(table):
        return "not compared"
    return "EQUAL as far as compared" if table.uncompared or table.changing else "EQUAL"
