"""The SQL that makes the user as which DMS reads the binlog: plain statements, one per string; no pulumi here.

They run on MySQL 8.0, on Aurora and (except the RDS procedure) on MariaDB, and may be run again at any time, also while
a task reads: nothing is taken away and given back. (``REVOKE ALL`` would, and RDS allows it on ``*.*`` to nobody:
https://github.com/hashicorp/terraform-provider-mysql/pull/73.) ``<password>`` stands where the password goes; the
password itself is in Secrets Manager only.

SELECT is granted on what the table patterns capture. GRANT knows no wildcards for tables, so a pattern of tables is a
grant on its schema. In a schema ``_`` and ``%`` are wildcards, unless ``partial_revokes`` is on, as Aurora MySQL 3 has
it and lets nobody change (https://github.com/petoju/terraform-provider-mysql/issues/3). Then they mean themselves, and
an escaped ``_`` matches nothing: MySQL compares the names as they are (``acl_get`` in its sql_auth_cache.cc). So names
are written as they are. Where it is off, ``my_shop`` lets the user read ``myXshop`` too, which no task captures; where
it is on, a pattern of schemas finds nothing, and ``contradictions.py`` refuses it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from documents.table_patterns import TablePattern, is_name

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


def grants(statements: Iterable[str]) -> list[str]:
    """Those of ``statements`` that give a right."""
    return [statement for statement in statements if statement.startswith("GRANT ")]


def withdrawals(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """A REVOKE for every GRANT of the statements ``before`` that those ``after`` do not make any more.

    To be run last: then the user is never without a right that it keeps. A renamed user leaves its predecessor behind
    without rights, for nothing is dropped. Rights that somebody else granted stay.
    """
    kept = set(after)
    withdrawn = [grant for grant in grants(before) if grant not in kept]
    return [re.sub(r"^GRANT (.+) TO (.+)$", r"REVOKE \1 FROM \2", grant) for grant in withdrawn]


def _grantables(tables: Iterable[TablePattern]) -> list[str]:
    """What to grant SELECT on; a table of a schema that is granted as a whole is not named again."""
    patterns = list(tables)
    whole = {pattern.schema for pattern in patterns if not (is_name(pattern.schema) and is_name(pattern.table))}
    schemas = {f"{_quoted(_grant_pattern(schema))}.*" for schema in whole}
    single = {f"{_quoted(p.schema)}.{_quoted(p.table)}" for p in patterns if p.schema not in whole}
    return sorted(schemas) + sorted(single)


def _grant_pattern(schema: str) -> str:
    """A schema as GRANT takes it: a name as it is, a character class of DMS as ``_``."""
    return schema if is_name(schema) else re.sub(r"\[[^\]]*\]", "_", schema)


def _quoted(identifier: str) -> str:
    return f"`{identifier}`"
