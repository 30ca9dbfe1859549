"""Reads the members of a request to the Kinesis API, and writes shard iterators as the opaque text they travel as."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pybase64

from rehearsal.stream.shard import HASH_KEYS, MEBIBYTE, KinesisError, Shard
from rehearsal.stream.stream import ShardIterator, Stream

Document = dict[str, Any]

ACCOUNT = "111122223333"
"""One of the account ids that AWS's own documentation uses."""
BYTES_PER_RECORD = MEBIBYTE
"""The default of a stream's MaxRecordSizeInKiB, partition key included."""


def check_stream(stream: Stream, request: Document) -> None:
    """Refuse a request that names another stream, or none; of an ARN only the name matters here."""
    arn = member(request, "StreamARN", str, "")
    asked = {member(request, "StreamName", str, ""), arn.partition(":stream/")[2]} - {""}
    if not asked:
        raise KinesisError("ValidationException", "Either StreamName or StreamARN must be given.")
    for name in asked - {stream.plan.name}:
        raise KinesisError("ResourceNotFoundException", f"Stream {name} under account {ACCOUNT} not found.")


Entry = tuple[str, bytes, int | None]
"""One record to put: partition key, data and the explicit hash key, as ``Stream.put`` takes them."""


def entry(document: Any) -> Entry:
    """The record to put that ``document`` describes. The errors do not say where in the request it stands."""
    if not isinstance(document, dict):
        raise KinesisError("SerializationException", "is not an object.")
    key, text = member(document, "PartitionKey", str), member(document, "Data", str)
    try:
        data = pybase64.b64decode(text, validate=True)
        size = len(data) + len(key.encode())
    except ValueError as error:  # binascii.Error and UnicodeEncodeError are
        raise KinesisError("SerializationException", f"cannot be read: {error}.") from None
    if not 1 <= len(key) <= 256:
        raise KinesisError("ValidationException", f"PartitionKey has {len(key)} characters; 1 to 256 may be.")
    if size > BYTES_PER_RECORD:
        raise KinesisError(
            "ValidationException", f"has {size} bytes with its partition key; {BYTES_PER_RECORD} are allowed."
        )
    return key, data, number(document, "ExplicitHashKey", HASH_KEYS)


def page(stream: Stream, after: str, limit: int, highest: int) -> tuple[list[Shard], bool]:
    """The shards that follow the id ``after``, at most ``limit`` and ``highest``, and whether there are more."""
    if limit < 1:
        raise KinesisError("ValidationException", f"The limit is {limit}; it must be at least 1.")
    rest = [shard for shard in stream.shards.values() if shard.id > after]
    return rest[: min(limit, highest)], len(rest) > min(limit, highest)


def member(document: Document, name: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
    """The member ``name``, which must be of ``kind``; required if there is no ``default``."""
    found = document.get(name)
    if isinstance(found, kind):
        return found
    if found is not None:
        raise KinesisError("SerializationException", f"{name} is {json.dumps(found)[:100]}: not of its type.")
    if default is not None:
        return default
    raise KinesisError("ValidationException", f"{name} must not be null.")


def number(document: Document, name: str, end: int) -> int | None:
    """The optional member ``name``: a decimal number below ``end``, written as a string."""
    if document.get(name) is None:
        return None
    text = member(document, name, str)
    if not re.fullmatch(r"0|[1-9]\d{0,128}", text, re.ASCII) or int(text) >= end:
        raise KinesisError("InvalidArgumentException", f"{name} {text} is not a whole number from 0 to {end - 1}.")
    return int(text)


def millis(document: Document, name: str) -> int | None:
    """The optional member ``name``, seconds since the epoch, in milliseconds."""
    seconds = member(document, name, (int, float), -1)
    if seconds == -1:
        return None
    if not 0 <= seconds < 10**12:
        raise KinesisError("SerializationException", f"{name} {seconds} is no time.")
    return round(seconds * 1000)


def token(stream: Stream, iterator: ShardIterator) -> str:
    """``iterator`` as text, at most the API's 512 characters."""
    return base64.b64encode(json.dumps([stream.plan.name, *iterator]).encode()).decode()


def untoken(stream: Stream, token: str) -> ShardIterator:
    """The iterator that ``token`` stands for."""
    try:
        name, shard_id, position, issued = json.loads(base64.b64decode(token, validate=True))
        iterator = ShardIterator(str(shard_id), int(position), int(issued))
    except (ValueError, TypeError):
        raise KinesisError("InvalidArgumentException", "Invalid ShardIterator.") from None
    check_stream(stream, {"StreamName": name})
    return iterator
