"""Reading on after an iterator grew old, and the checkpoint."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from model import PipelineError
from rehearsal.delivery.checkpoint import Checkpoint
from rehearsal.delivery.shard_reader import ShardReader, open_shards

LATEST = {"ShardIteratorType": "LATEST"}
SINCE_ACTIVE = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": 1.0}
CHECKPOINT = Checkpoint(stream="changes", started=1_000, positions={"shard": "7"})


class ExpiredIteratorError(Exception):
    """Plays botocore's ExpiredIteratorException."""


class Kinesis:
    """Hands out iterators that are good for one read, and remembers from where they were asked for."""

    class exceptions:  # noqa: N801 -- boto3's name
        ExpiredIteratorException = ExpiredIteratorError

    def __init__(self, *datas: bytes) -> None:
        self.datas = list(datas)
        self.asked: list[dict[str, Any]] = []
        self.expired = False

    def get_paginator(self, operation: str) -> Kinesis:
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [{"Shards": [{"ShardId": "shard"}]}, {"Shards": [{"ShardId": "other"}]}]

    def get_shard_iterator(self, *, StreamName: str, ShardId: str, **place: Any) -> dict[str, str]:  # noqa: N803
        self.asked.append(place)
        self.expired = False
        return {"ShardIterator": "fresh"}

    def get_records(self, *, ShardIterator: str) -> dict[str, Any]:  # noqa: N803
        if self.expired:
            raise ExpiredIteratorError
        records = [
            {"SequenceNumber": str(n), "ApproximateArrivalTimestamp": datetime.fromtimestamp(0.001, UTC), "Data": data}
            for n, data in enumerate(self.datas)
        ]
        self.datas = []
        return {"Records": records, "NextShardIterator": "next", "MillisBehindLatest": 0}


def reader(kinesis: Kinesis) -> ShardReader:
    return ShardReader(kinesis, "changes", "shard", start=LATEST, resume=SINCE_ACTIVE)


def test_an_iterator_that_grew_too_old_is_renewed_after_the_last_record_read():
    kinesis = Kinesis(b"0", b"1")
    reading = reader(kinesis)
    reading.read()
    kinesis.expired = True
    reading.read()
    assert kinesis.asked[-1] == {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": "1"}


def test_an_iterator_that_grew_too_old_before_any_record_is_renewed_from_the_start_and_not_from_latest():
    kinesis = Kinesis()
    reading = reader(kinesis)
    kinesis.expired = True
    reading.read()
    assert kinesis.asked == [LATEST, SINCE_ACTIVE], "LATEST would by now be later than what was missed"


@pytest.mark.parametrize(
    ("new", "places"),
    [
        (True, [LATEST, LATEST]),
        (False, [{"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": "7"}, SINCE_ACTIVE]),
    ],
)
def test_a_new_delivery_stream_starts_at_latest_and_an_old_one_where_it_got_to(new: bool, places: list[dict[str, Any]]):
    kinesis = Kinesis()
    open_shards(kinesis, CHECKPOINT, new=new)
    assert kinesis.asked == places, "on every shard of every page; where nothing was delivered since it became ACTIVE"


def test_a_record_is_read_with_its_place_and_its_arrival():
    (record,) = reader(Kinesis(b"data")).read()
    assert (record.shard_id, record.sequence, record.arrival, record.data) == ("shard", "0", 1, b"data")


def test_an_aggregated_record_is_refused():
    with pytest.raises(PipelineError, match="Kinesis Producer Library"):
        reader(Kinesis(b"\xf3\x89\x9a\xc2rest")).read()


def test_a_checkpoint_is_read_as_it_was_written(tmp_path: Path):
    CHECKPOINT.save(tmp_path / "c.json")
    assert Checkpoint.load(tmp_path / "c.json", "changes") == CHECKPOINT
    assert [file.name for file in tmp_path.iterdir()] == ["c.json"], "nothing half-written stays behind"


def test_a_checkpoint_that_could_not_be_written_leaves_the_old_one(tmp_path: Path):
    CHECKPOINT.save(tmp_path / "c.json")
    with pytest.raises(TypeError):
        Checkpoint(stream="changes", started=2_000, positions={"shard": object()}).save(tmp_path / "c.json")  # type: ignore[dict-item]
    assert Checkpoint.load(tmp_path / "c.json", "changes") == CHECKPOINT, "a crash in the middle loses no position"


def test_without_a_file_there_is_no_checkpoint(tmp_path: Path):
    assert Checkpoint.load(tmp_path / "c.json", "changes") is None


@pytest.mark.parametrize(
    "text", ["", "[]", '{"stream":"changes"}', '{"stream":"changes","started":1,"positions":{},"x":1}']
)
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path, text: str):
    (tmp_path / "c.json").write_text(text, encoding="utf-8")
    with pytest.raises(PipelineError, match="remove it to start anew"):
        Checkpoint.load(tmp_path / "c.json", "changes")


def test_the_checkpoint_of_another_stream_is_refused(tmp_path: Path):
    CHECKPOINT.save(tmp_path / "c.json")
    with pytest.raises(PipelineError, match="'changes', not 'others'"):
        Checkpoint.load(tmp_path / "c.json", "others")
