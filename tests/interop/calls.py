"""Calls: what the AWS provider asks of AWS in order to make a declared resource, as far as inputs tell.

One row a type: each call is a service and an operation of botocore and its parameters. An input that no row names
keeps its name with a capital letter; an operation that does not know it then refuses the call, so a new input needs a
word here. Inputs that mean nothing to AWS (``forceDestroy``) are left out by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from declaration import Declaration, Resource, Secret

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One request."""

    service: str
    operation: str
    params: Values


def calls(declared: Declaration) -> Iterator[tuple[str, Call]]:
    """Each call with the name of the resource that it is for, in the order of the declaration."""
    for resource in declared.resources:
        if resource.type.startswith(("aws:", "pulumi-python:")):
            inputs = _clear(resource.inputs)
            for call in CALLS[resource.type](inputs, _name(resource)):
                yield resource.name, call


def _name(resource: Resource) -> str:
    """What the resource is called in AWS: by its inputs, by what stands in for the provider, or by its Pulumi name."""
    known = {**resource.outputs, **resource.inputs}
    return str(next((known[key] for key in ("name", "bucket", "identifier") if key in known), resource.name))


def _clear(value: Any) -> Any:
    if isinstance(value, Secret):
        return _clear(value.value)
    if isinstance(value, Mapping):
        return {key: _clear(item) for key, item in value.items()}
    return [_clear(item) for item in value] if isinstance(value, list | tuple) else value


def _api(value: Any, names: Values = MappingProxyType({})) -> Any:
    """Inputs with the names of the API: those of ``names``, else with a capital letter; without those named None."""
    if isinstance(value, Mapping):
        named = ((names.get(key, key[0].upper() + key[1:]), item) for key, item in value.items())
        return {name: _api(item, names) for name, item in named if name}
    return [_api(item, names) for item in value] if isinstance(value, list) else value


def _only(inputs: Values, *keys: str) -> dict[str, Any]:
    return {key: inputs[key] for key in keys if key in inputs}


def _without(*keys: str) -> dict[str, None]:
    return dict.fromkeys(keys)


Row = Callable[[Values, str], Iterable[Call]]


def _one(service: str, operation: str, named: str = "", /, **names: str | None) -> Row:
    """A row of one call. ``named`` is the parameter of the thing's name, ``names`` what inputs are called there."""

    def row(inputs: Values, name: str) -> Iterable[Call]:
        return [
            Call(
                service,
                operation,
                {**_api(inputs, {"name": named or None, **names}), **({named: name} if named else {})},
            )
        ]

    return row


def _key(inputs: Values, name: str) -> Iterable[Call]:
    yield Call("kms", "CreateKey", _api(_only(inputs, "description", "policy")))
    yield Call("kms", "ScheduleKeyDeletion", {"KeyId": name, "PendingWindowInDays": inputs["deletionWindowInDays"]})


def _log_group(inputs: Values, name: str) -> Iterable[Call]:
    yield Call("logs", "CreateLogGroup", {"logGroupName": name, **_only(inputs, "kmsKeyId")})
    yield Call("logs", "PutRetentionPolicy", {"logGroupName": name, **_only(inputs, "retentionInDays")})


def _opened(direction: str) -> Row:
    def row(inputs: Values, name: str) -> Iterable[Call]:
        pair = {"GroupId": inputs["referencedSecurityGroupId"], "Description": inputs["description"]}
        rule = {**_api(_only(inputs, "ipProtocol", "fromPort", "toPort")), "UserIdGroupPairs": [pair]}
        params = {"GroupId": inputs["securityGroupId"], "IpPermissions": [rule]}
        yield Call("ec2", f"AuthorizeSecurityGroup{direction}", params)

    return row


def _flow_log(inputs: Values, name: str) -> Iterable[Call]:
    params = _api(inputs, {"vpcId": None, "iamRoleArn": "DeliverLogsPermissionArn"})
    yield Call("ec2", "CreateFlowLogs", {"ResourceIds": [inputs["vpcId"]], "ResourceType": "VPC", **params})


def _role(inputs: Values, name: str) -> Iterable[Call]:
    tags = [{"Key": key, "Value": value} for key, value in inputs.get("tags", {}).items()]
    given = _api(inputs, {"name": None, "tags": None, "assumeRolePolicy": "AssumeRolePolicyDocument"})
    yield Call("iam", "CreateRole", {"RoleName": name, "Tags": tags, **given})


