"""A delivery that failed, mended, and what it could not deliver put back by the code of ``operations redrive``.

Real HTTP between them: the played stream and the played S3. Firehose's state alone is said by the test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from audit import FindingKind, audit, placement
from audit.verdict.result import AuditResult
from operations.clients import Clients
from operations.redrive import Redrive, Redriven
from rehearsal.lake import Lake
from tests.audit.lakes import DECLARED, Task, shop
from tests.operations.stacks import outputs

TABLE = '{table:.metadata."table-name"}'
NO_SUCH_NAME = '{table:.metadata."table"}'
BY_TABLE = "dt=!{timestamp:yyyy-MM-dd}/table=!{partitionKeyFromQuery:table}/"


class Pipe:
    """A pipe whose query was wrong for a while."""

    def __init__(self, connect: Callable[..., Any], lake: Lake) -> None:
        pipe = connect(prefix=BY_TABLE, partition_query=TABLE)
        self.failed = pipe.prefix.rstrip("/") + "-errors"
        plan = replace(pipe.plan, prefix=pipe.prefix + BY_TABLE)
        self.pipe = replace(pipe, plan=replace(plan, error_prefix=f"{self.failed}/!{{firehose:error-output-type}}/"))
        self.lake, self.task = lake, shop()

    def deliver(self, lines: list[str], query: str) -> None:
        """Write ``lines`` and deliver all that waits, with this query."""
        delivery = replace(self.pipe, plan=replace(self.pipe.plan, partition_query=query)).start()
        self.pipe.put(*(line.encode() for line in lines))
        delivery.drain()

    def audited(self) -> AuditResult:
        """The first audit of what was delivered, and of what was not."""
        objects = [one for folder in (self.pipe.prefix, f"{self.failed}/") for one in self.lake.objects(folder)]
        rows = self.task.rows
        named = placement(self.pipe.plan)
        expected = replace(DECLARED, placed=named["placed"], failed=named["failed"])
        return audit(objects, rows, rows.__getitem__, expected)

    def redrive(self, s3: Any = None) -> Redriven:
        """What the command does."""
        active = {"DeliveryStreamDescription": {"DeliveryStreamStatus": "ACTIVE"}}
        firehose = SimpleNamespace(describe_delivery_stream=lambda **_: active)
        made = {"s3": s3 or self.lake.client(), "kinesis": self.pipe.kinesis, "firehose": firehose}
        stack = replace(outputs(), lake_bucket=self.lake.bucket, error_prefix=self.failed, stream_name="changes")
        redrive, done = Redrive(clients=Clients("", made=made), outputs=stack, pause=lambda _: None), Redriven()
        redrive.check()
        list(redrive.run(done))
        return done


@pytest.fixture
def pipe(connect: Callable[..., Any], lake: Lake) -> Pipe:
    """A delivery that brought its load to the lake, and of the changes behind it none."""
    lake.client().put_bucket_versioning(Bucket=lake.bucket, VersioningConfiguration={"Status": "Enabled"})
    pipe = Pipe(connect, lake)
    lines = [sent.line for sent in pipe.task.sent]
    pipe.deliver(lines[:12], TABLE)
    pipe.deliver(lines[12:], NO_SUCH_NAME)
    return pipe


def kinds(result: AuditResult) -> set[FindingKind]:
    return {found.kind for found in result.listed_findings}


def failed(task: Task) -> int:
    return len(task.sent) - 12


def test_what_failed_is_named_goes_back_and_the_lake_is_the_source(pipe: Pipe):
    assert kinds(pipe.audited()) >= {FindingKind.MISPLACED, FindingKind.DIFFERENT}, "the audit says what is not there"
    done = pipe.redrive()
    assert (done.records, done.stay) == (failed(pipe.task), {})
    assert done.codes == {"DynamicPartitioning.MetadataExtractionFailed": done.records}
    pipe.deliver([], TABLE)
    result = pipe.audited()
    assert [str(found) for found in result.listed_findings] == []
    assert sum(sum(table.operations.values()) for table in result.tables.values()) + result.control_records == len(
        pipe.task.sent
    ), "each record once"
    assert pipe.redrive().records == 0, "there is nothing left below the error prefix"


def test_a_cause_that_is_not_mended_fails_again_and_loses_nothing(pipe: Pipe):
    first = pipe.redrive()
    pipe.deliver([], NO_SUCH_NAME)
    assert pipe.redrive().records == first.records
    pipe.deliver([], TABLE)
    assert pipe.audited().equal


class KilledError(BaseException):
    """The process is gone: nothing after it runs."""


def test_who_dies_before_an_object_is_taken_out_puts_its_records_twice_and_loses_none(pipe: Pipe):
    def die(**_: Any) -> None:
        raise KilledError

    s3 = pipe.lake.client()
    dying = SimpleNamespace(
        get_bucket_versioning=s3.get_bucket_versioning,
        get_paginator=s3.get_paginator,
        get_object=s3.get_object,
        delete_object=die,
    )
    with pytest.raises(KilledError):
        pipe.redrive(dying)
    assert pipe.redrive().records == failed(pipe.task)
    pipe.deliver([], TABLE)
    result = pipe.audited()
    assert [str(found) for found in result.listed_findings] == [], "the lake bears copies"
    assert result.note_counts[FindingKind.TWICE]
