"""When records become an object, what is in it, and how far each shard has got to S3."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from model.plan import DeliveryPlan
from rehearsal.delivery.buffer import ACTIVE_PARTITIONS, COMPRESSIONS, Buffers, Place, SourceRecord

HERE, THERE = Place(partition=("here",)), Place(partition=("there",))
FAILED = Place(error_type="processing-failed")


@pytest.fixture
def small(plan: DeliveryPlan) -> DeliveryPlan:
    return replace(plan, buffer_bytes=10, buffer_seconds=60)


@pytest.fixture
def buffers(small: DeliveryPlan) -> Buffers:
    return Buffers(small, {})


def put(
    buffers: Buffers, body: bytes = b"1", now: float = 0, place: Place = HERE, shard: str = "0", sequence: int = 1
) -> None:
    record = SourceRecord(shard_id=shard, sequence=str(sequence), arrival=sequence * 10, data=body)
    buffers.add(place, body, record, now)


def test_a_buffer_is_due_by_size_before_compression(buffers: Buffers):
    put(buffers, b"12345")
    assert not buffers.due(HERE, 0)
    put(buffers, b"67890")
    assert buffers.due(HERE, 0)


@pytest.mark.parametrize(("size", "due"), [(9, False), (10, True), (11, True)])
def test_a_buffer_is_due_at_its_size_to_the_byte(buffers: Buffers, size: int, due: bool):
    put(buffers, bytes(size))
    assert buffers.due(HERE, 0) is due


def test_a_buffer_is_due_when_its_first_record_has_waited_long_enough(buffers: Buffers):
    put(buffers, now=100.0)
    put(buffers, now=159.0)
    assert not buffers.due(HERE, 159.9)
    assert buffers.due(HERE, 160.0), "the interval starts with the first record, not with the last"


def test_the_clock_of_a_buffer_starts_anew_with_each_object(buffers: Buffers):
    put(buffers)
    buffers.take(HERE)
    put(buffers, now=59.0)
    assert not buffers.due(HERE, 118.0)
    assert buffers.due(HERE, 119.0)


def test_each_partition_has_a_size_and_a_clock_of_its_own(buffers: Buffers):
    put(buffers, b"1234567890", place=HERE)
    put(buffers, now=30.0, place=THERE)
    assert (buffers.due(HERE, 30.0), buffers.due(THERE, 30.0)) == (True, False)
    assert (buffers.due(THERE, 89.0), buffers.due(THERE, 90.0)) == (False, True)


def test_without_records_there_is_no_buffer(buffers: Buffers):
    assert buffers.places == [], "Firehose writes no empty objects"
    put(buffers)
    buffers.take(HERE)
    assert buffers.places == [], "a delivered partition is active no more"


def test_with_an_interval_of_zero_a_record_is_due_at_once(small: DeliveryPlan):
    buffers = Buffers(replace(small, buffer_seconds=0), {})
    put(buffers, now=5.0)
    assert buffers.due(HERE, 5.0)


def test_the_records_of_a_place_are_concatenated_and_the_oldest_one_tells_the_time(buffers: Buffers):
    put(buffers, b"a\n", sequence=3)
    put(buffers, b"x\n", sequence=1, place=THERE)
    put(buffers, b"b\n", sequence=2, shard="1")
    parcel = buffers.take(HERE)
    assert (parcel.body, parcel.oldest) == (b"a\nb\n", 20), "expressions are evaluated at the oldest arrival"


def test_partitions_above_the_limit_have_no_room_until_one_is_delivered(buffers: Buffers):
    partitions = [Place(partition=(str(number),)) for number in range(ACTIVE_PARTITIONS)]
    for partition in partitions:
        assert buffers.has_room_for(partition)
        put(buffers, place=partition)
    assert buffers.has_room_for(partitions[0]), "an active one goes on"
    assert buffers.has_room_for(FAILED), "what fails is in no partition"
    assert not buffers.has_room_for(HERE)
    buffers.take(partitions[7])
    put(buffers, place=FAILED)
    assert buffers.has_room_for(HERE), "it is the active ones that count"


def test_a_shard_has_got_as_far_as_its_last_record_when_no_buffer_holds_any(small: DeliveryPlan):
    buffers = Buffers(small, {"a": "5", "quiet": "3"})
    put(buffers, shard="a", sequence=6)
    put(buffers, shard="a", sequence=7)
    buffers.take(HERE)
    assert buffers.positions() == {"a": "7", "quiet": "3"}, "a shard without news keeps its place"


def test_a_shard_has_got_only_to_the_record_before_the_first_that_waits_in_any_buffer(small: DeliveryPlan):
    buffers = Buffers(small, {"a": "5"})
    for sequence, place in ((9, HERE), (10, THERE), (11, HERE), (12, FAILED), (13, HERE)):
        put(buffers, place=place, shard="a", sequence=sequence)
    buffers.take(HERE)
    assert buffers.positions() == {"a": "9"}, "10 is not in S3, though later records are"
    buffers.take(THERE)
    assert buffers.positions() == {"a": "11"}, "failures count too; and 9 comes before 10, whatever their digits say"
    buffers.take(FAILED)
    assert buffers.positions() == {"a": "13"}


def test_a_shard_whose_first_record_waits_has_no_position(buffers: Buffers):
    put(buffers, place=HERE, shard="a", sequence=1)
    put(buffers, place=THERE, shard="a", sequence=2)
    buffers.take(THERE)
    assert buffers.positions() == {}, "then it is read again from when the delivery stream was created"


def test_compression_can_be_undone_and_is_the_same_each_time():
    extension, compress = COMPRESSIONS["GZIP"]
    assert extension == ".gz", "what Firehose appends when no fileExtension is declared"
    assert gzip.decompress(compress(b"rows")) == b"rows"
    assert compress(b"rows")[4:8] == bytes(4), "no time of day in the header, so the same rows are the same object"
