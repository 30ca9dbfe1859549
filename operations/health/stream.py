"""The stream: whether it takes what DMS writes, and how old its oldest unread record is."""

from __future__ import annotations

from operations.health.look import Look
from operations.health.part import Part, age

RIGHTS = ("kinesis:DescribeStreamSummary",)


def stream(look: Look) -> Part:
    """What Kinesis tells of the stream."""
    part, name = Part("stream"), look.operation.outputs.stream_name
    told = part.ask(lambda: look.operation.clients.call("kinesis", "describe_stream_summary", StreamName=name))
    readings = part.ask(lambda: look.readings)
    summary = told["StreamDescriptionSummary"] if told else {}
    if told:
        mode = summary.get("StreamModeDetails", {}).get("StreamMode", "PROVISIONED")
        part.facts["state"] = summary["StreamStatus"]
        part.facts["mode"] = f"{mode}, {summary['OpenShardCount']} shards"
        part.facts["keeps"] = age(summary["RetentionPeriodHours"] * 3600)
        if summary["StreamStatus"] not in ("ACTIVE", "UPDATING"):
            part.wrong(f"the stream is {summary['StreamStatus']}", "pulumi up --refresh")
    if readings is not None:
        retention = summary.get("RetentionPeriodHours")
        _throttles(part, readings.get("write_throttles"), summary)
        _age(part, look, readings.get("iterator_age"), retention)
        incoming = readings.get("incoming")
        part.facts["records"] = "no data" if incoming is None else f"{incoming:,.0f} in 15 min"
    return part


def _throttles(part: Part, throttled: float | None, summary: dict[str, object]) -> None:
    part.facts["throttled"] = f"{throttled or 0:,.0f} in 15 min"
    if not throttled:
        return
    shards = summary.get("OpenShardCount")
    more = f"pulumi config set shardCount {shards * 2} && pulumi up" if isinstance(shards, int) else "raise shardCount"
    mode = summary.get("StreamModeDetails")
    if isinstance(mode, dict) and mode.get("StreamMode") == "ON_DEMAND":
        more = "an on-demand stream grows by itself: look for one row that changes all the time, it has one shard"
    part.wrong(f"the stream refused {throttled:,.0f} records in 15 min, so DMS writes late", more)


def _age(part: Part, look: Look, milliseconds: float | None, retention: int | None) -> None:
    part.facts["oldest unread"] = "no data" if milliseconds is None else age(milliseconds / 1000)
    if milliseconds is None:
        return
    seconds = milliseconds / 1000
    if retention and seconds > retention * 1800:
        part.wrong(
            f"records wait in the stream for {age(seconds)}, and after {retention} h they are lost",
            f"pulumi config set streamRetentionHours {min(retention * 2, 8760)} && pulumi up, then mend the delivery",
            symptom=True,
        )
    elif seconds > look.promise.total_seconds():
        part.wrong(f"records wait in the stream for {age(seconds)}", "docs/runbook.md#stream-age", symptom=True)
