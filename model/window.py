"""Window: a stretch of the source's binlog that is to be read again, and whether it is there and safe to write.

A task reads from a position, or goes on from a checkpoint. The log must still have that place. And what is written
again has newer message times than what was written first, and the lake goes by them: so a window is safe where it
goes up to the place from which the task that stands still will go on, and no earlier
(docs/decisions/0033-a-window-goes-up-to-the-end.md).

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
_EVENT = re.compile(r"([^\s:#]+\.\d{6,}):\d+:-?\d+:(\d{1,19})")
"""In a checkpoint: where an event begins, a number, and where it ends."""
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

    In a checkpoint the event that was read last stands first, with its beginning and its end; a place in its
    transaction stands last. No page says so; in the checkpoint of the page on StartReplicationTask the two are 27 bytes
    apart, as a commit event is long, and the transaction's id is the place of its beginning.
    """
    match = _CHECKPOINT.match(text)
    if not match:
        pair = _NATIVE.fullmatch(text)
        return Place(given=text, reached=at, needed=at) if pair and (at := _position(pair)) else None
    pairs, event = [_position(pair) for pair in _NATIVE.finditer(match[1])], _EVENT.match(match[1])
    if not pairs:
        return None
    return Place(given=text, reached=_position(event) if event else pairs[0], needed=min(pairs))


def _position(pair: re.Match[str]) -> Position:
    return Position(pair[1], int(pair[2]))


def log_end(log: Sequence[LogFile]) -> Position:
    """The end of ``log``; PipelineError where there is none."""
    if not log:
        raise PipelineError("the source lists no binlog file: binlog_format is not set, or its writer was not rebooted")
    return Position(*max(log))


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

    ``stands`` is the place up to which that was written already: by the task that writes nothing meanwhile.
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
