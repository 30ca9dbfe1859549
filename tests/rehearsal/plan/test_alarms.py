"""What the plan reads of declared alarms: their lines come from the resources, never from the rehearsal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from declaration import Declaration, Resource
from model.plan import AlarmPlan
from rehearsal.plan.pipeline import read_plan
from tests.declared import declare

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def alarms(declaration: Declaration) -> dict[str, AlarmPlan]:
    return {alarm.name: alarm for alarm in read_plan(declaration).alarms}


def with_alarm(declaration: Declaration, name: str, **inputs: Any) -> Declaration:
    def changed(it: Resource) -> Resource:
        return replace(it, inputs={**it.inputs, **inputs}) if (it.type, it.name) == (ALARM, f"watch-{name}") else it

    return replace(declaration, resources=tuple(changed(resource) for resource in declaration.resources))


def test_every_declared_alarm_is_read(dev: Declaration):
    assert [f"watch-{name}" for name in alarms(dev)] == [alarm.name for alarm in dev.all(ALARM)]


def test_an_alarm_says_what_its_resource_says(dev: Declaration):
    declared = with_alarm(
        dev,
        "delivery-freshness",
        threshold=77,
        period=60,
        evaluationPeriods=5,
        datapointsToAlarm=2,
        comparisonOperator="GreaterThanOrEqualToThreshold",
        treatMissingData="breaching",
    )
    assert alarms(declared)["delivery-freshness"] == AlarmPlan(
        name="delivery-freshness",
        namespace="AWS/Firehose",
        metric="DeliveryToS3.DataFreshness",
        statistic="Maximum",
        threshold=77,
        comparison="GreaterThanOrEqualToThreshold",
        period_seconds=60,
        periods=2,
        missing="breaching",
    )


def test_an_alarm_on_a_band_has_no_number_for_a_line(dev: Declaration):
    band = alarms(dev)["binlog-size"]
    assert (band.metric, band.statistic, band.threshold) == ("SumBinaryLogSize", "Maximum", None)


@pytest.mark.parametrize("config", [None, {"replicationMode": "serverless"}], ids=["instance", "serverless"])
def test_every_alarm_of_a_stack_is_on_the_pipeline_that_is_rehearsed(config: dict[str, object] | None):
    assert {alarm.elsewhere for alarm in alarms(declare("dev", config=config)).values()} == {""}


@pytest.mark.parametrize(
    ("name", "dimension"),
    [
        ("stream-throttles", "StreamName"),
        ("delivery-freshness", "DeliveryStreamName"),
        ("latency-source", "ReplicationTaskIdentifier"),
    ],
)
def test_an_alarm_on_another_resource_says_which(dev: Declaration, name: str, dimension: str):
    assert alarms(with_alarm(dev, name, dimensions={dimension: "theirs"}))[name].elsewhere == f"{dimension} theirs"
