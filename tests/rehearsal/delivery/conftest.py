"""A stream, a lake and a delivery stream between them."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from model.plan import DeliveryPlan, StreamPlan
from rehearsal.delivery.delivery import Delivery
from rehearsal.lake import Lake
from rehearsal.runtime.clients import Credentials, client
from rehearsal.stream.server import StreamServer
from rehearsal.stream.stream import Stream
from tests.plans import delivery_plan

PLAN = delivery_plan()
BUCKET = PLAN.bucket


def policy(*resources: str) -> str:
    """A policy that allows s3:PutObject on ``resources``, keys of the bucket."""
    arns = [f"arn:aws:s3:::{BUCKET}/{resource}" for resource in resources]
    statement = {"Sid": "WriteLake", "Effect": "Allow", "Action": ["s3:PutObject"], "Resource": arns}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def plan() -> DeliveryPlan:
    """A delivery stream as the program declares one."""
    return PLAN


@pytest.fixture(scope="session")
def lake() -> Iterator[Lake]:
    """One S3 endpoint for all; each test has a prefix of its own."""
    with Lake(BUCKET) as lake:
        yield lake


@pytest.fixture(scope="session")
def writer(lake: Lake) -> Credentials:
    """The role that may write anywhere in the bucket."""
    return lake.assume_role("writer", [policy("*")])


@pytest.fixture
def stream_url() -> Iterator[str]:
    """A new stream ``changes`` with two shards and no limits."""
    plan = StreamPlan(name="changes", mode="PROVISIONED", shard_count=2, retention_hours=24)
    with StreamServer(Stream(plan, limits=False)) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.progress().url
        server.shutdown()


@dataclass(frozen=True)
class Pipe:
    """A stream and a delivery stream that puts below ``prefix``."""

    kinesis: Any
    s3: Any
    plan: DeliveryPlan
    prefix: str
    checkpoint: Path
    lake: Lake

    def put(self, *datas: bytes) -> None:
        """Write records to the stream."""
        records = [{"PartitionKey": data.decode()[:200] or "-", "Data": data} for data in datas]
        for start in range(0, len(records), 500):
            self.kinesis.put_records(StreamName="changes", Records=records[start : start + 500])

    def start(self) -> Delivery:
        """A delivery stream that is ACTIVE; with the checkpoint of an earlier one it is the same one."""
        return Delivery(self.plan, "changes", self.kinesis, self.s3, self.checkpoint)


@pytest.fixture
def connect(
    stream_url: str, lake: Lake, writer: Credentials, tmp_path: Path, plan: DeliveryPlan
) -> Callable[..., Pipe]:
    """Connects a new stream to the lake: ``connect(buffer_bytes=1000)``."""

    def connect(**changes: Any) -> Pipe:
        prefix = f"{uuid.uuid4()}/"
        return Pipe(
            kinesis=client("kinesis", stream_url),
            s3=client("s3", lake.url, writer),
            plan=replace(replace(plan, prefix=prefix + plan.prefix), **changes),
            prefix=prefix,
            checkpoint=tmp_path / "cdc.json",
            lake=lake,
        )

    return connect
