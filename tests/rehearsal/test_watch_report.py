"""The report says whether the promise is kept, whose alarm would have come, and what nobody can tell."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from model.plan import AlarmPlan
from rehearsal.play.alarms import Judged, State, Watched
from rehearsal.watch_report import as_json, lines

FRESHNESS = AlarmPlan(
    name="delivery-freshness",
    namespace="AWS/Firehose",
    metric="DeliveryToS3.DataFreshness",
    statistic="Maximum",
    threshold=900,
    comparison="GreaterThanThreshold",
    period_seconds=300,
    periods=1,
    missing="notBreaching",
)
THROTTLES = replace(FRESHNESS, name="stream-throttles", threshold=0, periods=3)
SOURCE = replace(FRESHNESS, name="latency-source", threshold=840, periods=3, missing="breaching")
STORAGE = replace(FRESHNESS, name="instance-storage")
QUIET = Judged(alarm=FRESHNESS, state=State.QUIET, figure=2.0)
WATCHED = Watched(alarms=(QUIET,), promise_seconds=900, buffer_seconds=60, seconds=12.3, delivered_at={})


def told(latencies: list[float], *, equal: bool = True, watched: Watched = WATCHED) -> list[str]:
    return list(lines(latencies, watched, equal=equal))


def test_percentiles_are_told_with_what_they_are_of():
    assert told([float(second) for second in range(1, 101)])[0] == (
        "latency, commit to lake: p50 50.0 s, p95 95.0 s, p99 99.0 s, max 100.0 s, of 100 changes in the lake "
        "(up to 1 s less: commits have whole seconds; load rows have no commit)"
    )


@pytest.mark.parametrize(
    ("latencies", "equal", "verdict"),
    [
        ([2.0, 840.0], True, "kept, also if the slowest change waits 60 s more in the declared buffer"),
        ([2.0, 841.0], True, "kept here, but not if the slowest change waits 60 s more in the declared buffer"),
        ([2.0, 900.0], True, "kept here, but not if the slowest change waits 60 s more in the declared buffer"),
        ([2.0, 901.0], True, "NOT KEPT for 1 of 2 changes"),
        ([2.0, 901.0], False, "NOT KEPT for 1 of 2 changes"),
        ([2.0], False, "not judged: the lake is not the source, and what is missing is not in time"),
    ],
)
def test_the_promise_is_kept_or_not(latencies: list[float], equal: bool, verdict: str):
    assert told(latencies, equal=equal)[1] == f"promise: 15 min: {verdict}"


def test_without_a_commit_to_go_by_nothing_is_said_of_the_promise():
    assert told([])[0] == "latency: not measured: no change in the lake tells when it was committed"
    assert not [line for line in told([]) if line.startswith("promise")]


def test_a_commit_behind_its_delivery_shows_a_wrong_clock_and_no_latency():
    (first, *others) = told([-0.5, 3.0])
    assert "the source's clock is ahead" in first
    assert not [line for line in others if line.startswith("promise")]
    assert as_json([-0.5, 3.0], WATCHED)["latency"]["seconds"] is None


def test_a_stack_without_alarms_promises_nothing():
    bare = replace(WATCHED, alarms=(), promise_seconds=None)
    assert told([1.0], watched=bare)[1:] == [
        "promise: none, for no alarm is declared on DeliveryToS3.DataFreshness",
        "alarms: none are declared",
    ]


def test_what_fires_what_must_last_and_what_nobody_knows_is_told_by_name():
    judged = (
        Judged(alarm=FRESHNESS, state=State.FIRES, figure=901.25),
        Judged(alarm=THROTTLES, state=State.OVER, figure=1204.0),
        Judged(alarm=SOURCE, state=State.QUIET, figure=3.0, silent_seconds=2.0),
        Judged(alarm=STORAGE, state=State.UNJUDGED, why="a rehearsal has no such metric"),
    )
    watched = replace(WATCHED, alarms=judged)
    assert told([1.0], watched=watched)[2:] == [
        "alarms that would have fired in these 12 s, not scaled: delivery-freshness (901.2 > 900) "
        "(1 over the line, 1 quiet, 1 not judged)",
        "over the line, and fires if that lasts for 15 min: stream-throttles (1,204 > 0)",
        "no data for 2.0 s: latency-source fires after 15 min without any",
        "not judged: instance-storage: a rehearsal has no such metric",
    ]
    states = {alarm["name"]: alarm["state"] for alarm in json.loads(json.dumps(as_json([1.0], watched)))["alarms"]}
    assert states["instance-storage"] == "not judged", "machines are told too"
    assert states["delivery-freshness"] == "fires"


def test_an_alarm_that_fires_for_silence_says_so():
    silent = Judged(alarm=SOURCE, state=State.FIRES, figure=3.0, silent_seconds=1000.0)
    (line,) = [it for it in told([1.0], watched=replace(WATCHED, alarms=(silent,))) if it.startswith("alarms")]
    assert "latency-source (no data for 1000 s)" in line
