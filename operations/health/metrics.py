"""Metrics of the last quarter of an hour, in one call. Their names are on the pages of documents/watch_table.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from model import PipelineError
from operations.clients import Clients
from operations.outputs import Outputs

RIGHTS = ("cloudwatch:GetMetricData",)
WINDOW = timedelta(minutes=15)
_PERIOD = 300


class _Metric(NamedTuple):
    namespace: str
    name: str
    statistic: str
    of: str
    """What the dimensions are those of."""


_METRICS: Mapping[str, _Metric] = {
    "latency_source": _Metric("AWS/DMS", "CDCLatencySource", "Maximum", "task"),
    "latency_target": _Metric("AWS/DMS", "CDCLatencyTarget", "Maximum", "task"),
    "free_storage": _Metric("AWS/DMS", "FreeStorageSpace", "Minimum", "instance"),
    "iterator_age": _Metric("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", "Maximum", "stream"),
    "incoming": _Metric("AWS/Kinesis", "IncomingRecords", "Sum", "stream"),
    "write_throttles": _Metric("AWS/Kinesis", "WriteProvisionedThroughputExceeded", "Sum", "stream"),
    "behind": _Metric("AWS/Firehose", "KinesisMillisBehindLatest", "Maximum", "delivery"),
    "freshness": _Metric("AWS/Firehose", "DeliveryToS3.DataFreshness", "Maximum", "delivery"),
    "success": _Metric("AWS/Firehose", "DeliveryToS3.Success", "Minimum", "delivery"),
}

Readings = Mapping[str, float | None]
"""By name: of a Sum the total, else the newest value; None where there was none."""


def readings(clients: Clients, outputs: Outputs, now: datetime) -> Readings:
    """The metrics up to ``now``. Raises PipelineError, also where CloudWatch could not read one: that is not 0."""
    dimensions = _dimensions(outputs)
    asked = {name: it for name, it in _METRICS.items() if it.of in dimensions}
    queries = [
        {
            "Id": name,
            "MetricStat": {
                "Metric": {
                    "Namespace": it.namespace,
                    "MetricName": it.name,
                    "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions[it.of].items()],
                },
                "Period": _PERIOD,
                "Stat": it.statistic,
            },
        }
        for name, it in asked.items()
    ]
    window: dict[str, Any] = {"StartTime": now - WINDOW, "EndTime": now, "ScanBy": "TimestampDescending"}
    results = clients.every("cloudwatch", "get_metric_data", "MetricDataResults", MetricDataQueries=queries, **window)
    values: dict[str, list[float]] = {}
    for it in results:
        if it.get("StatusCode") in ("InternalError", "Forbidden"):
            metric = asked[it["Id"]]
            raise PipelineError(
                f"CloudWatch did not read {metric.namespace} {metric.name}: {it['StatusCode']}; try again"
            )
        values.setdefault(it["Id"], []).extend(it.get("Values", ()))
    return {name: _one(values.get(name, []), it.statistic) for name, it in asked.items()}


def _one(values: list[float], statistic: str) -> float | None:
    if not values:
        return None
    return sum(values) if statistic == "Sum" else values[0]


def _dimensions(outputs: Outputs) -> Mapping[str, Mapping[str, str]]:
    known = {
        "stream": {"StreamName": outputs.stream_name},
        "delivery": {"DeliveryStreamName": outputs.delivery_stream_name},
    }
    if outputs.serverless:  # which dimension it has is unverified
        return {**known, "task": {"ReplicationConfigIdentifier": outputs.task_identifier}}
    instance = {"ReplicationInstanceIdentifier": outputs.replication_instance_id}
    return {**known, "instance": instance, "task": {**instance, "ReplicationTaskIdentifier": outputs.task_identifier}}
