"""Failed: what lies in an object below the error prefix, as Firehose writes it: a line of JSON for each record.

``rawData`` is the record in base64; ``errorCode`` and ``errorMessage`` say why it failed. The members are those of
https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html ("data transformation failure handling"); that
of a conversion of formats says ``ErrorCode``. That the other kinds of failure have the same is [unverified], and so is
whether such an object is compressed.
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from model import PipelineError

_GZIP = b"\x1f\x8b"
_KEY_CHARACTERS = 256  # https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecordsRequestEntry.html


class BrokenObjectError(PipelineError):
    """An object that cannot be unpacked."""


@dataclass(frozen=True, kw_only=True)
class FailedRecord:
    """A line of such an object."""

    line: bytes
    """As it lies there."""
    data: bytes = b""
    """The record as it was in the stream; nothing where it cannot go back."""
    key: str = ""
    """Its partition key."""
    code: str = ""
    """Firehose's, or empty."""
    table: str = ""
    """``schema.table`` by its metadata."""
    stays: str = ""
    """Why it cannot go back; empty where it can."""


def records(body: bytes) -> Iterator[FailedRecord]:
    """The records of an object. Raises BrokenObjectError."""
    if body.startswith(_GZIP):
        try:
            body = gzip.decompress(body)
        except (OSError, EOFError, zlib.error) as error:
            raise BrokenObjectError(f"it begins as GZIP does and cannot be unpacked: {error}") from None
    return (_record(line) for line in body.split(b"\n") if line.strip())


def _record(line: bytes) -> FailedRecord:
    try:
        told = json.loads(line)
        raw = base64.b64decode(told["rawData"], validate=True)
        code = str(told.get("errorCode") or told.get("ErrorCode") or "")
    except (ValueError, TypeError, KeyError, AttributeError):
        return FailedRecord(line=line, stays="it is no line of Firehose's with rawData in base64")
    try:
        metadata = json.loads(raw)["metadata"]
        table = f"{metadata['schema-name']}.{metadata['table-name']}"
        key = metadata.get("partition-key-value") or table
    except (ValueError, TypeError, KeyError, AttributeError):
        return FailedRecord(line=line, code=code, stays="what failed is no record of DMS: it would fail again")
    return FailedRecord(line=line, data=raw, key=str(key)[:_KEY_CHARACTERS], code=code, table=table)
