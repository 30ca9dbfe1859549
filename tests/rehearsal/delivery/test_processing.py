"""Which partition a record goes to, and what becomes of one that has none."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from model import PipelineError
from model.plan import DeliveryPlan
from rehearsal.delivery.buffer import Place, SourceRecord
from rehearsal.delivery.partitioning import ExtractionError, Partitioner
from rehearsal.delivery.processing import Processing

QUERY = "{schema: .meta.schema, table: .meta.table}"


def record(data: bytes) -> SourceRecord:
    return SourceRecord(shard_id="0", sequence="1", arrival=1_535_412_600_123, data=data)


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("{a:.b}", ("a",)),
        ("{a}", ("a",)),
        (' { "a b" : .x , c : .y } ', ("a b", "c")),
        ('{customer_id:.customer_id,year:.event_timestamp|strftime("%Y")}', ("customer_id", "year")),
        ('{a:(.b|if .=="," then {x:1,y:2} else [1,2] end),c:.d}', ("a", "c")),
    ],
)
def test_the_keys_of_a_query_are_the_members_of_its_object(query: str, keys: tuple[str, ...]):
    assert Partitioner(query).keys == keys


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("{a:.b", "is no JQ"),
        (".a", "does not name the keys"),
        ("{}", "does not name the keys"),
        ("[.a,.b]", "does not name the keys"),
        ("{(.k):.v}", "does not name the keys"),
        (r'{"\(.k)":.v}', "does not name the keys"),
        ("{a:.b}|.c=1", "does not name the keys"),
        ("{a:.b},{a:.c}", "does not name the keys"),
        ("{" + ",".join(f"k{number}:.k" for number in range(51)) + "}", "51 keys; Firehose allows 50"),
    ],
)
def test_a_query_that_firehose_refuses_or_nobody_can_check_is_refused(query: str, reason: str):
    with pytest.raises(PipelineError, match=reason):
        Partitioner(query)


def test_a_record_goes_to_the_partition_of_its_values():
    data = '{"meta": {"schema": "shop", "table": "Bestellungen für morgen/übermorgen"}, "n": 12345678901234567890}\n'
    assert Partitioner(QUERY).partition(data.encode()) == ("shop", "Bestellungen für morgen/übermorgen")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "Non JSON record provided"),
        (b"nope", "Non JSON record provided"),
        (b"\xff\xfe", "Non JSON record provided"),
        (b'{"meta": {"schema": "s", "table": "t"}}{"meta": {"schema": "s", "table": "t"}}', "Non JSON record provided"),
        (b"[1]", "Cannot index array"),
        (b'{"meta": 3}', "Cannot index number"),
        (b'{"meta": {"schema": "s"}}', "must not be null or empty: table"),
        (b'{"meta": {"schema": "", "table": "t"}}', "must not be null or empty: schema"),
        (b'{"meta": {"schema": "s", "table": 7}}', "must be text: table is 7"),
        (b'{"meta": {"schema": "s", "table": {"a": false}}}', "must be text"),
    ],
)
def test_a_record_without_a_partition_says_why(data: bytes, reason: str):
    with pytest.raises(ExtractionError, match=reason):
        Partitioner(QUERY).partition(data)


def test_a_query_that_makes_several_objects_of_a_record_finds_no_partition():
    with pytest.raises(ExtractionError):
        Partitioner("{a:(.x,.y)}").partition(b'{"x":"1","y":"2"}')


@pytest.mark.parametrize(("delimiter", "body"), [(True, b'{"t":"a"}\n'), (False, b'{"t":"a"}')])
def test_a_record_is_ended_as_declared(plan: DeliveryPlan, delimiter: bool, body: bytes):
    partitioned = replace(plan, append_delimiter=delimiter, partition_query="{t:.t}")
    assert Processing(partitioned).process(record(b'{"t":"a"}')) == (Place(partition=("a",)), body)


def test_without_dynamic_partitioning_every_record_goes_to_one_place_unread(plan: DeliveryPlan):
    processing = Processing(plan)
    assert processing.keys == ()
    assert {processing.process(record(data)) for data in (b"x", b"x")} == {(Place(), b"x\n")}


def test_a_record_that_failed_is_kept_in_a_line_of_json_with_the_reason(plan: DeliveryPlan):
    processing = Processing(replace(plan, partition_query="{t:.t}"))
    place, line = processing.process(record(b"\xffnot\njson"))
    assert place == Place(error_type="metadata-extraction-failed")
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    found = json.loads(line)
    assert base64.b64decode(found["rawData"]) == b"\xffnot\njson", "byte by byte, so that it can be delivered again"
    assert (found["errorCode"], found["arrivalTimestamp"], found["attemptsMade"]) == (
        "DynamicPartitioning.MetadataExtractionFailed",
        1_535_412_600_123,
        1,
    )
    assert found["errorMessage"].startswith("Non JSON record provided")
    assert found["attemptEndingTimestamp"] > found["arrivalTimestamp"]


def test_a_record_of_one_partition_too_many_is_kept_with_that_reason(plan: DeliveryPlan):
    place, line = Processing(plan).refuse(record(b"row"))
    assert place == Place(error_type="activePartitionExceeded"), "as the page calls it"
    assert "limit of active partitions" in json.loads(line)["errorMessage"]
    assert base64.b64decode(json.loads(line)["rawData"]) == b"row"
