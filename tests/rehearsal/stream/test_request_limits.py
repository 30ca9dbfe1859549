"""The numbers of the API: what stands at one is taken, what is one beyond it is refused with the error of AWS."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from rehearsal.stream import operations
from rehearsal.stream.record_log import Spill
from rehearsal.stream.shard import HASH_KEYS, KinesisError, Shard
from rehearsal.stream.stream import Stream

Make = Callable[..., Stream]

MEBIBYTE = 1 << 20
SHARD = "shardId-000000000000"


def entry(size: int = 1, key: str = "k", **more: str) -> dict[str, str]:
    """A record to put, of ``size`` bytes with its key."""
    return {"PartitionKey": key, "Data": base64.b64encode(bytes(size - len(key.encode()))).decode(), **more}


def outcome(stream: Stream, operation: str, **request: Any) -> str:
    """The code of the error that a request gets; empty if it is answered."""
    try:
        operations.answer(stream, operation, {"StreamName": "changes", **request})
    except KinesisError as error:
        return error.code
    return ""


def stored(stream: Stream) -> int:
    return sum(shard.taken for shard in stream.shards.values())


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([], "ValidationException"),
        ([entry()], ""),
        ([entry()] * 499, ""),
        ([entry()] * 500, ""),
        ([entry()] * 501, "ValidationException"),
        ([entry(MEBIBYTE - 1)], ""),
        ([entry(MEBIBYTE)], ""),
        ([entry(MEBIBYTE + 1)], "ValidationException"),
        ([entry(MEBIBYTE)] * 9 + [entry(MEBIBYTE - 1)], ""),
        ([entry(MEBIBYTE)] * 10, ""),
        ([entry(MEBIBYTE)] * 10 + [entry()], "InvalidArgumentException"),
    ],
    ids=[
        "no record", "a record", "499 records", "500 records", "501 records", "a byte below 1 MiB", "1 MiB",
        "a byte above 1 MiB", "a byte below 10 MiB", "10 MiB", "a byte above 10 MiB",
    ],
)  # fmt: skip
def test_a_put_of_many_has_its_numbers_and_is_stored_as_a_whole_or_not_at_all(
    make: Make, records: list[Any], code: str
):
    stream = make()
    assert outcome(stream, "PutRecords", Records=records) == code
    assert stored(stream) == (0 if code else len(records)), "a refused request leaves nothing"


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"PartitionKey": "", "Data": ""}, "ValidationException"),
        (entry(1, "k"), ""),
        (entry(255, "k" * 255), ""),
        (entry(256, "k" * 256), ""),
        (entry(512, "ключ" * 64), ""),
        (entry(257, "k" * 257), "ValidationException"),
        (entry(ExplicitHashKey="-1"), "InvalidArgumentException"),
        (entry(ExplicitHashKey="0"), ""),
        (entry(ExplicitHashKey=str(HASH_KEYS - 1)), ""),
        (entry(ExplicitHashKey=str(HASH_KEYS)), "InvalidArgumentException"),
    ],
    ids=[
        "no key", "1 character", "255 characters", "256 characters", "256 characters of two bytes", "257 characters",
        "below the first hash key", "the first hash key", "the last hash key", "above the last hash key",
    ],
)  # fmt: skip
def test_a_record_has_a_key_of_1_to_256_characters_and_a_hash_key_of_128_bits(
    make: Make, record: dict[str, str], code: str
):
    stream = make()
    assert outcome(stream, "PutRecord", **record) == code
    assert stored(stream) == (0 if code else 1)


def test_the_error_says_which_record_of_many_is_wrong(make: Make):
    records = [entry(1), entry(1, ""), entry(1)]
    with pytest.raises(KinesisError, match=r"^records\.2\.member\.data PartitionKey has 0 characters"):
        operations.answer(make(), "PutRecords", {"StreamName": "changes", "Records": records})


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        (0, "InvalidArgumentException"),
        (1, ""),
        (9_999, ""),
        (10_000, ""),
        (10_001, "InvalidArgumentException"),
    ],
)
def test_a_read_asks_for_1_to_10000_records(make: Make, limit: int, code: str):
    stream = make()
    where = {"StreamName": "changes", "ShardId": SHARD, "ShardIteratorType": "TRIM_HORIZON"}
    iterator = operations.answer(stream, "GetShardIterator", where)["ShardIterator"]
    assert outcome(stream, "GetRecords", ShardIterator=iterator, Limit=limit) == code


@pytest.mark.parametrize(("count", "read"), [(9_999, 9_999), (10_000, 10_000), (10_001, 10_000)])
def test_a_read_without_a_limit_gives_at_most_10000_records(make: Make, count: int, read: int):
    stream = make(shard_count=1)
    for _ in range(count):
        stream.put("k", b"")
    batch = stream.get(stream.iterator(SHARD, "TRIM_HORIZON"))
    assert (len(batch.records), batch.millis_behind > 0) == (read, count > read), (
        "a reader must know that there is more"
    )


@pytest.mark.parametrize(("last", "read"), [(MEBIBYTE - 1, 10), (MEBIBYTE, 10), (MEBIBYTE + 1, 9)])
def test_a_read_gives_at_most_10_mebibytes_keys_included(last: int, read: int):
    shard = Shard(0, 1, 0, Spill())
    for count, size in enumerate([*[MEBIBYTE] * 9, last]):
        shard.append(0, count, "k", bytes(size - 1), size)
    records, following = shard.read(shard.starting_sequence, 10_000)
    assert (len(records), following is None) == (read, read == 10)


def test_a_read_gives_a_record_that_is_too_much_by_itself():
    shard = Shard(0, 1, 0, Spill())
    shard.append(0, 1, "k", bytes(10 * MEBIBYTE), 10 * MEBIBYTE + 1)
    records, _ = shard.read(shard.starting_sequence, 10_000)
    assert len(records) == 1, "else its reader would ask for it for ever"


@pytest.mark.parametrize(
    ("operation", "member", "most"), [("DescribeStream", "Limit", 100), ("ListShards", "MaxResults", 1000)]
)
@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_a_page_of_shards_has_its_most(make: Make, operation: str, member: str, most: int, beside: int):
    stream = make(shard_count=most + beside)
    assert outcome(stream, operation, **{member: 0}) == "ValidationException", "a page of none would have no end"
    for limit in ({}, {member: most + beside}, {member: 1}):
        answer = operations.answer(stream, operation, {"StreamName": "changes", **limit})
        page = answer.get("StreamDescription", answer)
        more = page.get("HasMoreShards", "NextToken" in page)
        wanted = min(most, most + beside, *limit.values())
        assert (len(page["Shards"]), more) == (wanted, wanted < most + beside), f"{limit}"


@pytest.mark.parametrize(("millis", "code"), [(-1, ""), (0, ""), (1, "InvalidArgumentException")])
def test_an_iterator_starts_at_a_time_up_to_now(make: Make, clock: Any, millis: int, code: str):
    where = {"ShardId": SHARD, "ShardIteratorType": "AT_TIMESTAMP", "Timestamp": (clock.now + millis) / 1000}
    assert outcome(make(), "GetShardIterator", **where) == code


@pytest.mark.parametrize(("age", "kept"), [(-1, 1), (0, 1), (1, 0)])
def test_a_record_is_kept_for_its_24_hours_to_the_millisecond(make: Make, clock: Any, age: int, kept: int):
    stream = make(shard_count=1, retention_hours=24)
    stream.put("k", b"")
    clock.now += 24 * 60 * 60 * 1000 + age
    assert len(stream.get(stream.iterator(SHARD, "TRIM_HORIZON")).records) == kept


@pytest.mark.parametrize(("beside", "code"), [(-1, "ValidationException"), (0, "ValidationException"), (1, "")])
def test_a_request_of_16_mebibytes_is_read_and_a_longer_one_is_not(
    make: Make, serve: Callable[[Stream], str], beside: int, code: str
):
    body = b"{}".ljust(16 * MEBIBYTE + beside)
    connection = http.client.HTTPConnection(urlsplit(serve(make())).netloc, timeout=60)
    connection.putrequest("POST", "/")
    connection.putheader("X-Amz-Target", "Kinesis_20131202.PutRecords")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body if code else None)  # one that is too long is refused by what it says of itself
    response = connection.getresponse()
    said = json.loads(response.read())
    assert said["__type"] == (code or "SerializationException"), f"{said}"
