"""The delivery: whether Firehose reads and writes, what came last, and what it could not deliver."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from operations.clients import Clients
from operations.health.look import Look
from operations.health.part import Part, age, ago

RIGHTS = ("firehose:DescribeDeliveryStream", "logs:FilterLogEvents", "s3:ListBucket")
_LOOKS_BACK = timedelta(hours=1)
_KEY = re.compile(r"kms", re.IGNORECASE)
_DENIED = re.compile(r"denied|not authorized|unable to assume", re.IGNORECASE)
_MOST_OBJECTS = 1000
"""Of one answer of S3; that there are more is said, not counted."""


class _LastError(NamedTuple):
    at: datetime
    code: str
    said: str


def delivery(look: Look) -> Part:
    """What Firehose, its log and the bucket tell."""
    part, stack, clients = Part("delivery"), look.operation.outputs, look.operation.clients
    told = part.ask(
        lambda: clients.call("firehose", "describe_delivery_stream", DeliveryStreamName=stack.delivery_stream_name)
    )
    described = told["DeliveryStreamDescription"] if told else {}
    if told:
        _state(part, described)
    listed = part.ask(lambda: [newest_object(clients, stack.lake_bucket, f"{stack.lake_prefix}/")])
    newest = listed[0] if listed else None
    if listed:
        part.facts["last object"] = ago(newest, look.now) if newest else "none"
    _freshness(part, look)
    if told:
        last = part.ask(lambda: _last_error(clients, described, look.now))
        if last:
            _tell_error(part, look, last, newest)
    _undelivered(part, look)
    return part


def _state(part: Part, described: dict[str, Any]) -> None:
    part.facts["state"] = status = described["DeliveryStreamStatus"]
    if status == "ACTIVE":
        return
    failure = described.get("FailureDescription", {})
    why = f": {failure.get('Type')} {failure.get('Details', '')}".rstrip() if failure else ""
    part.wrong(f"the delivery stream is {status}{why}", "pulumi up --refresh")


def newest_object(clients: Clients, bucket: str, prefix: str) -> datetime | None:
    """When the newest object of the newest hour was written; folders are named so that the newest is last."""
    folder = prefix
    for level in ("dt=", "hr="):
        found = clients.every(
            "s3", "list_objects_v2", "CommonPrefixes", Bucket=bucket, Prefix=f"{folder}{level}", Delimiter="/"
        )
        folders = [it["Prefix"] for it in found]
        if not folders:
            return None
        folder = max(folders)
    times = [
        it["LastModified"] for it in clients.every("s3", "list_objects_v2", "Contents", Bucket=bucket, Prefix=folder)
    ]
    return max(times, default=None)


def _freshness(part: Part, look: Look) -> None:
    readings = part.ask(lambda: look.readings)
    if readings is None:
        return
    for name, label, unit in (("behind", "behind stream", 1000), ("freshness", "oldest held", 1)):
        value = readings.get(name)
        part.facts[label] = "no data" if value is None else age(value / unit)
        if value is None and name == "behind":
            part.unknown.append("Firehose sent no KinesisMillisBehindLatest for 15 min: whether it reads is not known")
        if value is not None and value / unit > look.promise.total_seconds():
            what = "reads the stream" if name == "behind" else "holds a record for"
            late = f"{what} {age(value / unit)}" + (" late" if name == "behind" else "")
            promised = age(look.promise.total_seconds())
            runbook = f"docs/runbook.md#delivery-{name}"
            part.wrong(f"Firehose {late}, and {promised} are promised", runbook, symptom=True)
    success = readings.get("success")
    if success is not None and success < 1:
        part.facts["writes that succeed"] = f"{success:.0%}"


def _last_error(clients: Clients, described: dict[str, Any], now: datetime) -> _LastError | None:
    """The newest line of the delivery's log; Firehose writes to it where something fails."""
    target = described["Destinations"][0].get("ExtendedS3DestinationDescription", {})
    logging = target.get("CloudWatchLoggingOptions", {})
    if not logging.get("Enabled"):
        return None
    events = list(
        clients.every(
            "logs",
            "filter_log_events",
            "events",
            logGroupName=logging["LogGroupName"],
            logStreamNames=[logging["LogStreamName"]],
            startTime=int((now - _LOOKS_BACK).timestamp() * 1000),
        )
    )
    if not events:
        return None
    newest = max(events, key=lambda it: it["timestamp"])
    try:
        told = json.loads(newest["message"])
        code, said = told.get("errorCode", ""), told.get("errorMessage") or told.get("message", "")
    except (ValueError, AttributeError):
        code, said = "", newest["message"]
    at = datetime.fromtimestamp(newest["timestamp"] / 1000, now.tzinfo)
    return _LastError(at, code, " ".join(str(said).split()))


def _tell_error(part: Part, look: Look, last: _LastError, newest: datetime | None) -> None:
    part.facts["last error"] = f"{last.code or 'no code'}, {ago(last.at, look.now)}"
    if newest and newest > last.at:
        return  # it has written since
    if _KEY.search(last.code + last.said):
        mend = "pulumi up --refresh gives the delivery its right on the key back; a disabled key: aws kms enable-key"
    elif _DENIED.search(last.code + last.said):
        mend = "pulumi up --refresh gives the delivery its rights back"
    else:
        mend = "docs/runbook.md#delivery-success"
    part.wrong(f"Firehose cannot deliver: {last.code}{': ' if last.code else ''}{last.said}", mend)


def _undelivered(part: Part, look: Look) -> None:
    stack = look.operation.outputs
    told = part.ask(
        lambda: look.operation.clients.call(
            "s3", "list_objects_v2", Bucket=stack.lake_bucket, Prefix=f"{stack.error_prefix}/", MaxKeys=_MOST_OBJECTS
        )
    )
    if told is None:
        return
    count = f"{'more than ' if told.get('IsTruncated') else ''}{told['KeyCount']}"
    part.facts["undelivered"] = f"{count} objects"
    if told["KeyCount"]:
        part.wrong(
            f"{count} objects lie below {stack.error_prefix}/: their records are not in the lake",
            look.command("redrive"),
        )
