"""Binlog stream: the events of a server's binlog, as a replica receives them.

Asks for the log as a replica does (COM_REGISTER_SLAVE, COM_BINLOG_DUMP) over an ordinary PyMySQL connection.
https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_replication.html
"""

from __future__ import annotations

import secrets
import struct
import uuid
import zlib
from collections.abc import Iterator
from contextlib import closing
from enum import IntEnum
from typing import Any, NamedTuple

import pymysql
from pymysql.constants import COMMAND, CR

from database.server import Server, SourceLostError, is_lost
from model import PipelineError, Position


class EventType(IntEnum):
    """Event types, by MySQL's and MariaDB's names.

    https://dev.mysql.com/doc/dev/mysql-server/latest/namespacemysql_1_1binlog_1_1event.html
    """

    QUERY = 2
    STOP = 3
    ROTATE = 4
    INTVAR = 5
    APPEND_BLOCK = 9
    DELETE_FILE = 11
    RAND = 13
    USER_VAR = 14
    FORMAT_DESCRIPTION = 15
    XID = 16
    BEGIN_LOAD_QUERY = 17
    EXECUTE_LOAD_QUERY = 18
    TABLE_MAP = 19
    WRITE_ROWS_V1 = 23
    UPDATE_ROWS_V1 = 24
    DELETE_ROWS_V1 = 25
    INCIDENT = 26
    HEARTBEAT = 27
    IGNORABLE = 28
    ROWS_QUERY = 29
    WRITE_ROWS = 30
    UPDATE_ROWS = 31
    DELETE_ROWS = 32
    GTID = 33
    ANONYMOUS_GTID = 34
    PREVIOUS_GTIDS = 35
    TRANSACTION_CONTEXT = 36
    VIEW_CHANGE = 37
    XA_PREPARE = 38
    PARTIAL_UPDATE_ROWS = 39
    TRANSACTION_PAYLOAD = 40
    HEARTBEAT_V2 = 41
    GTID_TAGGED = 42
    ANNOTATE_ROWS = 160
    BINLOG_CHECKPOINT = 161
    MARIADB_GTID = 162
    GTID_LIST = 163
    START_ENCRYPTION = 164
    QUERY_COMPRESSED = 165


class Event(NamedTuple):
    """One event, its checksum verified and cut off."""

    kind: int
    """The event's type code; a ``EventType`` where it is known."""
    timestamp: int
    """Seconds since the epoch."""
    flags: int
    begin: Position
    """Where the event starts."""
    end: Position
    """Just behind it."""
    body: bytes
    """What follows the common header (19 bytes)."""


ARTIFICIAL, IGNORABLE = 0x20, 0x80
"""Event flags: made up by the server for the replica, not in the file; may be passed over by who does not know it."""

_HEADER = struct.Struct("<IBIIIH")  # timestamp, type, server id, size, end of event in the file, flags
_FIRST_EVENT = 4  # a binlog file starts with a magic number of four bytes
_BEHIND_4_GB = "DMS does not read such files reliably either; lower max_binlog_size, avoid very large transactions"
_LARGEST_OFFSET = 2**32 - 1
_CRC32 = 1
_SILENCE_SECONDS = 60

# Both spellings of each setting: MySQL 8.0.26 renamed master to source, MariaDB knows only the old name.
_AS_REPLICA = """SET @master_binlog_checksum = @@global.binlog_checksum,
    @source_binlog_checksum = @@global.binlog_checksum,
    @master_heartbeat_period = %(nanoseconds)s, @source_heartbeat_period = %(nanoseconds)s,
    @mariadb_slave_capability = 4, @slave_uuid = %(uuid)s, @replica_uuid = %(uuid)s"""