def _parameters(inputs: Values, name: str) -> Iterable[Call]:
    group = {"DBClusterParameterGroupName": name}
    made = {**group, "DBParameterGroupFamily": inputs["family"], "Description": inputs["description"]}
    yield Call("rds", "CreateDBClusterParameterGroup", made)
    listed = _api(inputs["parameters"], {"name": "ParameterName", "value": "ParameterValue"})
    yield Call("rds", "ModifyDBClusterParameterGroup", {**group, "Parameters": listed})


_OF_PROVIDER = _without(
    "applyImmediately", "skipFinalSnapshot", "finalSnapshotIdentifier", "forceDestroy", "pauseReplicationTasks"
)
_CLUSTER = {
    "clusterIdentifier": "DBClusterIdentifier",
    "dbSubnetGroupName": "DBSubnetGroupName",
    "dbClusterParameterGroupName": "DBClusterParameterGroupName",
    "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
    "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
    "masterPassword": "MasterUserPassword",
    "serverlessv2ScalingConfiguration": "ServerlessV2ScalingConfiguration",
    **_OF_PROVIDER,
}
_AFTER_RESTORE = ("masterPassword", "backupRetentionPeriod")


def _cluster(inputs: Values, name: str) -> Iterable[Call]:
    if "snapshotIdentifier" not in inputs:
        yield Call("rds", "CreateDBCluster", _api(inputs, _CLUSTER))
    else:
        left = _without("storageEncrypted", "masterUsername", *_AFTER_RESTORE)
        yield Call("rds", "RestoreDBClusterFromSnapshot", _api(inputs, _CLUSTER | left))
        yield Call("rds", "ModifyDBCluster", _api(_only(inputs, "clusterIdentifier", *_AFTER_RESTORE), _CLUSTER))
    if "finalSnapshotIdentifier" in inputs:
        final = {"FinalDBSnapshotIdentifier": inputs["finalSnapshotIdentifier"], "SkipFinalSnapshot": False}
        yield Call("rds", "DeleteDBCluster", {"DBClusterIdentifier": inputs["clusterIdentifier"], **final})


def _secret(inputs: Values, name: str) -> Iterable[Call]:
    days = inputs["recoveryWindowInDays"]
    yield Call("secretsmanager", "CreateSecret", {"Name": name, **_api(inputs, _without("recoveryWindowInDays"))})
    if days:
        yield Call("secretsmanager", "DeleteSecret", {"SecretId": name, "RecoveryWindowInDays": days})


def _stream(inputs: Values, name: str) -> Iterable[Call]:
    stream = {"StreamName": name}
    yield Call("kinesis", "CreateStream", stream | _api(_only(inputs, "shardCount", "streamModeDetails")))
    hours = {"RetentionPeriodHours": inputs["retentionPeriod"]}
    yield Call("kinesis", "IncreaseStreamRetentionPeriod", stream | hours)
    key = {"EncryptionType": inputs["encryptionType"], "KeyId": inputs["kmsKeyId"]}
    yield Call("kinesis", "StartStreamEncryption", stream | key)


_FIREHOSE = {
    "bucketArn": "BucketARN",
    "roleArn": "RoleARN",
    "kinesisStreamArn": "KinesisStreamARN",
    "cloudwatchLoggingOptions": "CloudWatchLoggingOptions",
    "retryDuration": "DurationInSeconds",
    **_without("kmsKeyArn", "bufferingSize", "bufferingInterval"),
}


def _delivery(inputs: Values, name: str) -> Iterable[Call]:
    given = inputs["extendedS3Configuration"]
    target = _api(given, _FIREHOSE)
    target["BufferingHints"] = {"SizeInMBs": given["bufferingSize"], "IntervalInSeconds": given["bufferingInterval"]}
    target["EncryptionConfiguration"] = {"KMSEncryptionConfig": {"AWSKMSKeyARN": given["kmsKeyArn"]}}
    if partitions := target.get("DynamicPartitioningConfiguration"):
        partitions["RetryOptions"] = {"DurationInSeconds": partitions.pop("DurationInSeconds")}
    params = {
        "DeliveryStreamName": name,
        "DeliveryStreamType": "KinesisStreamAsSource",
        "KinesisStreamSourceConfiguration": _api(inputs["kinesisSourceConfiguration"], _FIREHOSE),
        "ExtendedS3DestinationConfiguration": target,
    }
    yield Call("firehose", "CreateDeliveryStream", params)


