"""Reads the shards of a stream as Firehose does.

A new delivery stream reads from LATEST. One that was ended and is started again goes on after the record of each shard
up to which all are in S3, and where its first one is not yet, from the time at which it was created: some records may
come twice, none is left out. Page: https://docs.aws.amazon.com/firehose/latest/dev/writing-with-kinesis-streams.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from model import PipelineError
from rehearsal.delivery.buffer import SourceRecord
from rehearsal.delivery.checkpoint import Checkpoint

_AGGREGATED = b"\xf3\x89\x9a\xc2"
"""How a record begins into which the Kinesis Producer Library packed several, per its aggregation format."""


class ShardReader:
    """Reads one shard from where it stands to its tip."""

    def __init__(
        self, kinesis: Any, stream: str, shard_id: str, *, start: Mapping[str, Any], resume: Mapping[str, Any]
    ) -> None:
        """Begin at ``start``; ``resume`` is where to go on if that iterator grows too old before anything was read.

        Both are the members of GetShardIterator that say where.
        """
        self._kinesis = kinesis
        self._shard = {"StreamName": stream, "ShardId": shard_id}
        self._iterator = self._iterator_at(start)
        self._resume = resume
        self.behind_millis = 0
        """How far the last read was from the tip of the shard; 0 is at the tip."""

    def read(self) -> list[SourceRecord]:
        """The next records: one GetRecords."""
        try:
            answer = self._kinesis.get_records(ShardIterator=self._iterator)
        except self._kinesis.exceptions.ExpiredIteratorException:
            self._iterator = self._iterator_at(self._resume)
            answer = self._kinesis.get_records(ShardIterator=self._iterator)
        self._iterator = answer["NextShardIterator"]
        self.behind_millis = answer["MillisBehindLatest"]
        records = [self._record(record) for record in answer["Records"]]
        if records:
            self._resume = _after(records[-1].sequence)
        return records

    def _iterator_at(self, place: Mapping[str, Any]) -> str:
        return self._kinesis.get_shard_iterator(**self._shard, **place)["ShardIterator"]

    def _record(self, record: Mapping[str, Any]) -> SourceRecord:
        if record["Data"].startswith(_AGGREGATED):
            raise PipelineError(
                f"record {record['SequenceNumber']} of {self._shard['ShardId']} is aggregated by the Kinesis Producer "
                "Library; Firehose would take it apart, which is not played: write records singly"
            )
        return SourceRecord(
            shard_id=self._shard["ShardId"],
            sequence=record["SequenceNumber"],
            arrival=round(record["ApproximateArrivalTimestamp"].timestamp() * 1000),
            data=record["Data"],
        )


def open_shards(kinesis: Any, checkpoint: Checkpoint, *, new: bool) -> list[ShardReader]:
    """A reader for every shard of the stream: at LATEST for a new delivery stream, else where it got to."""
    pages = kinesis.get_paginator("list_shards").paginate(StreamName=checkpoint.stream)
    readers = []
    for shard_id in (shard["ShardId"] for page in pages for shard in page["Shards"]):
        resume = _resume(checkpoint, shard_id)
        start = {"ShardIteratorType": "LATEST"} if new else resume
        readers.append(ShardReader(kinesis, checkpoint.stream, shard_id, start=start, resume=resume))
    return readers


def _resume(checkpoint: Checkpoint, shard_id: str) -> Mapping[str, Any]:
    if shard_id in checkpoint.positions:
        return _after(checkpoint.positions[shard_id])
    return {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": checkpoint.started / 1000}


def _after(sequence: str) -> Mapping[str, Any]:
    return {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": sequence}
