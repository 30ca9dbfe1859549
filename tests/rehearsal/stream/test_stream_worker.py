"""The stream as a process of its own: what it tells, and that it loses nothing."""

from __future__ import annotations

import base64
import errno
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from model.plan import StreamPlan
from rehearsal import stream
from rehearsal.runtime.clients import client
from rehearsal.runtime.worker import Worker
from rehearsal.stream import operations, record_log
from rehearsal.stream.server import StreamServer
from rehearsal.stream.stream import Stream
from tests.waiting import follow, join, until

SHARDS = 4


@pytest.fixture(scope="module")
def streaming() -> Iterator[Worker]:
    """A stream with four shards and no limits."""
    plan = StreamPlan(name="changes", mode="ON_DEMAND", shard_count=SHARDS, retention_hours=24)
    worker = Worker("the stream", stream.serve, plan, False)
    try:
        follow(worker, "listens", bool)
        yield worker
    finally:
        worker.kill()


def read_all(kinesis: Any, iterators: list[str], done: Callable[[], bool]) -> list[bytes]:
    """Poll the shards until they are at their tips after ``done``."""
    found: list[bytes] = []

    def at_the_tips() -> bool:
        last, behind = done(), 0
        for index, iterator in enumerate(iterators):
            answer = kinesis.get_records(ShardIterator=iterator)
            iterators[index] = answer["NextShardIterator"]
            behind += answer["MillisBehindLatest"]
            found.extend(record["Data"] for record in answer["Records"])
        return last and not behind

    until("every producer has ended and all it put is read", at_the_tips)
    return found


def test_no_acknowledged_record_is_lost_with_four_producers_at_once_and_a_reader(streaming: Worker):
    kinesis = client("kinesis", streaming.progress.url)
    iterators = [
        kinesis.get_shard_iterator(StreamName="changes", ShardId=shard["ShardId"], ShardIteratorType="LATEST")
        for shard in kinesis.list_shards(StreamName="changes")["Shards"]
    ]
    acknowledged: list[bytes] = []

    def produce(name: str, producer: Any) -> None:
        for batch in range(25):
            data = [f"{name} {batch} {n}".encode() for n in range(100)]
            records = [{"PartitionKey": item.decode(), "Data": item} for item in data]
            assert producer.put_records(StreamName="changes", Records=records)["FailedRecordCount"] == 0
            acknowledged.extend(data)

    producers = [
        threading.Thread(target=produce, args=(name, client("kinesis", streaming.progress.url))) for name in "abcd"
    ]
    for producer in producers:
        producer.start()
    found = read_all(
        kinesis, [answer["ShardIterator"] for answer in iterators], lambda: not any(p.is_alive() for p in producers)
    )
    assert len(acknowledged) == 10_000, "every producer came through"
    assert sorted(found) == sorted(acknowledged), "what was acknowledged is readable, once"


def test_records_of_producers_that_interrupt_each_other_are_in_order():
    interval = sys.getswitchinterval()
    plan = StreamPlan(name="changes", mode="ON_DEMAND", shard_count=1, retention_hours=24)
    kept = Stream(plan, limits=False)
    body = json.dumps({"StreamName": "changes", "Records": [{"PartitionKey": "k", "Data": ""}] * 500}).encode()
    try:
        sys.setswitchinterval(1e-6)
        with StreamServer(kept) as server:
            producers = [threading.Thread(target=server.answer, args=("PutRecords", body)) for _ in range(4)]
            for producer in producers:
                producer.start()
            join(*producers)
    finally:
        sys.setswitchinterval(interval)
    sequences = [record.sequence for record in kept.shards["shardId-000000000000"].read(0, 5000)[0]]
    assert len(sequences) == 2000
    assert sequences == sorted(sequences), "a record behind its successor would be passed over by whoever reads on"


def test_the_stream_tells_what_each_shard_took_in(streaming: Worker):
    kinesis = client("kinesis", streaming.progress.url)
    before = streaming.progress.shards[SHARDS - 1]
    kinesis.put_record(StreamName="changes", PartitionKey="key", Data=b"data", ExplicitHashKey=str(2**128 - 1))
    follow(streaming, "has told of the record", lambda it: it.shards[SHARDS - 1].records > before.records)
    after = streaming.progress.shards[SHARDS - 1]
    assert after.bytes - before.bytes >= len(b"keydata"), "bytes are data and partition keys"
    assert after.records > before.records, "the bars show these while the rehearsal runs"


def test_the_stream_listens_on_this_machine_only(streaming: Worker):
    assert urlsplit(streaming.progress.url).hostname == "127.0.0.1", "the rows of the rehearsal are nobody else's"


def test_a_failure_of_the_stream_itself_ends_the_worker(monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> Any:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(operations, "answer", fail)
    plan = StreamPlan(name="changes", mode="ON_DEMAND", shard_count=1, retention_hours=24)
    with StreamServer(Stream(plan)) as server:
        assert server.answer("PutRecord", b"{}")[0] == 500
        with pytest.raises(RuntimeError, match="a bug"):
            server.progress()


def test_a_disk_without_room_for_records_is_told_to_who_puts_them_and_to_the_rehearsal(monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(record_log.Spill, "append", full)
    plan = StreamPlan(name="changes", mode="ON_DEMAND", shard_count=1, retention_hours=24)
    entry = {"PartitionKey": "k", "Data": base64.b64encode(bytes(900_000)).decode()}
    with StreamServer(Stream(plan, limits=False)) as server:
        status, document = server.answer("PutRecord", json.dumps({"StreamName": "changes", **entry}).encode())
        assert status == 500
        for said in (str(document["message"]), _raised(server.progress)):
            assert "No space left on device" in said
            assert "TMPDIR" in said


def _raised(call: Callable[[], object]) -> str:
    with pytest.raises(RuntimeError) as raised:
        call()
    return str(raised.value)
