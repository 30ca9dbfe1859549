"""The Kinesis API as boto3, and anything else that speaks its JSON protocol, sees it."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from rehearsal.runtime.clients import client
from rehearsal.stream.stream import Stream

Make = Callable[..., Stream]
Serve = Callable[[Stream], str]

JSON = "application/x-amz-json-1.1"


def iterator(kinesis: Any, shard: str = "shardId-000000000000", kind: str = "TRIM_HORIZON", **more: Any) -> str:
    answer = kinesis.get_shard_iterator(StreamName="changes", ShardId=shard, ShardIteratorType=kind, **more)
    return answer["ShardIterator"]


def post(url: str, operation: str, body: bytes, content_type: str = JSON) -> tuple[int, dict[str, Any]]:
    """Send a request that boto3 would not."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    headers = {"X-Amz-Target": f"Kinesis_20131202.{operation}", "Content-Type": content_type}
    connection.request("POST", "/", body, headers)
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def test_what_is_put_is_what_is_got(kinesis: Any):
    records = [{"PartitionKey": f"ключ {n}", "Data": bytes([n]) * n, "ExplicitHashKey": "0"} for n in range(20)]
    put = kinesis.put_records(StreamName="changes", Records=records)
    got = kinesis.get_records(ShardIterator=iterator(kinesis))
    assert [(r["PartitionKey"], r["Data"]) for r in got["Records"]] == [(r["PartitionKey"], r["Data"]) for r in records]
    assert [r["SequenceNumber"] for r in got["Records"]] == [r["SequenceNumber"] for r in put["Records"]]


def test_a_record_tells_when_it_arrived_to_the_millisecond(kinesis: Any, clock: Any):
    clock.now += 123
    kinesis.put_record(StreamName="changes", PartitionKey="k", Data=b"", ExplicitHashKey="0")
    (record,) = kinesis.get_records(ShardIterator=iterator(kinesis))["Records"]
    assert round(record["ApproximateArrivalTimestamp"].timestamp() * 1000) == clock.now


