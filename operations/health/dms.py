"""The replication of a stack as DMS tells of it, whichever kind it is: a task on an instance, or a serverless one.

https://docs.aws.amazon.com/dms/latest/APIReference/API_ReplicationTask.html,
https://docs.aws.amazon.com/dms/latest/APIReference/API_Replication.html
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from model import qualified
from operations.clients import AwsError, Clients
from operations.job import RUNS, main_job
from operations.outputs import Outputs

RIGHTS = {
    "instance": ("dms:DescribeReplicationTasks", "dms:DescribeTableStatistics", "dms:DescribeReplicationInstances"),
    "serverless": (
        "dms:DescribeReplications", "dms:DescribeReplicationConfigs", "dms:DescribeReplicationTableStatistics",
    ),
}  # fmt: skip
_PREFIX = "Stop Reason "


@dataclass(frozen=True, kw_only=True)
class Replication:
    """What runs, or does not."""

    status: str
    """DMS's word: ``running``, ``stopped``, ``failed``, …"""
    stop_reason: str
    """``NORMAL``, ``RECOVERABLE_ERROR``, ``FATAL_ERROR``, …; empty where it never stopped."""
    failure: str
    """The last message of a failure, in one line; it may be older than the last start."""
    migration_type: str
    """``full-load``, ``full-load-and-cdc`` or ``cdc``."""
    checkpoint: str
    """Where it goes on; while it runs it may lag. Empty before the first."""
    percent: int
    """How much of the full load is done."""
    tables: Mapping[str, int]
    """How many are ``loading`` and ``queued``."""
    stopped_at: datetime | None
    table_mappings: str
    """JSON."""
    settings: str
    """JSON."""

    @property
    def runs(self) -> bool:
        """Whether it does its work."""
        return self.status in RUNS

    @property
    def stopped_by_error(self) -> bool:
        """Whether it failed, or DMS stopped it because of an error."""
        return self.status.startswith("failed") or (self.status == "stopped" and "ERROR" in self.stop_reason)


@dataclass(frozen=True, kw_only=True)
class TableState:
    """What DMS tells of a table."""

    schema: str
    table: str
    state: str
    """DMS's words, such as ``Table completed``."""
    loaded: int
    """Rows of the full load."""
    failed: int
    """Rows of the full load that failed."""
    changes: int
    """Inserts, updates and deletes since."""

    @property
    def name(self) -> str:
        """``schema.table``."""
        return qualified(self.schema, self.table)

    @property
    def follows(self) -> bool:
        """Whether it is loaded, and its changes are captured."""
        return not self.left_out and not any(
            word in self.state.lower() for word in ("before load", "full load", "being")
        )

    @property
    def left_out(self) -> bool:
        """Whether its changes are not captured any more, or never were."""
        return any(word in self.state.lower() for word in ("error", "suspend", "cancel", "not exist"))


def replication(clients: Clients, outputs: Outputs) -> Replication:
    """The stack's replication. Raises AwsError, also where there is none."""
    found = main_job(clients, outputs).look()
    if found is None:
        raise AwsError(
            service="dms",
            operation="DescribeReplications" if outputs.serverless else "DescribeReplicationTasks",
            code="ResourceNotFoundFault",
            said=f"no {outputs.task_arn}",
            remedy=f"somebody deleted it, or it is not of this account in {clients.region}: pulumi up --refresh",
        )
    described = found.described
    if outputs.serverless:
        named = [{"Name": "replication-config-arn", "Values": [outputs.task_arn]}]
        told = clients.call("dms", "describe_replication_configs", Filters=named)["ReplicationConfigs"]
        config, settings = (told or [{}])[0], "ReplicationSettings"
        return _of(described, described.get("ReplicationStats", {}), config, settings)
    return _of(described, described.get("ReplicationTaskStats", {}), described, "ReplicationTaskSettings")


def named(tables: Iterable[TableState]) -> str:
    """The tables as arguments of a command."""
    return " ".join(shlex.quote(it.name) for it in tables)


def table_states(clients: Clients, outputs: Outputs) -> list[TableState]:
    """What DMS tells of each table, by name. Raises AwsError."""
    if outputs.serverless:
        call, key, arn = "describe_replication_table_statistics", "ReplicationTableStatistics", "ReplicationConfigArn"
    else:
        call, key, arn = "describe_table_statistics", "TableStatistics", "ReplicationTaskArn"
    found = _pages(clients, call, key, **{arn: outputs.task_arn})
    return sorted((_table(it) for it in found), key=lambda it: it.name)


def _pages(clients: Clients, call: str, key: str, **parameters: Any) -> Iterator[Mapping[str, Any]]:
    """boto3 has no paginator for what is asked of serverless replications."""
    while True:
        told = clients.call("dms", call, **parameters)
        yield from told.get(key, ())
        if not told.get("Marker"):
            return
        parameters["Marker"] = told["Marker"]


def _of(found: Mapping[str, Any], stats: Mapping[str, Any], config: Mapping[str, Any], settings: str) -> Replication:
    failure = found.get("LastFailureMessage") or " ".join(found.get("FailureMessages", ()))
    return Replication(
        status=found.get("Status", ""),
        stop_reason=" ".join(found.get("StopReason", "").split()).removeprefix(_PREFIX),
        failure=" ".join(failure.split()),
        migration_type=found.get("MigrationType") or found.get("ReplicationType", ""),
        checkpoint=found.get("RecoveryCheckpoint", ""),
        percent=stats.get("FullLoadProgressPercent", 0),
        tables={it: stats.get(f"Tables{it.capitalize()}", 0) for it in ("loading", "queued")},
        stopped_at=stats.get("StopDate"),
        table_mappings=config.get("TableMappings", ""),
        settings=config.get(settings, ""),
    )


def _table(it: Mapping[str, Any]) -> TableState:
    return TableState(
        schema=it.get("SchemaName", ""),
        table=it.get("TableName", ""),
        state=it.get("TableState", ""),
        loaded=it.get("FullLoadRows", 0),
        failed=it.get("FullLoadErrorRows", 0) + it.get("FullLoadCondtnlChkFailedRows", 0),
        changes=sum(it.get(kind, 0) for kind in ("Inserts", "Updates", "Deletes")),
    )
