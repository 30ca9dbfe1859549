"""The table of metrics and what is made of it, without declaring anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from configuration.settings import Settings, SettingsError
from configuration.watched import watched
from documents.watch_alarms import CONDITIONS, THRESHOLDS, WINDOWS, Alarm, alarms, memory
from documents.watch_events import DATABASE_EVENTS, EVENTS
from documents.watch_table import WATCHES, Watch
from tests.configuration.loading import loaded

GIB = 1024**3
MINUTE = 60_000
"""Milliseconds."""


def of(changes: Mapping[str, Any] = {}) -> dict[str, Alarm]:
    """The alarms of the small stack with some keys changed, by name."""
    return {it.watch.name: it for it in alarms(watched(loaded(changes)))}


@pytest.mark.parametrize("watch", WATCHES, ids=lambda it: it.name)
def test_a_row_is_complete(watch: Watch):
    assert re.fullmatch("[a-z]+(-[a-z]+)*", watch.name)
    assert watch.threshold in THRESHOLDS
    assert watch.only in CONDITIONS
    assert watch.window in ("", *WINDOWS)
    assert watch.periods == 1 or not watch.window, "one of the two says how long"
    assert watch.silence in ("stopped", "idle")
    assert re.match("[A-Z][a-z]+ ", watch.first), "what to do begins with a verb"
    for text in (watch.first, watch.means, watch.over):
        assert text.endswith((".", ".)")), text
    assert watch.page.startswith("https://docs.aws.amazon.com/")
    told = Alarm(watch=watch, value=0, stack="p" * 30 + "-" + "s" * 20).description
    assert len(told) <= 1024, "CloudWatch takes no more"


def test_no_two_rows_have_one_name_or_say_the_same():
    named = [it.name for it in (*WATCHES, *EVENTS, *DATABASE_EVENTS)]
    assert len(set(named)) == len(named), "a name is a heading of the runbook"
    said = [(it.metric, it.dimensions, it.statistic, it.threshold, it.below) for it in WATCHES]
    assert len(set(said)) == len(said)


def test_silence_is_an_alarm_once_for_each_part_that_can_stop():
    stopped = {it.name for it in WATCHES if it.silence == "stopped"}
    assert stopped == {
        "latency-source", "latency-source-serverless", "delivery-behind", "tables-late", "heartbeat-silent",
        "lake-silent",
    }, "task, replication, delivery, tables; the heart, and all of them together"  # fmt: skip
    assert {of()[name].missing for name in ("latency-source", "delivery-behind")} == {"breaching"}
    assert of()["delivery-freshness"].missing == "notBreaching"


def test_values_follow_the_promise_the_buffer_and_the_retention():
    found = of({"freshnessMinutes": 20, "bufferIntervalSeconds": 120, "streamRetentionHours": 48})
    assert {name: it.value for name, it in found.items() if name.startswith(("latency", "stream", "delivery"))} == {
        "latency-source": 20 * 60 - 120,
        "latency-target": 20 * 60 - 120,
        "stream-age": 20 * MINUTE,
        "stream-age-critical": 24 * 60 * MINUTE,
        "stream-throttles": 0,
        "delivery-behind": 20 * MINUTE,
        "delivery-freshness": 20 * 60,
        "delivery-success": 1,
    }


@pytest.mark.parametrize("minutes", [1, 2, 15, 59, 480, 1440])
@pytest.mark.parametrize("interval", [0, 59, 60, 899, 900])
@pytest.mark.parametrize("hours", [24, 72, 8760])
def test_whatever_is_taken_is_watched_in_order(minutes: int, interval: int, hours: int):
    turned = {"freshnessMinutes": minutes, "bufferIntervalSeconds": interval, "streamRetentionHours": hours}
    try:
        settings: Settings = loaded(turned)
    except SettingsError:
        assert interval >= minutes * 60 or hours * 60 < 3 * minutes or minutes > 24 * 60
        return
    values = {it.watch.name: it.value for it in alarms(watched(settings))}
    assert 0 < values["latency-source"] + interval == values["delivery-freshness"] == minutes * 60
    assert values["delivery-freshness"] * 1000 == values["stream-age"] < values["stream-age-critical"]
    assert values["stream-age-critical"] == hours * 3_600_000 / 2, "half of what is left to lose"


@pytest.mark.parametrize(
    ("beat", "promise", "silent", "lake"), [(5, 15, 2, 4), (1, 15, 1, 4), (3, 3, 2, 2), (60, 1380, 24, 288)]
)
def test_silence_is_waited_for_as_long_as_it_may_last(beat: int, promise: int, silent: int, lake: int):
    turned = {"heartbeatMinutes": beat, "freshnessMinutes": promise, "bufferIntervalSeconds": 60}
    found = of({**turned, "binlogRetentionHours": 72, "streamRetentionHours": 168})
    assert (found["heartbeat-silent"].periods, found["lake-silent"].periods) == (silent, lake)
    assert 5 * lake >= beat + promise, "the last beat before the silence may come as late as is promised"
    assert 300 * lake <= 86_400, "CloudWatch looks back for a day"
    assert {found[name].missing for name in ("heartbeat-silent", "lake-silent")} == {"breaching"}
    assert found["latency-source"].periods == 3


def test_without_a_heartbeat_silence_may_be_idleness():
    beating = {"heartbeatMinutes": 5}
    heart = {"heartbeat-silent", "heartbeat-dropped"}
    assert set(of(beating)) - set(of()) == {*heart, "lake-silent"}
    stopped = {"startTask": False}
    assert set(of({**beating, **stopped})) - set(of(stopped)) == heart, "nothing comes where nothing is to run"


def test_storage_and_memory_follow_the_instance():
    found = of({"replicationInstanceClass": "dms.r6i.2xlarge", "replicationStorageGb": 100})
    assert found["instance-storage"].value == 20 * GIB
    assert found["instance-memory"].value == found["instance-swap"].value == 64 * GIB // 10
    assert (found["instance-storage"].comparison, found["instance-swap"].comparison) == (
        "LessThanThreshold",
        "GreaterThanThreshold",
    )


@pytest.mark.parametrize(
    ("name", "gib"),
    [("dms.t3.micro", 1), ("dms.t3.medium", 4), ("dms.t3.large", 8), ("dms.c5.large", 4), ("dms.c6i.16xlarge", 128),
     ("dms.r5.large", 16), ("dms.r6i.xlarge", 32), ("dms.r5.24xlarge", 768)],
)  # fmt: skip
def test_the_memory_of_a_class_is_that_of_aws(name: str, gib: int):
    assert memory(name) == gib * GIB


@pytest.mark.parametrize(
    ("changes", "gone"),
    [
        ({"startTask": False}, {"latency-source", "latency-target"}),
        ({"migrationType": "full-load"}, {"latency-source", "latency-target"}),
    ],
)
def test_a_task_that_is_to_be_silent_is_not_waited_for(changes: dict[str, Any], gone: set[str]):
    assert set(of()) - set(of(changes)) == gone


def test_suspended_tables_are_counted_where_there_can_be_any():
    assert set(of({"onTableError": "suspend"})) - set(of()) == {"suspended-tables"}
    assert of({"onTableError": "suspend"})["suspended-tables"].namespace == "cdc-lake-dev", "no other stack's tables"


def test_partitions_are_counted_where_there_are_any():
    assert {"partitions", "partitions-exceeded"} <= set(of({"partitionByTable": True, "bufferSizeMb": 64}))
    assert not {"partitions", "partitions-exceeded"} & set(of())
