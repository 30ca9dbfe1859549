"""A stream and a bucket in memory, for histories by the hundred."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

SHARDS = ("0", "1")


class Killed(BaseException):
    """The process is gone: nothing after it runs."""


class Stream:
    """A Kinesis stream in memory that gives a few records at a time."""

    class exceptions:  # noqa: N801 -- boto3's name
        ExpiredIteratorException = KeyError

    def __init__(self, at_a_time: int) -> None:
        self.records: dict[str, list[bytes]] = {shard: [] for shard in SHARDS}
        self.at_a_time = at_a_time

    def get_paginator(self, operation: str) -> Stream:
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [{"Shards": [{"ShardId": shard} for shard in SHARDS]}]

    def get_shard_iterator(self, *, ShardId: str, ShardIteratorType: str, **place: Any) -> dict[str, str]:  # noqa: N803
        start = {
            "LATEST": lambda: len(self.records[ShardId]),
            "AT_TIMESTAMP": lambda: 0,
            "AFTER_SEQUENCE_NUMBER": lambda: int(place["StartingSequenceNumber"]) + 1,
        }[ShardIteratorType]()
        return {"ShardIterator": f"{ShardId}:{start}"}

    def get_records(self, *, ShardIterator: str) -> dict[str, Any]:  # noqa: N803
        shard, _, start = ShardIterator.partition(":")
        found = list(enumerate(self.records[shard]))[int(start) : int(start) + self.at_a_time]
        end = int(start) + len(found)
        records = [
            {"SequenceNumber": str(n), "ApproximateArrivalTimestamp": datetime.fromtimestamp(n, UTC), "Data": data}
            for n, data in found
        ]
        behind = len(self.records[shard]) - end
        return {"Records": records, "NextShardIterator": f"{shard}:{end}", "MillisBehindLatest": behind}


class Bucket:
    """An S3 bucket in memory; kills who puts when it is told to, before or after it has stored the object."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.kill = ""

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803
        if self.kill == "before":
            raise Killed
        self.bodies.append(Body)
        if self.kill == "after":
            raise Killed

    @property
    def delivered(self) -> set[bytes]:
        lines = (line for body in self.bodies for line in body.splitlines())
        return {base64.b64decode(found["rawData"]) if "rawData" in (found := json.loads(x)) else x for x in lines}