def test_an_iterator_can_start_at_a_timestamp_or_sequence_number(kinesis: Any, clock: Any):
    sent = []
    for _ in range(3):
        sent.append(kinesis.put_record(StreamName="changes", PartitionKey="k", Data=b"", ExplicitHashKey="0"))
        clock.now += 1000
    after = iterator(kinesis, kind="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=sent[0]["SequenceNumber"])
    at = iterator(kinesis, kind="AT_TIMESTAMP", Timestamp=clock.now / 1000 - 1)
    assert [len(kinesis.get_records(ShardIterator=start)["Records"]) for start in (after, at)] == [2, 1]


def test_a_reader_may_take_fewer_records_at_a_time(kinesis: Any):
    kinesis.put_records(StreamName="changes", Records=[{"PartitionKey": "k", "Data": b"", "ExplicitHashKey": "0"}] * 3)
    first = kinesis.get_records(ShardIterator=iterator(kinesis), Limit=2)
    second = kinesis.get_records(ShardIterator=first["NextShardIterator"], Limit=2)
    assert [len(answer["Records"]) for answer in (first, second)] == [2, 1]
    assert second["MillisBehindLatest"] == 0


def test_the_stream_describes_itself_as_declared(kinesis: Any):
    described = kinesis.describe_stream(StreamName="changes")["StreamDescription"]
    summary = kinesis.describe_stream_summary(StreamName="changes")["StreamDescriptionSummary"]
    for description in (described, summary):
        assert description["StreamStatus"] == "ACTIVE"
        assert description["StreamModeDetails"] == {"StreamMode": "PROVISIONED"}
        assert description["RetentionPeriodHours"] == 24
    assert (len(described["Shards"]), described["HasMoreShards"], summary["OpenShardCount"]) == (2, False, 2)
    assert kinesis.list_streams()["StreamNames"] == ["changes"]


def test_the_stream_can_be_named_by_its_arn(kinesis: Any):
    arn = kinesis.describe_stream(StreamName="changes")["StreamDescription"]["StreamARN"]
    assert arn.endswith(":stream/changes")
    assert kinesis.describe_stream_summary(StreamARN=arn), "current consumers prefer the ARN"


def test_shards_are_listed_page_by_page(make: Make, serve: Serve):
    kinesis = client("kinesis", serve(make(shard_count=5)))
    pages = list(kinesis.get_paginator("list_shards").paginate(StreamName="changes", PaginationConfig={"PageSize": 2}))
    assert [len(page["Shards"]) for page in pages] == [2, 2, 1]
    ranges = [shard["HashKeyRange"] for page in pages for shard in page["Shards"]]
    assert ranges[0]["StartingHashKey"] == "0"
    assert ranges[-1]["EndingHashKey"] == str(2**128 - 1), "the pages together cover every key"
    after = kinesis.list_shards(
        StreamName="changes", ShardFilter={"Type": "AFTER_SHARD_ID", "ShardId": "shardId-000000000003"}
    )
    assert [shard["ShardId"] for shard in after["Shards"]] == ["shardId-000000000004"]


def _records(count: int, size: int) -> dict[str, Any]:
    return {"Records": [{"PartitionKey": "k", "Data": bytes(size)}] * count}


@pytest.mark.parametrize(
    ("operation", "request_", "code"),
    [
        ("put_records", {"StreamName": "other", **_records(1, 1)}, "ResourceNotFoundException"),
        ("put_records", {"StreamName": "changes", **_records(501, 1)}, "ValidationException"),
        ("put_records", {"StreamName": "changes", **_records(1, 1 << 20)}, "ValidationException"),
        ("put_records", {"StreamName": "changes", **_records(11, (1 << 20) - 1)}, "InvalidArgumentException"),
        ("put_records", {"StreamName": "changes", "DryRun": True, **_records(1, 1)}, "ValidationException"),
        ("put_records", _records(1, 1), "ValidationException"),
        ("put_record", {"StreamName": "changes", "PartitionKey": "k" * 257, "Data": b""}, "ValidationException"),
        (
            "put_record",
            {"StreamName": "changes", "PartitionKey": "k", "Data": b"", "ExplicitHashKey": str(2**128)},
            "InvalidArgumentException",
        ),
        ("get_records", {"ShardIterator": "AAAA"}, "InvalidArgumentException"),
        ("describe_stream", {"StreamName": "other"}, "ResourceNotFoundException"),
        ("list_shards", {"StreamName": "changes", "ShardFilter": {"Type": "NEWEST"}}, "ValidationException"),
        ("split_shard", {"StreamName": "changes", "ShardToSplit": "s", "NewStartingHashKey": "1"},
         "UnknownOperationException"),
    ],
)  # fmt: skip
def test_a_request_beyond_the_rules_gets_the_error_of_aws(
    make: Make, serve: Serve, operation: str, request_: dict[str, Any], code: str
):
    stream = make(shard_count=1)
    with pytest.raises(ClientError) as caught:
        getattr(client("kinesis", serve(stream)), operation)(**request_)
    assert caught.value.response["Error"]["Code"] == code
    assert not stream.shards["shardId-000000000000"].taken, "nothing of a refused request is stored"


def test_a_get_of_more_than_ten_thousand_records_is_refused(kinesis: Any):
    with pytest.raises(kinesis.exceptions.InvalidArgumentException, match="10000"):
        kinesis.get_records(ShardIterator=iterator(kinesis), Limit=10_001)


def test_an_expired_iterator_has_its_own_error(kinesis: Any, clock: Any):
    old = iterator(kinesis)
    clock.now += 300_001
    with pytest.raises(kinesis.exceptions.ExpiredIteratorException):
        kinesis.get_records(ShardIterator=old)


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("PutRecords", b"{"),
        ("PutRecords", b"[]"),
        ("PutRecords", b"\xff"),
        ("PutRecords", b"[" * 100_000),
        ("PutRecords", b'{"StreamName":"changes","Records":"none"}'),
        ("PutRecords", b'{"StreamName":"changes","Records":[1]}'),
        ("PutRecord", b'{"StreamName":"changes","PartitionKey":1,"Data":""}'),
        ("PutRecord", b'{"StreamName":"changes","PartitionKey":"k","Data":"?"}'),
        ("PutRecord", b'{"StreamName":"changes","PartitionKey":"\\ud800","Data":""}'),
        ("PutRecord", b'{"StreamName":7,"PartitionKey":"k","Data":""}'),
        ("ListShards", b'{"StreamName":"changes","MaxResults":"1"}'),
        ("ListShards", b'{"StreamName":"changes","ShardFilter":[]}'),
        ("GetShardIterator", b'{"StreamName":"changes","ShardId":"shardId-000000000000",'
         b'"ShardIteratorType":"AT_TIMESTAMP","Timestamp":1e999}'),
    ],
)  # fmt: skip
def test_a_request_that_cannot_be_read_is_the_callers_fault_and_not_the_streams(
    make: Make, serve: Serve, operation: str, body: bytes
):
    status, answer = post(serve(make()), operation, body)
    assert (status, answer["__type"]) == (400, "SerializationException"), "a 500 would end the rehearsal"


def test_a_client_that_sends_cbor_is_told_how_to_send_json(make: Make, serve: Serve):
    status, answer = post(serve(make()), "PutRecord", b"\xa0", "application/x-amz-cbor-1.1")
    assert status == 415
    assert "AWS_CBOR_DISABLE" in answer["message"], "Java's SDK prefers CBOR and its user must know the way out"


def test_a_connection_serves_many_requests(make: Make, serve: Serve):
    connection = http.client.HTTPConnection(urlsplit(serve(make())).netloc)
    data = base64.b64encode(b"x").decode()
    for _ in range(3):
        connection.request(
            "POST",
            "/",
            json.dumps({"StreamName": "changes", "PartitionKey": "k", "Data": data}),
            {"X-Amz-Target": "Kinesis_20131202.PutRecord", "Content-Type": JSON},
        )
        response = connection.getresponse()
        assert response.status == 200
        response.read()
        assert not response.will_close, "a new connection for each request would halve the pace"
