"""Queries: the little SQL that every reader of the source needs."""

from __future__ import annotations

from typing import Any

import pymysql


def ask(
    connection: pymysql.Connection[Any], statement: str, arguments: tuple[object, ...] | None = None
) -> list[tuple[Any, ...]]:
    """Run ``statement`` and give its whole result. ``%s`` stands for the arguments, if there are any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return list(cursor.fetchall())


def quoted(identifier: str) -> str:
    """``identifier`` as SQL takes it literally."""
    return "`" + identifier.replace("`", "``") + "`"


def is_mariadb(connection: pymysql.Connection[Any]) -> bool:
    """Whether the server is a MariaDB, whose binlog dialect and status commands differ from MySQL's."""
    return "mariadb" in connection.get_server_info().lower()
