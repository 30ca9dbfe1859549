"""The delivery as a process of its own: ended in order, killed, and refused by S3."""

from __future__ import annotations

import gzip
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from model import PipelineError
from rehearsal import delivery
from rehearsal.lake import Lake
from rehearsal.runtime.clients import Credentials
from rehearsal.runtime.worker import Worker
from tests.waiting import follow, join

Connect = Callable[..., Any]


@pytest.fixture
def start(stream_url: str, lake: Lake, writer: Credentials, tmp_path: Path) -> Callable[..., Worker]:
    """Starts the worker of a pipe and waits until it is ACTIVE."""

    def start(pipe: Any, credentials: Credentials = writer) -> Worker:
        worker = Worker("the delivery", delivery.run, pipe.plan, "changes", stream_url, lake.url, tmp_path, credentials)
        follow(worker, "is ACTIVE", bool)
        assert worker.progress.active
        return worker

    return start


def finish(worker: Worker) -> delivery.DeliveryProgress:
    worker.instruct()
    return follow(worker, "has delivered everything")


def lines(pipe: Any) -> list[bytes]:
    return [line for found in pipe.lake.objects(pipe.prefix) for line in gzip.decompress(found.body).splitlines()]


def test_told_to_finish_the_delivery_delivers_everything_and_tells_its_totals(
    connect: Connect, start: Callable[..., Worker]
):
    pipe = connect(buffer_bytes=10_000)
    worker = start(pipe)
    records = [b"row %d" % n for n in range(5000)]
    pipe.put(*records)
    progress = finish(worker)
    assert sorted(lines(pipe)) == sorted(records), "what is in the stream when it is told to finish is in S3 at its end"
    assert (progress.records, progress.behind_millis) == (5000, 0)
    assert progress.objects == len(list(pipe.lake.objects(pipe.prefix)))


def test_killed_at_any_moment_and_started_again_the_delivery_loses_nothing(
    connect: Connect, start: Callable[..., Worker]
):
    pipe = connect(buffer_bytes=2_000)
    worker = start(pipe)
    records: list[bytes] = []
    enough, chance = threading.Event(), random.Random(7)

    def produce() -> None:
        while not enough.wait(0.002):
            batch = [b"row %d" % n for n in range(len(records), len(records) + 20)]
            pipe.put(*batch)
            records.extend(batch)

    producer = threading.Thread(target=produce)
    producer.start()
    for _ in range(2):
        moment = chance.randrange(200, 1000)
        follow(worker, f"has read {moment} records", lambda progress, n=moment: progress.records >= n)
        worker.kill()
        worker = start(pipe)
    enough.set()
    join(producer)
    finish(worker)
    assert set(lines(pipe)) == set(records), "records may come twice, none may be missing"


def test_a_role_that_may_not_write_below_the_prefix_is_refused_by_s3(
    connect: Connect, start: Callable[..., Worker], lake: Lake
):
    statement = '{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::lake-of-the-tests/elsewhere/*"}'
    role = lake.assume_role("elsewhere", [f'{{"Version":"2012-10-17","Statement":[{statement}]}}'])
    pipe = connect()
    worker = start(pipe, role)
    pipe.put(b"row")
    with pytest.raises(PipelineError, match=r"AccessDenied.*s3:PutObject"):
        finish(worker)
    assert lines(pipe) == [], "as on AWS the rows stay in the stream"


def test_a_role_without_a_policy_may_write_nothing(connect: Connect, start: Callable[..., Worker], lake: Lake):
    pipe = connect()
    worker = start(pipe, lake.assume_role("nobody", []))
    pipe.put(b"row")
    with pytest.raises(PipelineError, match="AccessDenied"):
        finish(worker)
