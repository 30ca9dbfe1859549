"""One Kinesis data stream: which shard a record goes to, iterators, retention.

A record belongs to the shard whose hash key range holds the MD5 of its partition key, or its explicit hash key.

Pages: https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html,
https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html and API_GetRecords.html.
"""

from __future__ import annotations

import hashlib
import itertools
import time
from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

from model.plan import StreamPlan
from rehearsal.stream.record_log import Record, Spill
from rehearsal.stream.shard import KinesisError, Shard

Clock = Callable[[], int]
"""Milliseconds since the epoch."""

RECORDS_PER_READ = 10_000
"""The most that GetRecords returns."""
ITERATOR_MILLIS = 5 * 60 * 1000
"""How long a shard iterator may be used after it was handed out."""

_HOUR = 60 * 60 * 1000


class ShardIterator(NamedTuple):
    """A position in a shard, good for ``ITERATOR_MILLIS`` after ``issued``."""

    shard_id: str
    position: int
    issued: int


class Batch(NamedTuple):
    """What one read gives."""

    records: list[Record]
    next: ShardIterator
    millis_behind: int
    """0 exactly when everything that was in the shard has been read; else the age of the next record, at least 1."""


class Stream:
    """One stream with its shards, created now. Not safe for threads: its user holds a lock."""

    def __init__(self, plan: StreamPlan, *, limits: bool = True, clock: Clock | None = None) -> None:
        self.plan = plan
        self.created = (clock or _wall_clock)()
        spill = Spill()
        self._by_hash = [Shard(i, plan.shard_count, self.created, spill) for i in range(plan.shard_count)]
        self.shards = {shard.id: shard for shard in self._by_hash}
        self._first_hashes = [shard.first_hash.to_bytes(16) for shard in self._by_hash]
        self._limits = limits
        self._retention = plan.retention_hours * _HOUR
        self._clock = clock or _wall_clock
        self._count = itertools.count(1)

    def put(self, partition_key: str, data: bytes, hash_key: int | None = None) -> tuple[Shard, int]:
        """Store a record; its shard and sequence number.

        Raises ProvisionedThroughputExceededException beyond the shard's write limits.
        """
        key = partition_key.encode()
        hash_of = hashlib.md5(key, usedforsecurity=False).digest() if hash_key is None else hash_key.to_bytes(16)
        shard = self._by_hash[bisect_right(self._first_hashes, hash_of) - 1]
        arrival, size = shard.arrival(self._clock()), len(data) + len(key)
        if self._limits and shard.throttles(size, arrival):
            raise KinesisError(
                "ProvisionedThroughputExceededException",
                f"Rate exceeded for shard {shard.id} in stream {self.plan.name}.",
            )
        shard.trim(arrival - self._retention)
        return shard, shard.append(arrival, next(self._count), partition_key, data, size)

    def iterator(
        self, shard_id: str, kind: str, *, sequence: int | None = None, timestamp: int | None = None
    ) -> ShardIterator:
        """A shard iterator of the API's type ``kind``; see ``_POSITIONS`` for what each one needs."""
        shard = self._shard(shard_id)
        if kind not in _POSITIONS:
            raise KinesisError(
                "ValidationException", f"ShardIteratorType {kind} is not one of {', '.join(_POSITIONS)}."
            )
        needs, position = _POSITIONS[kind]
        argument = {"StartingSequenceNumber": sequence, "Timestamp": timestamp, "": 0}[needs]
        if argument is None:
            raise KinesisError("InvalidArgumentException", f"Must specify {needs} for iterator type {kind}.")
        now = self._clock()
        if sequence is not None:
            self._check(shard, sequence, shard.tip - 1)
        if timestamp is not None and timestamp > now:
            raise KinesisError("InvalidArgumentException", f"Timestamp {timestamp} ms is later than now, {now} ms.")
        return ShardIterator(shard_id, position(shard, argument), now)

    def get(self, iterator: ShardIterator, limit: int = RECORDS_PER_READ) -> Batch:
        """Read from ``iterator`` on. Raises ExpiredIteratorException for one that was handed out too long ago."""
        shard, now = self._shard(iterator.shard_id), self._clock()
        if now - iterator.issued > ITERATOR_MILLIS:
            raise KinesisError(
                "ExpiredIteratorException",
                f"Iterator expired. It was issued {now - iterator.issued} ms ago; {ITERATOR_MILLIS} ms are allowed.",
            )
        self._check(shard, iterator.position, shard.tip)
        shard.trim(now - self._retention)
        records, following = shard.read(iterator.position, limit)
        if records:
            shard.iterator_age = max(shard.iterator_age, now - records[-1].arrival)
        if following:
            position, behind = following.sequence, max(1, now - following.arrival)
        else:
            position, behind = shard.tip, 0
        return Batch(records, ShardIterator(iterator.shard_id, position, now), behind)

    def _shard(self, shard_id: str) -> Shard:
        try:
            return self.shards[shard_id]
        except KeyError:
            raise KinesisError(
                "ResourceNotFoundException", f"Shard {shard_id} in stream {self.plan.name} does not exist."
            ) from None

    def _check(self, shard: Shard, sequence: int, highest: int) -> None:
        if not shard.starting_sequence <= sequence <= highest:
            raise KinesisError(
                "InvalidArgumentException",
                f"Sequence number {sequence} is not of shard {shard.id} in stream {self.plan.name}, which has had "
                f"{shard.starting_sequence} to {shard.tip - 1}.",
            )


_POSITIONS: dict[str, tuple[str, Callable[[Shard, int], int]]] = {
    "TRIM_HORIZON": ("", lambda shard, _: shard.starting_sequence),
    "LATEST": ("", lambda shard, _: shard.tip),
    "AT_SEQUENCE_NUMBER": ("StartingSequenceNumber", lambda shard, sequence: sequence),
    "AFTER_SEQUENCE_NUMBER": ("StartingSequenceNumber", lambda shard, sequence: sequence + 1),
    "AT_TIMESTAMP": ("Timestamp", lambda shard, timestamp: shard.position_at(timestamp)),
}
"""For each ShardIteratorType the argument that it needs and the position that it means."""


def _wall_clock() -> int:
    return time.time_ns() // 1_000_000
