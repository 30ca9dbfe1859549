"""Which alarms a stack has and at which values: made of the table of metrics and of what the stack is. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from documents.watch_table import WATCHES, Watch

PERIOD_SECONDS = 300
"""Firehose's metrics come every five minutes."""
BAND = 3
"""Standard deviations on both sides of what CloudWatch expects, where the usual is the measure."""
_GIB = 1024**3
_PARTITIONS = 400
"""Four fifths of the 500 active partitions that a delivery stream has without asking.
https://docs.aws.amazon.com/firehose/latest/dev/limits.html"""


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What a stack is, as far as its alarms depend on it."""

    stack: str
    """Its name, and the namespace of the metrics that it makes itself."""
    freshness_minutes: int
    """The promise."""
    buffer_interval_seconds: int
    stream_retention_hours: int
    storage_gb: int
    """Of the replication instance."""
    instance_class: str
    """Of the replication instance."""
    follows: bool
    """Whether a task is to run that follows changes; one that only loads, or is to wait, has no latency."""
    serverless: bool
    partitioned: bool
    tables: bool
    """Whether Iceberg tables are kept."""
    own_database: bool
    heartbeat_minutes: int
    """Minutes between two beats; 0 without a heartbeat."""
    suspends: bool
    """Whether an error suspends a table instead of stopping the task."""


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A value that follows from what a stack is."""

    says: str
    unit: str
    """For people: ``seconds``, ``bytes`` …"""
    of: Callable[[Watched], float]


