from __future__ import annotations

from typing import Any

import pytest

from declaration import Declaration, Resource
from tests.conftest import statements, trusted

STREAM = "aws:kinesis/stream:Stream"
DELIVERY = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
BUCKETS = ("lake-records", "lake-access-logs")


def bucket_part(declared: Declaration, part: str, bucket: str, suffix: str) -> Resource:
    return declared.one(f"aws:s3/{part[0].lower()}{part[1:]}:{part}", f"{bucket}-{suffix}")


def key_arn(declared: Declaration) -> str:
    return declared.one("aws:kms/key:Key").outputs["arn"]


def lake_arn(declared: Declaration) -> str:
    return declared.one("aws:s3/bucket:Bucket", "lake-records-bucket").outputs["arn"]


def test_the_stream_is_encrypted_and_keeps_records_for_a_week(stack: Declaration):
    stream = stack.one(STREAM).inputs
    assert (stream["encryptionType"], stream["kmsKeyId"]) == ("KMS", key_arn(stack)), "Kinesis.1: the default is NONE"
    assert stream["retentionPeriod"] == 168, "Kinesis.3"


def test_an_on_demand_stream_has_no_shard_count(stack: Declaration):
    stream = stack.one(STREAM).inputs
    assert stream["streamModeDetails"] == {"streamMode": "ON_DEMAND"}
    assert "shardCount" not in stream, "AWS refuses a count together with ON_DEMAND"


def test_a_provisioned_stream_has_its_shards(turned: Declaration):
    stream = turned.one(STREAM).inputs
    assert (stream["streamModeDetails"], stream["shardCount"]) == ({"streamMode": "PROVISIONED"}, 3)


def test_firehose_reads_the_stream_and_writes_gzipped_lines(stack: Declaration):
    delivery, log = stack.one(DELIVERY).inputs, stack.one("aws:cloudwatch/logGroup:LogGroup", "lake-delivery-log")
    target = delivery["extendedS3Configuration"]
    role = stack.one("aws:iam/role:Role", "lake-delivery-role").outputs["arn"]
    assert delivery["kinesisSourceConfiguration"] == {"kinesisStreamArn": stack.exports["streamArn"], "roleArn": role}
    assert "serverSideEncryption" not in delivery, "AWS refuses it with a Kinesis source"
    assert {key: target[key] for key in ("bucketArn", "roleArn", "compressionFormat", "fileExtension")} == {
        "bucketArn": lake_arn(stack),
        "roleArn": role,
        "compressionFormat": "GZIP",
        "fileExtension": ".json.gz",
    }, "Athena unpacks by the suffix"
    assert target["processingConfiguration"] == {"enabled": True, "processors": [{"type": "AppendDelimiterToRecord"}]}
    assert target["kmsKeyArn"] == key_arn(stack)
    stream = {"logGroupName": log.outputs["name"], "logStreamName": "DestinationDelivery"}
    assert target["cloudwatchLoggingOptions"] == {"enabled": True, **stream}


def test_objects_lie_by_day_and_hour_and_failures_apart(stack: Declaration):
    target = stack.one(DELIVERY).inputs["extendedS3Configuration"]
    assert target["prefix"] == "raw/dt=!{timestamp:yyyy-MM-dd}/hr=!{timestamp:HH}/"
    assert target["errorOutputPrefix"] == "errors/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/"
    assert target["customTimeZone"] == "UTC"


def test_folders_are_the_configured_ones_everywhere(turned: Declaration):
    target = turned.one(DELIVERY).inputs["extendedS3Configuration"]
    policy = statements(turned.one("aws:iam/rolePolicy:RolePolicy", "lake-delivery-policy"))
    assert target["prefix"].startswith("v2/rows/dt=")
    assert target["errorOutputPrefix"].startswith("v2/failed/!{firehose:error-output-type}/")
    assert policy["WriteLake"]["Resource"] == [f"{lake_arn(turned)}/{it}/*" for it in ("v2/rows", "v2/failed")]


