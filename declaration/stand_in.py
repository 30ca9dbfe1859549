"""Stand-ins for what AWS would answer: ids, ARNs and endpoints of resources, and the few look-ups that are allowed.

Every value is derived from the resource's name, so that two runs declare the same. A look-up that is not listed here
raises: a program under test must not depend on an answer that nobody wrote down.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from declaration.account import Account

ACCOUNT = "111122223333"
"""One of the account ids that AWS's own documentation uses."""

Answer = Callable[["StandIn", str, Mapping[str, Any]], dict[str, Any]]


class StandIn:
    """Plays the AWS and Random providers for one Region of an account."""

    def __init__(self, region: str, account: Account | None = None) -> None:
        self.region = region
        self.account = account or Account()

    def arn(self, service: str, resource: str, region: str | None = None) -> str:
        """An ARN in the stand-in account; ``region`` "" for a global service such as IAM."""
        return f"arn:aws:{service}:{self.region if region is None else region}:{ACCOUNT}:{resource}"

    def create(self, type: str, name: str, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The id and the outputs of a new resource: its inputs, and what AWS computes."""
        computed = _COMPUTED.get(type, _nothing)(self, name, inputs)
        identifier = str(computed.pop("id", name))
        return identifier, {**inputs, **computed}

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a look-up (``aws.get_caller_identity`` …); LookupError for one that is not listed."""
        if token not in _LOOKUPS:
            known = ", ".join(sorted(_LOOKUPS))
            raise LookupError(f"the program looked up {token}, for which there is no stand-in; there is: {known}")
        return _LOOKUPS[token](self, token, arguments)


def _nothing(_: StandIn, __: str, ___: Mapping[str, Any]) -> dict[str, Any]:
    return {}


def _hex(name: str, digits: int = 17) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:digits]


def _physical(name: str, inputs: Mapping[str, Any], key: str = "name") -> str:
    """The given physical name, or one as Pulumi would make up: the name and seven hex digits."""
    return str(inputs.get(key) or f"{name}-{_hex(name, 7)}")


