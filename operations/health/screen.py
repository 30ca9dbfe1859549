"""Screen: the parts side by side, as the data flows, and below them the tables, what is wrong, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from operations.command import FOUND, WELL, Operation
from operations.health.lake import TableLine
from operations.health.part import Part, ago
from operations.health.verdict import Verdict, unknowns

_STYLES = {WELL: "bold green", FOUND: "bold red"}
_MOST_TABLES = 30


def show(
    operation: Operation, parts: Sequence[Part], tables: Sequence[TableLine], found: Verdict, now: datetime
) -> None:
    """All of it, for people. What may be long is one line, so that it can be searched and copied."""
    *flow, alarms = parts
    operation.console.print(_flow(flow))
    for it in _tables(tables, now):
        operation.console.print(it)
    operation.say("alarms: " + ", ".join(f"{name} {value}" for name, value in alarms.facts.items()))
    for part in parts:
        for it in part.problems:
            operation.say(f"{part.name}: {it.what}", "yellow" if it.symptom else "red")
            operation.say(f"    → {it.mend}")
    for it in unknowns(parts):
        operation.say(f"not known: {it}", "magenta")
    operation.say(str(found), _STYLES.get(found.code, "bold magenta"))


def _flow(parts: Sequence[Part]) -> Table:
    table = Table(expand=True, show_edge=False, pad_edge=False)
    for number, part in enumerate(parts):
        arrow = " →" if number < len(parts) - 1 else ""
        table.add_column(f"{part.name}{arrow}", style=_style(part), ratio=1, overflow="fold")
    table.add_row(*(Text("\n".join(f"{name}: {value}" for name, value in part.facts.items())) for part in parts))
    return table


def _style(part: Part) -> str:
    if part.problems:
        return "yellow" if all(it.symptom for it in part.problems) else "red"
    return "magenta" if part.unknown else "green"


def _tables(lines: Sequence[TableLine], now: datetime) -> list[RenderableType]:
    if not lines:
        return []
    table = Table("table", "state", show_edge=False, pad_edge=False)
    for name in ("rows loaded", "failed", "changes", "source changed", "newest in lake"):
        table.add_column(name, justify="right")
    told = sorted(lines, key=lambda it: (not it.state.left_out, it.state.name))
    for it in told[:_MOST_TABLES]:
        table.add_row(
            Text(it.state.name),
            Text(it.state.state, style="red" if it.state.left_out else ""),
            *(f"{number:,}" for number in (it.state.loaded, it.state.failed, it.state.changes)),
            ago(it.changed, now) if it.changed else "not known",
            ago(it.newest, now) if it.newest else "-",
        )
    more = [Text(f"… and {len(told) - _MOST_TABLES} tables more: --json has all")] if len(told) > _MOST_TABLES else []
    return [Text(), table, Text(), *more]


def document(parts: Sequence[Part], tables: Sequence[TableLine], found: Verdict, now: datetime) -> dict[str, Any]:
    """The same for machines."""
    return {
        "at": now.isoformat(),
        "verdict": found.as_json(),
        "parts": [part.as_json() for part in parts],
        "tables": [
            {
                "name": it.state.name,
                "state": it.state.state,
                "rowsLoaded": it.state.loaded,
                "rowsFailed": it.state.failed,
                "changes": it.state.changes,
                "sourceChangedAt": it.changed.isoformat() if it.changed else None,
                "newestInLake": it.newest.isoformat() if it.newest else None,
            }
            for it in tables
        ],
    }
