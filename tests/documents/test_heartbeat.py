"""The heartbeat's SQL and its schedule, and what is known of its table."""

from __future__ import annotations

import json

import pytest

from configuration.descriptions import FOLDER, described
from documents import heartbeat
from documents.capture_user import withdrawals
from documents.lake_questions import questions
from documents.schedules import rate


@pytest.mark.parametrize(
    ("minutes", "expression"), [(1, "rate(1 minute)"), (5, "rate(5 minutes)"), (60, "rate(60 minutes)")]
)
def test_a_single_minute_is_singular(minutes: int, expression: str):
    assert rate(minutes) == expression


def test_the_description_in_schemas_is_that_of_the_table_that_is_made():
    (known,) = described([heartbeat.TABLE])
    assert {it.name: it.type for it in known.columns} == heartbeat.COLUMNS, f"{FOLDER}/cdc_lake.heartbeat.json"
    assert known.primary_key == ("id",)


def test_the_user_gets_one_right_on_one_column_and_the_right_can_be_taken_back():
    granted = [it for it in heartbeat.statements() if it.startswith("GRANT")]
    assert granted == ["GRANT UPDATE (`beat_at`) ON `cdc_lake`.`heartbeat` TO 'lake_heartbeat'@'%'"]
    assert withdrawals(granted, []) == ["REVOKE UPDATE (`beat_at`) ON `cdc_lake`.`heartbeat` FROM 'lake_heartbeat'@'%'"]


def test_a_beat_needs_no_more_than_that_right():
    assert heartbeat.BEAT.startswith("UPDATE `cdc_lake`.`heartbeat` SET `beat_at` = ")
    assert "WHERE" not in heartbeat.BEAT, "a condition reads a column, which takes SELECT"


def test_the_data_api_is_called_with_the_names_of_a_universal_target():
    called = json.loads(heartbeat.target_input("arn:cluster", "arn:secret"))
    assert called == {"ResourceArn": "arn:cluster", "SecretArn": "arn:secret", "Sql": heartbeat.BEAT}


def test_freshness_tells_how_far_the_lake_is_behind_where_something_beats():
    usual, beating = ({it.name: it for it in questions("lake", [], minutes)} for minutes in (0, 7))
    assert usual.keys() == beating.keys()
    assert [name for name in usual if usual[name] != beating[name]] == ["freshness"]
    assert "lake_behind_seconds" not in usual["freshness"].sql
    assert " OVER () AS lake_behind_seconds\n" in beating["freshness"].sql
    assert "at most 420 more" in beating["freshness"].about
