"""What Firehose could not deliver: what goes back, what stays, and what is said when a service refuses.

The way of real records through it: tests/rehearsal/delivery/test_redriven_delivery.py.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import IncompleteReadError

from model import PipelineError
from operations.commands import redrive
from operations.failed import records
from operations.redrive import Redrive, Redriven
from tests.operations.stacks import Aws, operation, outputs

STACK = outputs()
KEY = f"{STACK.error_prefix}/metadata-extraction-failed/dt=2026-11-29/one.json.gz"
LISTED = {"Bucket": STACK.lake_bucket, "Prefix": f"{STACK.error_prefix}/"}
WHERE = {"Bucket": STACK.lake_bucket, "Key": KEY}


def record(number: int, **metadata: Any) -> bytes:
    named = {"schema-name": "shop", "table-name": "orders", **metadata}
    return json.dumps({"data": {"id": number}, "metadata": named}).encode()


def line(data: bytes, code: str = "DynamicPartitioning.ActivePartitionsLimitExceeded") -> bytes:
    return json.dumps({"errorCode": code, "rawData": base64.b64encode(data).decode(), "attemptsMade": 1}).encode()


ONE, TWO = record(1), record(2, **{"partition-key-value": "shop.orders.2"})
STRANGE = line(b"no record")


def delivers(aws: Aws, status: str = "ACTIVE") -> None:
    described: dict[str, Any] = {
        "DeliveryStreamName": "d", "DeliveryStreamARN": "arn", "DeliveryStreamStatus": status,
        "DeliveryStreamType": "KinesisStreamAsSource", "VersionId": "1", "Destinations": [],
        "HasMoreDestinations": False,
    }  # fmt: skip
    name = {"DeliveryStreamName": STACK.delivery_stream_name}
    aws.answer("firehose", "describe_delivery_stream", {"DeliveryStreamDescription": described}, name)


def versions(aws: Aws, versioning: str = "Enabled") -> None:
    aws.answer("s3", "get_bucket_versioning", {"Status": versioning}, {"Bucket": STACK.lake_bucket})


def sound(aws: Aws) -> None:
    delivers(aws)
    versions(aws)


def lists(aws: Aws) -> None:
    aws.answer("s3", "list_objects_v2", {"Contents": [{"Key": KEY}]}, LISTED)


def there(aws: Aws, body: bytes) -> None:
    lists(aws)
    gives(aws, body)


def gives(aws: Aws, body: bytes = b"") -> None:
    aws.answer("s3", "get_object", {"Body": io.BytesIO(body or line(ONE))}, WHERE)


def put(aws: Aws, *going: tuple[bytes, str], refused: tuple[int, ...] = ()) -> None:
    told = [
        {"ErrorCode": "ProvisionedThroughputExceededException"} if number in refused else {"SequenceNumber": "1"}
        for number in range(len(going))
    ]
    asked = [{"Data": data, "PartitionKey": key} for data, key in going]
    wants = {"StreamName": STACK.stream_name, "Records": asked}
    aws.answer("kinesis", "put_records", {"Records": told}, wants)


def run(aws: Aws, **options: Any) -> tuple[int, str]:
    pauses: list[float] = []
    work, told = operation(aws.clients, STACK, **{"dry_run": False, **options})
    return redrive.run(replace(work, pause=pauses.append)), told.getvalue()


def test_records_go_back_under_their_own_key_and_the_object_is_taken_out(aws: Aws):
    sound(aws)
    there(aws, gzip.compress(b"\n".join([line(ONE), line(TWO, "other"), b""])))
    put(aws, (ONE, "shop.orders"), (TWO, "shop.orders.2"))
    aws.answer("s3", "delete_object", {}, WHERE)
    code, told = run(aws)
    aws.done()
    assert code == 0
    assert "2 records went back into the stream; 0 stay" in told
    assert "failed with other: 1" in told


def test_what_can_not_go_back_stays_where_it_is_and_nothing_else_does(aws: Aws):
    sound(aws)
    there(aws, b"\n".join([line(ONE), STRANGE, b"{}"]))
    put(aws, (ONE, "shop.orders"))
    aws.answer("s3", "put_object", {}, {**WHERE, "Body": STRANGE + b"\n{}\n"})
    code, told = run(aws)
    aws.done()
    assert code == 1, "somebody must look"
    assert f"stays: 1 in {KEY}: what failed is no record of DMS" in told
    assert f"stays: 1 in {KEY}: it is no line of Firehose's" in told


@pytest.mark.parametrize("body", [STRANGE, b"\x1f\x8bbroken"])
def test_an_object_of_which_nothing_goes_back_is_not_touched(aws: Aws, body: bytes):
    sound(aws)
    there(aws, body)
    assert run(aws)[0] == 1
    aws.done()


def test_what_the_stream_refuses_is_put_again_before_the_object_is_taken_out(aws: Aws):
    sound(aws)
    there(aws, b"\n".join([line(ONE), line(TWO)]))
    put(aws, (ONE, "shop.orders"), (TWO, "shop.orders.2"), refused=(0,))
    put(aws, (ONE, "shop.orders"))
    aws.answer("s3", "delete_object", {}, WHERE)
    assert run(aws)[0] == 0
    aws.done()


def test_a_stream_at_its_limit_leaves_the_object_where_it_is(aws: Aws):
    sound(aws)
    there(aws, line(ONE))
    for _ in range(9):
        put(aws, (ONE, "shop.orders"), refused=(0,))
    with pytest.raises(PipelineError, match=r"refused 1 records 8 times.*is still below the error prefix"):
        run(aws)
    aws.done()


def test_an_object_that_breaks_off_while_it_is_read_is_told_and_not_touched(aws: Aws):
    class Broken(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise IncompleteReadError(actual_bytes=1, expected_bytes=2)

    sound(aws)
    lists(aws)
    aws.answer("s3", "get_object", {"Body": Broken()}, WHERE)
    with pytest.raises(PipelineError, match=r"broke off while it was read.*It was not put"):
        run(aws)


OTHER = f"{STACK.error_prefix}/zzz.json"


def two(aws: Aws) -> None:
    """Objects, of which the second has a record that goes back."""
    sound(aws)
    aws.answer("s3", "list_objects_v2", {"Contents": [{"Key": KEY}, {"Key": OTHER}]}, LISTED)


def other_goes_back(aws: Aws) -> None:
    aws.answer("s3", "get_object", {"Body": io.BytesIO(line(ONE))}, {**WHERE, "Key": OTHER})
    put(aws, (ONE, "shop.orders"))
    aws.answer("s3", "delete_object", {}, {**WHERE, "Key": OTHER})


def test_an_object_that_another_redrive_has_taken_out_is_no_error(aws: Aws):
    two(aws)
    aws.refuse("s3", "get_object", "NoSuchKey")
    other_goes_back(aws)
    code, told = run(aws)
    aws.done()
    assert (code, KEY in told, "1 records went back" in told) == (0, False, True)


def test_a_record_that_the_stream_never_takes_stays_and_stops_no_other(aws: Aws):
    two(aws)
    gives(aws, line(TWO))
    aws.refuse("kinesis", "put_records", "ValidationException", "too large")
    other_goes_back(aws)
    code, told = run(aws)
    aws.done()
    assert code == 1
    assert f"stays: 1 in {KEY}: the stream does not take it: too large" in told
    assert "1 records went back into the stream; 1 stay" in told


def test_what_went_back_before_an_error_is_told(aws: Aws):
    two(aws)
    gives(aws)
    put(aws, (ONE, "shop.orders"))
    aws.answer("s3", "delete_object", {}, WHERE)
    aws.refuse("s3", "get_object", "SlowDown")
    work, told = operation(aws.clients, STACK, dry_run=False)
    with pytest.raises(PipelineError, match="wait, and try again"):
        redrive.run(work)
    assert "broken off: 1 records of 1 whole objects went back before it" in told.getvalue()


def test_a_conversion_of_formats_spells_its_code_otherwise():
    raw = base64.b64encode(ONE).decode()
    (failed,) = records(json.dumps({"ErrorCode": "DataFormatConversion.ParseError", "rawData": raw}).encode())
    assert (failed.code, failed.data) == ("DataFormatConversion.ParseError", ONE)


def test_a_dry_run_puts_nothing(aws: Aws):
    there(aws, line(ONE))
    code, told = run(aws, dry_run=True)
    aws.done()
    assert (code, "1 records would go back" in told) == (0, True)


def test_nothing_below_the_error_prefix_is_well(aws: Aws, capsys: pytest.CaptureFixture[str]):
    sound(aws)
    aws.answer("s3", "list_objects_v2", {}, LISTED)
    code, told = run(aws, json=True)
    assert (code, "nothing lies below" in told) == (0, True)
    assert json.loads(capsys.readouterr().out) == {"records": 0, "tables": {}, "codes": {}, "stay": {}}


def test_a_delivery_stream_that_reads_nothing_is_a_refusal(aws: Aws):
    delivers(aws, status="CREATING")
    with pytest.raises(PipelineError, match="is CREATING, not ACTIVE: nobody would read"):
        run(aws)


def test_a_bucket_without_versions_is_a_refusal(aws: Aws):
    delivers(aws)
    versions(aws, "Suspended")
    with pytest.raises(PipelineError, match="keeps no old versions"):
        run(aws)


CALLS: list[tuple[str, str, str, Callable[[Aws], None]]] = [
    ("firehose", "describe_delivery_stream", "firehose:DescribeDeliveryStream", delivers),
    ("s3", "get_bucket_versioning", "s3:GetBucketVersioning", versions),
    ("s3", "list_objects_v2", "s3:ListBucket", lists),
    ("s3", "get_object", "s3:GetObject", gives),
    ("kinesis", "put_records", "kinesis:PutRecords", lambda aws: put(aws, (ONE, "shop.orders"))),
    ("s3", "delete_object", "s3:DeleteObject", lambda _: None),
]
"""In their order, each with the right that it needs and its answer."""


@pytest.mark.parametrize("failing", range(len(CALLS)), ids=[call for _, call, _, _ in CALLS])
def test_each_call_that_is_denied_names_the_right(aws: Aws, failing: int):
    for *_, answer in CALLS[:failing]:
        answer(aws)
    service, call, right, _ = CALLS[failing]
    aws.refuse(service, call, "AccessDenied")
    with pytest.raises(PipelineError, match=f"allow {right}") as refused:
        run(aws)
    assert ("are in the stream, and the object is still there" in str(refused.value)) == (call == "delete_object")


def test_a_batch_is_no_larger_than_a_call_takes(aws: Aws):
    many = [record(number, filler="x" * 4000) for number in range(1200)]
    there(aws, b"\n".join(line(one) for one in many))
    sizes: list[int] = []

    class Kinesis:
        def put_records(self, **asked: Any) -> Any:
            sizes.append(sum(len(it["Data"]) for it in asked["Records"]))
            assert len(asked["Records"]) <= 500
            return {"Records": [{} for _ in asked["Records"]]}

    clients = aws.clients
    clients._made["kinesis"] = Kinesis()
    aws.answer("s3", "delete_object", {}, WHERE)
    done = Redriven()
    assert list(Redrive(clients=clients, outputs=STACK, pause=lambda _: None).run(done)) == [KEY]
    assert done.records == 1200
    assert max(sizes) < 5 << 20


def test_a_key_is_no_longer_than_a_stream_takes():
    (long,) = records(line(record(1, **{"partition-key-value": "é" * 300})))
    assert len(long.key) == 256
