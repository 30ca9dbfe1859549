from __future__ import annotations

import pytest

from declaration import Declaration
from tests.declared import declare

TASK = "aws:dms/replicationTask:ReplicationTask"
EXPORTS = {
    "region", "ephemeral", "freshnessMinutes", "vpcId", "databaseMode", "clusterArn", "clusterEndpoint",
    "masterSecretArn", "captureSecretArn", "captureUsername", "captureUserStatements", "preflightChecks",
    "streamName", "streamArn", "deliveryStreamName", "lakeBucket", "lakePrefix", "errorPrefix",
    "replicationMode", "taskArn", "sourceEndpointArn", "targetEndpointArn", "replicationInstanceId",
    "replicationInstanceArn", "queryDatabase", "queryWorkgroup", "queryPolicyArn", "alarmNames",
}  # fmt: skip
BEFORE_THE_TASK = (
    ("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", None, "Firehose reads from LATEST"),
    ("aws:kinesis/stream:Stream", None, "there would be nothing to write to"),
    ("aws:s3/bucketPolicy:BucketPolicy", "lake-records-policy", "rows would lie in an unguarded bucket"),
    ("aws:rds/cluster:Cluster", None, "there would be nothing to read"),
    ("aws:rds/clusterInstance:ClusterInstance", "database-instance-1", "a cluster without a writer answers nobody"),
    ("pulumi-python:dynamic:Resource", "database-bootstrap", "DMS would connect as nobody, to a binlog nobody keeps"),
    ("aws:secretsmanager/secretVersion:SecretVersion", "database-capture-version", "an empty secret names nobody"),
    ("aws:iam/rolePolicy:RolePolicy", "database-read-capture-secret-0", "DMS could not read its credentials"),
    ("aws:iam/rolePolicy:RolePolicy", "lake-write-changes", "DMS could not write"),
    ("aws:iam/rolePolicy:RolePolicy", "lake-delivery-policy", "Firehose could not deliver"),
    ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "replication-service-roles-dms-vpc-role-attachment",
     "DMS could not enter the VPC"),
    ("aws:iam/rolePolicyAttachment:RolePolicyAttachment",
     "replication-service-roles-dms-cloudwatch-logs-role-attachment", "a task that starts without it writes no log"),
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "network-kinesis-streams", "DMS could not reach Kinesis"),
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "network-secretsmanager", "DMS could not reach Secrets Manager"),
    ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "network-to-database", "DMS could not leave"),
    ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "network-to-endpoints", "DMS could not leave"),
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "network-database-from-replication",
     "the database would not let DMS in"),
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "network-endpoints-from-replication",
     "the endpoints would not let DMS in"),
    ("aws:cloudwatch/logGroup:LogGroup", "replication-task-log", "DMS makes a group that is kept for ever"),
    ("aws:cloudwatch/logStream:LogStream", "lake-delivery-log-stream", "delivery errors would go nowhere"),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "reason"), BEFORE_THE_TASK)
def test_the_task_starts_after(stack: Declaration, kind: str, name: str | None, reason: str):
    earlier = stack.one(kind, name)
    assert stack.happens_before(earlier, stack.one(TASK)), f"{earlier.name} must come before the task: {reason}"


def test_only_withdrawals_the_memory_and_what_watches_it_wait_for_the_task(stack: Declaration):
    task = stack.one(TASK)
    after = {it.name for it in stack.resources if stack.happens_before(task, it)}
    others = {name for name in after if not name.startswith("watch-")}
    assert others == {"replication-withdrawals", "settings-reached"}, (
        "only what is taken away, remembered, or names the task, is later"
    )


def test_no_dependency_runs_in_a_circle(stack: Declaration):
    circular = [it.name for it in stack.resources if stack.happens_before(it, it)]
    assert circular == [], "the engine would wait for ever"


def test_a_stack_exports_what_its_user_needs_next(stack: Declaration):
    assert set(stack.exports) == EXPORTS
    cluster, stream = stack.one("aws:rds/cluster:Cluster"), stack.one("aws:kinesis/stream:Stream")
    assert stack.exports["clusterEndpoint"] == cluster.outputs["endpoint"]
    assert (stack.exports["streamName"], stack.exports["streamArn"]) == (stream.outputs["name"], stream.outputs["arn"])
    assert stack.exports["taskArn"] == stack.one(TASK).outputs["replicationTaskArn"]
    assert stack.exports["replicationInstanceId"] == f"cdc-lake-{stack.stack}"
    assert stack.exports["clusterArn"] == cluster.outputs["arn"]
    ends = {it.inputs["endpointType"]: it.outputs["endpointArn"] for it in stack.all("aws:dms/endpoint:Endpoint")}
    assert (stack.exports["sourceEndpointArn"], stack.exports["targetEndpointArn"]) == (ends["source"], ends["target"])
    alarms = stack.all("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert sorted(stack.exports["alarmNames"]) == sorted(it.outputs["name"] for it in alarms)
    assert stack.exports["lakeBucket"] == stack.one("aws:s3/bucket:Bucket", "lake-records-bucket").outputs["bucket"]


def test_the_exported_statements_make_the_user_whom_dms_connects_as():
    config = {"captureUsername": "reader", "binlogRetentionHours": 100, "tables": ["shop.orders"]}
    assert declare("dev", config=config).exports["captureUserStatements"] == [
        "CREATE USER IF NOT EXISTS 'reader'@'%' IDENTIFIED BY '<password>' REQUIRE SSL",
        "ALTER USER 'reader'@'%' IDENTIFIED BY '<password>' REQUIRE SSL",
        "GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO 'reader'@'%'",
        "GRANT SELECT ON `shop`.`orders` TO 'reader'@'%'",
        "CALL mysql.rds_set_configuration('binlog retention hours', 100)",
    ]


def test_both_stacks_declare_without_a_warning(stack: Declaration):
    assert stack.warnings == ()


def test_a_preview_declares_what_an_update_declares(dev: Declaration):
    previewed = declare("dev", preview=True)
    assert {it.urn for it in previewed.resources} == {it.urn for it in dev.resources}


def test_the_stacks_differ_by_values_and_not_by_kind(dev: Declaration, prod: Declaration):
    assert {it.type for it in prod.resources} == {it.type for it in dev.resources}
