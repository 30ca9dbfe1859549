"""Privileges: which tables the user may read.

The catalog lists of a table those columns alone on which its reader has a privilege, any privilege, and says nothing of
the others. The rows in the log have all columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pymysql
from pymysql.constants import ER

from database.queries import ask, quoted

Name = tuple[str, str]
"""Schema and table."""

_DENIED = (ER.TABLEACCESS_DENIED_ERROR, ER.COLUMNACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR)
"""What a server answers to who may not read a table, be it there or not."""


def may_read(connection: pymysql.Connection[Any], name: Name, columns: str = "1") -> bool:
    """Whether the user may read these ``columns`` (SQL) of a table. Of one that is known not to be there it may."""
    try:
        ask(connection, f"SELECT {columns} FROM {quoted(name[0])}.{quoted(name[1])} LIMIT 0")
    except pymysql.MySQLError as error:
        return error.args[0] not in _DENIED
    return True


def not_wholly_readable(connection: pymysql.Connection[Any], names: Iterable[Name]) -> frozenset[Name]:
    """Those of ``names``, tables that the user sees, of which it may not read every column.

    Asked one by one, unless a grant covers the schema or all of them.
    """
    ((user,),) = ask(connection, "SELECT CURRENT_USER()")
    account, _, host = user.rpartition("@")
    granted = "privilege_type = 'SELECT' AND grantee = %s"
    mine = (f"'{account}'@'{host}'",)
    if ask(connection, f"SELECT 1 FROM information_schema.user_privileges WHERE {granted}", mine):
        return frozenset()
    schemas = ask(connection, f"SELECT table_schema FROM information_schema.schema_privileges WHERE {granted}", mine)
    covered = {schema for (schema,) in schemas}
    asked = (name for name in names if name[0] not in covered)
    return frozenset(name for name in asked if not may_read(connection, name, "*"))
