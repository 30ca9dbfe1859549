"""The heartbeat: one row that changes at every beat, so that a database in which nothing happens is not silent. Pure.

The schema is the program's own: a table among an application's could be dropped, renamed or listed by its migrations.
The log has every beat, so nothing is gained by a row for each.

A beat changes the one column of the one row and reads nothing, so its user needs one right on one column. (A statement
that also made the row, INSERT … ON DUPLICATE KEY UPDATE, takes INSERT beside, and in MariaDB SELECT.) The right cannot
be given, and ``pulumi up`` says why, where another table has that name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from documents.table_patterns import TablePattern

TABLE = TablePattern("cdc_lake", "heartbeat")
"""In the lake it is called ``cdc_lake_heartbeat``."""
COLUMNS: Mapping[str, str] = {"id": "tinyint unsigned", "beat_at": "datetime(6)"}
"""Names and MySQL's types; the first is the key. ``beat_at`` is in UTC."""
USER = "lake_heartbeat"
PASSWORD_PLACEHOLDER = "<heartbeat password>"
TARGET = "arn:aws:scheduler:::aws-sdk:rdsdata:executeStatement"
"""https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html"""

_NAME = f"`{TABLE.schema}`.`{TABLE.table}`"
BEAT = f"UPDATE {_NAME} SET `beat_at` = UTC_TIMESTAMP(6)"
"""A beat."""


def statements() -> list[str]:
    """SQL that makes table, row and user, with ``<heartbeat password>`` for the password; bears repetition."""
    account = f"'{USER}'@'%'"
    columns = ", ".join(f"`{name}` {kind} NOT NULL" for name, kind in COLUMNS.items())
    return [
        f"CREATE DATABASE IF NOT EXISTS `{TABLE.schema}`",
        f"CREATE TABLE IF NOT EXISTS {_NAME} ({columns}, PRIMARY KEY (`id`))",
        f"CREATE USER IF NOT EXISTS {account} IDENTIFIED BY '{PASSWORD_PLACEHOLDER}' REQUIRE SSL",
        f"ALTER USER {account} IDENTIFIED BY '{PASSWORD_PLACEHOLDER}' REQUIRE SSL",
        f"GRANT UPDATE (`beat_at`) ON {_NAME} TO {account}",
        f"INSERT IGNORE INTO {_NAME} (`id`, `beat_at`) VALUES (1, UTC_TIMESTAMP(6))",
    ]


def target_input(cluster_arn: str, secret_arn: str) -> str:
    """What the schedule hands to the RDS Data API. A universal target writes parameters with a capital letter."""
    return json.dumps({"ResourceArn": cluster_arn, "SecretArn": secret_arn, "Sql": BEAT}, separators=(",", ":"))
