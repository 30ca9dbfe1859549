"""The client for the two calls of which there are very many answers as boto3's does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import HTTPClientError

from model.plan import StreamPlan
from rehearsal.runtime.clients import client
from rehearsal.runtime.stream_client import StreamClient
from rehearsal.stream.server import StreamServer
from rehearsal.stream.stream import Stream

RECORDS = [{"PartitionKey": f'ключ " \\ {n}', "Data": bytes(range(n))} for n in range(1, 200)]


@pytest.fixture
def url() -> Iterator[str]:
    plan = StreamPlan(name="changes", mode="PROVISIONED", shard_count=1, retention_hours=24)
    with StreamServer(Stream(plan, limits=False)) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.progress().url
        server.shutdown()


def beginning(kinesis: Any) -> str:
    place = {"StreamName": "changes", "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    return kinesis.get_shard_iterator(**place)["ShardIterator"]


def test_what_it_puts_boto3_gets_and_it_gets_the_same(url: str):
    ours, boto3 = StreamClient(url), client("kinesis", url)
    put = ours.put_records(StreamName="changes", Records=RECORDS)
    assert (put["FailedRecordCount"], len(put["Records"])) == (0, len(RECORDS))
    by_boto3, by_ours = (each.get_records(ShardIterator=beginning(each))["Records"] for each in (boto3, ours))
    assert [{name: it[name] for name in ("PartitionKey", "Data")} for it in by_boto3] == RECORDS
    for record in by_boto3:
        record.pop("EncryptionType", None)
    assert by_ours == by_boto3, "numbers and moments too"


@pytest.mark.parametrize("records", [[], [{"PartitionKey": "", "Data": b"x"}]])
def test_a_refusal_is_the_error_that_boto3_raises(url: str, records: list[dict[str, Any]]):
    ours = StreamClient(url)
    with pytest.raises(ours.exceptions.ClientError) as refused:
        ours.put_records(StreamName="changes", Records=records)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    with pytest.raises(ours.exceptions.InvalidArgumentException):
        ours.get_records(ShardIterator="AAAA")
    assert ours.get_records(ShardIterator=beginning(ours))["Records"] == [], "and the connection goes on"


def test_a_stream_that_is_gone_is_the_error_that_boto3_raises():
    ours = StreamClient("http://127.0.0.1:9")
    with pytest.raises(HTTPClientError):
        ours.put_records(StreamName="changes", Records=RECORDS)
