"""The operations of the Kinesis API on one stream: the JSON document of a request in, the answer's document out.

Names, limits and errors are those of https://docs.aws.amazon.com/kinesis/latest/APIReference/API_Operations.html.
What a consumer and a producer need is here; operations that change a stream are not: the declaration made it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pybase64

from rehearsal.runtime.clients import REGION
from rehearsal.stream.members import (
    ACCOUNT,
    Document,
    Entry,
    check_stream,
    entry,
    member,
    millis,
    number,
    page,
    token,
    untoken,
)
from rehearsal.stream.record_log import Record
from rehearsal.stream.shard import MEBIBYTE, KinesisError, Shard
from rehearsal.stream.stream import RECORDS_PER_READ, Stream

RECORDS_PER_PUT = 500
BYTES_PER_PUT = 10 * MEBIBYTE

_SHARDS_PER_DESCRIPTION = 100
_SHARDS_PER_LIST = 1000
_SHARD_FILTERS = (
    "AFTER_SHARD_ID",
    "AT_TRIM_HORIZON",
    "FROM_TRIM_HORIZON",
    "AT_LATEST",
    "AT_TIMESTAMP",
    "FROM_TIMESTAMP",
)


def answer(stream: Stream, operation: str, request: Document) -> Document:
    """Carry out ``operation``. Raises KinesisError."""
    if operation not in _OPERATIONS:
        raise KinesisError(
            "UnknownOperationException", f"{operation} is not played here; these are: {', '.join(sorted(_OPERATIONS))}."
        )
    if request.get("DryRun"):
        raise KinesisError("ValidationException", "DryRun is not played here.")
    return _OPERATIONS[operation](stream, request)


def stream_arn(stream: Stream) -> str:
    """The stream's ARN, in the mocked account."""
    return f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{stream.plan.name}"


def _put_record(stream: Stream, request: Document) -> Document:
    check_stream(stream, request)
    [record] = _entries([request], "data")
    return {**_put(stream, record), "EncryptionType": "NONE"}


def _put_records(stream: Stream, request: Document) -> Document:
    check_stream(stream, request)
    documents = member(request, "Records", list)
    if not 1 <= len(documents) <= RECORDS_PER_PUT:
        raise KinesisError(
            "ValidationException", f"records has {len(documents)} members; 1 to {RECORDS_PER_PUT} are allowed."
        )
    entries = _entries(documents, "records.{}.member.data")
    size = sum(len(key.encode()) + len(data) for key, data, _ in entries)
    if size > BYTES_PER_PUT:
        raise KinesisError("InvalidArgumentException", f"The request has {size} bytes; {BYTES_PER_PUT} are allowed.")
    results = [_put_or_error(stream, entry) for entry in entries]
    failed = sum("ErrorCode" in result for result in results)
    return {"FailedRecordCount": failed, "Records": results, "EncryptionType": "NONE"}


def _entries(documents: list[Any], place: str) -> list[Entry]:
    """The records to put. ``place`` says for errors where in the request they stand, ``{}`` in it for the number."""
    entries: list[Entry] = []
    try:
        for document in documents:
            entries.append(entry(document))
    except KinesisError as error:
        raise KinesisError(error.code, f"{place.format(len(entries) + 1)} {error}") from None
    return entries


def _put(stream: Stream, entry: Entry) -> Document:
    shard, sequence = stream.put(*entry)
    return {"SequenceNumber": str(sequence), "ShardId": shard.id}


def _put_or_error(stream: Stream, entry: Entry) -> Document:
    try:
        return _put(stream, entry)
    except KinesisError as error:
        return {"ErrorCode": error.code, "ErrorMessage": str(error)}


def _get_shard_iterator(stream: Stream, request: Document) -> Document:
    check_stream(stream, request)
    iterator = stream.iterator(
        member(request, "ShardId", str),
        member(request, "ShardIteratorType", str),
        sequence=number(request, "StartingSequenceNumber", 10**129),
        timestamp=millis(request, "Timestamp"),
    )
    return {"ShardIterator": token(stream, iterator)}


