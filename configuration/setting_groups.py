"""The keys of the configuration, grouped per component: ``bufferSizeMb`` of Pulumi.yaml is ``buffer_size_mb`` here.

A field is a key: its type decides how ``settings.py`` reads the text. What it means and its default are in Pulumi.yaml.
"""

from __future__ import annotations

from dataclasses import dataclass

from documents import heartbeat
from documents.column_patterns import ColumnPattern, MaskedColumn
from documents.dms_mappings import Capture, FurtherRules
from documents.row_filters import RowFilter
from documents.table_patterns import TablePattern


@dataclass(frozen=True, kw_only=True)
class NetworkSettings:
    """Where the database and DMS live."""

    vpc_cidr: str
    availability_zones: tuple[str, ...]
    vpc_id: str
    subnet_ids: tuple[str, ...]
    create_vpc_endpoints: bool
    endpoint_security_group_id: str


@dataclass(frozen=True, kw_only=True)
class SourceSettings:
    """Whose database it is, how to reach one that is not this program's, and who runs the SQL."""

    database_mode: str
    database_engine: str
    database_port: int
    database_secret_arn: str
    database_secret_key_arn: str
    database_security_group_id: str
    open_database_security_group: bool
    sql_bootstrap: str


@dataclass(frozen=True, kw_only=True)
class DatabaseSettings:
    """The Aurora cluster, its users and its binlog."""

    engine_version: str
    database_instance_class: str
    database_instances: int
    min_capacity: float
    max_capacity: float
    snapshot_identifier: str
    restore_generation: int
    master_username: str
    capture_username: str
    backup_retention_days: int
    binlog_retention_hours: int


@dataclass(frozen=True, kw_only=True)
class LakeSettings:
    """The stream, its delivery and the lake bucket."""

    stream_mode: str
    shard_count: int
    stream_retention_hours: int
    buffer_size_mb: int
    buffer_interval_seconds: int
    partition_by_table: bool
    lake_prefix: str
    error_prefix: str
    lake_transition_days: int
    lake_expiry_days: int


@dataclass(frozen=True, kw_only=True)
class QuerySettings:
    """The lake's catalog, and what a query may cost."""

    catalog_start_date: str
    query_scan_limit_gb: int
    query_result_days: int


@dataclass(frozen=True, kw_only=True)
class TableSettings:
    """The Iceberg tables that are kept of the lake."""

    tables_every_minutes: int
    tables_window_hours: int

    @property
    def kept(self) -> bool:
        """Whether there are any."""
        return self.tables_every_minutes > 0


@dataclass(frozen=True, kw_only=True)
class ReplicationSettings:
    """What DMS captures and with what."""

    tables: tuple[TablePattern, ...]
    exclude_tables: tuple[TablePattern, ...]
    drop_columns: tuple[ColumnPattern, ...]
    mask_columns: tuple[MaskedColumn, ...]
    row_filters: tuple[RowFilter, ...]
    mapping_rules: FurtherRules
    migration_type: str
    cdc_start_position: str
    cdc_start_time: str
    replication_mode: str
    min_replication_units: int
    max_replication_units: int
    replication_instance_class: str
    replication_engine_version: str
    replication_storage_gb: int
    multi_az: bool
    ssl_mode: str
    ca_bundle_file: str
    secrets_endpoint_override: bool
    parallel_load_threads: int
    parallel_apply_threads: int
    max_lob_kb: int
    before_images: bool
    on_table_error: str
    dms_service_roles: str
    start_task: bool
    heartbeat_minutes: int

    @property
    def beats(self) -> bool:
        """Whether there is a heartbeat."""
        return self.heartbeat_minutes > 0

    @property
    def capture(self) -> Capture:
        """What leaves the database."""
        return Capture(
            tables=(*self.tables, *([heartbeat.TABLE] if self.beats else ())),
            exclude_tables=self.exclude_tables,
            drop_columns=self.drop_columns,
            mask_columns=self.mask_columns,
            row_filters=self.row_filters,
            mapping_rules=self.mapping_rules,
        )


@dataclass(frozen=True, kw_only=True)
class WatchSettings:
    """What is promised, and who is told when it is not kept."""

    freshness_minutes: int
    alarm_emails: tuple[str, ...]
    alarm_topic_arn: str

    @property
    def has_recipient(self) -> bool:
        """Whether anybody is told."""
        return bool(self.alarm_emails or self.alarm_topic_arn)


@dataclass(frozen=True, kw_only=True)
class StackSettings:
    """What concerns every component."""

    minor_upgrades: str
    log_retention_days: int
    ephemeral: bool
    acknowledge_data_loss: str
