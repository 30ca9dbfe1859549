"""Which declared alarms would have fired: what a rehearsal measured, against the lines that the stack declares.

A rehearsal lasts for seconds, an alarm looks at periods of minutes. So nothing is scaled: a metric's figure is its
statistic over the whole rehearsal, in real time, as if that were one period. An alarm that one period is enough for
fires if that figure is beyond its line. One that needs several in a row is *over its line*: it fires where that lasts.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from model.plan import AlarmPlan

Metric = tuple[str, str]
"""Namespace and name, as CloudWatch has them."""

FRESHNESS: Metric = ("AWS/Firehose", "DeliveryToS3.DataFreshness")
_PARTS: Mapping[str, str] = {"AWS/DMS": "replication", "AWS/Firehose": "delivery"}
"""Whose silence it is when a metric of the namespace has no data."""
_STATISTICS: Mapping[Metric, str] = {
    ("AWS/DMS", "CDCLatencySource"): "Maximum",
    ("AWS/DMS", "CDCLatencyTarget"): "Maximum",
    ("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds"): "Maximum",
    ("AWS/Kinesis", "WriteProvisionedThroughputExceeded"): "Sum",
    ("AWS/Firehose", "KinesisMillisBehindLatest"): "Maximum",
    FRESHNESS: "Maximum",
    ("AWS/Firehose", "DeliveryToS3.Success"): "Average",
    ("AWS/Firehose", "PartitionCount"): "Maximum",
    ("AWS/Firehose", "PartitionCountExceeded"): "Maximum",
}
"""What is measured of each metric that a rehearsal has."""
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


class State(Enum):
    """What can be said of an alarm."""

    FIRES = "fires"
    OVER = "over its line"
    QUIET = "quiet"
    UNJUDGED = "not judged"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """An alarm, and what the rehearsal says of it."""

    alarm: AlarmPlan
    state: State
    figure: float | None = None
    """In the metric's unit; None where there is none."""
    why: str = ""
    """Why it is not judged."""
    silent_seconds: float = 0.0
    """For how long the part that sends the metric was away, where no data is an alarm."""


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What a rehearsal tells of the promise and of who would have been told."""

    alarms: tuple[Judged, ...]
    """All that are declared."""
    promise_seconds: float | None
    """Within how long a committed row is to be in the lake; None where no alarm says so."""
    buffer_seconds: int
    """How long a row may wait in the declared buffer. At its end a rehearsal waits for no buffer."""
    seconds: float
    """How long the pipeline ran."""
    delivered_at: Mapping[str, float]
    """When S3 took each object, in seconds since the epoch, by its key."""


def figures(replication: Sequence[Any], delivery: Sequence[Any], shards: Sequence[Any]) -> dict[Metric, float]:
    """The statistic of every metric that a rehearsal has, from the progress of all its processes and shards.

    A write that fails ends the rehearsal, so every write of one that came to its end succeeded.
    """
    values = (
        max(run.latency_source for run in replication),
        max(run.latency_target for run in replication),
        max(shard.iterator_age for shard in shards),
        sum(shard.throttled for shard in shards),
        max(run.most_behind for run in delivery),
        max(run.freshness for run in delivery),
        1,
        max(run.partitions for run in delivery),
        max(run.refused > 0 for run in delivery),
    )
    return {metric: float(value) for metric, value in zip(_STATISTICS, values, strict=True)}


def judge(
    alarms: Sequence[AlarmPlan], measured: Mapping[Metric, float], silent: Mapping[str, float] | None = None
) -> tuple[Judged, ...]:
    """What there is to say of each of ``alarms``; ``silent`` is for how long a part was away, by its name."""
    return tuple(_judged(alarm, measured, silent or {}) for alarm in alarms)


def promise_seconds(alarms: Sequence[AlarmPlan]) -> float | None:
    """The promise: the line of the alarm on the age of what the delivery holds; None where there is no such alarm."""
    lines = (it.threshold for it in alarms if (it.namespace, it.metric) == FRESHNESS and not it.elsewhere)
    return next((line for line in lines if line is not None), None)


def _judged(alarm: AlarmPlan, measured: Mapping[Metric, float], silent: Mapping[str, float]) -> Judged:
    figure, why = measured.get((alarm.namespace, alarm.metric)), _unjudged(alarm, measured)
    if why or figure is None or alarm.threshold is None:
        return Judged(alarm=alarm, state=State.UNJUDGED, why=why)
    away = silent.get(_PARTS.get(alarm.namespace, ""), 0.0) if alarm.missing == "breaching" else 0.0
    beyond = _COMPARISONS[alarm.comparison](figure, alarm.threshold)
    if away >= alarm.periods * alarm.period_seconds > 0 or (beyond and alarm.periods == 1):
        state = State.FIRES
    else:
        state = State.OVER if beyond else State.QUIET
    return Judged(alarm=alarm, state=state, figure=figure, silent_seconds=away)


def _unjudged(alarm: AlarmPlan, measured: Mapping[Metric, float]) -> str:
    """Why nothing can be said of ``alarm``; empty if something can."""
    metric = (alarm.namespace, alarm.metric)
    if alarm.elsewhere:
        return f"it watches {alarm.elsewhere}, which is not of this pipeline"
    if alarm.threshold is None or alarm.comparison not in _COMPARISONS:
        return "its line is what is usual, and a rehearsal knows nothing usual"
    if metric not in measured:
        return "a rehearsal has no such metric"
    if alarm.statistic != _STATISTICS[metric]:
        return f"it asks for {alarm.statistic}, and a rehearsal has {_STATISTICS[metric]}"
    return ""
