"""``resume``: starts a stopped or failed replication from its checkpoint, if the binlog still has that place."""

from __future__ import annotations

from typing import Any

from model import PipelineError
from model.window import Place, gap
from operations import journal
from operations.binlog import log_files
from operations.command import FOUND, WELL, Operation, add_command
from operations.job import ENDED, RUNS, Job, State, main_job, refuse_others
from operations.sql.data_api import RIGHTS as SQL_RIGHTS
from operations.sql.source import add_source, source
from operations.wait import add_wait, wait

_RIGHTS = (
    "dms:DescribeReplicationTasks",
    "dms:StartReplicationTask",
    "dms:DescribeReplications and dms:StartReplication (serverless)",
    *SQL_RIGHTS,
)


def add(subparsers: Any) -> None:
    """The command's parser."""
    command = add_command(
        subparsers,
        "resume",
        does="start a stopped or failed task from its checkpoint, if the binlog still has that place",
        rights=_RIGHTS,
        run=run,
        more="After an unfinished replay also dms:StopReplicationTask and dms:DeleteReplicationTask. "
        "The source needs REPLICATION CLIENT for SHOW BINARY LOGS.",
    )
    add_source(command)
    add_wait(command)
    command.add_argument(
        "--reload",
        action="store_true",
        help="load every table again and follow from now on, where the checkpoint can no longer be resumed from",
    )


def run(operation: Operation) -> int:
    """Clean up after a replay, then resume; what the replay left unfinished stays something to be found."""
    unfinished = journal.clean(operation)
    code = _resume(operation)
    if not unfinished or code != WELL:
        return code
    if operation.options.reload:
        journal.save(operation.outputs, None)  # a load is a new beginning
        return WELL
    return FOUND


def _resume(operation: Operation) -> int:
    """Look, check, start, and wait until it runs."""
    task = main_job(operation.clients, operation.outputs)
    state = task.state()
    if state.status in RUNS:
        return _runs(operation, task)
    if state.status not in ENDED:
        raise PipelineError(f"{task.name} is {state.status}, neither stopped nor failed: {_what_then(state.status)}")
    refuse_others(task, state)
    if state.why:
        operation.say(f"{task.name} is {state.status}: {state.why}")
    if operation.options.reload:
        return _start(operation, task, "reload-target", "loads every table again")
    stands = _stands(operation, task, state)
    with source(operation) as ask:
        missing = gap(stands.needed, log_files(ask))
    if missing:
        operation.say(f"the binlog does not have {stands.needed} any more: {missing.why}", style="bold red")
        operation.say(f"lost to a task that goes on: {missing.lost}", style="bold red")
        return _told(operation, task, f"{task.name} was not started. {_offer(operation)}", FOUND, missing.lost)
    operation.say(f"the binlog still has {stands.needed}")
    return _start(operation, task, "resume-processing", f"goes on from {stands.reached}")


def _runs(operation: Operation, task: Job) -> int:
    if operation.options.reload:
        raise PipelineError(
            f"{task.name} runs, and DMS loads every table again only from a stopped one. Stop it first (aws dms "
            f"stop-replication-task --replication-task-arn {task.arn}), or load single tables: python -m operations "
            f"reload TABLE … {operation.named}"
        )
    return _told(operation, task, f"{task.name} runs already: there is nothing to resume", WELL)


def _stands(operation: Operation, task: Job, state: State) -> Place:
    stands = state.stands
    if stands is None:
        why = f"a checkpoint that this program cannot read: {state.checkpoint}" if state.checkpoint else "no checkpoint"
        raise PipelineError(
            f"{task.name} has {why}, so nobody can tell whether the binlog still has its place. {_offer(operation)}"
        )
    return stands


def _offer(operation: Operation) -> str:
    return (
        "Load every table again, which brings each row as it is now but no change in between: "
        f"python -m operations resume --reload {operation.named}"
    )


def _what_then(status: str) -> str:
    if status in ("ready", "created"):
        return "it never ran. Set startTask to true and run `pulumi up`"
    return "wait until that is over, and try again"


def _start(operation: Operation, task: Job, kind: str, does: str) -> int:
    task.start(kind)
    state = task.until_running(wait(operation))
    if state.status in RUNS:
        return _told(operation, task, f"{task.name} is {state.status}: it {does}", WELL)
    why = state.why or "DMS does not say why: look at its log in CloudWatch"
    return _told(operation, task, f"{task.name} was started and is {state.status} again: {why}", FOUND)


def _told(operation: Operation, task: Job, text: str, code: int, lost: str = "") -> int:
    operation.say(text, style="bold green" if code == WELL else "bold red")
    operation.tell({"task": task.arn, "well": code == WELL, "lost": lost or None, "said": text})
    return code
