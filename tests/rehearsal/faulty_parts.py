"""Parts that keep their checkpoints wrongly, as a test's replication or delivery. A worker process imports them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import Any

from rehearsal import delivery, replication
from rehearsal.delivery.delivery import Delivery
from rehearsal.replication import checkpoint, task
from rehearsal.replication.checkpoint import Checkpoint
from rehearsal.source import catalog
from rehearsal.source.binlog import BinlogReader
from rehearsal.source.binlog_stream import created_at
from rehearsal.vocabulary import Idle, Position, Transaction


def replication_ahead(channel: Any, plan: Any, server: Any, *rest: Any) -> object:
    """Saves the end of the log instead of what is acknowledged, so each kill leaves out what lies between."""
    save = checkpoint.save

    def ahead(state: Any, saved: Checkpoint) -> None:
        if saved.position:
            with closing(server.connect()) as connection:
                saved = replace(saved, position=catalog.position(connection), anchor=None)
        save(state, saved)

    checkpoint.save = ahead
    return replication.run(channel, plan, server, *rest)


def delivery_ahead(*arguments: Any) -> object:
    """Saves what it has read instead of what is in S3, so each kill leaves out what is in the buffer."""
    read = Delivery._read

    def ahead(self: Delivery, reader: Any) -> None:
        read(self, reader)
        self._checkpoint = replace(
            self._checkpoint, positions={**self._checkpoint.positions, **self._buffer._positions}
        )
        self._checkpoint.save(self._path)

    Delivery._read = ahead
    return delivery.run(*arguments)


def replication_that_recognises_nothing(
    channel: Any, plan: Any, server: Any, name: str, url: str, state: Any
) -> object:
    """Goes on at its old place in whatever log is there, as soon as that has grown past it.

    By its nature that place is seldom the border of a transaction in the new log; then it takes the next one, for what
    is to be seen here is the case in which a server would not object.
    """
    saved = checkpoint.load(state, plan.task_id)
    if saved and saved.position and saved.origin:
        if created_at(server, saved.origin.file) != saved.origin.created_at:
            place = _border(server, saved.position)
            checkpoint.save(state, replace(saved, position=place, anchor=None))
        task._recognise = lambda *_: None
    return replication.run(channel, plan, server, name, url, state)


def _border(server: Any, position: Position) -> Position:
    with BinlogReader(server, Position(position.file, 4), lambda schema, name: None, idle_after=5) as reader:
        for event in reader:
            if isinstance(event, Transaction) and event.end >= position:
                return event.end
            assert not isinstance(event, Idle), f"the new log ends at {event.end} and has not grown past {position}"
    raise AssertionError("a log has no end")
