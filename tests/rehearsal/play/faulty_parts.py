"""Parts that keep their checkpoints wrongly, as a test's replication or delivery. A worker process imports them."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import Any

from model import Idle, Position, Transaction
from rehearsal import delivery, replication
from rehearsal.delivery.delivery import Delivery
from rehearsal.replication import checkpoint, follow
from rehearsal.replication.messages import Record
from rehearsal.replication.producer import Producer
from rehearsal.source.binlog.reader import BinlogReader
from rehearsal.source.binlog.stream import created_at
from tests.rehearsal.followed import followed


def replication_ahead(channel: Any, plan: Any, server: Any, *rest: Any) -> object:
    """Leaves behind what one does that saves its checkpoint before PutRecords and is killed in between.

    Of each life the first batch of changes is in the checkpoint and never in the stream, whenever the kill comes.
    """
    flush, left_out = Producer.flush, list[Record]()

    def ahead(self: Producer) -> None:
        changes = [record for record in self._pending if b'"commit-timestamp"' in record.data]
        if changes and not left_out:
            left_out.extend(changes)
            self._pending = [record for record in self._pending if record not in changes]
        flush(self)

    Producer.flush = ahead
    return replication.run(channel, plan, server, *rest)


def delivery_ahead(*arguments: Any) -> object:
    """Leaves behind what one does that saves its checkpoint before PutObject and is killed in between.

    Of each life the first object with changes is in the checkpoint and never in S3, whenever the kill comes.
    """
    put, left_out = Delivery._put, list[str]()

    def ahead(self: Delivery, key: str, body: bytes) -> None:
        if not left_out and b'"commit-timestamp"' in gzip.decompress(body):
            left_out.append(key)
        else:
            put(self, key, body)

    Delivery._put = ahead
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
        follow.check_log = lambda start, server: None
    return replication.run(channel, plan, server, name, url, state)


def _border(server: Any, position: Position) -> Position:
    with BinlogReader(server, Position(position.file, 4), followed(), idle_after=5) as reader:
        for event in reader:
            if isinstance(event, Transaction) and event.end >= position:
                return event.end
            assert not isinstance(event, Idle), f"the new log ends at {event.end} and has not grown past {position}"
    raise AssertionError("a log has no end")
