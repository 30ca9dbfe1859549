"""The write limits of a shard: 1000 records and 1 MiB a second."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.runtime.clients import client
from rehearsal.stream import operations
from rehearsal.stream.shard import HASH_KEYS, KinesisError
from rehearsal.stream.stream import Stream

Make = Callable[..., Stream]


def accepted(stream: Stream, count: int, size: int = 0, hash_key: int = 0) -> int:
    """How many of ``count`` records of ``size`` bytes a shard takes in."""
    taken = 0
    for _ in range(count):
        with contextlib.suppress(KinesisError):
            stream.put("k", bytes(size), hash_key)
            taken += 1
    return taken


def test_a_shard_takes_in_a_thousand_records_a_second(make: Make, clock: Any):
    stream = make(limits=True)
    assert accepted(stream, 1500) == 1000, "the first second's worth"
    clock.now += 250
    assert accepted(stream, 1500) == 250, "a quarter of a second later a quarter of it again"


def test_a_shard_takes_in_a_mebibyte_a_second_keys_included(make: Make, clock: Any):
    stream = make(limits=True)
    assert accepted(stream, 100, size=(1 << 16) - 1) == 16, "64 KiB each with the key: 16 make a MiB"
    clock.now += 1000
    assert accepted(stream, 100, size=1 << 16) == 15, "a byte more each, and the sixteenth is too much"


def test_an_idle_shard_saves_up_no_more_than_one_second(make: Make, clock: Any):
    stream = make(limits=True)
    clock.now += 60_000
    assert accepted(stream, 1500) == 1000


def test_the_limit_of_one_shard_leaves_the_others_alone(make: Make):
    stream = make(limits=True)
    accepted(stream, 1001, hash_key=0)
    assert accepted(stream, 1, hash_key=HASH_KEYS - 1) == 1, "limits are per shard, not per stream"


def test_refused_records_are_counted_and_not_stored(make: Make):
    stream = make(limits=True, shard_count=1)
    accepted(stream, 1003)
    (shard,) = stream.shards.values()
    assert (shard.taken, shard.throttled, len(shard.read(0, 2000)[0])) == (1000, 3, 1000)


def test_without_limits_a_shard_takes_in_whatever_comes(make: Make):
    assert accepted(make(limits=False), 2000, size=1000) == 2000, "for benchmarks"


def test_put_records_reports_which_records_were_refused(make: Make, serve: Callable[[Stream], str]):
    kinesis = client("kinesis", serve(make(limits=True, shard_count=1)))
    answers = [
        kinesis.put_records(StreamName="changes", Records=[{"PartitionKey": "k", "Data": b"x"}] * 400) for _ in range(3)
    ]
    assert [answer["FailedRecordCount"] for answer in answers] == [0, 0, 200], "1000 of 1200 fit into the second"
    refused = [result for result in answers[2]["Records"] if "ErrorCode" in result]
    assert {result["ErrorCode"] for result in refused} == {"ProvisionedThroughputExceededException"}
    assert len(refused) == 200, "a producer retries exactly those"
    assert not any("SequenceNumber" in result for result in refused), "a refused record has no place in the stream"


def test_put_record_fails_as_a_whole_when_its_record_is_refused(make: Make):
    stream = make(limits=True, shard_count=1)
    accepted(stream, 1000)
    with pytest.raises(KinesisError, match="shardId-000000000000") as caught:
        operations.answer(stream, "PutRecord", {"StreamName": "changes", "PartitionKey": "k", "Data": ""})
    assert caught.value.code == "ProvisionedThroughputExceededException"
