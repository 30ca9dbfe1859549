from __future__ import annotations

from declaration import Declaration
from tests.conftest import statements


def test_the_key_rotates(stack: Declaration):
    assert stack.one("aws:kms/key:Key").inputs["enableKeyRotation"] is True, "KMS.4"


def test_the_keys_policy_admits_the_account_its_logs_and_who_tells_and_nobody_else(stack: Declaration):
    groups = "arn:aws:logs:eu-central-1:111122223333:log-group:*"
    assert statements(stack.one("aws:kms/key:Key")) == {
        "AccountAdministersKey": {
            "Effect": "Allow",
            "Principal": {"AWS": "111122223333"},
            "Action": ["kms:*"],
            "Resource": "*",
        },
        "LogsEncrypt": {
            "Effect": "Allow",
            "Principal": {"Service": "logs.eu-central-1.amazonaws.com"},
            "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            "Resource": "*",
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
        },
        "AlarmsPublish": {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        },
        "EventsPublish": {
            "Effect": "Allow",
            "Principal": {"Service": ["events.amazonaws.com", "events.rds.amazonaws.com"]},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": "*",
        },
    }


def test_everything_that_holds_rows_lies_under_the_one_key(stack: Declaration):
    arn = stack.one("aws:kms/key:Key").outputs["arn"]
    held = {
        "aws:rds/cluster:Cluster": "kmsKeyId",
        "aws:secretsmanager/secret:Secret": "kmsKeyId",
        "aws:kinesis/stream:Stream": "kmsKeyId",
        "aws:cloudwatch/logGroup:LogGroup": "kmsKeyId",
        "aws:dms/replicationInstance:ReplicationInstance": "kmsKeyArn",
        "aws:dms/endpoint:Endpoint": "kmsKeyArn",
    }
    for kind, key in held.items():
        assert {resource.inputs.get(key) for resource in stack.all(kind)} == {arn}, f"{kind}.{key}"
