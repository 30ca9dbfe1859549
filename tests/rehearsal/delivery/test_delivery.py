"""The delivery stream between a real stream and a real S3 endpoint, in this process."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from model import PipelineError
from rehearsal.lake import Lake
from rehearsal.runtime.clients import client

Connect = Callable[..., Any]


def lines(pipe: Any) -> list[bytes]:
    """Every record in the lake."""
    return [line for found in pipe.lake.objects(pipe.prefix) for line in gzip.decompress(found.body).splitlines()]


def test_what_was_put_before_the_delivery_stream_was_active_never_arrives(connect: Connect):
    pipe = connect()
    pipe.put(b"early")
    delivery = pipe.start()
    pipe.put(b"late")
    delivery.drain()
    assert lines(pipe) == [b"late"], "Firehose reads a Kinesis stream from LATEST"


def test_every_record_is_delivered_once_with_its_delimiter(connect: Connect):
    pipe = connect()
    delivery = pipe.start()
    records = [b"%d" % n for n in range(3000)]
    pipe.put(*records)
    delivery.drain()
    (found,) = pipe.lake.objects(pipe.prefix)
    assert sorted(gzip.decompress(found.body).split(b"\n")) == sorted([*records, b""]), "a newline after every record"
    progress = delivery.progress
    assert (progress.records, progress.objects, progress.bytes_out) == (3000, 1, found.size)
    assert progress.bytes_in == sum(map(len, records))


def test_an_object_lies_under_the_evaluated_prefix_and_is_named_as_declared(connect: Connect):
    pipe = connect()
    delivery = pipe.start()
    pipe.put(b"row")
    delivery.drain()
    (found,) = pipe.lake.objects(pipe.prefix)
    pattern = pipe.prefix + r"raw/dt=(\d{4}-\d\d-\d\d)/hr=(\d\d)/cdc-1-(\S{19})-[0-9a-f-]{36}\.json\.gz"
    match = re.fullmatch(pattern, found.key)
    assert match, found.key
    assert match[3].startswith(f"{match[1]}-{match[2]}-"), "prefix and name tell one and the same instant"


def test_a_full_buffer_is_delivered_before_its_time(connect: Connect):
    pipe = connect(buffer_bytes=1000, buffer_seconds=300)
    delivery = pipe.start()
    pipe.put(*[b"x" * 99] * 25)
    delivery.poll()
    assert delivery.progress.objects == 2, "25 records of 100 bytes are two buffers of 1000, and 500 bytes stay"
    delivery.drain()
    assert len(lines(pipe)) == 25


def test_with_no_compression_and_no_extension_an_object_is_plain_text(connect: Connect):
    pipe = connect(compression="UNCOMPRESSED", file_extension="", append_delimiter=False)
    delivery = pipe.start()
    pipe.put(b"row")
    delivery.drain()
    (found,) = pipe.lake.objects(pipe.prefix)
    assert found.body == b"row"
    assert re.search(r"[0-9a-f]{12}$", found.key), "no extension"


def test_without_a_declared_extension_firehose_derives_one_from_the_compression(connect: Connect):
    pipe = connect(file_extension="")
    delivery = pipe.start()
    pipe.put(b"row")
    delivery.drain()
    assert next(pipe.lake.objects(pipe.prefix)).key.endswith(".gz")


def test_a_delivery_stream_that_starts_again_goes_on_after_what_is_in_s3(connect: Connect):
    pipe = connect()
    first = pipe.start()
    pipe.put(b"1", b"2")
    first.drain()
    pipe.put(b"3")
    pipe.start().drain()
    assert sorted(lines(pipe)) == [b"1", b"2", b"3"], "nothing twice after an orderly end, and nothing missed"


def test_a_shard_without_news_keeps_its_place(connect: Connect):
    pipe = connect()
    delivery = pipe.start()
    for data, hash_key in ((b"quiet", 0), (b"1", 2**128 - 1)):
        pipe.kinesis.put_record(StreamName="changes", PartitionKey="k", Data=data, ExplicitHashKey=str(hash_key))
    delivery.drain()
    pipe.kinesis.put_record(StreamName="changes", PartitionKey="k", Data=b"2", ExplicitHashKey=str(2**128 - 1))
    delivery.drain()
    pipe.start().drain()
    assert sorted(lines(pipe)) == [b"1", b"2", b"quiet"], "the second object had no record of the quiet shard"


def test_draining_takes_as_many_reads_as_the_stream_needs(connect: Connect):
    pipe = connect(buffer_bytes=64 << 20)
    delivery = pipe.start()
    for _ in range(21):
        pipe.kinesis.put_record(StreamName="changes", PartitionKey="k", Data=bytes(1_000_000))
    delivery.drain()
    (found,) = pipe.lake.objects(pipe.prefix)
    assert len(gzip.decompress(found.body)) == 21 * 1_000_001, "one read gives 10 MiB at most"


def test_records_that_were_read_but_not_delivered_are_read_again(connect: Connect):
    pipe = connect()
    first = pipe.start()
    pipe.put(b"1", b"2")
    first.poll()
    assert first.progress.records == 2
    del first  # ends with both in its buffer
    pipe.start().drain()
    assert sorted(lines(pipe)) == [b"1", b"2"], "before the first object there is no position, only a time of start"


def test_a_position_is_remembered_only_after_s3_acknowledged_the_object(connect: Connect, lake: Lake):
    pipe = connect()
    refused = replace(pipe, s3=client("s3", lake.url, lake.assume_role("refused", [])))
    delivery = refused.start()
    pipe.put(b"1")
    with pytest.raises(PipelineError, match="AccessDenied"):
        delivery.drain()
    pipe.start().drain()
    assert lines(pipe) == [b"1"], "a checkpoint ahead of S3 would make the next start skip what is nowhere"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"compression": "Snappy"}, "use UNCOMPRESSED or GZIP"),
        ({"time_zone": "Mars/Olympus"}, "Europe/Berlin"),
        ({"prefix": "p" * 600}, "Firehose allows 512"),
        ({"prefix": "raw/!{timestamp:YYYY}/"}, "write yyyy"),
        ({"error_prefix": ""}, "errorOutputPrefix must be set"),
    ],
)
def test_a_delivery_stream_that_cannot_be_created_is_refused_before_any_record_is_read(
    connect: Connect, changes: dict[str, str], reason: str
):
    pipe = connect(**changes)
    with pytest.raises(PipelineError, match=reason):
        pipe.start()
    assert not pipe.checkpoint.exists()
