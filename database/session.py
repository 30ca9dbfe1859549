"""Session: all settings of a session that can change what a statement reads, set by every connection and asked back.

What a server's global settings, its ``init_connect``, a proxy or the account say of a session must not decide which
rows, columns and values are there: a global ``sql_select_limit`` alone makes a load and its audit read the same part of
a table, and call that equal. What is unknown to a server needs no setting there.

https://dev.mysql.com/doc/refman/8.0/en/server-system-variables.html,
https://mariadb.com/kb/en/server-system-variables/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pymysql

from database.queries import ask
from model import PipelineError

_REPEATABLE_READ = "REPEATABLE-READ"
_SETTINGS: Mapping[str, str] = {
    # Which rows are read.
    "sql_select_limit": "18446744073709551615",
    "tx_isolation": _REPEATABLE_READ,  # its name in MariaDB before 11.1 and MySQL before 8.0
    "transaction_isolation": _REPEATABLE_READ,
    "sql_auto_is_null": "OFF",
    "sql_big_selects": "ON",
    "max_statement_time": "0",
    "max_execution_time": "0",
    # How long it may take: a stream that waits holds up a load, and a snapshot waits for tables of their own.
    "idle_transaction_timeout": "0",
    "idle_readonly_transaction_timeout": "0",
    "wait_timeout": "28800",
    "net_write_timeout": "3600",
    # What their values look like.
    "sql_mode": "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION",
    "time_zone": "+00:00",
    "character_set_client": "utf8mb4",
    "character_set_connection": "utf8mb4",
    "character_set_results": "utf8mb4",
    # What the catalog tells of tables.
    "sql_quote_show_create": "ON",
    "show_gipk_in_create_table_and_information_schema": "ON",
}
"""Variable → its value, as SHOW SESSION VARIABLES tells it. ``sql_mode`` has no mode that changes what is read, such as
PAD_CHAR_TO_FULL_LENGTH or ANSI_QUOTES, and is strict, for tests and samples write through such connections too."""


UNCUT = f"LIMIT {_SETTINGS['sql_select_limit']}"
"""Ends a query whose answer no ``sql_select_limit`` may cut, for who has no session to settle."""
FIRST = (
    f"SET SESSION sql_select_limit = {_SETTINGS['sql_select_limit']}"
    "/*M!, max_statement_time = 0 */ /*!50708, max_execution_time = 0 */"
)
"""What every session begins with, on MariaDB and on MySQL: else even the answer to what it has may be cut."""
_EVERY_SERVER = {"sql_select_limit", "sql_mode", "time_zone"}


def settle(connection: pymysql.Connection[Any]) -> None:
    """Give the session of ``connection``, which has begun with ``FIRST``, every setting.

    PipelineError for a server that does not keep one.
    """
    found = _asked(connection)
    if missing := _EVERY_SERVER - found.keys():
        raise PipelineError(f"the server does not tell what {', '.join(sorted(missing))} is in a session of it")
    wrong = {name: _SETTINGS[name] for name, value in found.items() if not _same(name, value)}
    if not wrong:
        return
    ask(connection, "SET SESSION " + ", ".join(f"{name} = {_literal(value)}" for name, value in wrong.items()))
    for name, value in _asked(connection).items():
        if not _same(name, value):
            raise PipelineError(
                f"the server keeps {name} at {value!r} for this session, though it was set to {_SETTINGS[name]!r}, so "
                "it may give other rows or values than it has: connect to the server itself and not through a proxy "
                "that holds sessions, or let the user set the variable"
            )


def _asked(connection: pymysql.Connection[Any]) -> dict[str, str]:
    """The settings that the server knows, as the session has them."""
    rows = ask(connection, "SHOW SESSION VARIABLES WHERE variable_name IN %s", (list(_SETTINGS),))
    return {_text(name).lower(): _text(value) for name, value in rows}


def _text(value: Any) -> str:
    """Text, also from a session that gives bytes because its results are not converted."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _same(name: str, value: str) -> bool:
    wanted = _SETTINGS[name]
    if name == "sql_mode":  # MySQL before 5.7 and MariaDB may list them in another order
        return set(value.split(",")) == set(wanted.split(","))
    if name in ("max_statement_time", "max_execution_time"):
        return float(value) == 0
    return value == wanted


def _literal(value: str) -> str:
    return value if value.isdigit() else f"'{value}'"
