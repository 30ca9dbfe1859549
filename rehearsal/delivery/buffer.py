"""The buffers of a delivery stream: records become objects, by size or by time, whichever is reached first. No I/O.

There is one buffer for each place that an object can go to: one alone without dynamic partitioning, else one for each
partition, and one for each way in which records failed.

Pages: https://docs.aws.amazon.com/firehose/latest/dev/buffering-hints.html and buffering.html (of partitions).
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from model.plan import DeliveryPlan

COMPRESSIONS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "UNCOMPRESSED": ("", lambda body: body),
    "GZIP": (".gz", lambda body: gzip.compress(body, compresslevel=1, mtime=0)),
}
"""For each compressionFormat that is played the file extension that Firehose derives from it, and what it does. Which
level of GZIP Firehose takes is not documented."""

ACTIVE_PARTITIONS = 500
"""So many partitions can have a buffer at a time; a quota that AWS raises on request."""


class SourceRecord(NamedTuple):
    """A record as it was read from the stream."""

    shard_id: str
    sequence: str
    arrival: int
    """Milliseconds since the epoch."""
    data: bytes


class Place(NamedTuple):
    """Where an object goes, and so which records share one."""

    partition: tuple[str, ...] = ()
    """The values of the partition keys; none without dynamic partitioning."""
    error_type: str = ""
    """Why the records failed, as the error prefix says it; empty if they did not."""


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """The records of one object to be."""

    body: bytes
    """Their data and delimiters, not compressed."""
    oldest: int
    """The earliest arrival among them, in milliseconds since the epoch."""
    opened: float
    """When the first of them came into the buffer, in seconds of the buffers' clock."""


@dataclass(kw_only=True)
class _Buffer:
    """The records of one object so far."""

    opened: float
    oldest: int
    body: bytearray = field(default_factory=bytearray)
    before: dict[str, str] = field(default_factory=dict)
    """For each shard the sequence number before its first record in here; empty where nothing is known before."""


class Buffers:
    """Every buffer that has records, and how far each shard has got to S3. Times are seconds of any monotonic clock."""

    def __init__(self, plan: DeliveryPlan, positions: Mapping[str, str]) -> None:
        self._bytes_due = plan.buffer_bytes
        self._seconds_due = plan.buffer_seconds
        self._buffers: dict[Place, _Buffer] = {}
        self._read = dict(positions)

    @property
    def places(self) -> list[Place]:
        """Where the records that are in here will go."""
        return list(self._buffers)

    @property
    def partitions(self) -> int:
        """How many places have a buffer now, without those of records that failed."""
        return sum(not place.error_type for place in self._buffers)

    def has_room_for(self, place: Place) -> bool:
        """Whether a record of ``place`` can be taken in: not if that would be one partition too many."""
        if place in self._buffers or place.error_type:
            return True
        return self.partitions < ACTIVE_PARTITIONS

    def add(self, place: Place, body: bytes, record: SourceRecord, now: float) -> None:
        """Take in ``record``, processed to ``body``; the first one of a place starts its clock."""
        if place not in self._buffers:
            self._buffers[place] = _Buffer(opened=now, oldest=record.arrival)
        buffer = self._buffers[place]
        buffer.body += body
        buffer.oldest = min(buffer.oldest, record.arrival)
        buffer.before.setdefault(record.shard_id, self._read.get(record.shard_id, ""))
        self._read[record.shard_id] = record.sequence

    def due(self, place: Place, now: float) -> bool:
        """Whether the buffer of ``place`` is full or has waited long enough."""
        buffer = self._buffers[place]
        return now - buffer.opened >= self._seconds_due or len(buffer.body) >= self._bytes_due

    def take(self, place: Place) -> Parcel:
        """Everything that goes to ``place``, which has no buffer then."""
        buffer = self._buffers.pop(place)
        return Parcel(body=bytes(buffer.body), oldest=buffer.oldest, opened=buffer.opened)

    def positions(self) -> dict[str, str]:
        """For each shard the last record before all that are still in a buffer; none where they are its first.

        A delivery stream that goes on from there leaves out no record, and delivers some of other places again.
        """
        marks = dict(self._read)
        for buffer in self._buffers.values():
            for shard, before in buffer.before.items():
                marks[shard] = min(marks[shard], before, key=_place_in_shard)
        return {shard: mark for shard, mark in marks.items() if mark}


def _place_in_shard(sequence: str) -> int:
    """Sequence numbers grow within a shard, but not always in digits."""
    return int(sequence or -1)
