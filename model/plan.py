"""Plan: everything that the rehearsal plays, in the terms of the services that are played."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Check:
    """One question to the database, and what to do when the answer is another than it must be."""

    name: str
    """What must hold, in words."""
    sql: str
    """A query; its answer is the last column of the first row, as text, and empty where there is no row."""
    expect: tuple[str, ...]
    """Every answer that is right."""
    remedy: str


@dataclass(frozen=True, kw_only=True)
class HeartbeatPlan:
    """A schedule that changes a row of the database."""

    username: str
    """User name in the secret with which the schedule calls the Data API."""
    statement: str
    """The SQL that it runs."""


@dataclass(frozen=True, kw_only=True)
class DatabasePlan:
    """The Aurora MySQL cluster."""

    parameters: Mapping[str, str]
    """Cluster parameters that are set, by their lower-case name; what is absent has Aurora's default."""
    ssl_mode: str
    """``sslMode`` of the source endpoint: ``none``, ``verify-ca`` or ``verify-full``."""
    capture_username: str
    """User name in the secret that the source endpoint reads."""
    capture_statements: tuple[str, ...]
    """SQL that creates the users; ``<password>``, or ``<… password>``, stands where one's password goes."""
    checks: tuple[Check, ...] = ()
    """What the program verifies after them."""
    own: bool = True
    """Whether the program declares the database. Where not, nobody knows its parameters."""
    heartbeat: HeartbeatPlan | None = None
    """None where no schedule changes anything."""


@dataclass(frozen=True, kw_only=True)
class StreamPlan:
    """The Kinesis data stream."""

    name: str
    mode: str
    """``ON_DEMAND`` or ``PROVISIONED``."""
    shard_count: int
    """Open shards: what is declared, or 4, with which AWS starts an on-demand stream."""
    retention_hours: int


@dataclass(frozen=True, kw_only=True)
class ReplicationPlan:
    """The DMS task and its Kinesis target endpoint."""

    task_id: str
    migration_type: str
    """``full-load``, ``cdc`` or ``full-load-and-cdc``."""
    table_mappings: Mapping[str, Any]
    settings: Mapping[str, Any]
    """The task settings document, parsed."""
    kinesis: Mapping[str, Any]
    """The endpoint's ``kinesisSettings``, in the provider's camelCase names."""
    cdc_start_position: str = ""
    """Where a ``cdc`` task begins to read the binlog; empty for its end at the moment of the start."""
    cdc_start_time: str = ""
    """When the first change to capture was made, as declared; empty for none."""
    replaced_with_cluster: bool = False
    """Whether another cluster is another task, which begins anew, instead of the old task at its old position."""


@dataclass(frozen=True, kw_only=True)
class DeliveryPlan:
    """The Firehose delivery stream and where it delivers."""

    name: str
    bucket: str
    prefix: str
    error_prefix: str
    buffer_bytes: int
    buffer_seconds: int
    compression: str
    """``GZIP`` or ``UNCOMPRESSED``."""
    file_extension: str
    """What is appended to an object's name, ``.json.gz``."""
    append_delimiter: bool
    """Whether the AppendDelimiterToRecord processor is declared: a newline after every record."""
    time_zone: str
    """IANA name in which timestamp expressions are evaluated."""
    role_policies: tuple[str, ...]
    """The JSON documents of the inline policies of the role that writes to the bucket."""
    starts_before_task: bool
    """Whether the declared dependencies make the delivery stream exist before the task starts. If not, AWS may
    start them in either order and the rehearsal plays the unlucky one."""
    partition_query: str = ""
    """The JQ expression of dynamic partitioning, which makes a record's partition keys of it; empty without it."""


@dataclass(frozen=True, kw_only=True)
class RawTablePlan:
    """A table of the Glue catalog over objects of the lake, whose partitions Athena projects."""

    name: str
    columns: tuple[str, ...]
    """Of the lines: strings all."""
    partitions: tuple[str, ...]
    """The partition columns, strings too; their values come from an object's key."""
    bucket: str
    location: str
    """``s3://bucket/prefix/``; what a partition's objects begin with is in the parameters."""
    parameters: Mapping[str, str]
    """The table's parameters, with the projection of its partitions."""
    input_format: str
    serde: str
    description: str = ""
    glue: Mapping[str, Any] = field(default_factory=dict)
    """What the program tells Glue of it, as ``TableInput`` of Glue's API."""


@dataclass(frozen=True, kw_only=True)
class ViewPlan:
    """A view of the Glue catalog, in Athena's SQL."""

    name: str
    sql: str
    columns: tuple[tuple[str, str], ...]
    """Name and Presto type of each column, as declared."""
    table: tuple[str, str] | None = None
    """Schema and name of the source's table that it shows; None for a view of all tables."""
    kind: str = ""
    """``current``, ``replayed``, ``changes``, or nothing for a view of all tables."""
    description: str = ""
    glue: Mapping[str, Any] = field(default_factory=dict)
    """What the program tells Glue of it, as ``TableInput`` of Glue's API."""


@dataclass(frozen=True, kw_only=True)
class NamedQueryPlan:
    """A query that Athena's console offers."""

    name: str
    sql: str
    description: str


@dataclass(frozen=True, kw_only=True)
class KeptTablePlan:
    """An Iceberg table, and the statements that keep it, in Athena's SQL."""

    name: str
    table: tuple[str, str]
    """Schema and name of the source's table."""
    create: str
    start: str
    """A query. Its row has what stands for ``<column>`` in the statements; without a row that is empty text."""
    merge: str
    sweep: str


@dataclass(frozen=True, kw_only=True)
class CatalogPlan:
    """The Glue database over the lake, and the named queries of it."""

    database: str
    tables: tuple[RawTablePlan, ...]
    views: tuple[ViewPlan, ...]
    queries: tuple[NamedQueryPlan, ...]
    kept_tables: tuple[KeptTablePlan, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AlarmPlan:
    """A CloudWatch alarm: one metric against one line."""

    name: str
    """As declared, without the name of the component that it belongs to."""
    namespace: str
    metric: str
    statistic: str
    threshold: float | None
    """In the metric's unit; None where the line is no number but a band around the usual, or another expression."""
    comparison: str
    """CloudWatch's word: ``GreaterThanThreshold`` …"""
    period_seconds: int
    periods: int
    """How many periods must be wrong before it fires."""
    missing: str
    """CloudWatch's word for how it takes no data: ``breaching``, ``notBreaching``, ``ignore`` or ``missing``."""
    elsewhere: str = ""
    """The dimension that names another resource than the pipeline's own; empty where none does."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that the rehearsal plays."""

    stack: str
    database: DatabasePlan
    stream: StreamPlan
    replication: ReplicationPlan
    delivery: DeliveryPlan
    catalog: CatalogPlan | None = None
    """None where the program declares no database to query the lake with."""
    alarms: tuple[AlarmPlan, ...] = ()
