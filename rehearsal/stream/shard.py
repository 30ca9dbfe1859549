"""One shard of a Kinesis data stream: its hash key range, sequence numbers, records and write limits. No I/O.

Rules of this module:

* Sequence numbers have 56 digits, are unique in the stream and increase within a shard, with the time of arrival.
* A position is the smallest sequence number that is still to be read; it stays good when records are trimmed.
* Times are whole milliseconds since the epoch and never run backwards within a shard, whatever the clock does.

Pages: https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html and service-sizes-and-limits.html.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from dataclasses import dataclass
from typing import NamedTuple

MEBIBYTE = 1 << 20
HASH_KEYS = 1 << 128
RECORDS_PER_SECOND = 1000
"""What a shard takes in; with ``BYTES_PER_SECOND`` the write limits of service-sizes-and-limits."""
BYTES_PER_SECOND = MEBIBYTE
BYTES_PER_READ = 10 * MEBIBYTE
"""The most that GetRecords returns."""

_SHARD_DIGITS = 10**4
_COUNTER_DIGITS = 10**36
_LEADING = 495 * 10**53  # sequence numbers of AWS start with 495 or 496 and have 56 digits


class KinesisError(Exception):
    """An error of the Kinesis API: its code as AWS names it and a message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Record(NamedTuple):
    """One record of a stream."""

    sequence: int
    arrival: int
    partition_key: str
    data: bytes

    @property
    def size(self) -> int:
        """Bytes that count against limits: the data and the partition key."""
        return len(self.data) + len(self.partition_key.encode())


@dataclass
class _Allowance:
    """What a shard still takes in. It fills up at ``per_second`` and holds one second's worth."""

    per_second: int
    left: float
    at: int

    def refill(self, now: int) -> None:
        self.left = min(self.per_second, self.left + (now - self.at) * self.per_second / 1000)
        self.at = now


class Shard:
    """One shard: a hash key range and the records in it, oldest first."""

    def __init__(self, index: int, count: int, created: int) -> None:
        self.id = f"shardId-{index:012d}"
        self.first_hash = HASH_KEYS * index // count
        self.last_hash = HASH_KEYS * (index + 1) // count - 1
        self.starting_sequence = _LEADING + created * _SHARD_DIGITS * _COUNTER_DIGITS + index
        self.tip = self.starting_sequence + 1
        """The position after the newest record: where the next one will be found, whatever its number."""
        self.records: list[Record] = []
        self.taken, self.taken_bytes, self.throttled = 0, 0, 0
        """Since the stream was created: records and bytes taken in, and records refused for the shard's limits."""
        self.iterator_age = 0
        """The greatest GetRecords.IteratorAgeMilliseconds so far: the age of the last record that a read gave.
        https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html"""
        self._index = index
        self._newest = created
        self._allowances = tuple(_Allowance(rate, rate, created) for rate in (RECORDS_PER_SECOND, BYTES_PER_SECOND))

    def arrival(self, now: int) -> int:
        """The time at which a record that is put now arrives."""
        self._newest = max(self._newest, now)
        return self._newest

    def throttles(self, size: int, now: int) -> bool:
        """Whether a record of ``size`` bytes is beyond the shard's write limits now; if not, it is charged."""
        for allowance in self._allowances:
            allowance.refill(now)
        records, bytes_ = self._allowances
        if records.left < 1 or bytes_.left < size:
            self.throttled += 1
            return True
        records.left -= 1
        bytes_.left -= size
        return False

    def append(self, arrival: int, count: int, partition_key: str, data: bytes) -> Record:
        """Store a record as the ``count``-th of the stream."""
        sequence = _LEADING + (arrival * _COUNTER_DIGITS + count) * _SHARD_DIGITS + self._index
        record = Record(sequence, arrival, partition_key, data)
        self.records.append(record)
        self.tip = sequence + 1
        self.taken += 1
        self.taken_bytes += record.size
        return record

    def trim(self, horizon: int) -> None:
        """Forget the records that arrived before ``horizon``."""
        if self.records and self.records[0].arrival < horizon:
            del self.records[: bisect_left(self.records, horizon, key=_arrival)]

    def position_at(self, timestamp: int) -> int:
        """The position of the first record that arrived at or after ``timestamp``."""
        index = bisect_left(self.records, timestamp, key=_arrival)
        return self.records[index].sequence if index < len(self.records) else self.tip

    def read(self, position: int, limit: int) -> tuple[list[Record], Record | None]:
        """Up to ``limit`` records and ``BYTES_PER_READ`` bytes from ``position`` on, and the record after them."""
        start = bisect_left(self.records, position, key=_sequence)
        end, size = start, 0
        for record in itertools.islice(self.records, start, start + limit):
            size += record.size
            if size > BYTES_PER_READ and end > start:
                break
            end += 1
        return self.records[start:end], self.records[end] if end < len(self.records) else None


def _arrival(record: Record) -> int:
    return record.arrival


def _sequence(record: Record) -> int:
    return record.sequence
