"""Capture from a database that is not this program's: nothing is made for it, and what to do there is exported."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from declaration import Declaration
from declaration.graph import graph
from tests.conftest import statements
from tests.declared import LEAST, declare

SECRET = str(LEAST["databaseSecretArn"])
READ = f"database-read-capture-secret-{hashlib.sha256(SECRET.encode()).hexdigest()[:12]}-0"
"""The policy of one secret and generation: another one is made before this one goes."""
KEY = "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-1111-2222-3333-0a1b2c3d4e5f"
ENDPOINT = "aws:dms/endpoint:Endpoint"
TASK = "aws:dms/replicationTask:ReplicationTask"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


def existing(**config: Any) -> Declaration:
    return declare("dev", config={**LEAST, **config})


def turned() -> Declaration:
    """Keys turned that have nothing to do with each other."""
    return existing(
        databaseEngine="mysql",
        databaseSecretKeyArn=KEY,
        databasePort=3307,
        captureUsername="reader",
        binlogRetentionHours=48,
        tables=["shop.orders"],
    )


def closed() -> Declaration:
    """Another engine, and a group that is not opened."""
    return existing(databaseEngine="mariadb", openDatabaseSecurityGroup=False)


def ways(declared: Declaration, kind: str) -> set[tuple[str, str, int]]:
    keys = ("securityGroupId", "referencedSecurityGroupId", "fromPort")
    return {tuple(rule.inputs[key] for key in keys) for rule in declared.all(kind)}  # type: ignore[misc]


def dms_group(declared: Declaration) -> str:
    (identifier,) = declared.one("aws:dms/replicationInstance:ReplicationInstance").inputs["vpcSecurityGroupIds"]
    return identifier


def test_nothing_is_made_of_a_database_and_nothing_is_run_in_it():
    declared = existing()
    services = {it.type.split(":")[1].split("/")[0] for it in declared.resources if it.type.startswith("aws:")}
    assert services == {"athena", "cloudwatch", "dms", "ec2", "glue", "iam", "kinesis", "kms", "s3", "sns", "vpc"}, (
        "no rds and no secret"
    )
    assert not [it.name for it in declared.all("pulumi-python:dynamic:Resource") if "statements" in it.inputs], "no SQL"
    of_the_database = {it.name: it.type for it in declared.resources if it.name.startswith("database")}
    assert of_the_database == {
        "database": "cdc-lake:index:ExistingDatabase",
        READ: "aws:iam/rolePolicy:RolePolicy",
    }
    assert declared.warnings == ()


def test_dms_reads_with_the_given_secret():
    source = existing().one(ENDPOINT, "replication-source").inputs
    assert (source["secretsManagerArn"], source["engineName"], source["sslMode"]) == (SECRET, "aurora", "verify-ca")


@pytest.mark.parametrize(("declared", "engine"), [(existing, "aurora"), (turned, "mysql"), (closed, "mariadb")])
def test_dms_is_told_the_engine(declared: Callable[[], Declaration], engine: str):
    assert declared().one(ENDPOINT, "replication-source").inputs["engineName"] == engine


def test_the_secret_is_all_that_dms_may_read():
    read = {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": SECRET}
    policy = existing().one("aws:iam/rolePolicy:RolePolicy", READ)
    assert statements(policy) == {"ReadCaptureSecret": read}, "the account's own key asks for nothing more"
    policy = turned().one("aws:iam/rolePolicy:RolePolicy", READ)
    assert statements(policy) == {
        "ReadCaptureSecret": read,
        "DecryptCaptureSecret": {
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": KEY,
            "Condition": {"StringEquals": {"kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com"}},
        },
        "DescribeCaptureSecretKey": {"Effect": "Allow", "Action": ["kms:DescribeKey"], "Resource": KEY},
    }


def test_dms_finds_the_way_and_is_let_in():
    declared = turned()
    dms = dms_group(declared)
    assert (dms, "sg-0d0d", 3307) in ways(declared, EGRESS)
    assert ("sg-0d0d", dms, 3307) in ways(declared, INGRESS)
    groups = {it.name for it in declared.all("aws:ec2/securityGroup:SecurityGroup")}
    assert groups == {"network-replication", "network-endpoints"}, "the database has a group"


def test_its_owner_may_keep_the_group_to_himself():
    declared = closed()
    assert (dms_group(declared), "sg-0d0d", 3306) in ways(declared, EGRESS)
    assert not [way for way in ways(declared, INGRESS) if way[0] == "sg-0d0d"], "the owner adds the rule"


def test_what_to_run_and_to_verify_there_is_exported():
    exports = turned().exports
    assert exports["captureUserStatements"][-2:] == [
        "GRANT SELECT ON `shop`.`orders` TO 'reader'@'%'",
        "CALL mysql.rds_set_configuration('binlog retention hours', 48)",
    ]
    assert "value >= 48" in " ".join(check["sql"] for check in exports["preflightChecks"])
    assert exports["captureSecretArn"] == SECRET
    assert not {"clusterEndpoint", "masterSecretArn"} & set(exports), "the one is in the secret, the other not ours"


def test_another_database_behind_the_secret_is_another_task():
    tasks = [
        existing(**changes).one(TASK).inputs["replicationTaskId"]
        for changes in ({}, {"restoreGeneration": 1}, {"databaseSecretArn": SECRET[:-1] + "g"})
    ]
    assert len(set(tasks)) == 3, "a task that goes on in another binlog loses rows in silence"
    assert existing().one(TASK).inputs["replicationTaskId"] == tasks[0]


def test_the_task_still_starts_after_what_it_needs():
    declared = existing()
    for kind, name in (
        ("aws:iam/rolePolicy:RolePolicy", READ),
        ("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", None),
        (INGRESS, "network-database-from-replication"),
    ):
        assert declared.happens_before(declared.one(kind, name), declared.one(TASK)), kind


def test_the_picture_begins_with_the_endpoint():
    assert "Aurora MySQL" not in graph(existing())
    assert "DMS endpoint" in graph(existing())