def _ec2(prefix: str, kind: str) -> Answer:
    def answer(aws: StandIn, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        identifier = f"{prefix}-{_hex(name)}"
        return {"id": identifier, "arn": aws.arn("ec2", f"{kind}/{identifier}")}

    return answer


def _named(service: str, kind: str, key: str = "name", *, region: str | None = None) -> Answer:
    def answer(aws: StandIn, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        physical = _physical(name, inputs, key)
        return {"id": physical, key: physical, "arn": aws.arn(service, f"{kind}{physical}", region)}

    return answer


_DMS_IDENTIFIERS = ("replicationTaskId", "endpointId", "replicationInstanceId", "certificateId",
                    "replicationConfigIdentifier")  # fmt: skip


def _random_name(service: str, kind: str, arn_key: str) -> Answer:
    """DMS names its things in ARNs by a random id of upper-case letters and digits."""

    def answer(aws: StandIn, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        resource = inputs.get("resourceIdentifier") or _hex(name, 26).upper()
        friendly = next((inputs[key] for key in _DMS_IDENTIFIERS if key in inputs), name)
        return {"id": friendly, arn_key: aws.arn(service, f"{kind}:{resource}")}

    return answer


def _bucket(aws: StandIn, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    physical = _physical(name, inputs, "bucket")
    return {
        "id": physical,
        "bucket": physical,
        "arn": f"arn:aws:s3:::{physical}",
        "bucketRegionalDomainName": f"{physical}.s3.{aws.region}.amazonaws.com",
    }


def _cluster(aws: StandIn, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    identifier = _physical(name, inputs, "clusterIdentifier")
    return {
        "id": identifier,
        "clusterIdentifier": identifier,
        "arn": aws.arn("rds", f"cluster:{identifier}"),
        "clusterResourceId": f"cluster-{_hex(identifier, 26).upper()}",
        "endpoint": f"{identifier}.cluster-{_hex(name, 12)}.{aws.region}.rds.amazonaws.com",
        "readerEndpoint": f"{identifier}.cluster-ro-{_hex(name, 12)}.{aws.region}.rds.amazonaws.com",
        "port": inputs.get("port", 3306),
        "masterUsername": inputs.get("masterUsername", "owner_of_the_snapshot"),
    }


def _endpoint_dns(aws: StandIn, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    identifier = f"vpce-{_hex(name)}"
    service = str(inputs.get("serviceName", "")).rsplit(".", 1)[-1]
    dns = f"{identifier}-{_hex(name, 8)}.{service}.{aws.region}.vpce.amazonaws.com"
    return {
        "id": identifier,
        "arn": aws.arn("ec2", f"vpc-endpoint/{identifier}"),
        "dnsEntries": [{"dnsName": dns, "hostedZoneId": "Z7HUB22UULQXV"}],
    }


def _role(aws: StandIn, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    physical = _physical(name, inputs)
    return {
        "id": physical,
        "name": physical,
        "arn": aws.arn("iam", f"role{inputs.get('path') or '/'}{physical}", region=""),
        "uniqueId": f"AROA{_hex(name, 17).upper()}",
    }


def _secret(aws: StandIn, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    arn = aws.arn("secretsmanager", f"secret:{_physical(name, inputs)}-{_hex(name, 6)}")
    return {"id": arn, "arn": arn}


def _secret_version(_: StandIn, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    version = _hex(name, 32)
    return {"id": f"{inputs.get('secretId')}|{version}", "versionId": version, "secretArn": inputs.get("secretId")}


def _key(aws: StandIn, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    digits = _hex(name, 32)
    key_id = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    return {"id": key_id, "keyId": key_id, "arn": aws.arn("kms", f"key/{key_id}")}


def random_password(name: str, inputs: Mapping[str, Any]) -> str:
    """What stands for a generated password: recognisable in a test, of the asked length, letters and digits only."""
    length = int(inputs.get("length", 32))
    seed = f"{name}{inputs.get('keepers') or ''}"
    return f"Secret{hashlib.sha512(seed.encode()).hexdigest()}"[:length]


def _password(_: StandIn, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": "none", "result": random_password(name, inputs)}


def _log_stream(aws: StandIn, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    stream = _physical(name, inputs)
    arn = aws.arn("logs", f"log-group:{inputs.get('logGroupName')}:log-stream:{stream}")
    return {"id": stream, "name": stream, "arn": arn}


def _random_id(_: StandIn, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    digits = _hex(f"{name}{inputs.get('keepers') or ''}", 2 * int(inputs["byteLength"]))
    return {"id": digits, "hex": f"{inputs.get('prefix', '')}{digits}"}


_COMPUTED: Mapping[str, Answer] = {
    "aws:athena/workgroup:Workgroup": _named("athena", "workgroup/"),
    "aws:cloudwatch/eventRule:EventRule": _named("events", "rule/"),
    "aws:cloudwatch/logGroup:LogGroup": _named("logs", "log-group:"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _named("cloudwatch", "alarm:"),
    "aws:cloudwatch/logStream:LogStream": _log_stream,
    "aws:dms/certificate:Certificate": _random_name("dms", "cert", "certificateArn"),
    "aws:dms/endpoint:Endpoint": _random_name("dms", "endpoint", "endpointArn"),
    "aws:dms/replicationConfig:ReplicationConfig": _random_name("dms", "replication-config", "arn"),
    "aws:dms/replicationInstance:ReplicationInstance": _random_name("dms", "rep", "replicationInstanceArn"),
    "aws:dms/replicationTask:ReplicationTask": _random_name("dms", "task", "replicationTaskArn"),
    "aws:dms/replicationSubnetGroup:ReplicationSubnetGroup": _named("dms", "subgrp:", "replicationSubnetGroupId"),
    "aws:ec2/flowLog:FlowLog": _ec2("fl", "vpc-flow-log"),
    "aws:ec2/routeTable:RouteTable": _ec2("rtb", "route-table"),
    "aws:ec2/securityGroup:SecurityGroup": _ec2("sg", "security-group"),
    "aws:ec2/subnet:Subnet": _ec2("subnet", "subnet"),
    "aws:ec2/vpc:Vpc": _ec2("vpc", "vpc"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint_dns,
    "aws:iam/policy:Policy": _named("iam", "policy/", region=""),
    "aws:iam/role:Role": _role,
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": _named("firehose", "deliverystream/"),
    "aws:kinesis/stream:Stream": _named("kinesis", "stream/"),
    "aws:kms/key:Key": _key,
    "aws:rds/cluster:Cluster": _cluster,
    "aws:rds/clusterInstance:ClusterInstance": _named("rds", "db:", "identifier"),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": _named("rds", "cluster-pg:"),
    "aws:rds/subnetGroup:SubnetGroup": _named("rds", "subgrp:"),
    "aws:s3/bucket:Bucket": _bucket,
    "aws:scheduler/schedule:Schedule": _named("scheduler", "schedule/"),
    "aws:scheduler/scheduleGroup:ScheduleGroup": _named("scheduler", "schedule-group/"),
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:secretsmanager/secretVersion:SecretVersion": _secret_version,
    "aws:sfn/stateMachine:StateMachine": _named("states", "stateMachine:"),
    "aws:sns/topic:Topic": _named("sns", ""),
    "random:index/randomId:RandomId": _random_id,
    "random:index/randomPassword:RandomPassword": _password,
}


def _availability_zones(aws: StandIn, _: str, __: Mapping[str, Any]) -> dict[str, Any]:
    zones = [f"{aws.region}{letter}" for letter in "abc"]
    return {"id": aws.region, "names": zones, "zoneIds": [f"{zone}-id" for zone in zones], "state": "available"}


_LOOKUPS: Mapping[str, Answer] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    "aws:index/getCallerIdentity:getCallerIdentity": lambda aws, _, __: {
        "id": ACCOUNT,
        "accountId": ACCOUNT,
        "arn": aws.arn("iam", "role/deployer", region=""),
        "userId": "AROADEPLOYER",
    },
    "aws:iam/getRole:getRole": lambda aws, _, arguments: aws.account.role(arguments["name"]),
    "aws:iam/getRoles:getRoles": lambda aws, _, arguments: {
        "id": "roles",
        "names": aws.account.roles_matching(arguments["nameRegex"]),
    },
    "aws:index/getPartition:getPartition": lambda _, __, ___: {
        "id": "aws",
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    },
    "aws:index/getRegion:getRegion": lambda aws, _, __: {
        "id": aws.region,
        "name": aws.region,
        "region": aws.region,
        "description": aws.region,
        "endpoint": f"ec2.{aws.region}.amazonaws.com",
    },
}
