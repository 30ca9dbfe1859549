"""Where objects go: prefixes as Firehose evaluates and refuses them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from model import PipelineError
from rehearsal.delivery.prefixes import arrival_time, compile_prefixes, object_key

AT = datetime(2018, 8, 27, 23, 30, tzinfo=UTC)
ERRORS = "errors/!{firehose:error-output-type}/"


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("", "2018/08/27/23/"),
        ("raw/", "raw/2018/08/27/23/"),
        ("raw", "raw2018/08/27/23/"),
        ("raw/dt=!{timestamp:yyyy-MM-dd}/hr=!{timestamp:HH}/", "raw/dt=2018-08-27/hr=23/"),
        ("!{timestamp:'year='yyyy'/month='MM}/", "year=2018/month=08/"),
        ("raw/!{timestamp:yyyy}", "raw/2018"),
        ("100%/!/{timestamp:yyyy}/!{timestamp:dd}/", "100%/!/{timestamp:yyyy}/27/"),
    ],
)
def test_a_prefix_is_evaluated_with_the_default_time_only_if_it_names_none(prefix: str, expected: str):
    data, _ = compile_prefixes(prefix, ERRORS)
    assert data.evaluate(AT) == expected


@pytest.mark.parametrize(
    ("prefix", "error_prefix", "expected"),
    [
        ("", ERRORS, "errors/processing-failed/"),
        ("", "errors/!{firehose:error-output-type}/!{timestamp:yyyy}/", "errors/processing-failed/2018/"),
        ("raw/", "", "raw/processing-failed/2018/08/27/23/"),
        ("raw/", "errors/", "errors/"),
    ],
)
def test_an_error_prefix_says_why_records_failed(prefix: str, error_prefix: str, expected: str):
    _, error = compile_prefixes(prefix, error_prefix)
    assert error.evaluate(AT, "processing-failed") == expected


def test_every_random_string_has_eleven_characters_and_is_new():
    data, _ = compile_prefixes("!{firehose:random-string}/!{firehose:random-string}/!{timestamp:yyyy}", ERRORS)
    first, second, year = data.evaluate(AT).split("/")
    assert (len(first), len(second), year) == (11, 11, "2018")
    assert first != second, "each instance evaluates to a new one"


def test_a_random_string_alone_gets_the_default_time():
    data, _ = compile_prefixes("!{firehose:random-string}/", ERRORS)
    assert data.evaluate(AT).endswith("/2018/08/27/23/"), "no timestamp expression, so Firehose appends one"


@pytest.mark.parametrize(
    ("prefix", "error_prefix", "reason"),
    [
        ("raw/!{timestamp:yyyy}/", "", "errorOutputPrefix must be set"),
        ("raw/!{firehose:error-output-type}/", ERRORS, "take it out of prefix"),
        ("", "errors/!{timestamp:yyyy}/", "must contain !{firehose:error-output-type}"),
        ("raw/!{partitionKeyFromQuery:table}/", ERRORS, "dynamic partitioning, which is not enabled"),
        ("raw/!{partitionKeyFromQuery:}/", ERRORS, "partition key is empty"),
        ("raw/!{partitionKeyFromLambda:table}/", ERRORS, "Lambda that makes partition keys is not played"),
        ("raw/!{date:yyyy}/", ERRORS, "namespace 'date'"),
        ("raw/!{timestamp}/", ERRORS, "date pattern is empty"),
        ("raw/!{firehose:random}/", ERRORS, "not 'random'"),
        ("raw/!{timestamp:YYYY}/", ERRORS, "prefix 'raw/!{timestamp:YYYY}/'.*write yyyy"),
        ("raw/!{timestamp:yyyy/", ERRORS, "no '}' closes"),
        ("", "errors/!{timestamp:yyyy", "errorOutputPrefix 'errors/!{timestamp:yyyy'"),
    ],
)
def test_a_prefix_that_firehose_refuses_is_refused_with_the_remedy(prefix: str, error_prefix: str, reason: str):
    with pytest.raises(PipelineError, match=reason):
        compile_prefixes(prefix, error_prefix)


def test_partition_keys_are_evaluated_from_the_values_of_the_partition():
    prefix = "!{timestamp:yyyy}/table=!{partitionKeyFromQuery:table}/of=!{partitionKeyFromQuery:schema}/"
    data, _ = compile_prefixes(prefix, ERRORS, ("schema", "table"))
    assert data.evaluate(AT, partition={"schema": "shop", "table": "a/b"}) == "2018/table=a/b/of=shop/"


@pytest.mark.parametrize(
    ("prefix", "error_prefix", "keys", "reason"),
    [
        ("raw/", ERRORS, ["table"], "each key of MetadataExtractionQuery must stand in prefix, and no other"),
        ("", ERRORS, ["table"], "each key of MetadataExtractionQuery must stand in prefix, and no other"),
        ("!{partitionKeyFromQuery:table}/", ERRORS, ["schema", "table"], "partition keys schema, table: .*no other"),
        ("!{partitionKeyFromQuery:table}/!{partitionKeyFromQuery:x}/", ERRORS, ["table"], "no other"),
        ("!{partitionKeyFromQuery:table}/", "", ["table"], "errorOutputPrefix must be set"),
        ("!{partitionKeyFromQuery:table}/", ERRORS + "!{partitionKeyFromQuery:table}", ["table"], "in prefix only"),
    ],
)
def test_prefixes_that_do_not_agree_with_the_partition_keys_are_refused(
    prefix: str, error_prefix: str, keys: list[str], reason: str
):
    with pytest.raises(PipelineError, match=reason):
        compile_prefixes(prefix, error_prefix, keys)


def test_a_prefix_longer_than_512_characters_after_evaluation_is_refused():
    data, _ = compile_prefixes("p" * 508 + "!{timestamp:yyyy}", ERRORS)
    assert len(data.evaluate(AT)) == 512
    data, _ = compile_prefixes("p" * 509 + "!{timestamp:yyyy}", ERRORS)
    with pytest.raises(PipelineError, match="513 characters"):
        data.evaluate(AT)


def test_time_is_evaluated_in_the_declared_time_zone():
    data, _ = compile_prefixes("!{timestamp:yyyy-MM-dd'T'HH}/", ERRORS)
    at = arrival_time(int(AT.timestamp() * 1000), ZoneInfo("Asia/Tokyo"))
    assert data.evaluate(at) == "2018-08-28T08/", "half past eleven in the evening in UTC is the next morning in Tokyo"
    assert "-2018-08-28-08-30-00-" in object_key("", "cdc", at, ""), "in the object's name too"


def test_an_arrival_keeps_its_milliseconds():
    assert arrival_time(1_535_412_600_123, UTC) == datetime(2018, 8, 27, 23, 30, 0, 123_000, UTC)


def test_an_object_is_named_as_firehose_names_it():
    key = object_key("raw/", "cdc", AT, ".json.gz")
    assert re.fullmatch(r"raw/cdc-1-2018-08-27-23-30-00-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.json\.gz", key)
