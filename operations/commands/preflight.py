"""``operations preflight``: is everything there that the task needs, before it needs it?"""

from __future__ import annotations

from typing import Any

from operations.command import FOUND, WELL, Operation, add_command
from operations.fitness import connections, restarts
from operations.fitness.checks import checks
from operations.fitness.grants import grants
from operations.health.dms import RIGHTS
from operations.health.look import Look
from operations.health.part import Part
from operations.health.verdict import verdict
from operations.sql import data_api
from operations.sql.source import add_source, source

_STYLES = {WELL: "bold green", FOUND: "bold red"}


def add(subparsers: Any) -> None:
    """``preflight`` and its options."""
    rights = dict.fromkeys((*data_api.RIGHTS, *connections.RIGHTS, *restarts.RIGHTS, *RIGHTS["instance"][:1]))
    command = add_command(
        subparsers,
        "preflight",
        does="run the declared checks of the database, test both connections of DMS, look at the rights on each table, "
        "and say what waits for a restart",
        rights=list(rights),
        run=run,
        more=f"A serverless replication: {', '.join(RIGHTS['serverless'][:2])}. Exit code 0: all of it holds; 1: "
        "something does not; 2: something is not known.",
    )
    add_source(command)


def run(operation: Operation) -> int:
    """Check everything, whatever fails."""
    with source(operation) as asked:
        look = Look(operation, asked)
        parts = [checks(look), connections.connections(look), grants(look), restarts.restarts(look)]
    found = verdict(parts, "every check holds")
    for part in parts:
        _show(operation, part)
    operation.say(str(found), _STYLES.get(found.code, "bold magenta"))
    operation.tell({"verdict": found.as_json(), "parts": [part.as_json() for part in parts]})
    return found.code


def _show(operation: Operation, part: Part) -> None:
    operation.say(part.name, "bold")
    for name, value in part.facts.items():
        operation.say(f"  ok      {name}: {value}")
    for it in part.problems:
        operation.say(f"  WRONG   {it.what}", "yellow" if it.symptom else "red")
        operation.say(f"          → {it.mend}")
    for it in dict.fromkeys(part.unknown):
        operation.say(f"  unknown {it}", "magenta")
    if part.skipped:
        operation.say(f"  left    {part.skipped}")
