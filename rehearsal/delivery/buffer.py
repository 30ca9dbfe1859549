"""The buffer of a delivery stream: records become one object, by size or by time, whichever is reached first. No I/O.

Page: https://docs.aws.amazon.com/firehose/latest/dev/buffering-hints.html.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass

from rehearsal.plan import DeliveryPlan

COMPRESSIONS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "UNCOMPRESSED": ("", lambda body: body),
    "GZIP": (".gz", lambda body: gzip.compress(body, compresslevel=6, mtime=0)),
}
"""For each compressionFormat that is played the file extension that Firehose derives from it, and what it does."""


@dataclass(frozen=True, kw_only=True)
class SourceRecord:
    """A record as it was read from the stream."""

    shard_id: str
    sequence: str
    arrival: int
    """Milliseconds since the epoch."""
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """The records of one object to be."""

    body: bytes
    """Their data and delimiters, not compressed."""
    records: int
    oldest: int
    """The earliest arrival among them, in milliseconds since the epoch."""
    positions: dict[str, str]
    """For each shard the sequence number of its last record among them."""


class Buffer:
    """Collects records until they are due. Times are seconds of any monotonic clock."""

    def __init__(self, plan: DeliveryPlan) -> None:
        self._bytes_due = plan.buffer_bytes
        self._seconds_due = plan.buffer_seconds
        self._delimiter = b"\n" if plan.append_delimiter else b""
        self._empty()

    def add(self, record: SourceRecord, now: float) -> None:
        """Take in ``record``; the first one starts the clock."""
        if not self._records:
            self._opened, self._oldest = now, record.arrival
        self._body += record.data
        self._body += self._delimiter
        self._records += 1
        self._oldest = min(self._oldest, record.arrival)
        self._positions[record.shard_id] = record.sequence

    def due(self, now: float) -> bool:
        """Whether the buffer is full or has waited long enough. An empty one is never due."""
        waited = now - self._opened >= self._seconds_due
        return self._records > 0 and (waited or len(self._body) >= self._bytes_due)

    def take(self) -> Parcel | None:
        """Everything in the buffer, which is empty then; None if it was."""
        if not self._records:
            return None
        parcel = Parcel(
            body=bytes(self._body), records=self._records, oldest=self._oldest, positions=dict(self._positions)
        )
        self._empty()
        return parcel

    def _empty(self) -> None:
        self._body = bytearray()
        self._records = 0
        self._opened, self._oldest = 0.0, 0
        self._positions: dict[str, str] = {}
