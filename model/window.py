"""Window: a stretch of the source's binlog that is to be read again, and whether it is there and safe to write.

A task reads from a position, or goes on from a checkpoint. The log must still have that place. And what is written
again has newer message times than what was written first, and the lake goes by them: so a window is safe where it
goes up to the place from which the task that stands still will go on, and no earlier
(docs/decisions/0033-a-window-goes-up-to-the-task.md).

The forms of both: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Task.CDC.html#CHAP_Task.CDC.StartPoint
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from model.change import Position
from model.errors import PipelineError

_NATIVE = re.compile(r"([^\s:#]+\.\d{6,}):(\d{1,19})")
_CHECKPOINT = re.compile(r"checkpoint:V\d+#\d+#(.+?)#")
_FIRST = 4
"""Where the first event of a binlog file stands."""


class LogFile(NamedTuple):
    """A file of the binlog, as SHOW BINARY LOGS lists it."""

    name: str
    size: int
    """Bytes."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a task stands in the binlog."""

    given: str
    """As DMS takes it: ``mysql-bin-changelog.000024:373``, or a checkpoint."""
    reached: Position
    """Everything before it was read."""
    needed: Position
    """From here the log must be there: a place in the transaction in which the checkpoint lies."""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """What the binlog does not have any more, or never had."""

    why: str
    lost: str
    """Which changes are lost to who goes on from there."""


def place(text: str) -> Place | None:
    """The place that a native position or a checkpoint of DMS names; None for another text.

    Of a checkpoint the file and offset that come first are taken for what was reached, and the last pair for a place in
    the transaction before it. No page says so; the checkpoint of the page on StartReplicationTask agrees with it.
    """
    inner = match[1] if (match := _CHECKPOINT.match(text)) else text
    pairs = [Position(file, int(offset)) for file, offset in _NATIVE.findall(inner)]
    if not pairs or (not match and not _NATIVE.fullmatch(text)):
        return None
    return Place(given=text, reached=pairs[0], needed=min(pairs[0], pairs[-1]))


def gap(needed: Position, log: Sequence[LogFile]) -> Gap | None:
    """Why ``log`` cannot be read from ``needed`` on; None where it can."""
    if not log:
        return Gap(why="the source lists no binlog file", lost="every change since then")
    files = {file.name: file.size for file in log}
    oldest, newest = min(log), max(log)
    if needed.file not in files:
        if needed.file < oldest.name:
            begins = Position(oldest.name, _FIRST)
            return Gap(
                why=f"its oldest file is {oldest.name}: {needed.file} was purged",
                lost=f"every change between {needed} and {begins}",
            )
        return Gap(
            why=f"its newest file is {newest.name}, before {needed.file}: the log was begun anew, or is another's",
            lost=f"every change since {needed}, and which these are nobody can tell from this log",
        )
    if needed.offset > files[needed.file]:
        return Gap(
            why=f"{needed.file} has {files[needed.file]} bytes, fewer than {needed.offset}: it is another log's file",
            lost=f"every change since {needed}, and which these are nobody can tell from this log",
        )
    return None


def check_window(begin: Position, end: Position, stands: Position, log: Sequence[LogFile]) -> None:
    """Raise PipelineError unless the log from ``begin`` to ``end`` is there and may be written again.

    ``stands`` is from where the task goes on that wrote it first, and that writes nothing meanwhile.
    """
    check_begin(begin, stands, log)
    check_end(end, stands)


def check_begin(begin: Position, stands: Position | None, log: Sequence[LogFile]) -> None:
    """Raise PipelineError unless ``log`` has ``begin``, and something lies between it and where the task stands.

    ``stands`` is None where that is not known yet.
    """
    if missing := gap(begin, log):
        raise PipelineError(
            f"the window begins at {begin}, and the source's binlog does not have that place: {missing.why}. Begin "
            f"where it does, at {Position(min(log).name, _FIRST) if log else 'a place that it lists'} or later; what "
            "lies before can only be loaded again: reload the tables"
        )
    if stands and begin >= stands:
        raise PipelineError(
            f"the window begins at {begin}, and the task stands at {stands}: nothing behind that was written yet, so "
            "there is nothing to write again. Begin earlier"
        )


def check_end(end: Position, stands: Position) -> None:
    """Raise PipelineError where the window ends before the place at which the task stands."""
    if end < stands:
        raise PipelineError(
            f"the window ends at {end}, before {stands}, where the task stands. What is written again has newer "
            "message times, so a row that was changed between the two places would go back to what it was before. "
            "Leave the end out: the window then goes up to the task"
        )