@pytest.mark.parametrize(("name", "size", "interval"), [("dev", 1, 60), ("prod", 64, 300)])
def test_buffers_follow_the_stack(name: str, size: int, interval: int, request: pytest.FixtureRequest):
    target = request.getfixturevalue(name).one(DELIVERY).inputs["extendedS3Configuration"]
    assert (target["bufferingSize"], target["bufferingInterval"]) == (size, interval)


def of_stream(stack: Declaration) -> dict[str, Any]:
    """Whoever uses the key for this stream, by way of Kinesis."""
    return {
        "StringEquals": {"kms:ViaService": "kinesis.eu-central-1.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:aws:kinesis:arn": stack.exports["streamArn"]},
    }


def test_the_delivery_role_may_do_exactly_this(stack: Declaration):
    lake, key, log = lake_arn(stack), key_arn(stack), stack.one("aws:cloudwatch/logStream:LogStream").outputs["arn"]
    via = {"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}
    of_lake = {"StringLike": {"kms:EncryptionContext:aws:s3:arn": [lake, f"{lake}/*"]}}
    read = ["kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards"]
    find = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    expected = {
        "ReadChanges": (read, stack.exports["streamArn"], None),
        "DecryptChanges": (["kms:Decrypt"], key, of_stream(stack)),
        "FindLake": (find, lake, None),
        "WriteLake": (
            ["s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload"], [f"{lake}/raw/*", f"{lake}/errors/*"], None
        ),
        "EncryptLake": (["kms:GenerateDataKey", "kms:Decrypt"], key, {**via, **of_lake}),
        "WriteDeliveryLog": (["logs:PutLogEvents"], log, None),
    }  # fmt: skip
    policy = statements(stack.one("aws:iam/rolePolicy:RolePolicy", "lake-delivery-policy"))
    found = {sid: (it["Action"], it["Resource"], it.get("Condition")) for sid, it in policy.items()}
    assert found == expected
    assert {it["Effect"] for it in policy.values()} == {"Allow"}


def test_only_firehose_of_this_account_takes_the_delivery_role(stack: Declaration):
    assert trusted(stack.one("aws:iam/role:Role", "lake-delivery-role")) == {
        "Effect": "Allow",
        "Principal": {"Service": "firehose.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
    }


def test_writers_of_the_stream_may_write_and_encrypt_and_nothing_else(stack: Declaration):
    assert statements(stack.one("aws:iam/rolePolicy:RolePolicy", "lake-write-changes")) == {
        "WriteChanges": {
            "Effect": "Allow",
            "Action": ["kinesis:PutRecord", "kinesis:PutRecords", "kinesis:DescribeStream"],
            "Resource": stack.exports["streamArn"],
        },
        "EncryptChanges": {
            "Effect": "Allow",
            "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
            "Resource": key_arn(stack),
            "Condition": of_stream(stack),
        },
    }


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_is_private_owned_and_versioned(stack: Declaration, bucket: str):
    block = bucket_part(stack, "BucketPublicAccessBlock", bucket, "public-access").inputs
    switches = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert all(block[switch] is True for switch in switches), "S3.8"
    ownership = bucket_part(stack, "BucketOwnershipControls", bucket, "ownership").inputs
    assert ownership["rule"] == {"objectOwnership": "BucketOwnerEnforced"}, "S3.12"
    versioning = bucket_part(stack, "BucketVersioning", bucket, "versioning").inputs
    assert versioning["versioningConfiguration"] == {"status": "Enabled"}, "S3.14"


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_refuses_plain_connections(stack: Declaration, bucket: str):
    arn = stack.one("aws:s3/bucket:Bucket", f"{bucket}-bucket").outputs["arn"]
    assert statements(bucket_part(stack, "BucketPolicy", bucket, "policy"))["TlsOnly"] == {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:*"],
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }, "S3.5"


def test_the_settings_of_a_bucket_are_made_one_after_the_other(stack: Declaration):
    for bucket in BUCKETS:
        block = bucket_part(stack, "BucketPublicAccessBlock", bucket, "public-access")
        ownership = bucket_part(stack, "BucketOwnershipControls", bucket, "ownership")
        policy = bucket_part(stack, "BucketPolicy", bucket, "policy")
        assert stack.happens_before(block, ownership), "S3 answers OperationAborted to two at a time"
        assert stack.happens_before(ownership, policy)


def test_the_lake_is_encrypted_with_the_stacks_key_and_no_other(stack: Declaration):
    rule = bucket_part(stack, "BucketServerSideEncryptionConfiguration", "lake-records", "encryption").inputs["rules"]
    assert rule == [
        {
            "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key_arn(stack)},
            "bucketKeyEnabled": True,
        }
    ]
    header = "s3:x-amz-server-side-encryption-aws-kms-key-id"
    policy = statements(bucket_part(stack, "BucketPolicy", "lake-records", "policy"))
    assert set(policy) == {"TlsOnly", "NoForeignKey", "NoOtherEncryption"}
    assert policy["NoForeignKey"]["Condition"] == {
        "Null": {header: "false"},
        "StringNotEquals": {header: key_arn(stack)},
    }, "a writer that names no key gets the bucket's"
    algorithm = "s3:x-amz-server-side-encryption"
    assert policy["NoOtherEncryption"]["Condition"] == {
        "Null": {algorithm: "false"},
        "StringNotEquals": {algorithm: "aws:kms"},
    }, "a writer that asks for AES256 names no key, and would get one of S3's"


def test_access_to_the_lake_is_logged(stack: Declaration):
    logging = bucket_part(stack, "BucketLogging", "lake-records", "access-log")
    logs = stack.one("aws:s3/bucket:Bucket", "lake-access-logs-bucket")
    policy = bucket_part(stack, "BucketPolicy", "lake-access-logs", "policy")
    assert logging.inputs["targetBucket"] == logs.outputs["bucket"], "S3.9"
    assert stack.happens_before(policy, logging)
    assert statements(policy)["WriteAccessLogs"] == {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": ["s3:PutObject"],
        "Resource": f"{logs.outputs['arn']}/*",
        "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
    }


def test_objects_age_as_configured(turned: Declaration):
    (rule,) = bucket_part(turned, "BucketLifecycleConfiguration", "lake-records", "lifecycle").inputs["rules"]
    assert (rule["transitions"], rule["expiration"]) == (
        [{"days": 30, "storageClass": "STANDARD_IA"}],
        {"days": 400},
    )
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 30}
    assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}


