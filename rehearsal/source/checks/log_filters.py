"""Log filters: whether the source writes the changes of the captured schemas to its binlog at all."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pymysql

from database.queries import ask
from model import PipelineError
from rehearsal.source import log_end

_REPLICA_STATUS = ("SHOW REPLICA STATUS", "SHOW SLAVE STATUS")  # a server knows one of them, or lets ask neither


def check_logged(connection: pymysql.Connection[Any], schemas: Collection[str]) -> tuple[str, ...]:
    """Raise PipelineError for one of ``schemas`` whose changes the source keeps out of its log; else what to say.

    ``binlog-do-db`` and ``binlog-ignore-db`` are no variables on every server: SHOW MASTER STATUS tells them.
    https://dev.mysql.com/doc/refman/8.0/en/replication-options-binary-log.html#option_mysqld_binlog-do-db
    """
    _check_replica(connection)
    _, _, do, ignore, *_ = log_end.status(connection)
    taken, passed = _names(do), _names(ignore)
    unlogged = sorted(one for one in schemas if one.lower() in passed or (taken and one.lower() not in taken))
    if unlogged:
        raise PipelineError(
            f"the source does not log changes of {', '.join(unlogged)}, so no change can be captured: it was started "
            f"with {_options(do, ignore)}. Start it without, or leave the schema out of the mappings"
        )
    if taken or passed:
        return (
            f"the source was started with {_options(do, ignore)}: a statement such as ALTER TABLE that a session runs "
            "with another default schema may be missing in its log, and the lake then misses what it did",
        )
    return ()


def _check_replica(connection: pymysql.Connection[Any]) -> None:
    """A replica logs what it gets from its primary only with log_slave_updates (mysql-check-database-role)."""
    asked = ("log_slave_updates", "log_replica_updates", "wsrep_on")
    found = {
        name.lower(): value
        for name, value in ask(connection, "SHOW GLOBAL VARIABLES WHERE variable_name IN %s", (asked,))
    }
    if "OFF" not in (found.get("log_slave_updates"), found.get("log_replica_updates")):
        return
    if found.get("wsrep_on") == "ON" or _replicates(connection):
        raise PipelineError(
            "the source gets changes from another server and does not write them to its own log (log_slave_updates is "
            "OFF), so they cannot be captured (mysql-check-database-role): set it to ON, or capture from the primary"
        )


def _replicates(connection: pymysql.Connection[Any]) -> bool:
    if any(value == "ON" for _, value in ask(connection, "SHOW GLOBAL STATUS LIKE 'Slave_running'")):
        return True
    for statement in _REPLICA_STATUS:
        try:
            return bool(ask(connection, statement))
        except pymysql.MySQLError:
            continue
    return False


def _names(listed: str) -> set[str]:
    return {name.lower() for name in listed.split(",") if name}


def _options(do: str, ignore: str) -> str:
    told = (f"binlog-do-db={do}" if do else "", f"binlog-ignore-db={ignore}" if ignore else "")
    return " and ".join(filter(None, told))
