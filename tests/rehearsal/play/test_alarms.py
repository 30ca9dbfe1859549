"""Which declared alarms would have fired, from figures alone, and when nothing can be said of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from declaration import Declaration
from model.plan import AlarmPlan
from rehearsal.delivery import DeliveryProgress
from rehearsal.delivery import delivery as module
from rehearsal.delivery.delivery import Delivery
from rehearsal.plan.pipeline import read_plan
from rehearsal.play.alarms import State, figures, judge, promise_seconds
from rehearsal.replication import ReplicationProgress
from rehearsal.stream import ShardProgress
from tests.plans import delivery_plan
from tests.rehearsal.delivery.memory import Bucket, Stream

FOLLOWED = ReplicationProgress(phase="finished", position=None, records={}, control=0, throttled=0, tables=())
DELIVERED = DeliveryProgress(active=True)
SHARD = ShardProgress("0", records=9, bytes=9, throttled=0)
JUDGED = {
    *("latency-source", "latency-target", "stream-age", "stream-age-critical", "stream-throttles"),
    *("delivery-behind", "delivery-freshness", "delivery-success"),
}


@pytest.fixture(scope="module")
def alarms(dev: Declaration) -> tuple[AlarmPlan, ...]:
    return read_plan(dev).alarms


def states(
    alarms: tuple[AlarmPlan, ...],
    followed: ReplicationProgress = FOLLOWED,
    delivered: DeliveryProgress = DELIVERED,
    shard: ShardProgress = SHARD,
    silent: Mapping[str, float] | None = None,
) -> dict[str, State]:
    """The alarms about which there is something to say."""
    judged = judge(alarms, figures([followed], [delivered], [shard]), silent)
    return {it.alarm.name: it.state for it in judged if it.state not in (State.QUIET, State.UNJUDGED)}


class Clock:
    """Stands for the module ``time``; says what it was set to."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    time = monotonic

    def time_ns(self) -> int:
        return int(self.now * 1e9)


def slowed_down(folder: Path, seconds: float) -> DeliveryProgress:
    """What a delivery tells that held its records for so long."""
    clock, stream, plan = Clock(), Stream(at_a_time=9), delivery_plan(compression="UNCOMPRESSED", buffer_seconds=9999)
    bucket: Any = Bucket()
    with patch.object(module, "time", clock):
        delivery = Delivery(plan, "changes", stream, bucket, folder / "checkpoint.json")
        stream.records["0"].append(b"{}")
        delivery.poll()
        clock.now += seconds
        delivery.drain()
    return delivery.progress


def test_a_delivery_that_is_slowed_down_fires_the_alarm_on_freshness_and_no_other(
    alarms: tuple[AlarmPlan, ...], tmp_path: Path
):
    assert states(alarms, delivered=slowed_down(tmp_path, 901)) == {"delivery-freshness": State.FIRES}


def test_a_delivery_that_holds_records_for_as_long_as_promised_fires_none(
    alarms: tuple[AlarmPlan, ...], tmp_path: Path
):
    assert states(alarms, delivered=slowed_down(tmp_path, 900)) == {}, "the line itself is not beyond the line"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"followed": replace(FOLLOWED, latency_source=841)}, {"latency-source": State.OVER}),
        ({"followed": replace(FOLLOWED, latency_target=841)}, {"latency-target": State.OVER}),
        ({"shard": replace(SHARD, iterator_age=900_001)}, {"stream-age": State.FIRES}),
        ({"shard": replace(SHARD, throttled=1)}, {"stream-throttles": State.OVER}),
        ({"delivered": replace(DELIVERED, most_behind=900_001)}, {"delivery-behind": State.OVER}),
    ],
)
def test_each_figure_is_held_against_the_line_of_its_own_alarm(
    alarms: tuple[AlarmPlan, ...], changed: dict[str, Any], expected: dict[str, State]
):
    assert states(alarms, **changed) == expected, "one that needs several periods in a row does not fire in one"


def test_the_greatest_figure_of_all_processes_counts(alarms: tuple[AlarmPlan, ...]):
    killed = replace(DELIVERED, freshness=901)
    judged = judge(alarms, figures([FOLLOWED], [killed, DELIVERED], [SHARD, SHARD]))
    assert [it.alarm.name for it in judged if it.state is State.FIRES] == ["delivery-freshness"]


def test_what_a_rehearsal_has_no_figure_for_is_not_judged_and_says_why(alarms: tuple[AlarmPlan, ...]):
    judged = judge(alarms, figures([FOLLOWED], [DELIVERED], [SHARD]))
    assert {it.alarm.name for it in judged if it.state is not State.UNJUDGED} == JUDGED
    why = {it.alarm.name: it.why for it in judged if it.state is State.UNJUDGED}
    assert why.keys() == {alarm.name for alarm in alarms} - JUDGED, "none is left out"
    assert why["instance-storage"] == "a rehearsal has no such metric"
    assert "usual" in why["binlog-size"]


@pytest.mark.parametrize(
    "changed",
    [{"statistic": "Average"}, {"elsewhere": "DeliveryStreamName theirs"}, {"comparison": "GreaterThanUpperThreshold"}],
)
def test_an_alarm_that_asks_for_something_else_is_not_judged_by_a_figure_that_looks_like_it(
    alarms: tuple[AlarmPlan, ...], changed: dict[str, str]
):
    (freshness,) = (replace(it, **changed) for it in alarms if it.name == "delivery-freshness")  # pyrefly: ignore[bad-argument-type]
    (judged,) = judge([freshness], figures([FOLLOWED], [replace(DELIVERED, freshness=9999)], [SHARD]))
    assert judged.state is State.UNJUDGED
    assert judged.why, "and says why"


def test_a_part_that_is_away_for_long_enough_is_an_alarm_where_no_data_is_wrong(alarms: tuple[AlarmPlan, ...]):
    assert states(alarms, silent={"replication": 899.0, "delivery": 899.0}) == {}
    assert states(alarms, silent={"replication": 900.0}) == {"latency-source": State.FIRES}
    assert states(alarms, silent={"delivery": 900.0}) == {"delivery-behind": State.FIRES}


def test_the_promise_is_the_line_of_the_alarm_on_freshness(alarms: tuple[AlarmPlan, ...]):
    lowered = [replace(it, threshold=60.0) if it.name == "delivery-freshness" else it for it in alarms]
    assert (promise_seconds(alarms), promise_seconds(lowered), promise_seconds([])) == (900, 60, None)


def test_a_delivery_that_was_killed_does_not_make_its_records_young_again(tmp_path: Path):
    clock, stream, plan = Clock(), Stream(at_a_time=9), delivery_plan(compression="UNCOMPRESSED", buffer_seconds=9999)
    bucket: Any = Bucket()
    with patch.object(module, "time", clock):
        first = Delivery(plan, "changes", stream, bucket, tmp_path / "checkpoint.json")
        stream.records["0"].append(b"{}")
        first.poll()
        clock.now = 500.0
        second = Delivery(plan, "changes", stream, bucket, tmp_path / "checkpoint.json")
        second.drain()
    assert second.progress.freshness == 500.0, "the first one had it since it came"
