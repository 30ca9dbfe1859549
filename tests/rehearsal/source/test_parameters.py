"""A declared parameter group as options of mariadbd."""

from __future__ import annotations

import pytest

from model import PipelineError
from rehearsal.source.mariadb.parameters import options


def test_what_is_not_declared_has_auroras_default() -> None:
    played = options({})

    assert "--skip-log-bin" in played, "Aurora's binlog_format is OFF, which turns the binlog itself off"
    assert "--binlog-row-metadata=MINIMAL" in played
    assert not [option for option in played if option.startswith("--log-bin=")]


def test_a_binlog_format_turns_the_binlog_on() -> None:
    assert {"--log-bin=mysql-bin-changelog", "--binlog-format=MIXED"} <= set(options({"binlog_format": "MIXED"}))


@pytest.mark.parametrize(
    ("name", "value", "option"),
    [
        ("require_secure_transport", "ON", "--require-secure-transport=ON"),
        ("binlog_transaction_compression", "ON", "--log-bin-compress=ON"),
        ("binlog_rows_query_log_events", "ON", "--binlog-annotate-row-events=ON"),
        ("time_zone", "-03:00", "--default-time-zone=-03:00"),
        ("time_zone", "Asia/Kolkata", "--default-time-zone=+05:30"),
        ("collation_server", "utf8mb4_0900_ai_ci", "--collation-server=utf8mb4_unicode_520_nopad_ci"),
    ],
)
def test_a_parameter_is_played_by_mariadbs_name_and_value(name: str, value: str, option: str) -> None:
    assert option in options({name: value})


@pytest.mark.parametrize("name", ["server_audit_logging", "aurora_parallel_query", "max_connections"])
def test_what_mariadb_cannot_or_need_not_play_is_left_out(name: str) -> None:
    assert options({name: "{DBInstanceClassMemory/12582880}"}) == options({})


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("binlog_fromat", "ROW", "binlog_fromat = 'ROW'.*does not know"),
        ("binlog_format", "ROWS", "OFF, ROW, MIXED and STATEMENT"),
        ("aurora_enhanced_binlog", "1", "DMS does not support Aurora's enhanced binlog"),
        ("binlog_row_value_options", "PARTIAL_JSON", "partial JSON"),
        ("time_zone", "Mars/Olympus", "no such time zone"),
    ],
)
def test_what_cannot_be_played_or_captured_is_refused_by_name(name: str, value: str, why: str) -> None:
    with pytest.raises(PipelineError, match=f"cluster parameter {name}.*{why}|{why}"):
        options({name: value})