def _of_bucket(operation: str, member: str, **names: str | None) -> Row:
    def row(inputs: Values, name: str) -> Iterable[Call]:
        yield Call("s3", operation, {"Bucket": inputs["bucket"], member: _api(inputs, {"bucket": None, **names})})

    return row


def _ownership(inputs: Values, name: str) -> Iterable[Call]:
    params = {"Bucket": inputs["bucket"], "OwnershipControls": {"Rules": [_api(inputs["rule"])]}}
    yield Call("s3", "PutBucketOwnershipControls", params)


def _versioning(inputs: Values, name: str) -> Iterable[Call]:
    given = {"Bucket": inputs["bucket"], "VersioningConfiguration": _api(inputs["versioningConfiguration"])}
    yield Call("s3", "PutBucketVersioning", given)


def _logging(inputs: Values, name: str) -> Iterable[Call]:
    target = _api(inputs, {"bucket": None, "targetObjectKeyFormat": "TargetObjectKeyFormat"})
    yield Call(
        "s3", "PutBucketLogging", {"Bucket": inputs["bucket"], "BucketLoggingStatus": {"LoggingEnabled": target}}
    )


_DMS = {
    "certificateId": "CertificateIdentifier",
    "endpointId": "EndpointIdentifier",
    "secretsManagerArn": None,
    "secretsManagerAccessRoleArn": None,
    "kmsKeyArn": "KmsKeyId",
    "multiAz": "MultiAZ",
    "replicationInstanceId": "ReplicationInstanceIdentifier",
    "replicationSubnetGroupId": "ReplicationSubnetGroupIdentifier",
    "replicationTaskId": "ReplicationTaskIdentifier",
    **_OF_PROVIDER,
    **_without("startReplicationTask", "startReplication", "allowMajorVersionUpgrade"),  # not of the creation
}
_SERVERLESS = {**_DMS, "replicationSubnetGroupId": "ReplicationSubnetGroupId", "kmsKeyId": "KmsKeyId"}


def _endpoint(inputs: Values, name: str) -> Iterable[Call]:
    params = _api(inputs, _DMS)
    params["EndpointType"] = inputs["endpointType"]
    if "secretsManagerArn" in inputs:
        params["MySQLSettings"] = {
            "SecretsManagerSecretId": inputs["secretsManagerArn"],
            "SecretsManagerAccessRoleArn": inputs["secretsManagerAccessRoleArn"],
        }
    yield Call("dms", "CreateEndpoint", params)


def _task(inputs: Values, name: str) -> Iterable[Call]:
    start = inputs.get("cdcStartTime")
    moment = {"CdcStartTime": datetime.fromisoformat(start)} if start else {}
    yield Call("dms", "CreateReplicationTask", _api(inputs, _DMS) | moment)


def _table(inputs: Values, name: str) -> Iterable[Call]:
    given = {key: value for key, value in inputs.items() if key != "databaseName"}
    kept = {"Parameters": given.pop("parameters")} if "parameters" in given else {}
    storage = {**given.pop("storageDescriptor")}
    serde = {**storage.pop("serDeInfo")} if "serDeInfo" in storage else {}
    parameters = {"Parameters": serde.pop("parameters")} if "parameters" in serde else {}
    info = {"SerdeInfo": _api(serde, {"serializationLibrary": "SerializationLibrary"}) | parameters} if serde else {}
    table = _api(given) | kept | {"StorageDescriptor": _api(storage) | info}
    yield Call("glue", "CreateTable", {"DatabaseName": inputs["databaseName"], "TableInput": table})


def _workgroup(inputs: Values, name: str) -> Iterable[Call]:
    names = {"publishCloudwatchMetricsEnabled": "PublishCloudWatchMetricsEnabled", "kmsKeyArn": "KmsKey"}
    names |= {"enforceWorkgroupConfiguration": "EnforceWorkGroupConfiguration"}
    yield Call("athena", "CreateWorkGroup", {"Name": name, **_api(inputs, {**names, **_OF_PROVIDER})})


def _named_query(inputs: Values, name: str) -> Iterable[Call]:
    yield Call("athena", "CreateNamedQuery", _api(inputs, {"query": "QueryString", "workgroup": "WorkGroup"}))


