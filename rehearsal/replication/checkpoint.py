"""Checkpoint: how far the task has come, kept in one small file that is replaced, never rewritten.

It is written only after the stream has acknowledged everything before it, so that a task killed at any moment sends
some records twice and none never
(https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Task.CDC.html#CHAP_Task.CDC.StartPoint.Checkpoint).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from model import PipelineError, Position, Transaction

_FILE = "checkpoint.json"


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """A transaction of the log by which it is recognised: a log that was reset has another one there, or none."""

    begin: Position
    end: Position
    committed_at: int
    """Seconds since the epoch."""

    @classmethod
    def of(cls, transaction: Transaction) -> Anchor:
        """What ``transaction`` is recognised by."""
        return cls(begin=transaction.begin, end=transaction.end, committed_at=transaction.committed_at)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """A file of the log by which the log is recognised while no transaction of it was read."""

    file: str
    created_at: int
    """Seconds since the epoch, from the header of the file's first event."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Where a task stands. ``position`` None: its full load has started and not finished."""

    task_id: str
    position: Position | None = None
    """Everything before it is acknowledged."""
    anchor: Anchor | None = None
    """The last transaction before ``position`` that was read; None if there was none yet."""
    origin: Origin | None = None
    """The file of the position from which the task first followed the log."""
    previous: tuple[int, int] | None = None
    """Transaction id and record id of the last change written, for the next one's ``prev-transaction-*``."""
    definitions: str = ""
    """The file beside it that has the definitions of the tables at ``position``."""


def save(state: Path, checkpoint: Checkpoint) -> None:
    """Replace the checkpoint in ``state`` at once: whoever reads it sees the old one or the new one."""
    anchor, origin = checkpoint.anchor, checkpoint.origin
    document = {
        "task_id": checkpoint.task_id,
        "position": checkpoint.position,
        "anchor": anchor and [anchor.begin, anchor.end, anchor.committed_at],
        "origin": origin and [origin.file, origin.created_at],
        "previous": checkpoint.previous,
        "definitions": checkpoint.definitions,
    }
    state.mkdir(parents=True, exist_ok=True)
    draft = state / (_FILE + ".new")
    draft.write_text(json.dumps(document), encoding="utf-8")
    os.replace(draft, state / _FILE)


def load(state: Path, task_id: str) -> Checkpoint | None:
    """The checkpoint in ``state``; None for a task that never ran. Raises PipelineError for another task's."""
    path = state / _FILE
    if not path.exists():
        return None
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        anchor, origin, previous = document["anchor"], document["origin"], document["previous"]
        checkpoint = Checkpoint(
            task_id=document["task_id"],
            position=Position(*document["position"]) if document["position"] else None,
            anchor=Anchor(begin=Position(*anchor[0]), end=Position(*anchor[1]), committed_at=anchor[2])
            if anchor
            else None,
            origin=Origin(file=origin[0], created_at=origin[1]) if origin else None,
            previous=(previous[0], previous[1]) if previous else None,
            definitions=document["definitions"],
        )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise PipelineError(
            f"the checkpoint {path} cannot be read ({error!r}); remove it to load from the start"
        ) from None
    if checkpoint.task_id != task_id:
        raise PipelineError(
            f"the checkpoint {path} belongs to task {checkpoint.task_id!r}, not {task_id!r}; "
            "give each task a folder of its own"
        )
    return checkpoint