def _get_records(stream: Stream, request: Document) -> Document:
    limit = member(request, "Limit", int, RECORDS_PER_READ)
    if not 1 <= limit <= RECORDS_PER_READ:
        raise KinesisError("InvalidArgumentException", f"Limit is {limit}; 1 to {RECORDS_PER_READ} are allowed.")
    batch = stream.get(untoken(stream, member(request, "ShardIterator", str)), limit)
    return {
        "Records": [_record(record) for record in batch.records],
        "NextShardIterator": token(stream, batch.next),
        "MillisBehindLatest": batch.millis_behind,
    }


def _record(record: Record) -> Document:
    return {
        "SequenceNumber": str(record.sequence),
        "ApproximateArrivalTimestamp": record.arrival / 1000,
        "Data": pybase64.b64encode_as_string(record.data),
        "PartitionKey": record.partition_key,
    }


def _describe_stream(stream: Stream, request: Document) -> Document:
    check_stream(stream, request)
    after = member(request, "ExclusiveStartShardId", str, "")
    shards, more = page(stream, after, member(request, "Limit", int, _SHARDS_PER_DESCRIPTION), _SHARDS_PER_DESCRIPTION)
    return {"StreamDescription": {**_description(stream), "Shards": [_shard(s) for s in shards], "HasMoreShards": more}}


def _describe_stream_summary(stream: Stream, request: Document) -> Document:
    check_stream(stream, request)
    return {
        "StreamDescriptionSummary": {**_description(stream), "OpenShardCount": len(stream.shards), "ConsumerCount": 0}
    }


def _list_streams(stream: Stream, request: Document) -> Document:
    summary = {name: _description(stream)[name] for name in _SUMMARY}
    listed = stream.plan.name > member(request, "ExclusiveStartStreamName", str, "")
    return {
        "StreamNames": [stream.plan.name] if listed else [],
        "HasMoreStreams": False,
        "StreamSummaries": [summary] if listed else [],
    }


def _list_shards(stream: Stream, request: Document) -> Document:
    next_token = member(request, "NextToken", str, "")
    if not next_token:  # a request with a token must not name the stream
        check_stream(stream, request)
    shard_filter = member(request, "ShardFilter", dict, {"Type": "FROM_TRIM_HORIZON"})
    if member(shard_filter, "Type", str) not in _SHARD_FILTERS:
        raise KinesisError("ValidationException", f"ShardFilter.Type is not one of {', '.join(_SHARD_FILTERS)}.")
    # Every shard has been open since the stream began: of the filters only AFTER_SHARD_ID leaves any out.
    filtered = member(shard_filter, "ShardId", str, "")
    after = next_token or member(request, "ExclusiveStartShardId", str, filtered)
    shards, more = page(stream, after, member(request, "MaxResults", int, _SHARDS_PER_LIST), _SHARDS_PER_LIST)
    return {"Shards": [_shard(shard) for shard in shards], **({"NextToken": shards[-1].id} if more else {})}


_OPERATIONS: dict[str, Callable[[Stream, Document], Document]] = {
    "DescribeStream": _describe_stream,
    "DescribeStreamSummary": _describe_stream_summary,
    "GetRecords": _get_records,
    "GetShardIterator": _get_shard_iterator,
    "ListShards": _list_shards,
    "ListStreams": _list_streams,
    "PutRecord": _put_record,
    "PutRecords": _put_records,
}

_SUMMARY = ("StreamName", "StreamARN", "StreamStatus", "StreamModeDetails", "StreamCreationTimestamp")


def _description(stream: Stream) -> Document:
    return {
        "StreamName": stream.plan.name,
        "StreamARN": stream_arn(stream),
        "StreamStatus": "ACTIVE",
        "StreamModeDetails": {"StreamMode": stream.plan.mode},
        "RetentionPeriodHours": stream.plan.retention_hours,
        "StreamCreationTimestamp": stream.created / 1000,
        "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
        "EncryptionType": "NONE",
    }


def _shard(shard: Shard) -> Document:
    return {
        "ShardId": shard.id,
        "HashKeyRange": {"StartingHashKey": str(shard.first_hash), "EndingHashKey": str(shard.last_hash)},
        "SequenceNumberRange": {"StartingSequenceNumber": str(shard.starting_sequence)},
    }