def _sql(inputs: Values, name: str) -> Iterable[Call]:
    """The statements of a dynamic resource, which the program runs itself."""
    checks = [check["sql"] for check in inputs.get("checks", []) if isinstance(check, Mapping)]
    statements = [text for key in ("statements", "grants") for text in inputs.get(key, [])]
    for sql in [*statements, *checks] if "clusterArn" in inputs else []:
        given = {"resourceArn": inputs["clusterArn"], "secretArn": inputs["masterSecretArn"], "sql": sql}
        yield Call("rds-data", "ExecuteStatement", given)


CALLS: Mapping[str, Row] = {
    "pulumi-python:dynamic:Resource": _sql,
    "aws:kms/key:Key": _key,
    "aws:ec2/vpc:Vpc": _one("ec2", "CreateVpc", **_without("enableDnsHostnames", "enableDnsSupport")),
    "aws:ec2/subnet:Subnet": _one("ec2", "CreateSubnet", **_without("mapPublicIpOnLaunch")),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": lambda inputs, name: (),  # what is there loses its rules
    "aws:ec2/securityGroup:SecurityGroup": _one("ec2", "CreateSecurityGroup", "GroupName"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _opened("Egress"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _opened("Ingress"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _one("ec2", "CreateVpcEndpoint", policy="PolicyDocument"),
    "aws:ec2/flowLog:FlowLog": _flow_log,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:cloudwatch/logStream:LogStream": lambda inputs, name: [
        Call("logs", "CreateLogStream", {"logGroupName": inputs["logGroupName"], "logStreamName": name})
    ],
    "aws:iam/role:Role": _role,
    "aws:iam/rolePolicy:RolePolicy": _one(
        "iam", "PutRolePolicy", "PolicyName", role="RoleName", policy="PolicyDocument"
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _one("iam", "AttachRolePolicy", role="RoleName"),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": _parameters,
    "aws:rds/subnetGroup:SubnetGroup": _one(
        "rds", "CreateDBSubnetGroup", "DBSubnetGroupName", description="DBSubnetGroupDescription"
    ),
    "aws:rds/cluster:Cluster": _cluster,
    "aws:rds/clusterInstance:ClusterInstance": _one(
        "rds",
        "CreateDBInstance",
        "DBInstanceIdentifier",
        caCertIdentifier="CACertificateIdentifier",
        clusterIdentifier="DBClusterIdentifier",
        instanceClass="DBInstanceClass",
        identifier=None,
        **_OF_PROVIDER,
    ),
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:secretsmanager/secretVersion:SecretVersion": _one("secretsmanager", "PutSecretValue"),
    "aws:kinesis/stream:Stream": _stream,
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": _delivery,
    "aws:s3/bucket:Bucket": lambda inputs, name: [Call("s3", "CreateBucket", {"Bucket": name})],
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _of_bucket(
        "PutPublicAccessBlock", "PublicAccessBlockConfiguration"
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _ownership,
    "aws:s3/bucketPolicy:BucketPolicy": _one("s3", "PutBucketPolicy"),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _of_bucket(
        "PutBucketEncryption",
        "ServerSideEncryptionConfiguration",
        sseAlgorithm="SSEAlgorithm",
        kmsMasterKeyId="KMSMasterKeyID",
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _versioning,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _of_bucket(
        "PutBucketLifecycleConfiguration", "LifecycleConfiguration", id="ID"
    ),
    "aws:s3/bucketLogging:BucketLogging": _logging,
    "aws:dms/certificate:Certificate": _one("dms", "ImportCertificate", certificateId="CertificateIdentifier"),
    "aws:dms/endpoint:Endpoint": _endpoint,
    "aws:dms/replicationSubnetGroup:ReplicationSubnetGroup": _one("dms", "CreateReplicationSubnetGroup", **_DMS),
    "aws:dms/replicationInstance:ReplicationInstance": _one("dms", "CreateReplicationInstance", **_DMS),
    "aws:dms/replicationTask:ReplicationTask": _task,
    "aws:dms/replicationConfig:ReplicationConfig": _one("dms", "CreateReplicationConfig", **_SERVERLESS),
    "aws:glue/catalogDatabase:CatalogDatabase": lambda inputs, name: [
        Call("glue", "CreateDatabase", {"DatabaseInput": _api(inputs)})
    ],
    "aws:glue/catalogTable:CatalogTable": _table,
    "aws:athena/workgroup:Workgroup": _workgroup,
    "aws:athena/namedQuery:NamedQuery": _named_query,
}
"""What makes a resource of each type that the program may declare."""
