"""Limits: what each stage could cost at the least, and what a peer needs for one of them."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any, Protocol

import orjson

from database.server import Server
from model import Position
from rehearsal.replication.messages import Record
from rehearsal.source.binlog.stream import BinlogStream, EventType
from rehearsal.source.mariadb.mariadb import MariaDB

_OBJECT_BYTES = 1 << 20


class Measures(Protocol):
    """What measures."""

    def measure(self, name: str, work: Callable[[], int]) -> None:
        """``work`` gives how many it did."""


def measure(bench: Measures, mariadb: MariaDB, server: Server, begin: Position, records: list[Record]) -> None:
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
    bench.measure("peer: mysql-replication", lambda: _mysql_replication(mariadb.root, begin))


def _mysql_replication(root: Server, begin: Position) -> int:
    """Rows as dictionaries; neither JSON nor anything behind it, and no names of columns in this server's log."""
    from pymysqlreplication import BinLogStreamReader
    from pymysqlreplication.row_event import DeleteRowsEvent, UpdateRowsEvent, WriteRowsEvent

    settings: dict[str, Any] = {"unix_socket": root.unix_socket, "user": root.user, "passwd": root.password}
    reader = BinLogStreamReader(
        connection_settings=settings,
        server_id=4711,
        resume_stream=True,
        log_file=begin.file,
        log_pos=begin.offset,
        only_events=[WriteRowsEvent, UpdateRowsEvent, DeleteRowsEvent],
        ignore_decode_errors=True,  # without the full metadata it takes a BINARY column for text
    )
    try:
        return sum(len(event.rows) for event in reader)
    finally:
        reader.close()
