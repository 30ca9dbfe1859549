"""What of a stack's settings its alarms depend on."""

from __future__ import annotations

from configuration.settings import Settings
from documents.watch_alarms import Watched


def watched(settings: Settings) -> Watched:
    """The stack, as ``documents.watch_alarms`` knows it."""
    replication, lake = settings.replication, settings.lake
    return Watched(
        stack=settings.name,
        freshness_minutes=settings.watch.freshness_minutes,
        buffer_interval_seconds=lake.buffer_interval_seconds,
        stream_retention_hours=lake.stream_retention_hours,
        storage_gb=replication.replication_storage_gb,
        instance_class=replication.replication_instance_class,
        follows=replication.start_task and replication.migration_type != "full-load",
        serverless=replication.replication_mode == "serverless",
        partitioned=lake.partition_by_table,
        tables=settings.kept.kept,
        own_database=settings.source.database_mode == "own",
        heartbeat_minutes=replication.heartbeat_minutes,
        suspends=replication.on_table_error == "suspend",
    )
