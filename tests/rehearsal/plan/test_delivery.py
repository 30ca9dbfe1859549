"""What the plan reads from a declared delivery stream, and what AWS would refuse of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from declaration import Declaration, Resource
from model import PipelineError
from model.plan import DeliveryPlan
from rehearsal.plan.pipeline import read_plan
from tests.declared import declare

DELIVERY = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
TARGET = "extendedS3Configuration"


@pytest.fixture(scope="module")
def by_table() -> Declaration:
    return declare("dev", config={"partitionByTable": True, "bufferSizeMb": 64})


def with_target(declaration: Declaration, **changes: Any) -> Declaration:
    """The declaration with another target of the delivery stream."""

    def changed(resource: Resource) -> Resource:
        if resource.type != DELIVERY:
            return resource
        return replace(resource, inputs={**resource.inputs, TARGET: {**resource.inputs[TARGET], **changes}})

    return replace(declaration, resources=tuple(changed(resource) for resource in declaration.resources))


def read(declaration: Declaration, **changes: Any) -> DeliveryPlan:
    return read_plan(with_target(declaration, **changes)).delivery


def extraction(parameters: Mapping[str, str]) -> dict[str, Any]:
    named = [{"parameterName": name, "parameterValue": value} for name, value in parameters.items()]
    return {"enabled": True, "processors": [{"type": "MetadataExtraction", "parameters": named}]}


QUERY = {"MetadataExtractionQuery": "{a:.a}", "JsonParsingEngine": "JQ-1.6"}


def test_the_declared_query_is_what_sorts_the_records(by_table: Declaration):
    plan = read(by_table)
    declared = by_table.one(DELIVERY).inputs[TARGET]["processingConfiguration"]["processors"][0]["parameters"]
    assert plan.partition_query == declared[0]["parameterValue"]
    assert plan.append_delimiter, "beside the other processor"


def test_without_partitions_there_is_no_query(dev: Declaration):
    assert read(dev).partition_query == ""


def test_only_the_declared_processors_count(dev: Declaration):
    assert not read(dev, processingConfiguration=None).append_delimiter
    declared = dev.one(DELIVERY).inputs[TARGET]["processingConfiguration"]
    assert not read(dev, processingConfiguration={**declared, "enabled": False}).append_delimiter


def test_an_extraction_alone_ends_no_line(by_table: Declaration):
    assert not read(by_table, processingConfiguration=extraction(QUERY)).append_delimiter


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dynamicPartitioningConfiguration": None}, "can only be present when Dynamic Partitioning is enabled"),
        ({"dynamicPartitioningConfiguration": {"enabled": False}}, "can only be present when .* is enabled"),
        ({"processingConfiguration": None}, "nothing makes partition keys"),
        ({"bufferingSize": 63}, r"bufferingSize 63 must be at least 64 \(MiB\)"),
        ({"bufferingInterval": 59}, "bufferingInterval 59 must be at least 60 seconds"),
        ({"processingConfiguration": extraction({**QUERY, "JsonParsingEngine": "JQ-1.7"})}, "has JQ-1.6 only"),
        ({"processingConfiguration": extraction({"JsonParsingEngine": "JQ-1.6"})}, "no MetadataExtractionQuery"),
        (
            {
                "processingConfiguration": {
                    "enabled": True,
                    "processors": [{"type": "Lambda"}, {"type": "Decompression"}],
                }
            },
            "processors Decompression, Lambda are not played",
        ),
        ({"bucketArn": "arn:aws:s3:::elsewhere"}, "elsewhere is no bucket of this program"),
        ({"roleArn": "arn:aws:iam::1:role/x"}, "nobody knows its rights"),
    ],
)
def test_what_aws_refuses_is_refused_with_the_remedy(by_table: Declaration, changes: dict[str, Any], reason: str):
    with pytest.raises(PipelineError, match=f"lake-delivery: .*{reason}"):
        read(by_table, **changes)


def test_a_small_buffer_is_no_matter_without_partitions(dev: Declaration):
    assert read(dev, bufferingSize=1, bufferingInterval=0).buffer_seconds == 0


def test_a_delivery_stream_to_something_else_than_s3_is_refused(dev: Declaration):
    resources = (
        replace(it, inputs={key: value for key, value in it.inputs.items() if key != TARGET})
        if it.type == DELIVERY
        else it
        for it in dev.resources
    )
    with pytest.raises(PipelineError, match="extendedS3Configuration is not set"):
        read_plan(replace(dev, resources=tuple(resources)))
