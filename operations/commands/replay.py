"""``replay``: a temporary task writes a window of the binlog again, up to the place where the stack's task stands."""

from __future__ import annotations

import os
import secrets
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from model import PipelineError, Position
from model.window import Place, check_begin, place
from operations import journal
from operations.binlog import log_files, retention_hours
from operations.command import WELL, Operation, add_command
from operations.job import ENDED, RUNS, Job, State, main_job, refuse_others, replay_of
from operations.journal import Left
from operations.second_task import write
from operations.sql.data_api import RIGHTS as SQL_RIGHTS
from operations.sql.source import add_source, source
from operations.wait import add_wait

_RIGHTS = (
    "dms:DescribeReplicationTasks",
    "dms:DescribeTableStatistics",
    "dms:CreateReplicationTask",
    "dms:StartReplicationTask",
    "dms:StopReplicationTask",
    "dms:DeleteReplicationTask",
    *SQL_RIGHTS,
)
_FORMS = "a position (mysql-bin-changelog.000024:373), a checkpoint of DMS (checkpoint:V1#…)"


def add(subparsers: Any) -> None:
    """The command's parser."""
    command = add_command(
        subparsers,
        "replay",
        does="write a window of the binlog into the stream again, by a temporary task",
        rights=_RIGHTS,
        run=run,
        more="The stack's task stands still meanwhile and then goes on: the lake takes the newest message of a row, so "
        "two must not write at once, and the window goes up to the end of the binlog as it is then. Changes wait "
        "there, and whoever is told of a stopped task is told. The source needs REPLICATION CLIENT (SHOW BINARY LOGS).",
    )
    command.add_argument(
        "--from",
        dest="begin",
        required=True,
        metavar="PLACE",
        help=f"where the window begins: {_FORMS}, or a time with its zone (2026-11-29T22:00:00Z)",
    )
    command.add_argument(
        "--to",
        dest="end",
        metavar="PLACE",
        help=f"where it ends, not before the checkpoint of the stack's task (default: the end of the binlog): {_FORMS}",
    )
    add_source(command)
    add_wait(command)


def run(operation: Operation) -> int:
    """Check, stop the task, write the window, remove what was made, start the task again."""
    options = operation.options
    begin, end = _begin(options.begin), _end(options.end)
    if operation.outputs.serverless:
        raise PipelineError(
            "replicationMode is 'serverless', and DMS starts no serverless replication at a chosen place: load tables "
            "again with `operations reload`, or all with `operations resume --reload`"
        )
    unfinished = journal.clean(operation)
    if unfinished and not _covers(begin, unfinished.begin):
        raise PipelineError(
            f"--from {options.begin} leaves that window unfinished: begin at {unfinished.begin}, or before"
        )
    task = main_job(operation.clients, operation.outputs)
    state = task.state()
    _check_state(task, state)
    _check_begin(operation, begin, state.stands)
    refuse_others(task, state)
    left = Left(
        begin=options.begin,
        replay=_name(state),
        restart=state.status in RUNS,
        unfinished=unfinished is not None,
        process=os.getpid(),
    )
    journal.begin(operation.outputs, left, unfinished)
    try:
        written, until = write(operation, task, begin, end, left)
    except BaseException as error:
        _say(operation, f"the replay was broken off: {str(error) or type(error).__name__}")
        _clean(operation)
        raise
    _clean(operation)
    _report(operation, written, until)
    return WELL


def _report(operation: Operation, written: Counter[str], until: Position) -> None:
    begin = operation.options.begin
    for table, count in sorted(written.items()):
        operation.say(f"{table}: {count:,}")
    operation.say(
        f"{written.total():,} changes of {len(written)} tables were written again, from {begin} to {until}",
        style="bold green",
    )
    operation.say(f"see that the lake is the source: python -m operations audit {operation.named}")
    operation.tell({"from": begin, "to": str(until), "changes": written.total(), "tables": written})


def _clean(operation: Operation) -> None:
    try:
        journal.clean(operation, mine=True)
    except BaseException:
        _say(
            operation,
            "the stack's task may stand still, and a replay's task be there: "
            f"python -m operations resume {operation.named} takes care of both",
        )
        raise


def _say(operation: Operation, line: str) -> None:
    """Nobody may read any more, and the rest is to be cleaned all the same."""
    try:
        operation.say(line, style="bold red")
    except (SystemExit, OSError):
        operation.console.quiet = True


def _begin(text: str) -> Place | datetime:
    if found := place(text):
        return found
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise PipelineError(f"--from {text!r} is neither {_FORMS}, nor a time") from None
    if moment.tzinfo is None:
        raise PipelineError(f"--from {text}: say in which zone, as in {text}Z for UTC")
    return moment


def _end(text: str | None) -> Position | None:
    if text is None:
        return None
    if found := place(text):
        return found.reached
    raise PipelineError(
        f"--to {text!r} is neither {_FORMS}. A time is not taken: nobody can compare it with where the task stands. "
        "Leave --to out: the window then goes up to the end of the binlog"
    )


def _covers(begin: Place | datetime, other: str) -> bool:
    """Whether a window that begins so holds one that began at ``other``."""
    began = _begin(other)
    if isinstance(begin, Place) and isinstance(began, Place):
        return begin.needed <= began.needed
    return isinstance(begin, datetime) and isinstance(began, datetime) and begin <= began


def _check_state(task: Job, state: State) -> None:
    if state.status not in RUNS | ENDED:
        raise PipelineError(f"{task.name} is {state.status}: wait until it runs, is stopped or has failed")
    if state.loading:
        raise PipelineError(
            f"{task.name} loads {state.loading} tables: wait until that is over, or the load begins anew"
        )


def _check_begin(operation: Operation, begin: Place | datetime, stands: Place | None) -> None:
    with source(operation) as ask:
        if isinstance(begin, Place):
            check_begin(begin.needed, stands.reached if stands else None, log_files(ask))
            return
        hours, now = retention_hours(ask), operation.now()
    if hours is None:
        raise PipelineError(
            "--from is a time, and the source does not say how long it keeps its binlog (binlog retention hours is not "
            "set): give a position of SHOW BINARY LOGS"
        )
    if not now - timedelta(hours=hours) < begin < now:
        raise PipelineError(
            f"--from {begin.isoformat()} is not within the last {hours:g} hours, for which the source keeps its binlog."
            " What lies before can only be loaded again: operations reload"
        )


def _name(state: State) -> str:
    """Of the task that is made: letters, digits and single hyphens, at most 255."""
    return f"{replay_of(state)}{secrets.token_hex(4)}"
