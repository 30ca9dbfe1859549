"""Where records go, what they are called, how they are read, and how long they stay."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.plan import StreamPlan
from rehearsal.stream.shard import HASH_KEYS, KinesisError
from rehearsal.stream.stream import Stream

Make = Callable[..., Stream]

HOUR = 3_600_000
SHARD = "shardId-000000000000"
MEBIBYTE = 1 << 20


def put(stream: Stream, *datas: bytes, key: str = "a") -> list[int]:
    """Their sequence numbers."""
    return [stream.put(key, data)[1] for data in datas]


def data_from(stream: Stream, kind: str, **arguments: Any) -> list[bytes]:
    batch = stream.get(stream.iterator(SHARD, kind, **arguments))
    return [record.data for record in batch.records]


def test_a_record_goes_to_the_shard_whose_range_holds_the_md5_of_its_partition_key(make: Make):
    stream = make(shard_count=5)
    for key in map(str, range(100)):
        shard, _ = stream.put(key, b"")
        hash_key = int(hashlib.md5(key.encode()).hexdigest(), 16)
        assert shard.first_hash <= hash_key <= shard.last_hash, "all changes of one key must stay in order in one shard"


def test_an_explicit_hash_key_overrides_the_partition_key(make: Make):
    stream = make(shard_count=3)
    shards = [stream.put("same", b"", hash_key)[0].id for hash_key in (0, HASH_KEYS // 2, HASH_KEYS - 1)]
    assert shards == list(stream.shards), "the producer decides where the record goes"


@pytest.mark.parametrize("count", [1, 3, 4, 7])
def test_the_hash_ranges_of_the_shards_cover_every_key_once(make: Make, count: int):
    shards = list(make(shard_count=count).shards.values())
    ends = [-1] + [shard.last_hash for shard in shards]
    assert [shard.first_hash for shard in shards] == [end + 1 for end in ends[:-1]], "no gap and no overlap"
    assert ends[-1] == HASH_KEYS - 1, "the last shard ends with the last key"


def test_sequence_numbers_have_56_digits_and_increase_even_when_the_clock_runs_backwards(make: Make, clock: Any):
    stream, sequences = make(), []
    for step in (0, 5, -1000, 0, 1):
        clock.now += step
        sequences += put(stream, b"1", b"2")
    assert all(len(str(sequence)) == 56 for sequence in sequences), "consumers store them as 56 digits"
    assert sequences == sorted(set(sequences)), "a later record of a shard has a greater number"


def test_sequence_numbers_are_unique_across_shards(make: Make):
    stream = make(shard_count=2)
    sequences = [stream.put("x", b"", hash_key)[1] for hash_key in (0, HASH_KEYS - 1) * 10]
    assert len(set(sequences)) == 20, "a sequence number names one record of the stream"


@pytest.mark.parametrize(
    ("kind", "arguments", "expected"),
    [
        ("TRIM_HORIZON", {}, [b"0", b"1", b"2"]),
        ("LATEST", {}, []),
        ("AT_SEQUENCE_NUMBER", {"sequence": 1}, [b"1", b"2"]),
        ("AFTER_SEQUENCE_NUMBER", {"sequence": 1}, [b"2"]),
        ("AT_TIMESTAMP", {"timestamp": 1000}, [b"1", b"2"]),
        ("AT_TIMESTAMP", {"timestamp": 1001}, [b"2"]),
        ("AT_TIMESTAMP", {"timestamp": -9000}, [b"0", b"1", b"2"]),
    ],
)
def test_each_iterator_type_starts_where_its_name_says(
    make: Make, clock: Any, kind: str, arguments: dict[str, int], expected: list[bytes]
):
    stream, start, sequences = make(shard_count=1), clock.now, list[int]()
    for number in range(3):
        clock.now = start + 1000 * number
        sequences += put(stream, b"%d" % number)
    if "sequence" in arguments:
        arguments = {"sequence": sequences[arguments["sequence"]]}
    if "timestamp" in arguments:
        arguments = {"timestamp": start + arguments["timestamp"]}
    assert data_from(stream, kind, **arguments) == expected, f"three records a second apart, read from {kind}"


@pytest.mark.parametrize("kind", ["LATEST", "TRIM_HORIZON"])
def test_an_iterator_of_an_empty_shard_finds_what_comes_next(make: Make, kind: str):
    stream = make(shard_count=1)
    iterator = stream.iterator(SHARD, kind)
    put(stream, b"next")
    assert [record.data for record in stream.get(iterator).records] == [b"next"]


def test_a_timestamp_later_than_the_newest_record_finds_what_comes_next(make: Make, clock: Any):
    stream = make(shard_count=1)
    put(stream, b"old")
    clock.now += 10
    iterator = stream.iterator(SHARD, "AT_TIMESTAMP", timestamp=clock.now)
    put(stream, b"next")
    assert [record.data for record in stream.get(iterator).records] == [b"next"]


def test_an_iterator_expires_five_minutes_after_it_was_handed_out(make: Make, clock: Any):
    stream = make(shard_count=1)
    iterator = stream.iterator(SHARD, "LATEST")
    clock.now += 300_000
    stream.get(iterator)
    clock.now += 1
    with pytest.raises(KinesisError) as caught:
        stream.get(iterator)
    assert caught.value.code == "ExpiredIteratorException", "a consumer renews its iterator on this very code"


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        ("ResourceNotFoundException", {"shard_id": "shardId-000000000009", "kind": "LATEST"}),
        ("ValidationException", {"kind": "OLDEST"}),
        ("InvalidArgumentException", {"kind": "AT_SEQUENCE_NUMBER"}),
        ("InvalidArgumentException", {"kind": "AT_TIMESTAMP"}),
        ("InvalidArgumentException", {"kind": "AT_TIMESTAMP", "timestamp": 10**14}),
        ("InvalidArgumentException", {"kind": "AFTER_SEQUENCE_NUMBER", "sequence": 7}),
        ("InvalidArgumentException", {"kind": "AFTER_SEQUENCE_NUMBER", "sequence": 10**56}),
    ],
)
def test_an_iterator_that_would_start_nowhere_is_refused(make: Make, code: str, arguments: dict[str, Any]):
    stream = make()
    with pytest.raises(KinesisError) as caught:
        stream.iterator(**arguments | {"shard_id": arguments.get("shard_id", SHARD)})
    assert caught.value.code == code, "starting elsewhere in silence would lose or repeat records"


@pytest.mark.parametrize("records", [0, 1])
def test_a_shard_has_had_the_numbers_from_its_starting_one_to_its_newest_record_s(make: Make, records: int):
    stream = make(shard_count=1)
    first = stream.shards[SHARD].starting_sequence
    newest = [first, *put(stream, *[b""] * records)][-1]
    for sequence, allowed in ((first - 1, False), (first, True), (newest, True), (newest + 1, False)):
        with contextlib.nullcontext() if allowed else pytest.raises(KinesisError, match=f"{first} to {newest}"):
            stream.iterator(SHARD, "AT_SEQUENCE_NUMBER", sequence=sequence)


def test_a_position_of_an_earlier_stream_is_refused(make: Make, clock: Any):
    old = put(make(shard_count=1), b"")[0]
    clock.now += 1000
    with pytest.raises(KinesisError, match="has had"):
        make(shard_count=1).iterator(SHARD, "AFTER_SEQUENCE_NUMBER", sequence=old)


def test_a_read_stops_before_ten_mebibytes(make: Make):
    stream = make(shard_count=1)
    put(stream, *[bytes(MEBIBYTE - 1)] * 11)
    batch = stream.get(stream.iterator(SHARD, "TRIM_HORIZON"))
    assert len(batch.records) == 10, "GetRecords returns at most 10 MiB, keys included"
    assert len(stream.get(batch.next).records) == 1, "and goes on with the eleventh"


def test_a_read_takes_no_more_records_than_it_is_asked_for(make: Make):
    stream = make(shard_count=1)
    put(stream, *[b""] * 5)
    batch = stream.get(stream.iterator(SHARD, "TRIM_HORIZON"), limit=3)
    assert (len(batch.records), len(stream.get(batch.next).records)) == (3, 2)


def test_millis_behind_latest_is_zero_only_at_the_tip(make: Make, clock: Any):
    stream = make(shard_count=1)
    put(stream, b"1", b"2")
    first = stream.get(stream.iterator(SHARD, "TRIM_HORIZON"), limit=1)
    assert first.millis_behind == 1, "0 would tell a reader that it has everything, in the millisecond of the put too"
    clock.now += 500
    second = stream.get(stream.iterator(SHARD, "TRIM_HORIZON"), limit=1)
    assert second.millis_behind == 500, "otherwise it is the age of the next record"
    assert stream.get(second.next).millis_behind == 0


def test_a_shard_knows_the_greatest_age_of_the_last_record_of_a_read(make: Make, clock: Any):
    stream = make(shard_count=1)
    put(stream, b"1")
    clock.now += 500
    put(stream, b"2")
    clock.now += 20
    start = stream.iterator(SHARD, "TRIM_HORIZON")
    stream.get(stream.get(start).next)
    assert stream.shards[SHARD].iterator_age == 20, "of the last record, and an empty read has none"
    stream.get(start, limit=1)
    assert stream.shards[SHARD].iterator_age == 520
    stream.get(start)
    assert stream.shards[SHARD].iterator_age == 520


def test_records_are_trimmed_when_their_retention_is_over(make: Make, clock: Any):
    stream = make(shard_count=1, retention_hours=24)
    put(stream, b"old")
    clock.now += 1
    put(stream, b"young")
    clock.now += 24 * HOUR
    assert data_from(stream, "TRIM_HORIZON") == [b"young"], "a record is kept for 24 hours and no longer"


def test_an_iterator_outlives_the_records_it_stood_at(make: Make, clock: Any):
    stream = make(shard_count=1)
    put(stream, b"gone")
    clock.now += 24 * HOUR + 1
    iterator = stream.iterator(SHARD, "TRIM_HORIZON")
    put(stream, b"new")
    assert [record.data for record in stream.get(iterator).records] == [b"new"]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 4), st.integers(-3, 50)), max_size=60))
def test_a_reader_sees_every_record_of_a_shard_once_and_in_order(steps: list[tuple[str, int, int]]):
    now = [10**12]
    plan = StreamPlan(name="s", mode="PROVISIONED", shard_count=2, retention_hours=24)
    stream = Stream(plan, limits=False, clock=lambda: now[0])
    iterators = {shard: stream.iterator(shard, "LATEST") for shard in stream.shards}
    written: dict[str, list[int]] = {shard: [] for shard in stream.shards}
    seen: dict[str, list[int]] = {shard: [] for shard in stream.shards}
    for key, limit, step in steps:
        now[0] += step
        shard, sequence = stream.put(key, b"")
        written[shard.id].append(sequence)
        for id_ in iterators:
            batch = stream.get(iterators[id_], limit)
            iterators[id_] = batch.next
            seen[id_] += [record.sequence for record in batch.records]
    for id_, iterator in iterators.items():
        seen[id_] += [record.sequence for record in stream.get(iterator).records]
    assert seen == written, "however reads and writes interleave"