class BinlogStream:
    """The events from ``start`` on, for ever; while there are none, a HEARTBEAT every ``heartbeat`` seconds.

    Raises PipelineError when the server refuses (no privilege, file purged, position inside an event), when the
    connection is lost and when a checksum does not fit.
    """

    def __init__(self, server: Server, start: Position, heartbeat: float) -> None:
        if start.offset > _LARGEST_OFFSET:
            raise PipelineError(
                f"{start} lies behind 4 GB, where the replication protocol cannot start: {_BEHIND_4_GB}"
            )
        self._start = start
        self._server = server
        self._connection = server.connect(read_timeout=_SILENCE_SECONDS)
        try:
            self._become_replica(heartbeat)
        except pymysql.MySQLError as error:
            self.close()
            raise self._failed(error) from error

    def close(self) -> None:
        """Leave the server; it notices at its next event or heartbeat."""
        if self._connection.open:
            self._connection.close()

    def __iter__(self) -> Iterator[Event]:
        end = self._start
        checksum = False
        while True:
            packet = self._packet()
            timestamp, kind, _server_id, _size, log_position, flags = _HEADER.unpack_from(packet, 1)
            if kind == EventType.FORMAT_DESCRIPTION:
                # Its own last bytes say whether events, this one included, end with a checksum.
                checksum = packet[-5] == _CRC32
            elif kind == EventType.ROTATE:
                yield (event := _rotation(packet, timestamp, flags, end))
                end = event.end
                continue
            body = _verified(packet, end) if checksum and kind != EventType.HEARTBEAT else packet[20:]
            begin = end
            if log_position and not flags & ARTIFICIAL and kind != EventType.FORMAT_DESCRIPTION:
                end = _moved(end, log_position)
            yield Event(kind, timestamp, flags, begin, end, body)

    def _become_replica(self, heartbeat: float) -> None:
        server_id = secrets.randbits(31) | 1 << 31  # unlike any real replica's; a server drops the older of two alike
        with self._connection.cursor() as cursor:
            cursor.execute(_AS_REPLICA, {"nanoseconds": int(heartbeat * 1e9), "uuid": str(uuid.uuid4())})
        connection: Any = self._connection  # the driver has no public name for its command packets
        command = connection._execute_command
        command(COMMAND.COM_REGISTER_SLAVE, struct.pack("<I3xHII", server_id, 0, 0, 0))
        connection._read_packet()
        offset = max(self._start.offset, _FIRST_EVENT)
        command(COMMAND.COM_BINLOG_DUMP, struct.pack("<IHI", offset, 0, server_id) + self._start.file.encode())

    def _packet(self) -> bytes:
        try:
            packet: bytes = self._connection._read_packet()._data
        except pymysql.MySQLError as error:
            raise self._failed(error) from error
        if packet[0]:
            raise SourceLostError(
                f"{self._server} ended the binlog stream: the server shuts down, or its log was reset (RESET MASTER) "
                "while it was followed"
            )
        return packet

    def _failed(self, error: pymysql.MySQLError) -> PipelineError:
        code = error.args[0] if error.args else None
        why = _FAILURES.get(code, "the server refuses") if isinstance(code, int) else "the connection is unusable"
        kind = SourceLostError if is_lost(error) else PipelineError
        return kind(f"cannot read the binlog of {self._server} from {self._start}: {why} ({error})")


def created_at(server: Server, file: str) -> int:
    """When ``file`` of the server's binlog was begun, in seconds since the epoch: its first event says so.

    A log that was reset, or another server's, has another file of that name. Raises PipelineError as the stream does.
    """
    with closing(BinlogStream(server, Position(file, _FIRST_EVENT), heartbeat=_SILENCE_SECONDS)) as stream:
        return next(event.timestamp for event in stream if event.kind == EventType.FORMAT_DESCRIPTION)


def _rotation(packet: bytes, timestamp: int, flags: int, begin: Position) -> Event:
    """A ROTATE event, which alone may come before the server has said whether there are checksums."""
    whole, crc = packet[1:-4], int.from_bytes(packet[-4:], "little")
    body = whole[19:] if zlib.crc32(whole) == crc else packet[20:]
    end = Position(body[8:].decode(), int.from_bytes(body[:8], "little"))
    return Event(EventType.ROTATE, timestamp, flags, begin, end, body)


def _moved(end: Position, offset: int) -> Position:
    """The header has 32 bits for the offset; behind 4 GB it starts from zero again."""
    if offset < end.offset:
        raise PipelineError(f"the log goes on behind 4 GB at {end}, where positions are ambiguous: {_BEHIND_4_GB}")
    return Position(end.file, offset)


def _verified(packet: bytes, begin: Position) -> bytes:
    if zlib.crc32(memoryview(packet)[1:-4]) != int.from_bytes(packet[-4:], "little"):
        raise PipelineError(
            f"the binlog event at {begin} does not fit its checksum: it was damaged in the file or on the way; "
            "check the server's binlog (mariadb-binlog --verify-binlog-checksum)"
        )
    return packet[20:-4]


_FAILURES = {
    1227: "the user lacks REPLICATION SLAVE: GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* to it",
    1045: "the user lacks REPLICATION SLAVE: GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* to it",
    1236: "the server cannot go on from this position: the file is purged (raise binlog retention hours), the log was "
    "reset or the position is not the border of an event. What was written in between is lost to a resumed task: "
    "reload the tables",
    CR.CR_SERVER_LOST: f"the connection was lost, or silent for {_SILENCE_SECONDS} s despite heartbeats",
}
