"""The whole plan, read from a Declaration as AWS would see it.

This module, ``delivery``, ``heartbeat``, ``catalog`` and ``alarms`` alone know the names of resource inputs.
They neither import the program's components nor its settings: what cannot be seen in a resource input is not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from declaration import Declaration, Resource
from model import PipelineError
from model.plan import Check, DatabasePlan, Plan, ReplicationPlan, StreamPlan
from rehearsal.plan.alarms import alarm_plans
from rehearsal.plan.catalog import catalog_plan
from rehearsal.plan.delivery import delivery_plan
from rehearsal.plan.heartbeat import heartbeat_plan
from rehearsal.plan.inputs import required, username

_ON_DEMAND_SHARDS = 4
"""https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html: a new on-demand stream takes 4 MB/s."""


class _Kind(NamedTuple):
    """A kind of replication: which resource declares it, and how its inputs are called."""

    type: str
    identifier: str
    migration_type: str
    settings: str


_KINDS = (
    _Kind("aws:dms/replicationTask:ReplicationTask", "replicationTaskId", "migrationType", "replicationTaskSettings"),
    _Kind(
        "aws:dms/replicationConfig:ReplicationConfig",
        "replicationConfigIdentifier",
        "replicationType",
        "replicationSettings",
    ),
)
_CLUSTER = "aws:rds/cluster:Cluster"
_BOOTSTRAP = "pulumi-python:dynamic:Resource"
_STATEMENTS, _CHECKS = "captureUserStatements", "preflightChecks"
_CREATE_USER = re.compile(r"CREATE USER (?:IF NOT EXISTS )?'([^']+)'@", re.IGNORECASE)


def read_plan(declaration: Declaration) -> Plan:
    """The plan that the declared resources make together.

    Raises PipelineError when a resource that the pipeline consists of is missing, ambiguous or not connected.
    """
    kind, task = _task(declaration)
    source = _behind(declaration, task, "sourceEndpointArn", "aws:dms/endpoint:Endpoint", "endpointArn")
    target = _behind(declaration, task, "targetEndpointArn", "aws:dms/endpoint:Endpoint", "endpointArn")
    stream = _one(declaration, "aws:kinesis/stream:Stream")
    delivery = _one(declaration, "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")
    kinesis = required(target, "kinesisSettings")
    _connected(target, kinesis.get("streamArn"), stream)
    _connected(delivery, required(delivery, "kinesisSourceConfiguration").get("kinesisStreamArn"), stream)
    delivered = delivery_plan(declaration, delivery, task)
    return Plan(
        stack=declaration.stack,
        database=_database(declaration, source),
        stream=_stream(stream),
        replication=ReplicationPlan(
            task_id=required(task, kind.identifier),
            migration_type=required(task, kind.migration_type),
            table_mappings=_document(task, "tableMappings"),
            settings=_document(task, kind.settings),
            kinesis=kinesis,
            cdc_start_position=task.inputs.get("cdcStartPosition") or "",
            cdc_start_time=task.inputs.get("cdcStartTime") or "",
            replaced_with_cluster=_replaced_with_cluster(declaration, task, kind, source),
        ),
        delivery=delivered,
        catalog=catalog_plan(declaration, delivered.bucket),
        alarms=alarm_plans(declaration, task, stream, delivery),
    )


def _task(declaration: Declaration) -> tuple[_Kind, Resource]:
    found = [(kind, task) for kind in _KINDS for task in declaration.all(kind.type)]
    if len(found) != 1:
        names = ", ".join(task.name for _, task in found) or "none"
        wanted = " or ".join(kind.type for kind in _KINDS)
        raise PipelineError(
            f"the declaration of stack {declaration.stack!r} cannot be rehearsed: expected exactly one {wanted}, "
            f"found {len(found)}: {names}"
        )
    return found[0]


def _replaced_with_cluster(declaration: Declaration, task: Resource, kind: _Kind, source: Resource) -> bool:
    """Whether the task must be another one for another cluster.

    Neither a task's identifier nor its source endpoint's can change; the resource id of a cluster is never used again,
    while its name and its host name may be. Pulumi's ``replacement_trigger`` does the same.
    """
    ids = [str(cluster.outputs["clusterResourceId"]).lower() for cluster in declaration.all(_CLUSTER)]
    trigger = getattr(task, "replacement_trigger", None)
    bound = f"{required(task, kind.identifier)} {source.inputs.get('endpointId', '')} {trigger or ''}".lower()
    return any(identifier in bound for identifier in ids)


def _database(declaration: Declaration, source: Resource) -> DatabasePlan:
    """The cluster; or what is known of a database that the program does not declare."""
    statements, checks = _bootstrap(declaration)
    own = bool(declaration.all(_CLUSTER))
    return DatabasePlan(
        own=own,
        parameters=_parameters(declaration) if own else {},
        ssl_mode=source.inputs.get("sslMode", "none"),
        capture_username=_capture_username(declaration, source) if own else _user_created_by(statements),
        capture_statements=statements,
        checks=checks,
        heartbeat=heartbeat_plan(declaration),
    )


def _bootstrap(declaration: Declaration) -> tuple[tuple[str, ...], tuple[Check, ...]]:
    """Statements of the resource that runs them, else those exported for an administrator; checks as exported."""
    run = [resource for resource in declaration.all(_BOOTSTRAP) if "statements" in resource.inputs]
    inputs = run[0].inputs if run else {}
    statements = inputs.get("statements") or declaration.exports.get(_STATEMENTS)
    if not statements:
        raise PipelineError(
            f"the program declares no {_BOOTSTRAP} with statements and exports no {_STATEMENTS}, so nothing says how "
            "the user that DMS connects as is made: export the SQL, with <password> in the place of the password"
        )
    checks = declaration.exports.get(_CHECKS) or ()
    return tuple(statements), tuple(
        Check(name=check["name"], sql=check["sql"], expect=tuple(check["expect"]), remedy=check["remedy"])
        for check in checks
    )


def _parameters(declaration: Declaration) -> dict[str, str]:
    group = _one(declaration, "aws:rds/clusterParameterGroup:ClusterParameterGroup")
    return {item["name"]: str(item["value"]) for item in group.inputs.get("parameters", ())}


def _capture_username(declaration: Declaration, source: Resource) -> str:
    return username(declaration, source, required(source, "secretsManagerArn"))


def _user_created_by(statements: tuple[str, ...]) -> str:
    """The secret of a database that is not the program's cannot be read here; the statements make its user."""
    return next((found[1] for statement in statements if (found := _CREATE_USER.match(statement))), "")


