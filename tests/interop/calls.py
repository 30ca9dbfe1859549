"""Calls: what the AWS provider asks of AWS in order to make a declared resource, as far as inputs tell.

One row a type: each call is a service and an operation of botocore and its parameters. An input that no row names
keeps its name with a capital letter; an operation that does not know it then refuses the call, so a new input needs a
word here. Inputs that mean nothing to AWS (``forceDestroy``) are left out by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from declaration import Declaration, Resource, Secret
from tests.interop import call_rows as rows
from tests.interop import watch_rows
from tests.interop.call_rows import Call, Row


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


CALLS: Mapping[str, Row] = {
    "pulumi-python:dynamic:Resource": rows.sql,
    "aws:kms/key:Key": rows.key,
    "aws:ec2/vpc:Vpc": rows.one("ec2", "CreateVpc", **rows.without("enableDnsHostnames", "enableDnsSupport")),
    "aws:ec2/subnet:Subnet": rows.one("ec2", "CreateSubnet", **rows.without("mapPublicIpOnLaunch")),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": lambda inputs, name: (),  # what is there loses its rules
    "aws:ec2/securityGroup:SecurityGroup": rows.one("ec2", "CreateSecurityGroup", "GroupName"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": rows.opened("Egress"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": rows.opened("Ingress"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": rows.one("ec2", "CreateVpcEndpoint", policy="PolicyDocument"),
    "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": rows.one("ec2", "ModifyVpcEndpoint", policy="PolicyDocument"),
    "aws:ec2/flowLog:FlowLog": rows.flow_log,
    "aws:cloudwatch/logGroup:LogGroup": rows.log_group,
    "aws:cloudwatch/logStream:LogStream": lambda inputs, name: [
        Call("logs", "CreateLogStream", {"logGroupName": inputs["logGroupName"], "logStreamName": name})
    ],
    "aws:iam/policy:Policy": rows.one("iam", "CreatePolicy", "PolicyName", policy="PolicyDocument"),
    "aws:iam/role:Role": rows.role,
    "aws:iam/rolePolicy:RolePolicy": rows.one(
        "iam", "PutRolePolicy", "PolicyName", role="RoleName", policy="PolicyDocument"
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": rows.one("iam", "AttachRolePolicy", role="RoleName"),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": rows.parameters,
    "aws:rds/subnetGroup:SubnetGroup": rows.one(
        "rds", "CreateDBSubnetGroup", "DBSubnetGroupName", description="DBSubnetGroupDescription"
    ),
    "aws:rds/cluster:Cluster": rows.cluster,
    "aws:rds/clusterInstance:ClusterInstance": rows.one(
        "rds",
        "CreateDBInstance",
        "DBInstanceIdentifier",
        caCertIdentifier="CACertificateIdentifier",
        clusterIdentifier="DBClusterIdentifier",
        instanceClass="DBInstanceClass",
        identifier=None,
        **rows.OF_PROVIDER,
    ),
    "aws:secretsmanager/secret:Secret": rows.secret,
    "aws:secretsmanager/secretVersion:SecretVersion": rows.one("secretsmanager", "PutSecretValue"),
    "aws:kinesis/stream:Stream": rows.stream,
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": rows.delivery,
    "aws:s3/bucket:Bucket": lambda inputs, name: [Call("s3", "CreateBucket", {"Bucket": name})],
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": rows.of_bucket(
        "PutPublicAccessBlock", "PublicAccessBlockConfiguration"
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": rows.ownership,
    "aws:s3/bucketPolicy:BucketPolicy": rows.one("s3", "PutBucketPolicy"),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": rows.of_bucket(
        "PutBucketEncryption",
        "ServerSideEncryptionConfiguration",
        sseAlgorithm="SSEAlgorithm",
        kmsMasterKeyId="KMSMasterKeyID",
    ),
    "aws:s3/bucketVersioning:BucketVersioning": rows.versioning,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": rows.of_bucket(
        "PutBucketLifecycleConfiguration", "LifecycleConfiguration", id="ID"
    ),
    "aws:s3/bucketLogging:BucketLogging": rows.logging,
    "aws:dms/certificate:Certificate": rows.one("dms", "ImportCertificate", certificateId="CertificateIdentifier"),
    "aws:dms/endpoint:Endpoint": rows.endpoint,
    "aws:dms/replicationSubnetGroup:ReplicationSubnetGroup": rows.one(
        "dms", "CreateReplicationSubnetGroup", **rows.DMS
    ),
    "aws:dms/replicationInstance:ReplicationInstance": rows.one("dms", "CreateReplicationInstance", **rows.DMS),
    "aws:dms/replicationTask:ReplicationTask": rows.task,
    "aws:dms/replicationConfig:ReplicationConfig": rows.one("dms", "CreateReplicationConfig", **rows.SERVERLESS),
    "aws:glue/catalogDatabase:CatalogDatabase": lambda inputs, name: [
        Call("glue", "CreateDatabase", {"DatabaseInput": rows.api(inputs)})
    ],
    "aws:glue/catalogTable:CatalogTable": rows.table,
    "aws:athena/workgroup:Workgroup": rows.workgroup,
    "aws:athena/namedQuery:NamedQuery": rows.named_query,
    **watch_rows.CALLS,
}
"""What makes a resource of each type that the program may declare."""