@dataclass(frozen=True, kw_only=True)
class Window:
    """A time that follows from what a stack is."""

    says: str
    minutes: Callable[[Watched], int]


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Whether a stack has a row of the table."""

    says: str
    of: Callable[[Watched], bool]


def memory(instance_class: str) -> int:
    """Bytes of memory of a replication instance's class, from its family and size.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReplicationInstance.Types.html
    """
    family, size = instance_class.split(".")[1:]
    if size in ("micro", "small", "medium"):
        return {"micro": 1, "small": 2, "medium": 4}[size] * _GIB
    cores = 2 if size == "large" else 4 * int(re.sub("xlarge", "", size) or 1)
    return cores * {"c": 2, "t": 4, "r": 8}[family[0]] * _GIB


THRESHOLDS: Mapping[str, Threshold] = {
    "the promise in seconds": Threshold(
        says="`freshnessMinutes`", unit="seconds", of=lambda it: it.freshness_minutes * 60
    ),
    "the promise in milliseconds": Threshold(
        says="`freshnessMinutes`", unit="milliseconds", of=lambda it: it.freshness_minutes * 60_000
    ),
    "what the buffer leaves": Threshold(
        says="`freshnessMinutes` less `bufferIntervalSeconds`, for which a row may wait later",
        unit="seconds",
        of=lambda it: it.freshness_minutes * 60 - it.buffer_interval_seconds,
    ),
    "half of the stream's retention": Threshold(
        says="half of `streamRetentionHours`", unit="milliseconds", of=lambda it: it.stream_retention_hours * 1_800_000
    ),
    "a fifth of the storage": Threshold(
        says="a fifth of `replicationStorageGb`", unit="bytes", of=lambda it: it.storage_gb * _GIB // 5
    ),
    "a tenth of the memory": Threshold(
        says="a tenth of the memory of `replicationInstanceClass`",
        unit="bytes",
        of=lambda it: memory(it.instance_class) // 10,
    ),
    "at least one": Threshold(says="one", unit="runs", of=lambda _: 1),
    "none": Threshold(says="not one", unit="events", of=lambda _: 0),
    "one": Threshold(says="one", unit="events", of=lambda _: 1),
    "all": Threshold(says="every write succeeds", unit="share of writes", of=lambda _: 1),
    "most partitions": Threshold(
        says=f"{_PARTITIONS}, four fifths of the quota", unit="partitions", of=lambda _: _PARTITIONS
    ),
    "usual": Threshold(
        says=f"{BAND} standard deviations above what CloudWatch expects from the last two weeks",
        unit="bytes",
        of=lambda _: BAND,
    ),
}
WINDOWS: Mapping[str, Window] = {
    "two beats": Window(says="twice `heartbeatMinutes`", minutes=lambda it: 2 * it.heartbeat_minutes),
    "a beat and the promise": Window(
        says="`heartbeatMinutes` and `freshnessMinutes` together",
        minutes=lambda it: it.heartbeat_minutes + it.freshness_minutes,
    ),
}
"""For how long something must be wrong where no fixed time will do; made whole periods of."""
SUSPENDED = "?suspended ?Suspended ?SUSPENDED"
"""Filter pattern for a line of the task's log that says that a table is suspended: any of these words."""
CONDITIONS: Mapping[str, Condition] = {
    "": Condition(says="", of=lambda _: True),
    "own database": Condition(says="with `databaseMode: own`", of=lambda it: it.own_database),
    "task": Condition(
        says="while the task is to follow changes (`startTask`, `migrationType`)",
        of=lambda it: it.follows and not it.serverless,
    ),
    "serverless task": Condition(
        says="with `replicationMode: serverless`, while it is to follow changes (`startTask`, `migrationType`)",
        of=lambda it: it.follows and it.serverless,
    ),
    "serverless": Condition(says="with `replicationMode: serverless`", of=lambda it: it.serverless),
    "instance": Condition(says="with `replicationMode: instance`", of=lambda it: not it.serverless),
    "heartbeat": Condition(says="with `heartbeatMinutes` above 0", of=lambda it: it.heartbeat_minutes > 0),
    "heartbeat and task": Condition(
        says="with `heartbeatMinutes` above 0, while the task or the replication is to run (`startTask`)",
        of=lambda it: it.heartbeat_minutes > 0 and it.follows,
    ),
    "partitioned": Condition(says="with `partitionByTable: true`", of=lambda it: it.partitioned),
    "tables": Condition(says="with `tablesEveryMinutes` above 0", of=lambda it: it.tables),
    "suspends": Condition(says="with `onTableError: suspend`", of=lambda it: it.suspends),
}
"""Which stacks have a row."""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm of a stack: a row of the table, and its value for this stack."""

    watch: Watch
    value: float
    stack: str
    periods: int = 1
    """How many periods in a row must be wrong."""

    @property
    def namespace(self) -> str:
        """The service's, or the stack's for a metric that is made of its log."""
        return self.watch.namespace or self.stack

    @property
    def unusual(self) -> bool:
        """Whether ``value`` is the width of a band around the usual."""
        return self.watch.threshold == "usual"

    @property
    def band(self) -> str:
        """The band, over the metric whose id is ``measured``."""
        return f"ANOMALY_DETECTION_BAND(measured, {self.value:g})"

    @property
    def comparison(self) -> str:
        """CloudWatch's word for what is wrong."""
        if self.unusual:
            return "GreaterThanUpperThreshold"
        return "LessThanThreshold" if self.watch.below else "GreaterThanThreshold"

    @property
    def missing(self) -> str:
        """CloudWatch's word for how it takes no data."""
        return "breaching" if self.watch.silence == "stopped" else "notBreaching"

    @property
    def description(self) -> str:
        """What a mail says: what to do first, then what is wrong, where, and where to read on."""
        return f"{self.watch.first} {self.watch.means} Stack {self.stack}. Runbook: docs/runbook.md#{self.watch.name}"


def alarms(watched: Watched) -> Sequence[Alarm]:
    """The alarms of a stack, in the order in which a row passes what they watch."""
    rows = (it for it in WATCHES if CONDITIONS[it.only].of(watched))
    return [
        Alarm(
            watch=it,
            value=THRESHOLDS[it.threshold].of(watched),
            stack=watched.stack,
            periods=_periods(it.window, watched) if it.window else it.periods,
        )
        for it in rows
    ]


def _periods(window: str, watched: Watched) -> int:
    return math.ceil(WINDOWS[window].minutes(watched) * 60 / PERIOD_SECONDS)
