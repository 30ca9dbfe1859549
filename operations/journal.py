"""Journal: what a replay has made and changed on AWS, on disk before it does so. Whoever comes next takes it away.

A replay that dies leaves two things behind: a task that nobody needs, and the stack's own task, stopped. And where it
had written, a window that is not written to its end: the lake may show rows as they were there
(docs/decisions/0033-a-window-goes-up-to-the-end.md). The journal outlives the first two until the third is mended.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from model import PipelineError
from model.window import gap
from operations.binlog import log_files
from operations.command import Operation
from operations.job import RUNS, State, main_job, task_called
from operations.outputs import ROOT, Outputs
from operations.sql.source import source
from operations.wait import wait

FOLDER = ROOT / ".operations"


@dataclass(frozen=True, kw_only=True)
class Left:
    """What a replay has left behind."""

    begin: str
    """Where its window begins, as DMS takes it."""
    replay: str = ""
    """Identifier of its task; empty when that is gone."""
    restart: bool = False
    """Whether the stack's task was stopped for it, and must run again."""
    unfinished: bool = False
    """Whether it may have written, and not to its end."""
    process: int = 0
    """Who is at work; 0 for nobody."""


def load(outputs: Outputs) -> Left | None:
    """What is left behind in this stack; None for nothing. PipelineError where the journal cannot be read."""
    path = _path(outputs)
    try:
        return Left(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise PipelineError(
            f"the journal of a replay, {path}, cannot be read ({error}): look in DMS for a task whose name has "
            "`-replay-` in it, delete it, see that the stack's own task runs, then remove the file"
        ) from None


def save(outputs: Outputs, left: Left | None) -> None:
    """Keep it, in the place of what was kept; None for nothing more."""
    path = _path(outputs)
    if left is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(asdict(left)), encoding="utf-8")
    os.replace(draft, path)


def begin(outputs: Outputs, left: Left, was: Left | None) -> None:
    """Keep ``left`` in the place of ``was``. PipelineError where something else is kept: another process was faster."""
    FOLDER.mkdir(exist_ok=True)
    folder = os.open(FOLDER, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if load(outputs) != was:
            raise PipelineError("another replay has just begun on this stack: wait for it, or end it with Ctrl-C")
        save(outputs, left)
    finally:
        os.close(folder)


def clean(operation: Operation, *, mine: bool = False) -> Left | None:
    """Remove the task of a replay that died, and start the stack's own again if it was stopped for it; say so.

    What this process has stopped itself (``mine``) goes on where it stood; anything else only if the binlog still has
    that place. Gives what is still to be mended: a window that was not written to its end. PipelineError while the
    replay is at work.
    """
    left = load(operation.outputs)
    if left is None:
        return None
    _refuse_while_at_work(operation.outputs, left)
    left = restart(operation, remove(operation, left), mine=mine)
    if not left.unfinished:
        save(operation.outputs, None)
        return None
    left = replace(left, process=0)
    save(operation.outputs, left)
    operation.say(
        f"a replay from {left.begin} was not written to its end: rows that changed since then may be shown as they "
        f"were. Mend it: python -m operations replay --from '{left.begin}' {operation.named}. Where the binlog lost "
        f"that, stop the task and load every table again: python -m operations resume --reload {operation.named}",
        style="bold red",
    )
    return left


def remove(operation: Operation, left: Left) -> Left:
    """Remove the replay's task, if there is one."""
    if left.replay and (task := task_called(operation.clients, left.replay)):
        operation.say(f"removing {left.replay}, the task of a replay")
        task.remove(wait(operation))
    left = replace(left, replay="")
    save(operation.outputs, left)
    return left


def restart(operation: Operation, left: Left, *, mine: bool) -> Left:
    """Start the stack's task again, if it was stopped for the replay, and would skip nothing."""
    if left.restart:
        task = main_job(operation.clients, operation.outputs)
        state = task.until_running(wait(operation))  # or until it has stopped
        skips = "" if mine or state.status in RUNS else _skips(operation, state)
        if skips:
            operation.say(
                f"{task.name} was stopped for a replay and stands still: {skips}. What to do then: python -m "
                f"operations resume {operation.named}",
                style="bold red",
            )
        elif state.status not in RUNS:
            operation.say(f"starting {task.name} again, which was stopped for a replay")
            task.start("resume-processing")
            state = task.until_running(wait(operation))
        if state.status not in RUNS and not skips:
            raise PipelineError(f"{task.name} was started again and is {state.status}: {state.why or 'see its log'}")
    left = replace(left, restart=False)
    save(operation.outputs, left)
    return left


def _skips(operation: Operation, state: State) -> str:
    """Why the task would skip changes if it went on now; empty where it would not."""
    if state.stands is None:
        return f"nobody knows its place in the binlog ({state.checkpoint or 'it has no checkpoint'})"
    with source(operation) as ask:
        missing = gap(state.stands.needed, log_files(ask))
    return f"{missing.why}, so it would skip {missing.lost}" if missing else ""


def at_work(left: Left) -> bool:
    """Whether the replay goes on, in another process."""
    if left.process in (0, os.getpid()):
        return False
    try:
        os.kill(left.process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _refuse_while_at_work(outputs: Outputs, left: Left) -> None:
    if at_work(left):
        raise PipelineError(
            f"a replay is at work on this stack (process {left.process}): wait for it, or end it with Ctrl-C. If there "
            f"is no such process of this program, remove {_path(outputs)} after you have read what is in it"
        )


def _path(outputs: Outputs) -> Path:
    return FOLDER / f"replay-{outputs.task_identifier}.json"
