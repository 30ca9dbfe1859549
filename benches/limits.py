"""Limits: what each stage could cost at the least."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Protocol

import orjson

from database.server import Server
from model import Position
from rehearsal.replication.messages import Record
from rehearsal.source.binlog.stream import BinlogStream, EventType

_OBJECT_BYTES = 1 << 20


class Measures(Protocol):
    """What measures."""

    def measure(self, name: str, work: Callable[[], int]) -> None:
        """``work`` gives how many it did."""


def measure(bench: Measures, server: Server, begin: Position, records: list[Record]) -> None:
    """Each limit over the same log and the same records as the stages."""
    documents = [orjson.loads(record.data) for record in records]
    body = b"\n".join(record.data for record in records)

    def packets() -> int:
        stream = BinlogStream(server, begin, heartbeat=0.05)
        kinds = iter(lambda: stream._packet()[5], EventType.HEARTBEAT)  # behind 0 and the time stands the type
        for _ in kinds:
            pass
        stream.close()
        return len(records)

    def serialised() -> int:
        for document in documents:
            orjson.dumps(document)
        return len(records)

    def compressed() -> int:
        for start in range(0, len(body), _OBJECT_BYTES):
            zlib.compress(body[start : start + _OBJECT_BYTES], 1)
        return len(records)

    bench.measure("limit: packets read", packets)
    bench.measure("limit: documents serialised", serialised)
    bench.measure("limit: objects compressed", compressed)
