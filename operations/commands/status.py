"""``operations status``: one screen, left to right as the data flows, and one verdict line."""

from __future__ import annotations

from typing import Any

from operations.command import COULD_NOT, Operation, add_command, seconds
from operations.health import alarms, database, delivery, metrics, stream
from operations.health import lake as lakes
from operations.health import task as tasks
from operations.health.dms import RIGHTS
from operations.health.look import Look
from operations.health.screen import document, show
from operations.health.verdict import Verdict, verdict
from operations.sql import Source
from operations.sql.source import add_source, source

_EVERY = 60.0
"""Seconds between two looks."""


def add(subparsers: Any) -> None:
    """``status`` and its options."""
    rights = (
        *database.RIGHTS, *RIGHTS["instance"], *metrics.RIGHTS, *stream.RIGHTS, *delivery.RIGHTS, *alarms.RIGHTS,
        *lakes.RIGHTS,
    )  # fmt: skip
    command = add_command(
        subparsers,
        "status",
        does="show how the stack is, from the database to the lake, and what to do first",
        rights=rights,
        run=run,
        more=f"A serverless replication: {', '.join(RIGHTS['serverless'])}. What your rights do not let it ask is "
        "named, and the rest is shown. Exit code 0: all of it is well; 1: something is not; 2: something is not known.",
    )
    add_source(command)
    command.add_argument(
        "--watch", nargs="?", type=seconds, const=_EVERY, metavar="SECONDS", help="look again, every minute or so many"
    )
    command.add_argument(
        "--without-lake", action="store_true", help="do not ask Athena, which costs what a query on two days costs"
    )


def run(operation: Operation) -> int:
    """Look once, or until Ctrl-C; the exit code is the last verdict's."""
    code = COULD_NOT
    with source(operation) as asked:
        try:
            while True:
                code = _look(operation, asked).code
                if operation.options.watch is None:
                    return code
                operation.pause(operation.options.watch)
        except KeyboardInterrupt:
            return code


def _look(operation: Operation, asked: Source) -> Verdict:
    look = Look(operation, asked)
    flow = [part(look) for part in (database.database, tasks.task, stream.stream, delivery.delivery)]
    lake, tables = lakes.lake(look)
    parts = [*flow, lake, alarms.alarms(look)]
    found = verdict(parts)
    if operation.options.json:
        operation.tell(document(parts, tables, found, look.now))
        return found
    if operation.options.watch is not None:
        operation.console.clear()
    show(operation, parts, tables, found, look.now)
    return found
