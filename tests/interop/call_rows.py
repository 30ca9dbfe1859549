"""What the AWS provider asks of AWS, type by type: the calls that are more than one operation with the same names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One request."""

    service: str
    operation: str
    params: Values


def api(value: Any, names: Values = MappingProxyType({})) -> Any:
    """Inputs with the names of the API: those of ``names``, else with a capital letter; without those named None."""
    if isinstance(value, Mapping):
        named = ((names.get(key, key[0].upper() + key[1:]), item) for key, item in value.items())
        return {name: api(item, names) for name, item in named if name}
    return [api(item, names) for item in value] if isinstance(value, list) else value


def _only(inputs: Values, *keys: str) -> dict[str, Any]:
    return {key: inputs[key] for key in keys if key in inputs}


def without(*keys: str) -> dict[str, None]:
    return dict.fromkeys(keys)


Row = Callable[[Values, str], Iterable[Call]]


def one(service: str, operation: str, named: str = "", /, **names: str | None) -> Row:
    """A row of one call. ``named`` is the parameter of the thing's name, ``names`` what inputs are called there."""

    def row(inputs: Values, name: str) -> Iterable[Call]:
        return [
            Call(
                service,
                operation,
                {**api(inputs, {"name": named or None, **names}), **({named: name} if named else {})},
            )
        ]

    return row


def key(inputs: Values, name: str) -> Iterable[Call]:
    yield Call("kms", "CreateKey", api(_only(inputs, "description", "policy")))
    yield Call("kms", "ScheduleKeyDeletion", {"KeyId": name, "PendingWindowInDays": inputs["deletionWindowInDays"]})


def log_group(inputs: Values, name: str) -> Iterable[Call]:
    yield Call("logs", "CreateLogGroup", {"logGroupName": name, **_only(inputs, "kmsKeyId")})
    yield Call("logs", "PutRetentionPolicy", {"logGroupName": name, **_only(inputs, "retentionInDays")})


def opened(direction: str) -> Row:
    def row(inputs: Values, name: str) -> Iterable[Call]:
        pair = {"GroupId": inputs["referencedSecurityGroupId"], "Description": inputs["description"]}
        rule = {**api(_only(inputs, "ipProtocol", "fromPort", "toPort")), "UserIdGroupPairs": [pair]}
        params = {"GroupId": inputs["securityGroupId"], "IpPermissions": [rule]}
        yield Call("ec2", f"AuthorizeSecurityGroup{direction}", params)

    return row


def flow_log(inputs: Values, name: str) -> Iterable[Call]:
    params = api(inputs, {"vpcId": None, "iamRoleArn": "DeliverLogsPermissionArn"})
    yield Call("ec2", "CreateFlowLogs", {"ResourceIds": [inputs["vpcId"]], "ResourceType": "VPC", **params})


def role(inputs: Values, name: str) -> Iterable[Call]:
    tags = [{"Key": key, "Value": value} for key, value in inputs.get("tags", {}).items()]
    given = api(inputs, {"name": None, "tags": None, "assumeRolePolicy": "AssumeRolePolicyDocument"})
    yield Call("iam", "CreateRole", {"RoleName": name, "Tags": tags, **given})


def parameters(inputs: Values, name: str) -> Iterable[Call]:
    group = {"DBClusterParameterGroupName": name}
    made = {**group, "DBParameterGroupFamily": inputs["family"], "Description": inputs["description"]}
    yield Call("rds", "CreateDBClusterParameterGroup", made)
    listed = api(inputs["parameters"], {"name": "ParameterName", "value": "ParameterValue"})
    yield Call("rds", "ModifyDBClusterParameterGroup", {**group, "Parameters": listed})


OF_PROVIDER = without(
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
    **OF_PROVIDER,
}
_AFTER_RESTORE = ("masterPassword", "backupRetentionPeriod")


def cluster(inputs: Values, name: str) -> Iterable[Call]:
    if "snapshotIdentifier" not in inputs:
        yield Call("rds", "CreateDBCluster", api(inputs, _CLUSTER))
    else:
        left = without("storageEncrypted", "masterUsername", *_AFTER_RESTORE)
        yield Call("rds", "RestoreDBClusterFromSnapshot", api(inputs, _CLUSTER | left))
        yield Call("rds", "ModifyDBCluster", api(_only(inputs, "clusterIdentifier", *_AFTER_RESTORE), _CLUSTER))
    if "finalSnapshotIdentifier" in inputs:
        final = {"FinalDBSnapshotIdentifier": inputs["finalSnapshotIdentifier"], "SkipFinalSnapshot": False}
        yield Call("rds", "DeleteDBCluster", {"DBClusterIdentifier": inputs["clusterIdentifier"], **final})


def secret(inputs: Values, name: str) -> Iterable[Call]:
    days = inputs["recoveryWindowInDays"]
    yield Call("secretsmanager", "CreateSecret", {"Name": name, **api(inputs, without("recoveryWindowInDays"))})
    if days:
        yield Call("secretsmanager", "DeleteSecret", {"SecretId": name, "RecoveryWindowInDays": days})


def stream(inputs: Values, name: str) -> Iterable[Call]:
    stream = {"StreamName": name}
    yield Call("kinesis", "CreateStream", stream | api(_only(inputs, "shardCount", "streamModeDetails")))
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
    **without("kmsKeyArn", "bufferingSize", "bufferingInterval"),
}


