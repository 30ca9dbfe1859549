"""Random histories of a delivery stream that is killed again and again, with and without partitions."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from model.plan import DeliveryPlan
from rehearsal.delivery.buffer import Buffers
from rehearsal.delivery.delivery import Delivery
from tests.rehearsal.delivery.conftest import PLAN
from tests.rehearsal.delivery.memory import SHARDS, Bucket, Killed, Stream


class Put(NamedTuple):
    """A record is written for each table; one of no table has no partition."""

    shard: str
    tables: list[str]


class Poll(NamedTuple):
    """The delivery reads once and delivers what is due. With a ``kill`` it is started again afterwards."""

    kill: str
    """``never``, ``before`` or ``after`` an object is in S3, or when it is ``done`` reading."""


PLAIN = replace(PLAN, compression="UNCOMPRESSED")
PARTITIONED = replace(PLAIN, prefix="!{partitionKeyFromQuery:table}/", partition_query="{table:.table}")
TABLES = st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=8)
PUTS = st.builds(Put, st.sampled_from(SHARDS), TABLES)
POLLS = st.builds(Poll, st.sampled_from(["never", "before", "after", "done"]))
HISTORIES = st.lists(st.one_of(PUTS, POLLS), max_size=20)


def lives(plan: DeliveryPlan, stream: Stream, bucket: Bucket, history: Sequence[Put | Poll]) -> Iterator[bytes]:
    """Play ``history`` and, to its end, what is left of it. Yields each record that is put."""
    with TemporaryDirectory() as folder:

        def start() -> Delivery:
            return Delivery(plan, "changes", stream, bucket, Path(folder) / "checkpoint.json")

        delivery, numbers = start(), itertools.count()
        for event in history:
            if isinstance(event, Put):
                for table in event.tables:
                    record = json.dumps({"table": table, "number": next(numbers)}).encode()
                    stream.records[event.shard].append(record)
                    yield record
            else:
                bucket.kill = event.kill
                with contextlib.suppress(Killed):
                    delivery.poll()
                bucket.kill = ""
                delivery = delivery if event.kill == "never" else start()
        delivery.drain()
        objects = len(bucket.bodies)
        start().drain()
        assert len(bucket.bodies) == objects, "after an orderly end nothing comes again"


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([PLAIN, PARTITIONED]), HISTORIES, st.integers(1, 9), st.integers(0))
def test_killed_at_any_moment_no_record_is_lost(
    plan: DeliveryPlan, history: list[Put | Poll], at_a_time: int, seed: int
):
    bucket, chance = Bucket(), Random(seed)
    by_chance = patch.object(Buffers, "due", lambda self, place, now: chance.random() < 0.3)
    with by_chance, patch("os.fsync"):  # a process is killed here, no machine
        put = set(lives(plan, Stream(at_a_time), bucket, history))
    assert bucket.delivered == put, "records may come twice, none may be missing"
