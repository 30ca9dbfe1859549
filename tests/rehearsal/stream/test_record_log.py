"""The records of a shard that are in memory and those that are in the file: a reader sees no difference."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.stream import record_log
from rehearsal.stream.record_log import Record, RecordLog, Spill


@pytest.fixture(autouse=True, scope="module")
def small_blocks() -> Iterator[None]:
    """A few records a block."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(record_log, "_BLOCK_BYTES", 40)
        yield


def filled(sizes: list[int], spill: Spill) -> tuple[RecordLog, list[Record]]:
    log, records = RecordLog(spill), list[Record]()
    for number, size in enumerate(sizes):
        records.append(Record(10 * number, number, f"ключ {number}", bytes(size)))
        log.append(*records[-1], size)
    return log, records


@settings(deadline=None)
@given(st.lists(st.integers(0, 50), max_size=40), st.integers(-5, 405), st.integers(-5, 405))
def test_every_record_from_a_number_on_is_read_in_order(sizes: list[int], sequence: int, forgotten: int):
    log, records = filled(sizes, Spill())
    assert list(log.since(sequence)) == [record for record in records if record.sequence >= sequence]
    log.forget(forgotten)
    kept = [record for record in records if record.sequence >= forgotten]
    assert list(log.since(sequence)) == [record for record in kept if record.sequence >= sequence]
    assert log.oldest == (kept[0].arrival if kept else None)


def test_two_shards_share_a_file():
    spill = Spill()
    (one, ones), (other, others) = filled([30] * 9, spill), filled([20] * 9, spill)
    assert (list(one.since(0)), list(other.since(0))) == (ones, others)


def test_memory_does_not_grow_with_the_records():
    log, _ = filled([30] * 1000, Spill())
    assert len(log._newest) <= 2, "what is older is in the file"


def test_a_log_goes_on_after_it_forgot_everything():
    log, _ = filled([30] * 5, Spill())
    log.forget(1000)
    log.append(*(later := Record(1000, 9, "k", b"")), 1)
    assert (list(log.since(0)), log.oldest) == ([later], 9)
