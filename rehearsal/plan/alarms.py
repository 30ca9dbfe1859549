"""The declared alarms of CloudWatch, as far as a rehearsal can say anything about them.

Page: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from declaration import Declaration, Resource
from model.plan import AlarmPlan
from rehearsal.plan.inputs import required

_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def alarm_plans(
    declaration: Declaration, task: Resource, stream: Resource, delivery: Resource
) -> tuple[AlarmPlan, ...]:
    """Every declared alarm, in the order of declaration. Those on other resources than these say which."""
    arn = str(task.outputs.get("replicationTaskArn") or task.outputs.get("arn", ""))
    ours = {
        "StreamName": stream.outputs["name"],
        "DeliveryStreamName": delivery.outputs["name"],
        "ReplicationTaskIdentifier": arn.split(":")[-1],
        "ReplicationConfigIdentifier": arn.split(":")[-1],
    }
    return tuple(_plan(declaration, alarm, ours) for alarm in declaration.all(_ALARM))


def _plan(declaration: Declaration, alarm: Resource, ours: Mapping[str, str]) -> AlarmPlan:
    metric, plain = _metric(alarm), "metricName" in alarm.inputs
    dimensions: Mapping[str, str] = metric.get("dimensions") or {}
    others = [f"{key} {value}" for key, value in dimensions.items() if ours.get(key, value) != value]
    component = declaration.find(alarm.parent or "")
    periods = required(alarm, "evaluationPeriods")
    return AlarmPlan(
        name=alarm.name.removeprefix(f"{component.name}-" if component else ""),
        namespace=metric.get("namespace", ""),
        metric=metric.get("metricName", ""),
        statistic=metric.get("statistic") or metric.get("stat", ""),
        threshold=float(required(alarm, "threshold")) if plain else None,
        comparison=required(alarm, "comparisonOperator"),
        period_seconds=metric.get("period", 0),
        periods=alarm.inputs.get("datapointsToAlarm") or periods,
        missing=alarm.inputs.get("treatMissingData", "missing"),
        elsewhere=", ".join(others),
    )


def _metric(alarm: Resource) -> Mapping[str, Any]:
    """What is measured: named by the alarm itself, or by the first of its queries that is a metric."""
    if "metricName" in alarm.inputs:
        return alarm.inputs
    queries = alarm.inputs.get("metricQueries") or ()
    return next((query["metric"] for query in queries if query.get("metric")), {})
