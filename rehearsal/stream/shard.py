"""One shard of a Kinesis data stream: its hash key range, sequence numbers, records and write limits.

Rules of this module:

* Sequence numbers have 56 digits, are unique in the stream and increase within a shard, with the time of arrival.
* A position is the smallest sequence number that is still to be read; it stays good when records are trimmed.
* Times are whole milliseconds since the epoch and never run backwards within a shard, whatever the clock does.

Pages: https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html and service-sizes-and-limits.html.
"""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.stream.record_log import Record, RecordLog, Spill

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

    def __init__(self, index: int, count: int, created: int, spill: Spill) -> None:
        self.id = f"shardId-{index:012d}"
        self.first_hash = HASH_KEYS * index // count
        self.last_hash = HASH_KEYS * (index + 1) // count - 1
        self.starting_sequence = _LEADING + created * _SHARD_DIGITS * _COUNTER_DIGITS + index
        self.tip = self.starting_sequence + 1
        """The position after the newest record: where the next one will be found, whatever its number."""
        self._records = RecordLog(spill)
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
        if now > self._newest:
            self._newest = now
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

    def append(self, arrival: int, count: int, partition_key: str, data: bytes, size: int) -> int:
        """Store a record as the ``count``-th of the stream; its sequence number. ``size`` is its own."""
        sequence = _LEADING + (arrival * _COUNTER_DIGITS + count) * _SHARD_DIGITS + self._index
        self._records.append(sequence, arrival, partition_key, data, size)
        self.tip = sequence + 1
        self.taken += 1
        self.taken_bytes += size
        return sequence

    def trim(self, horizon: int) -> None:
        """Forget the records that arrived before ``horizon``."""
        if self._records.oldest is not None and self._records.oldest < horizon:
            self._records.forget(_first_of(horizon))

    def position_at(self, timestamp: int) -> int:
        """The position of the first record that arrived at or after ``timestamp``."""
        first = next(self._records.since(_first_of(timestamp)), None)
        return first.sequence if first else self.tip

    def read(self, position: int, limit: int) -> tuple[list[Record], Record | None]:
        """Up to ``limit`` records and ``BYTES_PER_READ`` bytes from ``position`` on, and the record after them."""
        records: list[Record] = []
        size = 0
        for record in self._records.since(position):
            size += record.size
            if len(records) == limit or (size > BYTES_PER_READ and records):
                return records, record
            records.append(record)
        return records, None


def _first_of(millis: int) -> int:
    """No record that arrives at ``millis`` has a smaller number, and none before it a greater one."""
    return _LEADING + millis * _COUNTER_DIGITS * _SHARD_DIGITS
