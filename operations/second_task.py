"""Second task: writes a window of the binlog again, while the stack's task stands still.

What it has made, and how far it is, the journal knows before AWS does (journal.py).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from model import PipelineError, Position
from model.window import Place, check_end, log_end
from operations import journal
from operations.binlog import log_files
from operations.command import Operation
from operations.job import ENDED, Job, State, settings_for_another, task_called
from operations.journal import Left
from operations.sql.source import source
from operations.wait import wait


def write(
    operation: Operation, task: Job, begin: Place | datetime, end: Position | None, left: Left
) -> tuple[Counter[str], Position]:
    """Write the window again while ``task`` stands still: how many changes of each table, and up to where.

    ``left`` is in the journal. PipelineError where the window may not end at ``end``, and where it does not get there.
    """
    if left.restart:
        operation.say(f"stopping {task.name}: two must not write at once")
        task.stop(wait(operation))
    state = task.state()
    until = _until(operation, task, state, end)
    replay = _made(operation, state, begin, left)
    journal.save(operation.outputs, replace(left, unfinished=True))
    operation.say(f"{left.replay} writes from {left.begin} to {until} again")
    replay.start("start-replication")
    _watch(operation, replay, until)
    replay.stop(wait(operation))
    written = _counted(replay)
    journal.save(operation.outputs, replace(left, unfinished=False))
    return written, until


def _until(operation: Operation, task: Job, state: State, end: Position | None) -> Position:
    """Where the window ends: at the log's end now that the task stands still, for that has written nothing behind it.

    What a user says may be before that, but not before the checkpoint from which the task goes on.
    """
    if end is None:
        with source(operation) as ask:
            return log_end(log_files(ask))
    if state.stands is None:
        raise PipelineError(
            f"{task.name} has no checkpoint that this program can read ({state.checkpoint or 'none'}), so nobody knows "
            "whether the window ends before it. Leave --to out: the window then goes up to the end of the binlog"
        )
    check_end(end, state.stands.reached)
    return end


def _made(operation: Operation, state: State, begin: Place | datetime, left: Left) -> Job:
    """The temporary task, ready: as the stack's own in all but where it begins."""
    it = state.described
    start = {"CdcStartPosition": begin.given} if isinstance(begin, Place) else {"CdcStartTime": begin}
    operation.clients.call(
        "dms",
        "create_replication_task",
        ReplicationTaskIdentifier=left.replay,
        MigrationType="cdc",
        TableMappings=it["TableMappings"],
        ReplicationTaskSettings=settings_for_another(it),
        **{name: it[name] for name in ("SourceEndpointArn", "TargetEndpointArn", "ReplicationInstanceArn")},
        **start,
    )
    made: list[Job | None] = []

    def ready() -> bool:
        made.append(task_called(operation.clients, left.replay))
        return made[-1] is not None and made[-1].state().status == "ready"

    wait(operation).until(ready, f"{left.replay} is not made")
    assert made[-1]
    return made[-1]


def _watch(operation: Operation, replay: Job, until: Position) -> None:
    """Wait until the replay's checkpoint is at ``until`` or behind it."""
    seen: list[State] = []

    def there() -> bool:
        seen.append(replay.state())
        state = seen[-1]
        reached = state.stands.reached if state.stands else None
        if len(seen) == 1 or state.checkpoint != seen[-2].checkpoint:
            operation.say(f"{state.status}, at {reached or 'its beginning'}")
        if state.status in ENDED:
            raise PipelineError(
                f"the replay is {state.status} at {reached}, before {until}: "
                f"{state.why or 'DMS does not say why; look at its log in CloudWatch'}"
            )
        return reached is not None and reached >= until

    wait(operation).until(
        there,
        f"the replay does not come up to {until} (where the source is idle, any captured change moves it on)",
        lambda: seen[-1].checkpoint if seen else "",
    )


def _counted(replay: Job) -> Counter[str]:
    counts = {f"{it['SchemaName']}.{it['TableName']}": _changes(it) for it in replay.statistics()}
    return Counter({table: count for table, count in counts.items() if count})


def _changes(statistics: Any) -> int:
    return sum(statistics.get(name, 0) for name in ("Inserts", "Updates", "Deletes"))
