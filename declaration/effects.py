"""What an update does to a stack that runs: two declarations compared as the engine and the AWS provider compare them.

What only follows from an id of AWS's making is not seen: a declaration knows no ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from declaration.model import Declaration, Resource

REPLACING: Mapping[str, Set[str]] = {
    "aws:cloudwatch/logGroup:LogGroup": {"name"},
    "aws:dms/certificate:Certificate": {"certificateId", "certificatePem"},
    "aws:dms/endpoint:Endpoint": {"endpointId", "kmsKeyArn"},
    "aws:dms/replicationConfig:ReplicationConfig": {"replicationConfigIdentifier", "resourceIdentifier"},
    "aws:dms/replicationInstance:ReplicationInstance": {"replicationInstanceId", "replicationSubnetGroupId"},
    "aws:dms/replicationTask:ReplicationTask": {"replicationTaskId", "sourceEndpointArn", "targetEndpointArn"},
    "aws:ec2/securityGroup:SecurityGroup": {"vpcId"},
    "aws:ec2/subnet:Subnet": {"availabilityZone", "cidrBlock", "vpcId"},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"serviceName", "vpcId"},
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": {
        "name",
        "extendedS3Configuration.dynamicPartitioningConfiguration",
    },
    "aws:rds/cluster:Cluster": {
        "clusterIdentifier", "dbSubnetGroupName", "kmsKeyId", "masterUsername", "snapshotIdentifier"},
    "aws:rds/clusterInstance:ClusterInstance": {"clusterIdentifier"},
    "aws:scheduler/schedule:Schedule": {"groupName"},
    "aws:secretsmanager/secretVersion:SecretVersion": {"secretId", "secretString"},
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {"securityGroupId"},
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {"securityGroupId"},
    "pulumi-python:dynamic:Resource": {"clusterArn"},
    "random:index/randomId:RandomId": {"keepers"},
    "random:index/randomPassword:RandomPassword": {"keepers"},
}  # fmt: skip
"""Inputs that a provider cannot change in place (ForceNew in its sources, internal/service/*), of what is declared here
and may change."""
INTERRUPTING: Mapping[str, Set[str]] = {
    # pauseReplicationTasks: the provider stops the endpoint's tasks, changes it, and starts them
    "aws:dms/endpoint:Endpoint": {"engineName", "extraConnectionAttributes", "secretsManagerArn", "sslMode"},
    # resourceReplicationConfigUpdate stops the replication for any change
    "aws:dms/replicationConfig:ReplicationConfig": {"computeConfig", "startReplication"},
    "aws:dms/replicationInstance:ReplicationInstance": {
        "allocatedStorage", "engineVersion", "multiAz", "replicationInstanceClass"},
    # resourceReplicationTaskUpdate stops the task for any change
    "aws:dms/replicationTask:ReplicationTask": {
        "migrationType", "replicationTaskSettings", "startReplicationTask", "tableMappings"},
    # Aurora user guide, "Modifying an Amazon Aurora DB cluster": the settings that restart instances
    "aws:rds/cluster:Cluster": {"engineVersion", "port"},
    "aws:rds/clusterInstance:ClusterInstance": {"engineVersion", "instanceClass"},
}  # fmt: skip
"""Inputs whose change stops the database or the replication for a while."""
_SQL = {"database-bootstrap": "the capture user's SQL", "replication-withdrawals": "rights that are withdrawn"}
_MEMORY = frozenset({"settings-fixed", "settings-reached"})
"""What remembers settings: a change of it is no effect."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """Kinds of resources by what happens to them, as ``service.Kind``."""

    replaced: frozenset[str]
    interrupted: frozenset[str]
    in_place: frozenset[str]
    made: frozenset[str]
    gone: frozenset[str]
    refused_when_kept: bool
    """Whether one that goes or is replaced is protected."""


def effect(before: Declaration, after: Declaration, unmoved: Set[str] = frozenset()) -> Effect:
    """What the update from ``before`` to ``after`` does, but for the resources named ``unmoved``.

    Every kind is named once, for the worst that happens to one of it.
    """
    both = [(old, new) for new in after.resources if (old := before.find(new.urn)) is not None]
    pairs = [(old, new) for old, new in both if _counts(new) and new.name not in unmoved]
    replaced = [old for old, new in pairs if is_replaced(old, new)]
    interrupted = [old for old, new in pairs if _touched(old, new, INTERRUPTING)]
    changed = [old for old, new in pairs if set(differing(old, new))]
    gone = [it for it in before.resources if after.find(it.urn) is None and _counts(it)]
    made = [it for it in after.resources if before.find(it.urn) is None and _counts(it)]
    return joined(
        Effect(
            replaced=_kinds(replaced),
            interrupted=_kinds(interrupted),
            in_place=_kinds(changed),
            made=_kinds(made),
            gone=_kinds(it for it in gone if not it.retain_on_delete),
            refused_when_kept=any(it.protect for it in (*replaced, *gone)),
        )
    )


def joined(*effects: Effect) -> Effect:
    """Several effects at once."""
    replaced, interrupted, in_place, made, gone = (
        frozenset().union(*(getattr(it, part) for it in effects))
        for part in ("replaced", "interrupted", "in_place", "made", "gone")
    )
    return Effect(
        replaced=replaced,
        interrupted=interrupted - replaced,
        in_place=in_place - replaced - interrupted,
        made=made,
        gone=gone,
        refused_when_kept=any(it.refused_when_kept for it in effects),
    )


def differing(old: Resource, new: Resource) -> Iterator[str]:
    """Paths of the inputs that an update would send, to the second level."""
    for key in sorted({*old.inputs, *new.inputs} - {*new.ignore_changes}):
        one, other = old.inputs.get(key), new.inputs.get(key)
        if one != other:
            yield key
            if isinstance(one, Mapping) and isinstance(other, Mapping):
                yield from (f"{key}.{inner}" for inner in {*one, *other} if one.get(inner) != other.get(inner))


def is_replaced(old: Resource, new: Resource) -> bool:
    """Whether the engine makes another one in the place of ``old``."""
    return old.replacement_trigger != new.replacement_trigger or _touched(old, new, REPLACING)


def _touched(old: Resource, new: Resource, inputs: Mapping[str, Set[str]]) -> bool:
    return bool(set(differing(old, new)) & inputs.get(new.type, frozenset()))


def _counts(resource: Resource) -> bool:
    return resource.custom and resource.name not in _MEMORY


def _kinds(resources: Any) -> frozenset[str]:
    return frozenset(_SQL.get(it.name) or _kind(it.type) for it in resources)


def _kind(type_: str) -> str:
    """``aws:rds/cluster:Cluster`` → ``rds.Cluster``; ``random:index/randomId:RandomId`` → ``random.RandomId``."""
    package, module, kind = type_.split(":")
    service = module.split("/")[0]
    return f"{package if service == 'index' else service}.{kind}"
