"""Start: where a task begins to read the binlog, and whether the log is still the one that it has read.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Task.CDC.html#CHAP_Task.CDC.StartPoint
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from database.server import Server
from model import PipelineError, Position, Transaction
from model.plan import ReplicationPlan
from rehearsal.replication import checkpoint
from rehearsal.replication.checkpoint import Anchor, Checkpoint, Origin
from rehearsal.source.binlog.first_definitions import at_log_end, at_position, definitions_now
from rehearsal.source.binlog.reader import BinlogReader
from rehearsal.source.binlog.stream import created_at
from rehearsal.source.definitions import kept
from rehearsal.source.definitions.definitions import Definitions, Selects
from rehearsal.source.definitions.server_facts import dialect


def first_checkpoint(plan: ReplicationPlan, server: Server, selects: Selects) -> tuple[Checkpoint, Definitions]:
    """Where the changes of a new task begin, and what the tables are there.

    That is where it is told to, else at the end of the log as it is now.
    """
    position = _declared_position(plan)
    if position is None:
        position, definitions = at_log_end(server, selects)
    else:
        definitions = at_position(server, position, selects)
    origin = Origin(file=position.file, created_at=created_at(server, position.file))
    return Checkpoint(task_id=plan.task_id, position=position, origin=origin), definitions


def kept_definitions(saved: Checkpoint, state: Path, server: Server, selects: Selects) -> Definitions:
    """The definitions that were kept with a checkpoint."""
    with closing(server.connect()) as connection:
        return kept.load(state / saved.definitions, dialect(connection), selects)


def catalog_definitions(server: Server, selects: Selects) -> Definitions:
    """The definitions for a task that follows no log."""
    with closing(server.connect()) as connection:
        return definitions_now(connection, selects)


def _declared_position(plan: ReplicationPlan) -> Position | None:
    """The native ``cdcStartPosition`` of a ``cdc`` task, ``file:offset``; None where none is declared.

    PipelineError for what is not played: a checkpoint, a start time, a start of a task that loads.
    """
    if plan.cdc_start_time:
        raise PipelineError(
            f"cdcStartTime {plan.cdc_start_time!r} is not played: give cdcStartPosition as file:offset instead"
        )
    if not plan.cdc_start_position:
        return None
    file, _, offset = plan.cdc_start_position.partition(":")
    if plan.migration_type != "cdc" or not file or not (offset.isascii() and offset.isdigit()):
        raise PipelineError(
            f"cdcStartPosition {plan.cdc_start_position!r} with migrationType {plan.migration_type!r} is not played: "
            "only the native form, as mysql-bin-changelog.000024:373, and only with cdc"
        )
    return Position(file, int(offset))


def check_log(start: Checkpoint, server: Server) -> None:
    """Refuse to resume in a log that is not the one that the checkpoint was written for.

    A server that was restored or whose log was reset numbers its files from the start again. To go on at the old place
    would skip all that the new log holds before it, without a word. The log is recognised by the last transaction that
    was read, or before there is one by the time at which its file was begun.
    """
    if not _recognised(start, server):
        what = f"at {start.anchor.begin} the transaction" if start.anchor else f"at {start.position} the file"
        raise PipelineError(
            f"cannot resume: the source's binlog does not have {what} after which the checkpoint was written: "
            "the log was reset, or it is another server's. Start the task anew (reload-target) with an empty state "
            "folder; bind the task's identifier to the cluster's, so that a restored cluster is a new task"
        )


def check_end(state: Path, task_id: str, end: Position, server: Server) -> None:
    """Raise PipelineError unless ``end`` lies at or behind what a task that is held has read, in the same log.

    Who reads the source there and compares it with what the task wrote would take an early end for rest.
    """
    reached = checkpoint.load(state, task_id)
    if not reached or not reached.position:
        raise AssertionError("a task that is held has a checkpoint")
    why = f"it ends at {end} now" if end < reached.position else ""
    try:
        if not why and not _recognised(reached, server):
            why = f"what it had read last is not there, though the log goes up to {end}"
    except PipelineError as error:
        why = str(error)
    if why:
        raise PipelineError(
            f"the source's binlog is not the one that was followed: the task had read it up to {reached.position}, and "
            f"{why}. The log was reset (RESET MASTER), purged before it was read, or is another server's after a "
            "restore or a fail-over. Changes since then are lost to a task that runs on: rehearse anew, and leave the "
            "log alone meanwhile"
        )


def _recognised(place: Checkpoint, server: Server) -> bool:
    """Whether the log has what was read last before ``place``, or where nothing was, the file that was begun with."""
    if place.anchor:
        return _has(place.anchor, server)
    return not place.origin or created_at(server, place.origin.file) == place.origin.created_at


def _has(anchor: Anchor, server: Server) -> bool:
    """Whether the log has that transaction. Its rows are not looked at: their table may have been altered since."""
    with closing(server.connect()) as connection:
        nothing = Definitions(dialect(connection), lambda schema, name: False, ())
    with BinlogReader(server, anchor.begin, nothing, prepared=None) as reader:
        event = next(iter(reader))
    return isinstance(event, Transaction) and Anchor.of(event) == anchor
