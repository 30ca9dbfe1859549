"""``partitionByTable``: a folder for each table, declared in the way in which no record is left over."""

from __future__ import annotations

import pytest

from declaration import Declaration
from tests.declared import declare

DELIVERY = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"


@pytest.fixture(scope="module")
def by_table() -> Declaration:
    return declare("dev", config={"partitionByTable": True, "bufferSizeMb": 64})


def test_tables_lie_apart_below_the_hour_if_that_is_wanted(by_table: Declaration):
    target = by_table.one(DELIVERY).inputs["extendedS3Configuration"]
    assert target["prefix"] == (
        "raw/dt=!{timestamp:yyyy-MM-dd}/hr=!{timestamp:HH}/"
        "schema=!{partitionKeyFromQuery:schema}/table=!{partitionKeyFromQuery:table}/"
    ), "time first, so that a reader of an hour's folder need not know of the tables below it"
    assert target["errorOutputPrefix"] == "errors/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/"
    assert target["dynamicPartitioningConfiguration"] == {"enabled": True, "retryDuration": 7200}
    assert [it["type"] for it in target["processingConfiguration"]["processors"]] == [
        "MetadataExtraction",
        "AppendDelimiterToRecord",
    ]


def test_without_it_nothing_is_partitioned(stack: Declaration):
    target = stack.one(DELIVERY).inputs["extendedS3Configuration"]
    assert "dynamicPartitioningConfiguration" not in target, "it can never be switched off again, and is paid for"


def query(declared: Declaration) -> str:
    extract = declared.one(DELIVERY).inputs["extendedS3Configuration"]["processingConfiguration"]["processors"][0]
    parameters = {it["parameterName"]: it["parameterValue"] for it in extract["parameters"]}
    assert parameters["JsonParsingEngine"] == "JQ-1.6", "the only engine that Firehose has"
    return parameters["MetadataExtractionQuery"]


def test_the_query_fits_into_a_parameter(by_table: Declaration):
    assert len(query(by_table)) <= 512, "as much as the provider documents"
