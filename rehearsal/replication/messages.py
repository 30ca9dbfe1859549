"""Messages: the entries of PutRecords that DMS writes, how their JSON is spaced, and the clock that stamps them.

``json-unformatted`` is one line. ``json`` has newlines and tabs, a tab also after each colon: so public records of real
tasks look, and https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html says no more than that.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from json.encoder import encode_basestring  # C code; keeps UTF-8 as it is
from typing import NamedTuple

from model import PipelineError

MAX_BYTES = 1024 * 1024
"""Largest message that DMS writes to Kinesis: 1 MiB (CHAP_Target.Kinesis, limitations)."""
_KEY_REMEDY = (
    "Load records go by primary key whatever ParallelApplyThreads says, but a rule decides for all records of the "
    "table: an object-mapping rule (mappingRules) with rule-action map-record-to-record and the mapping-parameters "
    '{"partition-key-type": "schema-table"}. All its records then go to one shard. Or exclude the table'
)
_MAX_KEY = 256  # https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecordsRequestEntry.html
_MAX_KEY_BYTES = 4 * _MAX_KEY


class Record(NamedTuple):
    """One entry of PutRecords."""

    partition_key: str
    data: bytes


class Layout(NamedTuple):
    """The white space of a message format."""

    newline: str
    indent: str
    gap: str

    def member(self, name: str, text: str) -> str:
        """``"name":text``, where ``text`` is JSON already."""
        return f"{encode_basestring(name)}:{self.gap}{text}"

    def string(self, name: str, value: str) -> str:
        """``"name":"value"``."""
        return self.member(name, encode_basestring(value))

    def object(self, members: Iterable[str], depth: int) -> str:
        """An object whose closing brace is indented by ``depth`` steps."""
        outer = self.newline + self.indent * depth
        return "{" + outer + self.indent + self.members(members, depth) + outer + "}"

    def members(self, members: Iterable[str], depth: int) -> str:
        """What stands in such an object one after the other."""
        return f",{self.newline}{self.indent * (depth + 1)}".join(members)


LAYOUTS = {"json-unformatted": Layout("", "", ""), "json": Layout("\n", "\t", "\t")}


class Clock:
    """``metadata.timestamp``: when the message was built, in UTC with microseconds; never the same twice.

    It only goes forward, because consumers order by it: nothing else tells a load record from a later change.
    """

    def __init__(self) -> None:
        self._micros = 0
        self._second_ends = 0
        self._prefix = ""

    def __call__(self) -> str:
        """The next timestamp, as ``2026-11-22T09:14:02.113204Z``."""
        micros = time.time_ns() // 1000
        if micros <= self._micros:
            micros = self._micros + 1
        self._micros = micros
        if micros >= self._second_ends:
            second = micros // 1_000_000
            self._second_ends = (second + 1) * 1_000_000
            self._prefix = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._prefix}.{micros % 1_000_000:06d}Z"


def record(of: object, key: str, text: str) -> Record:
    """The record, if DMS and Kinesis can carry it; else PipelineError, for on AWS its row would not arrive.

    ``of`` names the table in the error.
    """
    data = text.encode()
    if 1 <= len(key) <= _MAX_KEY and len(data) <= MAX_BYTES - _MAX_KEY_BYTES:
        return Record(key, data)
    if len(data) + len(key.encode()) > MAX_BYTES:  # Kinesis counts the key too
        raise PipelineError(
            f"a record of {of} (partition key {key[:60]!r}) has {len(data):,} bytes; DMS writes at most {MAX_BYTES:,} "
            "to Kinesis. Lower LobMaxSize or exclude the table"
        )
    if not 1 <= len(key) <= _MAX_KEY:
        raise PipelineError(
            f"a partition key of {of} has {len(key)} characters ({key[:60]!r}); Kinesis takes 1 to {_MAX_KEY}, and "
            f"what DMS does then is not known. {_KEY_REMEDY}"
        )
    return Record(key, data)
