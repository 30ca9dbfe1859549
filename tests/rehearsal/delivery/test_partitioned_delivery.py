"""A delivery stream with dynamic partitioning: where records go, and which come again after a kill."""

from __future__ import annotations

import base64
import gzip
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from model import PipelineError
from model.plan import DeliveryPlan
from rehearsal.delivery.delivery import Delivery
from rehearsal.delivery.partitioning import Partitioner
from tests.rehearsal.delivery.memory import Bucket, Stream

Connect = Callable[..., Any]
BY_TABLE = "dt=!{timestamp:yyyy-MM-dd}/table=!{partitionKeyFromQuery:table}/"
QUERY = "{table:.table}"


@pytest.fixture
def plan(plan: DeliveryPlan) -> DeliveryPlan:
    return replace(plan, prefix=BY_TABLE, partition_query=QUERY)


def row(table: str, number: int = 0) -> bytes:
    return json.dumps({"table": table, "number": number}).encode()


def by_folder(pipe: Any, prefix: str) -> dict[str, list[bytes]]:
    """The lines of the lake by their folder below the day."""
    found: dict[str, list[bytes]] = {}
    for one in pipe.lake.objects(prefix):
        folder = re.sub(r"dt=[^/]*/", "", one.key.removeprefix(prefix)).rpartition("/")[0]
        found.setdefault(folder, []).extend(gzip.decompress(one.body).splitlines())
    return found


def test_each_partition_is_an_object_in_its_folder(connect: Connect):
    pipe = connect()
    delivery = pipe.start()
    pipe.put(row("a", 1), row("b/c", 2), row("a", 3))
    delivery.drain()
    found = by_folder(pipe, pipe.prefix)
    assert {folder: sorted(lines) for folder, lines in found.items()} == {
        "table=a": [row("a", 1), row("a", 3)],
        "table=b/c": [row("b/c", 2)],
    }
    assert delivery.progress.objects == 2


def test_a_full_partition_is_delivered_and_the_others_wait(connect: Connect):
    pipe = connect(buffer_bytes=100)
    delivery = pipe.start()
    pipe.put(row("waits"), *[row("full")] * 4)
    delivery.poll()
    assert set(by_folder(pipe, pipe.prefix)) == {"table=full"}, "a buffer for each, and each with a size of its own"


def test_a_partition_that_has_waited_long_enough_is_delivered_though_nothing_comes(
    plan: DeliveryPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    stream, bucket, delivered = Stream(at_a_time=9), Bucket(), []
    delivery = Delivery(plan, "changes", stream, bucket, tmp_path / "checkpoint.json")
    stream.records["0"].append(row("quiet"))
    for clock in (0.0, 299.0, 300.0):
        monkeypatch.setattr(time, "monotonic", lambda clock=clock: clock)
        delivery.poll()
        delivered.append(len(bucket.bodies))
    assert delivered == [0, 0, 1]


def test_what_waited_is_delivered_again_after_a_kill_and_what_was_delivered_may_come_twice(connect: Connect):
    pipe = connect(buffer_bytes=100)
    first = pipe.start()
    for data in (row("waits"), *[row("full", number) for number in range(4)]):
        pipe.kinesis.put_record(StreamName="changes", PartitionKey="one shard", Data=data)
    first.poll()
    del first  # killed with the earliest record in a buffer, and later ones in S3
    pipe.start().drain()
    found = by_folder(pipe, pipe.prefix)
    assert found["table=waits"] == [row("waits")], "a checkpoint at the last delivered record would skip it"
    assert Counter(found["table=full"]) == {row("full", number): 2 for number in range(4)}


def test_a_record_without_a_partition_is_delivered_below_the_error_prefix(connect: Connect):
    errors = "failed/"
    pipe = connect(error_prefix="x")
    pipe = replace(pipe, plan=replace(pipe.plan, error_prefix=pipe.prefix + errors + "!{firehose:error-output-type}/"))
    delivery = pipe.start()
    pipe.put(row("a"), b"no JSON", row(""))
    delivery.drain()
    found = by_folder(pipe, pipe.prefix + errors)
    assert set(found) == {"metadata-extraction-failed"}
    raw = {base64.b64decode(json.loads(line)["rawData"]) for line in found["metadata-extraction-failed"]}
    assert raw == {b"no JSON", row("")}
    assert by_folder(pipe, pipe.prefix)["table=a"] == [row("a")], "and it does not hold up the others"


def test_partitions_beyond_the_limit_are_delivered_below_the_error_prefix(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("rehearsal.delivery.buffer.ACTIVE_PARTITIONS", 2)
    pipe = connect()
    pipe = replace(pipe, plan=replace(pipe.plan, error_prefix=pipe.prefix + "!{firehose:error-output-type}/"))
    delivery = pipe.start()
    for table in "abca":
        pipe.kinesis.put_record(StreamName="changes", PartitionKey="one shard", Data=row(table))
    delivery.drain()
    found = by_folder(pipe, pipe.prefix)
    assert {folder: len(lines) for folder, lines in found.items()} == {
        "table=a": 2,
        "table=b": 1,
        "activePartitionExceeded": 1,
    }


def test_keys_that_the_prefix_does_not_use_are_refused_before_any_record_is_read(connect: Connect):
    pipe = connect(partition_query="{table:.table,schema:.schema}")
    with pytest.raises(PipelineError, match="schema"):
        pipe.start()
    assert not pipe.checkpoint.exists()


@pytest.mark.parametrize("count", [1, 49, 50])
def test_a_query_may_make_up_to_50_keys(count: int):
    query = "{" + ", ".join(f"k{number}: .k" for number in range(count)) + "}"
    assert Partitioner(query).keys == tuple(f"k{number}" for number in range(count))


def test_a_query_of_51_keys_is_refused():
    query = "{" + ", ".join(f"k{number}: .k" for number in range(51)) + "}"
    with pytest.raises(PipelineError, match="has 51 keys; Firehose allows 50"):
        Partitioner(query)
