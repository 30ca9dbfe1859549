"""The SQL that makes the user as which DMS reads the binlog: plain statements, one per string; no pulumi here.

They run on MySQL 8.0, on Aurora and (except the RDS procedure) on MariaDB, and may be run again at any time.
``<password>`` stands where the password goes; the password itself is in Secrets Manager only.

SELECT is granted on what the table patterns capture. GRANT knows the wildcards ``%`` and ``_`` for schemas and none for
tables, so a pattern of tables becomes a grant on its schema, and a character class of a schema becomes ``_``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from components.dms_documents import TablePattern, is_name

PASSWORD_PLACEHOLDER = "<password>"


def statements(*, user: str, tables: Iterable[TablePattern], binlog_retention_hours: int) -> list[str]:
    """The statements, in the order in which an administrator runs them on the writer."""
    account = f"'{user}'@'%'"
    return [
        f"CREATE USER IF NOT EXISTS {account} IDENTIFIED BY '{PASSWORD_PLACEHOLDER}' REQUIRE SSL",
        f"ALTER USER {account} IDENTIFIED BY '{PASSWORD_PLACEHOLDER}' REQUIRE SSL",
        f"GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO {account}",
        *(f"GRANT SELECT ON {grantable} TO {account}" for grantable in _grantables(tables)),
        f"CALL mysql.rds_set_configuration('binlog retention hours', {binlog_retention_hours})",
    ]


def _grantables(tables: Iterable[TablePattern]) -> list[str]:
    """What to grant SELECT on; a table of a schema that is granted as a whole is not named again."""
    patterns = list(tables)
    whole = {pattern.schema for pattern in patterns if not (is_name(pattern.schema) and is_name(pattern.table))}
    schemas = {f"{_quoted(_grant_pattern(schema))}.*" for schema in whole}
    single = {f"{_quoted(p.schema)}.{_quoted(p.table)}" for p in patterns if p.schema not in whole}
    return sorted(schemas) + sorted(single)


def _grant_pattern(schema: str) -> str:
    """A schema in the wildcards of GRANT: a name is escaped, a DMS pattern translated."""
    if is_name(schema):
        return schema.replace("_", r"\_")
    return re.sub(r"\[([^\]]*)\]", lambda found: r"\_" if found[1] == "_" else "_", schema)


def _quoted(identifier: str) -> str:
    return f"`{identifier}`"
