"""What waits for a restart, and whether the task could go on where it stands.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBClusterMember.html (DBClusterParameterGroupStatus),
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_PendingModifiedValues.html
"""

from __future__ import annotations

from typing import Any

from operations.health.database import log, retention
from operations.health.look import Look
from operations.health.part import Part

RIGHTS = ("rds:DescribeDBClusters", "rds:DescribeDBInstances", "dms:DescribeReplicationInstances")


def restarts(look: Look) -> Part:
    """Of the database, of the replication instance, and of the task."""
    part = Part("restarts")
    retention(part, look)
    log(part, look)
    if look.operation.outputs.cluster_arn is not None:
        _of_the_database(part, look, look.operation.outputs.cluster_arn)
    if not look.operation.outputs.serverless:
        _of_the_instance(part, look)
    return part


def _of_the_database(part: Part, look: Look, arn: str) -> None:
    clients, identifier = look.operation.clients, look.operation.outputs.cluster_identifier
    told = part.ask(lambda: clients.call("rds", "describe_db_clusters", DBClusterIdentifier=arn))
    if told is None:
        return
    (cluster,) = told["DBClusters"]
    waiting = [it for it in cluster["DBClusterMembers"] if it.get("DBClusterParameterGroupStatus") == "pending-reboot"]
    for it in waiting:
        name = it["DBInstanceIdentifier"]
        part.wrong(
            f"{name} has not read its cluster parameters since they changed",
            f"aws rds reboot-db-instance --db-instance-identifier {name}",
            symptom=not it.get("IsClusterWriter"),
        )
    if not waiting:
        part.facts["cluster parameters"] = "in force on every instance"
    filters = [{"Name": "db-cluster-id", "Values": [identifier]}]
    instances = part.ask(lambda: list(clients.every("rds", "describe_db_instances", "DBInstances", Filters=filters)))
    for it in [cluster, *(instances or [])]:
        name = it.get("DBInstanceIdentifier", identifier)
        _pending(part, name, it.get("PendingModifiedValues", {}), "the maintenance window applies it, or "
                 "--apply-immediately (docs/operating.md)")  # fmt: skip


def _of_the_instance(part: Part, look: Look) -> None:
    name = look.operation.outputs.replication_instance_id
    filters = [{"Name": "replication-instance-id", "Values": [name]}]
    found = part.ask(
        lambda: list(
            look.operation.clients.every(
                "dms", "describe_replication_instances", "ReplicationInstances", Filters=filters
            )
        )
    )
    for it in found or []:
        _pending(part, name, it.get("PendingModifiedValues", {}), "the maintenance window applies it; the task is "
                 "stopped for it and goes on")  # fmt: skip


def _pending(part: Part, name: str, values: dict[str, Any], when: str) -> None:
    """What waits is no fault, and told."""
    if values:
        part.facts[f"{name} waits for"] = f"{', '.join(f'{key} {value}' for key, value in values.items())} ({when})"
