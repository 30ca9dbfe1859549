"""Streams for tests: one with a clock that only moves when told, served over HTTP from a thread or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from model.plan import StreamPlan
from rehearsal.runtime.clients import client
from rehearsal.stream.server import StreamServer
from rehearsal.stream.stream import Stream

PLAN = StreamPlan(name="changes", mode="PROVISIONED", shard_count=2, retention_hours=24)
NOON = 1_774_008_000_000
"""2026-03-20T12:00:00Z in milliseconds."""


class Clock:
    """Says the time that it was set to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make(clock: Clock) -> Callable[..., Stream]:
    """Makes a stream on the test's clock: ``make(shard_count=1, limits=False)``."""

    def make(*, limits: bool = False, **changes: Any) -> Stream:
        return Stream(replace(PLAN, **changes), limits=limits, clock=clock)

    return make


@pytest.fixture
def serve() -> Iterator[Callable[[Stream], str]]:
    """Serves a stream over HTTP and returns its URL."""
    with ExitStack() as stack:

        def serve(stream: Stream) -> str:
            server = stack.enter_context(StreamServer(stream))
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            stack.callback(server.shutdown)
            return server.progress().url

        yield serve


@pytest.fixture
def kinesis(make: Callable[..., Stream], serve: Callable[[Stream], str]) -> Any:
    """boto3's client of a new stream without limits."""
    return client("kinesis", serve(make()))
