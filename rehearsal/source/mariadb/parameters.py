"""Parameters: a declared Aurora MySQL cluster parameter group as options of ``mariadbd``. Pure.

The values start from Aurora's defaults, not from MariaDB's: what a stack does not declare must behave as on Aurora
(no binlog at all unless ``binlog_format`` is set). A parameter that this table does not know is refused, for nobody
could tell what leaving it out would hide.
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Reference.ParameterGroups.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from model import PipelineError

Options = tuple[str, ...]
Rule = Callable[[str, str], Options]
"""Parameter name and value to the options that play it."""

BINLOG_BASENAME = "mysql-bin-changelog"
"""How RDS and Aurora name their binlog files."""

AURORA_DEFAULTS: Mapping[str, str] = {
    "binlog_format": "OFF",
    "binlog_row_image": "FULL",
    "binlog_row_metadata": "MINIMAL",
    "binlog_checksum": "CRC32",
    "binlog_rows_query_log_events": "OFF",
    "character_set_server": "utf8mb4",
    "lower_case_table_names": "0",
    "time_zone": "UTC",
    "require_secure_transport": "OFF",
}


def options(parameters: Mapping[str, str]) -> Options:
    """What ``mariadbd`` is started with to play ``parameters``. Raises PipelineError for what cannot be played."""
    played: list[str] = []
    for name, value in {**AURORA_DEFAULTS, **parameters}.items():
        rule = _rule(name)
        if rule is None:
            raise PipelineError(
                f"cluster parameter {name} = {value!r}: the rehearsal does not know how to play it on MariaDB. "
                "Is the name spelt right? If so, add it to the table in rehearsal/source/mariadb/parameters.py"
            )
        played.extend(rule(name, value))
    return tuple(played)


def _rule(name: str) -> Rule | None:
    if name in _RULES:
        return _RULES[name]
    return next((rule for prefix, rule in _FAMILIES.items() if name.startswith(prefix)), None)


def _same(name: str, value: str) -> Options:
    """MariaDB knows the parameter by the same name and values."""
    if value.startswith("{"):
        return ()  # a formula over the instance class's memory: there is no instance class here
    return (f"--{name.replace('_', '-')}={value}",)


def _named(option: str) -> Rule:
    """MariaDB's name for the same thing."""
    return lambda _name, value: (f"--{option}={value}",)


def _not_played(_name: str, _value: str) -> Options:
    """Changes neither rows nor the binlog: auditing, logs, tuning, what only Aurora's storage has."""
    return ()


def _only(*allowed: str, why: str) -> Rule:
    """A parameter whose other values a CDC source must not have; the allowed ones need nothing."""

    def rule(name: str, value: str) -> Options:
        if value.upper() not in allowed:
            raise PipelineError(
                f"cluster parameter {name} = {value!r}: {why}. Leave it unset or set it to {allowed[0]!r}"
            )
        return ()

    return rule


def _binlog_format(name: str, value: str) -> Options:
    """OFF is Aurora's switch for the binlog itself; there is no other.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_LogAccess.MySQL.BinaryFormat.html
    """
    wanted = value.upper()
    if wanted == "OFF":
        return ("--skip-log-bin",)
    if wanted in ("ROW", "MIXED", "STATEMENT"):
        return (f"--log-bin={BINLOG_BASENAME}", f"--binlog-format={wanted}")
    raise PipelineError(f"cluster parameter {name} = {value!r}: Aurora accepts OFF, ROW, MIXED and STATEMENT")


def _time_zone(name: str, value: str) -> Options:
    """MariaDB starts without time zone tables, so a named zone is played by its offset of today."""
    if value[:1] in "+-":
        return (f"--default-time-zone={value}",)
    try:
        offset = datetime.now(ZoneInfo(value)).strftime("%z")
    except (ZoneInfoNotFoundError, ValueError):
        raise PipelineError(
            f"cluster parameter {name} = {value!r}: no such time zone: use an IANA name as Europe/Berlin"
        ) from None
    return (f"--default-time-zone={offset[:3]}:{offset[3:]}",)


def _collation(_name: str, value: str) -> Options:
    """MySQL 8's UCA 9.0.0 collations are not in MariaDB 10.11; order and equality of text come nearest in 5.2.0."""
    if "_0900_" not in value:
        return (f"--collation-server={value}",)
    return (
        ("--collation-server=utf8mb4_unicode_520_nopad_ci",)
        if value.endswith("ci")
        else ("--collation-server=utf8mb4_nopad_bin",)
    )


_DMS_LIMITS = "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html#CHAP_Source.MySQL.Limitations"

_RULES: Mapping[str, Rule] = {
    "binlog_format": _binlog_format,
    "binlog_row_image": _same,
    "binlog_row_metadata": _same,
    "binlog_checksum": _same,
    "binlog_rows_query_log_events": _named("binlog-annotate-row-events"),
    "binlog_transaction_compression": _named("log-bin-compress"),
    "binlog_row_value_options": _only("", why=f"DMS cannot read partial JSON values in the binlog ({_DMS_LIMITS})"),
    "aurora_enhanced_binlog": _only("0", "OFF", why=f"DMS does not support Aurora's enhanced binlog ({_DMS_LIMITS})"),
    "binlog_backup": _not_played,
    "binlog_replication_globaldb": _not_played,
    "binlog_cache_size": _same,
    "gtid-mode": _not_played,  # DMS reads by file and position; RDS spells this one with a hyphen
    "gtid_mode": _not_played,
    "enforce_gtid_consistency": _not_played,
    "require_secure_transport": _same,
    "tls_version": _same,
    "ssl_cipher": _not_played,
    "time_zone": _time_zone,
    "character_set_server": _same,
    "character_set_client": _not_played,  # a default for sessions that do not say theirs; ours do
    "character_set_connection": _not_played,
    "character_set_database": _not_played,
    "character_set_results": _not_played,
    "collation_connection": _not_played,
    "collation_server": _collation,
    "lower_case_table_names": _same,
    "sql_mode": _same,
    "explicit_defaults_for_timestamp": _same,
    "log_bin_trust_function_creators": _same,
    "event_scheduler": _same,
    "group_concat_max_len": _same,
    "connect_timeout": _same,
    "interactive_timeout": _same,
    "lock_wait_timeout": _same,
    "net_read_timeout": _same,
    "net_write_timeout": _same,
    "wait_timeout": _same,
    "max_allowed_packet": _same,
    "max_connections": _same,
    "transaction_isolation": _same,
    "innodb_lock_wait_timeout": _same,
    "innodb_print_all_deadlocks": _not_played,
    "default_authentication_plugin": _not_played,
    "authentication_policy": _not_played,
    "default_password_lifetime": _not_played,
    "general_log": _not_played,
    "slow_query_log": _not_played,
    "long_query_time": _not_played,
    "log_output": _not_played,
    "log_queries_not_using_indexes": _not_played,
    "performance_schema": _not_played,
}

_FAMILIES: Mapping[str, Rule] = {
    "aurora_": _not_played,
    "server_audit_": _not_played,
    "aws_default_": _not_played,
}
