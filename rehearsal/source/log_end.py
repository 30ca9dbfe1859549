"""Log end: how far the source's binlog goes, and snapshots of its rows at exactly such a place."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymysql

from database.queries import ask, is_mariadb
from model import PipelineError, Position


def status(connection: pymysql.Connection[Any]) -> tuple[Any, ...]:
    """File and offset of the binlog's end, then the schemas that it takes alone and those that it leaves out."""
    statement = "SHOW BINARY LOG STATUS" if _since_8_4(connection) else "SHOW MASTER STATUS"
    rows = ask(connection, statement)
    if not rows:
        raise PipelineError(
            "the source has no binlog (log_bin=OFF), so no change can be captured: set log_bin and "
            "binlog_format=ROW (on Aurora binlog_format in the cluster parameter group) and restart the server"
        )
    return rows[0]


def position(connection: pymysql.Connection[Any]) -> Position:
    """The end of the binlog now: every transaction committed before this call lies before it."""
    file, offset, *_ = status(connection)
    return Position(file, int(offset))


@contextmanager
def consistent(connection: pymysql.Connection[Any]) -> Iterator[Position]:
    """A consistent snapshot on ``connection`` while the block runs, and the exact binlog position it belongs to.

    MariaDB tells the position of a snapshot. MySQL does not: there the snapshot is opened in a moment of rest, when
    the binlog's end has not moved for a while; a source that never rests is refused.
    """
    snapshot = _mariadb_snapshot if is_mariadb(connection) else _mysql_snapshot
    try:
        yield snapshot(connection)
    finally:
        connection.rollback()


def _mariadb_snapshot(connection: pymysql.Connection[Any]) -> Position:
    """https://mariadb.com/kb/en/enhancements-for-start-transaction-with-consistent-snapshot/"""
    ask(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT")
    told = dict(ask(connection, "SHOW STATUS LIKE 'Binlog_snapshot_%%'", ()))
    if not told.get("Binlog_snapshot_file"):
        return position(connection)  # no binlog: says so
    return Position(told["Binlog_snapshot_file"], int(told["Binlog_snapshot_position"]))


def _mysql_snapshot(connection: pymysql.Connection[Any], attempts: int = 50, rest: float = 0.2) -> Position:
    before = position(connection)
    for _ in range(attempts):
        # A commit reaches the binlog before the engine: wait until what is in the log is also in the tables.
        time.sleep(rest)
        ask(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT")
        after = position(connection)
        if after == before:
            return after
        connection.rollback()
        before = after
    raise PipelineError(
        f"the source's binlog moved in each of {attempts} attempts to open a snapshot at a known position: "
        "stop the writers for a moment and try again"
    )


def _since_8_4(connection: pymysql.Connection[Any]) -> bool:
    version = tuple(int(part) for part in re.findall(r"\d+", connection.get_server_info())[:2])
    return version >= (8, 4) and not is_mariadb(connection)