def test_objects_never_expire_unless_asked_for(stack: Declaration):
    (rule,) = bucket_part(stack, "BucketLifecycleConfiguration", "lake-records", "lifecycle").inputs["rules"]
    assert "expiration" not in rule, "the lake is the history"


def test_delivery_starts_when_its_role_log_and_bucket_are_ready(stack: Declaration):
    delivery = stack.one(DELIVERY)
    for kind, name in (
        ("aws:iam/rolePolicy:RolePolicy", "lake-delivery-policy"),
        ("aws:cloudwatch/logStream:LogStream", "lake-delivery-log-stream"),
        ("aws:s3/bucketPolicy:BucketPolicy", "lake-records-policy"),
        ("aws:kinesis/stream:Stream", "lake-stream"),
    ):
        assert stack.happens_before(stack.one(kind, name), delivery), f"Firehose tries {name} when it is made"


def test_data_of_production_survives_destroy(prod: Declaration):
    buckets = [it for it in prod.all("aws:s3/bucket:Bucket") if it.name.startswith("lake-")]
    kept = (prod.one(STREAM), prod.one(DELIVERY), prod.one("aws:kms/key:Key"), *buckets)
    for resource in kept:
        assert resource.protect, f"{resource.name} holds data, or makes it readable"
    assert not any(bucket.inputs["forceDestroy"] for bucket in buckets)
    assert prod.one("aws:kms/key:Key").inputs["deletionWindowInDays"] == 30


def test_an_ephemeral_lake_can_be_destroyed(dev: Declaration):
    assert not any(resource.protect for resource in dev.resources)
    assert all(bucket.inputs["forceDestroy"] for bucket in dev.all("aws:s3/bucket:Bucket"))
    assert dev.one(STREAM).inputs["enforceConsumerDeletion"] is True