def _stream(stream: Resource) -> StreamPlan:
    mode = stream.inputs.get("streamModeDetails", {}).get("streamMode", "PROVISIONED")
    return StreamPlan(
        name=stream.outputs["name"],
        mode=mode,
        shard_count=_ON_DEMAND_SHARDS if mode == "ON_DEMAND" else required(stream, "shardCount"),
        retention_hours=stream.inputs.get("retentionPeriod", 24),
    )


def _one(declaration: Declaration, type: str) -> Resource:
    try:
        return declaration.one(type)
    except LookupError as error:
        raise PipelineError(f"the declaration of stack {declaration.stack!r} cannot be rehearsed: {error}") from error


def _behind(declaration: Declaration, resource: Resource, reference: str, type: str, identity: str) -> Resource:
    """The resource of ``type`` whose ``identity`` is what the input ``reference`` of ``resource`` names."""
    wanted = required(resource, reference)
    for candidate in declaration.all(type):
        if candidate.outputs.get(identity) == wanted:
            return candidate
    raise PipelineError(f"{resource.name}: {reference} is {wanted!r}, which is no {type} of this program")


def _connected(resource: Resource, arn: Any, stream: Resource) -> None:
    if arn != stream.outputs["arn"]:
        raise PipelineError(f"{resource.name} is not connected to {stream.name}: its stream is {arn!r}")


def _document(resource: Resource, key: str) -> Mapping[str, Any]:
    text = required(resource, key)
    try:
        return json.loads(text)
    except ValueError as error:
        raise PipelineError(f"{resource.name}: {key} is not JSON: {error}") from error
