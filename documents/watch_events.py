"""Changes of state of which somebody is told: patterns of EventBridge, and subscriptions of RDS. Pure.

They go to the same topic as the alarms, and are in the runbook, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from documents import watch_table

_DMS_EVENTS = "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_EventBridge.html"


@dataclass(frozen=True, kw_only=True)
class Event:
    """A rule of EventBridge; ``Watch`` of the table says what the last fields are."""

    name: str
    source: str
    detail_types: tuple[str, ...]
    event_ids: Mapping[str, str]
    """Ids of the service with what they mean; empty for all of these types."""
    of: str
    """Whose events: ``task`` (either kind), ``instance`` or ``bucket``."""
    only: str
    """A name of ``documents.watch_alarms.CONDITIONS``; empty for every stack."""
    first: str
    means: str
    look: str
    over: str
    page: str
    message: str = "$.detail.detailMessage"
    """Path of what the event says itself, for the mail."""
    unverified: str = ""


# fmt: off
TASK_EVENTS = Event(
    name="task-events", of="task", source="aws.dms",
    detail_types=("DMS Replication Task State Change",), only="instance",
    event_ids={"DMS-EVENT-0069": "started", "DMS-EVENT-0078": "failed", "DMS-EVENT-0079": "stopped",
               "DMS-EVENT-0091": "reading paused, swap", "DMS-EVENT-0092": "reading paused, disk"},
    first="Read why in the task's log, and resume the task: it goes on where it was.",
    means="The task failed, stopped, paused or started. It also stops and starts when pulumi up changes it.",
    look=watch_table.TASKS,
    over="A mail says that it started.", page=_DMS_EVENTS)
SERVERLESS_EVENTS = Event(
    name="serverless-events", of="task", source="aws.dms",
    detail_types=("DMS Replication State Change",), only="serverless",
    event_ids={},
    first="Read why in the replication's log, and resume the replication.",
    means="The serverless replication changed its state.",
    look=watch_table.REPLICATIONS,
    over="A mail says that it is running.", page=_DMS_EVENTS,
    unverified="which ids its events have, so all of them are told")
INSTANCE_EVENTS = Event(
    name="instance-events", of="instance", source="aws.dms", only="instance",
    detail_types=("DMS Replication Instance State Change", "DMS Replication Instance Storage State Change",
                  "DMS Replication Instance Failover State"),
    event_ids={"DMS-EVENT-0007": "little storage", "DMS-EVENT-0013": "failover started",
               "DMS-EVENT-0015": "failover to the standby is complete", "DMS-EVENT-0049": "failover is complete",
               "DMS-EVENT-0031": "failed", "DMS-EVENT-0036": "network does not fit",
               "DMS-EVENT-0037": "key cannot be used"},
    first="See whether the task runs again; it resumes by itself after a failover.",
    means="The replication instance failed, failed over, or has little storage.",
    look=watch_table.INSTANCES,
    over="The instance is available and the task is running.", page=_DMS_EVENTS,
    unverified="which id comes with which of the three types, so any of these ids in any of them is told")
ERROR_OBJECTS = Event(
    name="error-objects", of="bucket", source="aws.s3", detail_types=("Object Created",), event_ids={}, only="",
    first="Read the object: it holds the records that are missing in the lake, with the reason. When that is mended, "
    "put them back (python -m operations redrive).",
    means="Firehose gave up on records and wrote them below errorPrefix.",
    look=watch_table.ERROR_OBJECTS,
    over="Nothing new is below errorPrefix, and the audit finds lake and source equal.",
    page="https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html", message="$.detail.object.key")
# fmt: on
EVENTS: tuple[Event, ...] = (TASK_EVENTS, SERVERLESS_EVENTS, INSTANCE_EVENTS, ERROR_OBJECTS)


def pattern(event: Event, known: Mapping[str, str], error_prefix: str) -> dict[str, Any]:
    """An event pattern for this stack's resource alone; ``known`` has the ARN or, of a bucket, the name by ``of``."""
    told = {"source": [event.source], "detail-type": list(event.detail_types)}
    if event.of == "bucket":
        failed = {"bucket": {"name": [known["bucket"]]}, "object": {"key": [{"prefix": f"{error_prefix}/"}]}}
        return {**told, "detail": failed}
    ids = {"detail": {"eventId": list(event.event_ids)}} if event.event_ids else {}
    return {**told, "resources": [known[event.of]], **ids}


def mail(event: Event, stack: str) -> str:
    """The template of what a mail says: what to do first, then what happened. A JSON text with two placeholders."""
    words = f"{event.first} {event.means} Stack {stack}. Runbook: docs/runbook.md#{event.name}"
    return json.dumps(f"{words} - <when>: <message>")


@dataclass(frozen=True, kw_only=True)
class DatabaseEvents:
    """A subscription to events of RDS; the control of Security Hub that asks for it."""

    name: str
    source_type: str
    categories: Sequence[str]
    control: str
    first: str
    means: str


_EVERYBODYS = "RDS knows no narrower subscription, so it may be that of another database in this account."
# fmt: off
DATABASE_EVENTS: tuple[DatabaseEvents, ...] = (
    DatabaseEvents(name="cluster-events", source_type="db-cluster", control="RDS.19",
                   categories=("failover", "failure", "maintenance", "notification"),
                   first="See whether the task runs: it reconnects after a failover.",
                   means="The cluster fails over, failed, or is maintained."),
    DatabaseEvents(name="database-instance-events", source_type="db-instance", control="RDS.20",
                   categories=("configuration change", "failure", "maintenance"),
                   first="See whether the task runs, and whether somebody changed the database by hand.",
                   means="An instance of the database failed, is maintained, or was changed."),
    DatabaseEvents(name="parameter-events", source_type="db-parameter-group", control="RDS.21",
                   categories=("configuration change",),
                   first="See who changed a parameter group: without a row-format binlog nothing is captured.",
                   means=f"A parameter group was changed. {_EVERYBODYS}"),
    DatabaseEvents(name="security-group-events", source_type="db-security-group", control="RDS.22",
                   categories=("configuration change", "failure"),
                   first="See who changed a security group of databases; Aurora in a VPC has none.",
                   means=f"A security group of databases was changed. {_EVERYBODYS}"),
)
# fmt: on
DATABASE_EVENTS_PAGE = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Events.Messages.html"
