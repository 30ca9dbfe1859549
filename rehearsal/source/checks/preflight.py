"""Preflight: what DMS requires of a MySQL-compatible source before it captures changes from it.

Each check is one of DMS's premigration assessments, by whose API key the error names it; without them a task fails
later, or loses changes in silence.
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.AssessmentReport.MySQL.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pymysql
from pymysql.constants import ER

from database.queries import ask
from model import PipelineError


class _Setting(NamedTuple):
    variable: str
    required: tuple[str, ...]
    """Accepted values, upper case. A server that does not know the variable has nothing to be checked."""
    assessment: str
    remedy: str
    """``{where}`` stands for the place of the server's settings."""


_ON_AURORA, _ELSEWHERE = (
    "in the cluster parameter group and reboot the writer",
    "in the server's options and restart it",
)
_SETTINGS = (
    _Setting("log_bin", ("ON",), "mysql-check-binlog-format", "set binlog_format=ROW {where}"),
    _Setting("binlog_format", ("ROW",), "mysql-check-binlog-format", "set binlog_format=ROW {where}"),
    _Setting("binlog_row_image", ("FULL",), "mysql-check-binlog-image", "leave binlog_row_image unset {where}"),
    _Setting("binlog_row_value_options", ("",), "mysql-check-binlog-image", "leave binlog_row_value_options empty"),
    _Setting("binlog_transaction_compression", ("OFF",), "mysql-check-binlog-compression", "set it to OFF"),
    _Setting("aurora_enhanced_binlog", ("0", "OFF"), "which DMS does not support", "set it to 0 {where}"),
    _Setting("log_bin_compress", ("OFF",), "mysql-check-binlog-compression", "set it to OFF"),
)
_PRIVILEGES: Mapping[str, tuple[str, ...]] = {
    "REPLICATION CLIENT": ("REPLICATION CLIENT", "BINLOG MONITOR"),  # MariaDB's name for it since 10.5.2
    "REPLICATION SLAVE": ("REPLICATION SLAVE",),
}
_SHORTEST_RETENTION = 24  # hours; the assessment wants more
_NOT_READABLE = (1044, 1142, 1143, 1146)  # no privilege on mysql.rds_configuration, or not an RDS server


def preflight(connection: pymysql.Connection[Any]) -> None:
    """Raise PipelineError, with the remedy, for the first thing that keeps DMS from capturing changes."""
    _check_settings(connection)
    _check_privileges(connection)
    _check_retention(connection)


def _check_settings(connection: pymysql.Connection[Any]) -> None:
    names = ["aurora_version", *(setting.variable for setting in _SETTINGS)]
    found = dict(ask(connection, "SHOW GLOBAL VARIABLES WHERE variable_name IN %s", (names,)))
    where = _ON_AURORA if "aurora_version" in found else _ELSEWHERE
    for variable, required, assessment, remedy in _SETTINGS:
        value = found.get(variable, required[0])
        if value.upper() not in required:
            raise PipelineError(
                f"the source's {variable} is {value}, DMS needs {required[0] or 'it empty'} to capture changes "
                f"({assessment}): {remedy.format(where=where)}"
            )


def _check_privileges(connection: pymysql.Connection[Any]) -> None:
    granted = {name for (name,) in ask(connection, "SELECT privilege_type FROM information_schema.user_privileges")}
    missing = [privilege for privilege, names in _PRIVILEGES.items() if granted.isdisjoint(names)]
    if missing and not _has_role(connection):  # whose privileges are not listed; the binlog stream says what is missing
        raise PipelineError(
            f"the capture user lacks {missing[0]} (mysql-check-replication-privileges): "
            "GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* to it"
        )


def _has_role(connection: pymysql.Connection[Any]) -> bool:
    """Servers before MySQL 8.0 and MariaDB 10.0 know no roles."""
    try:
        ((role,),) = ask(connection, "SELECT CURRENT_ROLE()")
    except pymysql.MySQLError as error:
        if error.args[0] == ER.SP_DOES_NOT_EXIST:
            return False
        raise
    return role not in (None, "NONE")


def _check_retention(connection: pymysql.Connection[Any]) -> None:
    """Only where the user may read it: DMS itself starts without looking.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/mysql-stored-proc-configuring.html
    """
    try:
        rows = ask(connection, "SELECT value FROM mysql.rds_configuration WHERE name = 'binlog retention hours'")
    except pymysql.MySQLError as error:
        if error.args[0] in _NOT_READABLE:
            return
        raise
    for (hours,) in rows:
        if hours is None or int(hours) <= _SHORTEST_RETENTION:
            raise PipelineError(
                f"binlog retention hours is {'NULL' if hours is None else hours}, so the source may delete changes "
                "that a stopped task has not read (mysql-check-binlog-retention-time): "
                "CALL mysql.rds_set_configuration('binlog retention hours', 72)"
            )
