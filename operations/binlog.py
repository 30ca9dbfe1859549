"""Binlog: what of its log the source still keeps.

https://dev.mysql.com/doc/refman/8.0/en/show-binary-logs.html
"""

from __future__ import annotations

from collections.abc import Callable

from model.window import LogFile
from operations.sql.answer import Answer


def log_files(ask: Callable[[str], Answer]) -> list[LogFile]:
    """The files of the source's binlog, the oldest first; none where it writes none."""
    return [LogFile(str(row[0]), int(row[1])) for row in ask("SHOW BINARY LOGS").rows]


def retention_hours(ask: Callable[[str], Answer]) -> float | None:
    """For how long Aurora keeps a file at least; None where nobody said."""
    rows = ask("SELECT value FROM mysql.rds_configuration WHERE name = 'binlog retention hours'").rows
    return float(rows[0][0]) if rows and rows[0][0] is not None else None
