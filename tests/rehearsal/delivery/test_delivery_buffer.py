"""When records become an object, and what is in it."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from rehearsal.delivery.buffer import COMPRESSIONS, Buffer, SourceRecord
from rehearsal.plan import DeliveryPlan


@pytest.fixture
def small(plan: DeliveryPlan) -> DeliveryPlan:
    return replace(plan, buffer_bytes=10, buffer_seconds=60)


def record(data: bytes, *, shard: str = "0", sequence: str = "1", arrival: int = 0) -> SourceRecord:
    return SourceRecord(shard_id=shard, sequence=sequence, arrival=arrival, data=data)


def test_a_buffer_is_due_by_size_before_compression_and_with_delimiters(small: DeliveryPlan):
    buffer = Buffer(small)
    buffer.add(record(b"1234"), 0)
    assert not buffer.due(0)
    buffer.add(record(b"5678"), 0)
    assert buffer.due(0), "two times four bytes and a newline are ten"


def test_a_buffer_is_due_when_its_first_record_has_waited_long_enough(small: DeliveryPlan):
    buffer = Buffer(small)
    buffer.add(record(b"1"), 100.0)
    buffer.add(record(b"2"), 159.0)
    assert not buffer.due(159.9)
    assert buffer.due(160.0), "the interval starts with the first record, not with the last"


def test_the_clock_of_a_buffer_starts_anew_with_each_object(small: DeliveryPlan):
    buffer = Buffer(small)
    buffer.add(record(b"1"), 0.0)
    buffer.take()
    buffer.add(record(b"2"), 59.0)
    assert not buffer.due(118.0)
    assert buffer.due(119.0)


def test_an_empty_buffer_is_never_due(small: DeliveryPlan):
    buffer = Buffer(small)
    assert not buffer.due(10_000.0), "Firehose writes no empty objects"
    assert buffer.take() is None


def test_with_an_interval_of_zero_a_record_is_due_at_once(small: DeliveryPlan):
    buffer = Buffer(replace(small, buffer_seconds=0))
    buffer.add(record(b"1"), 5.0)
    assert buffer.due(5.0)


@pytest.mark.parametrize(("delimiter", "body"), [(True, b'{"a":1}\n{"a":2}\n'), (False, b'{"a":1}{"a":2}')])
def test_records_are_concatenated_as_declared(small: DeliveryPlan, delimiter: bool, body: bytes):
    buffer = Buffer(replace(small, append_delimiter=delimiter))
    buffer.add(record(b'{"a":1}'), 0)
    buffer.add(record(b'{"a":2}'), 0)
    parcel = buffer.take()
    assert parcel
    assert (parcel.body, parcel.records) == (body, 2), "Firehose adds a delimiter only if it is declared"


def test_a_parcel_knows_its_oldest_record_and_how_far_it_reaches_in_each_shard(small: DeliveryPlan):
    buffer = Buffer(small)
    for shard, sequence, arrival in (("a", "1", 30), ("b", "7", 10), ("a", "2", 20)):
        buffer.add(record(b"", shard=shard, sequence=sequence, arrival=arrival), 0)
    parcel = buffer.take()
    assert parcel
    assert parcel.oldest == 10, "timestamp expressions are evaluated at the oldest arrival"
    assert parcel.positions == {"a": "2", "b": "7"}, "this is what the checkpoint remembers"


def test_compression_can_be_undone_and_is_the_same_each_time():
    extension, compress = COMPRESSIONS["GZIP"]
    assert extension == ".gz", "what Firehose appends when no fileExtension is declared"
    assert gzip.decompress(compress(b"rows")) == b"rows"
    assert compress(b"rows")[4:8] == bytes(4), "no time of day in the header, so the same rows are the same object"
