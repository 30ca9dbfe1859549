"""The delivery: a process of its own that plays one Firehose delivery stream from Kinesis to S3.

It reads every shard, processes records, buffers them by size or time, compresses, names objects and puts them into the
bucket with the credentials of the declared role. Up to where every record is in S3 is remembered in a checkpoint after
S3 acknowledged it: killed at any point and started again it delivers at least once, as Firehose does.

Pages: https://docs.aws.amazon.com/firehose/latest/dev/basic-deliver.html and writing-with-kinesis-streams.html.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from botocore.exceptions import BotoCoreError, ClientError

from model import PipelineError
from model.plan import DeliveryPlan
from rehearsal.delivery.buffer import COMPRESSIONS, Buffers, Parcel, Place, SourceRecord
from rehearsal.delivery.checkpoint import Checkpoint
from rehearsal.delivery.prefixes import arrival_time, compile_prefixes, object_key
from rehearsal.delivery.processing import Processing
from rehearsal.delivery.shard_reader import ShardReader, open_shards
from rehearsal.runtime.clients import DUMMY, Credentials, client
from rehearsal.runtime.stream_client import StreamClient
from rehearsal.runtime.worker import Channel

POLL_SECONDS = 0.1
"""Between two reads of a shard at its tip. Firehose reads once a second; nobody wants to wait for that here."""


@dataclass(frozen=True, kw_only=True)
class DeliveryProgress:
    """What the delivery tells its parent. Everything counts from the start of this process."""

    active: bool = False
    """Whether the delivery stream is ACTIVE: it has its place in every shard, so nothing put from now on is missed."""
    records: int = 0
    """Records read from the stream."""
    bytes_in: int = 0
    """Their data, in bytes."""
    objects: int = 0
    """Objects that S3 has acknowledged."""
    bytes_out: int = 0
    """Their size as stored, in bytes."""
    behind_millis: int = 0
    """MillisBehindLatest of the shard that is furthest behind."""
    most_behind: int = 0
    """The greatest MillisBehindLatest of any read."""
    freshness: float = 0.0
    """The greatest age that a record had in here when it was delivered, in seconds. What came before this process was
    started may have been in an earlier one, so it is as old as it is in the stream."""
    partitions: int = 0
    """The most partitions that had a buffer at a time."""
    refused: int = 0
    """Records that would have opened one partition too many."""


def run(
    channel: Channel,
    plan: DeliveryPlan,
    stream_name: str,
    stream_url: str,
    lake_url: str,
    state: Path,
    credentials: Credentials = DUMMY,
) -> DeliveryProgress:
    """Deliver until told to finish, then everything that is in the stream; as a Worker's target.

    ``state`` is the folder in which the checkpoint is kept, and ``credentials`` are those of the declared role.
    Raises PipelineError for a delivery stream that CreateDeliveryStream would refuse and when S3 refuses an object.
    """
    state.mkdir(parents=True, exist_ok=True)
    checkpoint = state / f"{plan.name}.delivery.json"
    delivery = Delivery(plan, stream_name, StreamClient(stream_url), client("s3", lake_url, credentials), checkpoint)
    reported = None
    while not channel.instruction():
        if delivery.progress != reported:
            channel.report(delivery.progress)
            reported = delivery.progress
        if delivery.progress.behind_millis == 0:
            time.sleep(POLL_SECONDS)
        delivery.poll()
    delivery.drain()
    return delivery.progress


class Delivery:
    """One delivery stream, ACTIVE when it is made."""

    def __init__(self, plan: DeliveryPlan, stream: str, kinesis: Any, s3: Any, path: Path) -> None:
        self._plan = plan
        self._s3 = s3
        self._processing = Processing(plan)
        self._prefix, self._error_prefix = compile_prefixes(plan.prefix, plan.error_prefix, self._processing.keys)
        derived, self._compress = _compression(plan)
        self._extension = plan.file_extension or derived
        self._zone = _time_zone(plan)
        shortest = Place(partition=("-",) * len(self._processing.keys))
        self._folder(shortest, datetime.now(self._zone))  # too long a prefix is refused now, not with the first object
        self._path = path
        self._began = time.time()
        self._checkpoint, self._readers = _open(kinesis, stream, path)
        self._buffers = Buffers(plan, self._checkpoint.positions)
        self.progress = DeliveryProgress(active=True)

    def poll(self) -> None:
        """Read every shard once and deliver what is due."""
        for reader in self._readers:
            self._read(reader)
        behind = max(reader.behind_millis for reader in self._readers)
        self.progress = replace(self.progress, behind_millis=behind)
        now = time.monotonic()
        for place in self._buffers.places:
            if self._buffers.due(place, now):
                self._deliver(place)

    def drain(self) -> None:
        """Read every shard to its tip and deliver everything. What is put meanwhile may be left for later."""
        for reader in self._readers:
            self._read(reader)
            while reader.behind_millis:
                self._read(reader)
        for place in self._buffers.places:
            self._deliver(place)
        self.progress = replace(self.progress, behind_millis=0)

    def _read(self, reader: ShardReader) -> None:
        records = reader.read()
        now = time.monotonic()
        self.progress = replace(
            self.progress,
            records=self.progress.records + len(records),
            bytes_in=self.progress.bytes_in + sum(len(record.data) for record in records),
            most_behind=max(self.progress.most_behind, reader.behind_millis),
        )
        for record in records:
            self._take_in(record, now)

    def _take_in(self, record: SourceRecord, now: float) -> None:
        place, body = self._processing.process(record)
        if not self._buffers.has_room_for(place):
            place, body = self._processing.refuse(record)
            self.progress = replace(self.progress, refused=self.progress.refused + 1)
        self._buffers.add(place, body, record, now)
        if self._buffers.due(place, now):
            self._deliver(place)

    def _deliver(self, place: Place) -> None:
        partitions = max(self.progress.partitions, self._buffers.partitions)
        parcel = self._buffers.take(place)
        at = arrival_time(parcel.oldest, self._zone)
        key = object_key(self._folder(place, at), self._plan.name, at, self._extension)
        body = self._compress(parcel.body)
        self._put(key, body)
        self._checkpoint = replace(self._checkpoint, positions=self._buffers.positions())
        self._checkpoint.save(self._path)
        self.progress = replace(
            self.progress,
            objects=self.progress.objects + 1,
            bytes_out=self.progress.bytes_out + len(body),
            freshness=max(self.progress.freshness, self._age(parcel)),
            partitions=partitions,
        )

    def _age(self, parcel: Parcel) -> float:
        arrival = parcel.oldest / 1000
        return time.time() - arrival if arrival < self._began else time.monotonic() - parcel.opened

    def _folder(self, place: Place, at: datetime) -> str:
        if place.error_type:
            return self._error_prefix.evaluate(at, place.error_type)
        return self._prefix.evaluate(at, partition=dict(zip(self._processing.keys, place.partition, strict=True)))

    def _put(self, key: str, body: bytes) -> None:
        try:
            self._s3.put_object(Bucket=self._plan.bucket, Key=key, Body=body)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise PipelineError(
                f"delivery stream {self._plan.name}: S3 answered {code} to PutObject of {key} in {self._plan.bucket}. "
                "Firehose would retry for as long as the stream keeps the records; after AccessDenied let a policy "
                "of the delivery role allow s3:PutObject on every key below the prefix"
            ) from error
        except BotoCoreError as error:
            raise PipelineError(f"delivery stream {self._plan.name}: the lake cannot be reached: {error}") from error


def _open(kinesis: Any, stream: str, path: Path) -> tuple[Checkpoint, list[ShardReader]]:
    """Where the delivery got to and a reader for each shard. A new one's checkpoint is on disk before it is ACTIVE."""
    checkpoint = Checkpoint.load(path, stream)
    if checkpoint:
        return checkpoint, open_shards(kinesis, checkpoint, new=False)
    checkpoint = Checkpoint(stream=stream, started=time.time_ns() // 1_000_000, positions={})
    readers = open_shards(kinesis, checkpoint, new=True)
    checkpoint.save(path)
    return checkpoint, readers


def _compression(plan: DeliveryPlan) -> Any:
    if plan.compression not in COMPRESSIONS:
        raise PipelineError(
            f"delivery stream {plan.name}: compressionFormat {plan.compression} is not played; "
            f"use {' or '.join(COMPRESSIONS)}"
        )
    return COMPRESSIONS[plan.compression]


def _time_zone(plan: DeliveryPlan) -> tzinfo:
    if plan.time_zone == "UTC":
        return UTC  # which needs no time zone database
    try:
        return ZoneInfo(plan.time_zone)
    except (KeyError, ValueError) as error:
        raise PipelineError(
            f"delivery stream {plan.name}: customTimeZone {plan.time_zone!r} is no time zone of this machine's "
            f"database ({error}); use an IANA name, as Europe/Berlin"
        ) from error
