"""Calls of AWS: an error is one line with service, operation, code, right and remedy."""

from __future__ import annotations

import pytest
from botocore import exceptions

from model import PipelineError
from operations.clients import AwsError, Clients, action
from tests.operations.stacks import REGION, Aws, client, page


def test_an_answer_is_given_as_it_is(aws: Aws):
    aws.answer("kinesis", "describe_stream_summary", {"StreamDescriptionSummary": SUMMARY}, {"StreamName": "s"})
    told = aws.clients.call("kinesis", "describe_stream_summary", StreamName="s")
    assert told["StreamDescriptionSummary"]["StreamStatus"] == "ACTIVE"


def test_pages_are_read_to_the_last(aws: Aws):
    aws.answer("dms", "describe_table_statistics", {"Marker": "2", **page("TableStatistics", [{"TableName": "a"}])})
    aws.answer("dms", "describe_table_statistics", page("TableStatistics", [{"TableName": "b"}]))
    found = aws.clients.every("dms", "describe_table_statistics", "TableStatistics", ReplicationTaskArn="t")
    assert [it["TableName"] for it in found] == ["a", "b"]
    aws.done()


@pytest.mark.parametrize(
    ("code", "said", "told"),
    [
        ("AccessDeniedException", "no", "allow dms:DescribeTableStatistics to who runs this"),
        ("AccessDeniedFault", "kms:Decrypt", "allow dms:DescribeTableStatistics, and kms:Decrypt on the stack's key"),
        ("KMSAccessDeniedFault", "no", "and kms:Decrypt on the stack's key"),
        ("KMSDisabledFault", "off", "aws kms enable-key"),
        ("KMSThrottlingFault", "slow", "wait, and try again"),
        ("ExpiredTokenException", "expired", "log in again"),
        ("UnrecognizedClientException", "who", "another profile with --profile"),
        ("ResourceNotFoundFault", "gone", "of another account or Region"),
        ("ThrottlingException", "slow", "wait, and try again"),
        ("ServiceUnavailable", "later", "try again"),
        ("InvalidParameterCombinationException", "what", "it needs dms:DescribeTableStatistics; read what AWS says"),
    ],
)
def test_an_error_is_one_line_with_what_is_needed(aws: Aws, code: str, said: str, told: str):
    aws.refuse("dms", "describe_table_statistics", code, f"{said}\n  twice")
    with pytest.raises(AwsError) as refused:
        list(aws.clients.every("dms", "describe_table_statistics", "TableStatistics", ReplicationTaskArn="t"))
    text = str(refused.value)
    assert text.startswith(f"dms DescribeTableStatistics failed: {code} ({said} twice). Remedy: ")
    assert told in text
    assert refused.value.denied == ("Denied" in code)
    assert refused.value.right == "dms:DescribeTableStatistics"


def test_an_operation_is_called_as_the_api_calls_it_where_nothing_answers():
    class Failing:
        meta = client("rds").meta

        def describe_db_clusters(self) -> None:
            raise exceptions.NoCredentialsError

    with pytest.raises(AwsError, match="rds DescribeDBClusters failed: NoCredentialsError"):
        Clients(REGION, made={"rds": Failing()}).call("rds", "describe_db_clusters")


def test_rights_are_called_as_iam_calls_them():
    assert action("s3", "ListObjectsV2") == "s3:ListBucket"
    assert action("stepfunctions", "ListExecutions") == "states:ListExecutions"
    assert action("rds-data", "ExecuteStatement") == "rds-data:ExecuteStatement"


def test_an_address_of_aws_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nonsense")
    with pytest.raises(PipelineError, match=r"Invalid endpoint: nonsense\. See AWS_ENDPOINT_URL"):
        Clients(REGION).call("sts", "get_caller_identity")


def test_a_profile_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(AwsError, match=r"ProfileNotFound.*name a profile of this machine with --profile"):
        Clients(REGION, "nobody").call("sts", "get_caller_identity")


def test_who_may_not_write_with_the_key_is_told_the_right_for_that(aws: Aws):
    aws.refuse("kinesis", "put_records", "KMSAccessDeniedException", "no")
    with pytest.raises(AwsError, match="allow kinesis:PutRecords, and kms:GenerateDataKey on the stack's key"):
        aws.clients.call("kinesis", "put_records", StreamName="s", Records=[{"Data": b"", "PartitionKey": "k"}])


def test_what_a_profile_asks_before_is_told_as_that():
    class Failing:
        def describe_endpoints(self) -> None:
            raise exceptions.ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole")

    with pytest.raises(AwsError, match=r"sts AssumeRole failed: AccessDenied.*allow sts:AssumeRole"):
        Clients(REGION, made={"dms": Failing()}).call("dms", "describe_endpoints")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (exceptions.NoCredentialsError(), "log in to AWS"),
        (exceptions.EndpointConnectionError(endpoint_url="https://x"), f"does not reach AWS in {REGION}"),
        (exceptions.TokenRetrievalError(provider="sso", error_msg="x"), "aws sso login"),
    ],
)
def test_what_keeps_a_call_from_aws_is_told(error: Exception, told: str):
    class Failing:
        def get_caller_identity(self) -> None:
            raise error

    with pytest.raises(AwsError, match=told) as refused:
        Clients(REGION, made={"sts": Failing()}).call("sts", "get_caller_identity")
    assert "sts GetCallerIdentity failed" in str(refused.value)


SUMMARY = {
    "StreamName": "s",
    "StreamARN": "arn",
    "StreamStatus": "ACTIVE",
    "RetentionPeriodHours": 24,
    "StreamCreationTimestamp": 0,
    "EnhancedMonitoring": [],
    "OpenShardCount": 1,
}
