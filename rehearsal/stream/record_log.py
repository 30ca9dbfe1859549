"""The records of one shard: the newest in memory, older ones in a file, so that a long rehearsal takes no more memory.

A stream keeps what it took in for a day at least, whoever has read it. What is in the file is for the process that
wrote it, and for no other.
"""

from __future__ import annotations

import marshal
import os
import tempfile
from bisect import bisect_left
from collections.abc import Iterator
from typing import IO, NamedTuple

_BLOCK_BYTES = 128 * 1024
"""Data and keys that are in memory, for each shard, before they are written."""


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


class Spill:
    """The file of a stream, without a name below ``TMPDIR``: it is gone with its process, however that ends."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._end = 0

    def append(self, data: bytes) -> int:
        """Write ``data`` behind all else; where it begins."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 -- as long as the stream lives
        begin, rest = self._end, memoryview(data)
        while rest:  # a call may write less than it is given
            rest = rest[os.pwrite(self._file.fileno(), rest, self._end + len(data) - len(rest)) :]
        self._end += len(data)
        return begin

    def read(self, begin: int, size: int) -> bytes:
        """The ``size`` bytes from ``begin`` on."""
        assert self._file
        return os.pread(self._file.fileno(), size, begin)


class _Block(NamedTuple):
    last: int
    """The sequence number of its last record."""
    begin: int
    size: int


class RecordLog:
    """Records in the order of their sequence numbers."""

    def __init__(self, spill: Spill) -> None:
        self._spill = spill
        self._blocks: list[_Block] = []
        self._newest: list[tuple[int, int, str, bytes]] = []
        self._bytes = 0
        self._first = 0
        """The smallest sequence number that is still kept."""
        self.oldest: int | None = None
        """When the first record that is kept arrived; None without one."""

    def append(self, sequence: int, arrival: int, partition_key: str, data: bytes, size: int) -> None:
        """Keep the record of these, whose number is greater than all before; ``size`` is its own."""
        self._newest.append((sequence, arrival, partition_key, data))
        self._bytes += size
        if self.oldest is None:
            self.oldest = arrival
        if self._bytes >= _BLOCK_BYTES:
            block = marshal.dumps(self._newest)
            self._blocks.append(_Block(sequence, self._spill.append(block), len(block)))
            self._newest, self._bytes = [], 0

    def since(self, sequence: int) -> Iterator[Record]:
        """The records from the number ``sequence`` on."""
        sequence = max(sequence, self._first)
        for block in self._blocks[bisect_left(self._blocks, sequence, key=_last) :]:
            records = marshal.loads(self._spill.read(block.begin, block.size))
            yield from map(Record._make, records[bisect_left(records, sequence, key=_number) :])
        yield from map(Record._make, self._newest[bisect_left(self._newest, sequence, key=_number) :])

    def forget(self, sequence: int) -> None:
        """Keep no record before the number ``sequence``."""
        self._first = sequence
        del self._blocks[: bisect_left(self._blocks, sequence, key=_last)]
        if not self._blocks:
            del self._newest[: bisect_left(self._newest, sequence, key=_number)]
        first = next(self.since(sequence), None)
        self.oldest = first.arrival if first else None


def _last(block: _Block) -> int:
    return block.last


def _number(record: tuple[int, int, str, bytes]) -> int:
    return record[0]