def delivery(inputs: Values, name: str) -> Iterable[Call]:
    given = inputs["extendedS3Configuration"]
    target = api(given, _FIREHOSE)
    target["BufferingHints"] = {"SizeInMBs": given["bufferingSize"], "IntervalInSeconds": given["bufferingInterval"]}
    target["EncryptionConfiguration"] = {"KMSEncryptionConfig": {"AWSKMSKeyARN": given["kmsKeyArn"]}}
    if partitions := target.get("DynamicPartitioningConfiguration"):
        partitions["RetryOptions"] = {"DurationInSeconds": partitions.pop("DurationInSeconds")}
    params = {
        "DeliveryStreamName": name,
        "DeliveryStreamType": "KinesisStreamAsSource",
        "KinesisStreamSourceConfiguration": api(inputs["kinesisSourceConfiguration"], _FIREHOSE),
        "ExtendedS3DestinationConfiguration": target,
    }
    yield Call("firehose", "CreateDeliveryStream", params)


def of_bucket(operation: str, member: str, **names: str | None) -> Row:
    def row(inputs: Values, name: str) -> Iterable[Call]:
        yield Call("s3", operation, {"Bucket": inputs["bucket"], member: api(inputs, {"bucket": None, **names})})

    return row


def ownership(inputs: Values, name: str) -> Iterable[Call]:
    params = {"Bucket": inputs["bucket"], "OwnershipControls": {"Rules": [api(inputs["rule"])]}}
    yield Call("s3", "PutBucketOwnershipControls", params)


def versioning(inputs: Values, name: str) -> Iterable[Call]:
    given = {"Bucket": inputs["bucket"], "VersioningConfiguration": api(inputs["versioningConfiguration"])}
    yield Call("s3", "PutBucketVersioning", given)


def logging(inputs: Values, name: str) -> Iterable[Call]:
    target = api(inputs, {"bucket": None, "targetObjectKeyFormat": "TargetObjectKeyFormat"})
    yield Call(
        "s3", "PutBucketLogging", {"Bucket": inputs["bucket"], "BucketLoggingStatus": {"LoggingEnabled": target}}
    )


DMS = {
    "certificateId": "CertificateIdentifier",
    "endpointId": "EndpointIdentifier",
    "secretsManagerArn": None,
    "secretsManagerAccessRoleArn": None,
    "kmsKeyArn": "KmsKeyId",
    "multiAz": "MultiAZ",
    "replicationInstanceId": "ReplicationInstanceIdentifier",
    "replicationSubnetGroupId": "ReplicationSubnetGroupIdentifier",
    "replicationTaskId": "ReplicationTaskIdentifier",
    **OF_PROVIDER,
    **without("startReplicationTask", "startReplication", "allowMajorVersionUpgrade"),  # not of the creation
}
SERVERLESS = {**DMS, "replicationSubnetGroupId": "ReplicationSubnetGroupId", "kmsKeyId": "KmsKeyId"}


def endpoint(inputs: Values, name: str) -> Iterable[Call]:
    params = api(inputs, DMS)
    params["EndpointType"] = inputs["endpointType"]
    if "secretsManagerArn" in inputs:
        params["MySQLSettings"] = {
            "SecretsManagerSecretId": inputs["secretsManagerArn"],
            "SecretsManagerAccessRoleArn": inputs["secretsManagerAccessRoleArn"],
        }
    yield Call("dms", "CreateEndpoint", params)


def task(inputs: Values, name: str) -> Iterable[Call]:
    start = inputs.get("cdcStartTime")
    moment = {"CdcStartTime": datetime.fromisoformat(start)} if start else {}
    yield Call("dms", "CreateReplicationTask", api(inputs, DMS) | moment)


def table(inputs: Values, name: str) -> Iterable[Call]:
    given = {key: value for key, value in inputs.items() if key != "databaseName"}
    kept = {"Parameters": given.pop("parameters")} if "parameters" in given else {}
    storage = {**given.pop("storageDescriptor")}
    serde = {**storage.pop("serDeInfo")} if "serDeInfo" in storage else {}
    parameters = {"Parameters": serde.pop("parameters")} if "parameters" in serde else {}
    info = {"SerdeInfo": api(serde, {"serializationLibrary": "SerializationLibrary"}) | parameters} if serde else {}
    table = api(given) | kept | {"StorageDescriptor": api(storage) | info}
    yield Call("glue", "CreateTable", {"DatabaseName": inputs["databaseName"], "TableInput": table})


def workgroup(inputs: Values, name: str) -> Iterable[Call]:
    names = {"publishCloudwatchMetricsEnabled": "PublishCloudWatchMetricsEnabled", "kmsKeyArn": "KmsKey"}
    names |= {"enforceWorkgroupConfiguration": "EnforceWorkGroupConfiguration"}
    yield Call("athena", "CreateWorkGroup", {"Name": name, **api(inputs, {**names, **OF_PROVIDER})})


def named_query(inputs: Values, name: str) -> Iterable[Call]:
    yield Call("athena", "CreateNamedQuery", api(inputs, {"query": "QueryString", "workgroup": "WorkGroup"}))


def sql(inputs: Values, name: str) -> Iterable[Call]:
    """The statements of a dynamic resource, which the program runs itself."""
    checks = [check["sql"] for check in inputs.get("checks", []) if isinstance(check, Mapping)]
    statements = [text for key in ("statements", "grants") for text in inputs.get(key, [])]
    for sql in [*statements, *checks] if "clusterArn" in inputs else []:
        given = {"resourceArn": inputs["clusterArn"], "secretArn": inputs["masterSecretArn"], "sql": sql}
        yield Call("rds-data", "ExecuteStatement", given)
