"""Producer: records into the stream with PutRecords, at least once and without overtaking.

PutRecords may take some entries of a call and refuse others, and says of each which
(https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html). A refused record must not end up behind a
later one of the same partition key, or the lake would end with the older row. So a call is finished before the next
one starts, and of a key with a refusal everything from the refused record on is sent again, also what was taken: the
later record is then there twice, and it is last. Duplicates are lawful, a stale last record is not.

While one call is under way, in a thread of its own, the records of the next are made.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from model import PipelineError
from rehearsal.replication.messages import Record

MAX_RECORDS = 500
"""Entries of one PutRecords call."""
MAX_BYTES = 5 * 1024 * 1024
"""Data and keys of one call, in bytes. The API takes twice that since streams may have records above 1 MiB."""
_ATTEMPTS = 60
_LONGEST_PAUSE = 1.0  # seconds; shard limits are per second

_THROTTLED = "ProvisionedThroughputExceededException"
_RETRIED = {_THROTTLED, "InternalFailure"}  # the two codes that API_PutRecords names


class Producer:
    """Collects records and sends them in order, in as few calls as possible."""

    def __init__(self, client: Any, stream_name: str, pause: Callable[[float], None] = time.sleep) -> None:
        self.throttled = 0
        """How many times the stream refused a record because its shard was at its limit."""
        self._client = client
        self._stream_name = stream_name
        self._pause = pause
        self._pending: list[Record] = []
        self._bytes = 0
        self._sender = ThreadPoolExecutor(1, "producer")
        self._under_way: Future[None] | None = None

    def put(self, record: Record) -> None:
        """Take in a record; sends what is pending when a call is full. Raises what the call before that failed with."""
        size = len(record.data) + len(record.partition_key.encode())
        if len(self._pending) == MAX_RECORDS or self._bytes + size > MAX_BYTES:
            self._send_pending()
        self._pending.append(record)
        self._bytes += size

    def flush(self) -> None:
        """Send what is pending. When it returns, the stream has acknowledged every record that was put."""
        self._send_pending()
        self._finish_call()

    def _send_pending(self) -> None:
        """Begin a call with what is pending, now that the one before it is finished."""
        self._finish_call()
        if self._pending:
            self._under_way = self._sender.submit(self._send_all, self._pending)
            self._pending, self._bytes = [], 0

    def _finish_call(self) -> None:
        if self._under_way:
            self._under_way.result()  # what it failed with is raised again by each later flush: no checkpoint passes it
            self._under_way = None

    def _send_all(self, records: list[Record]) -> None:
        attempt = 0
        while records:
            if attempt == _ATTEMPTS:
                raise PipelineError(
                    f"stream {self._stream_name} still refuses {len(records)} records after {attempt} attempts; "
                    "declare more shards or fewer writers"
                )
            if attempt:
                self._pause(min(_LONGEST_PAUSE, 0.02 * 2**attempt) * random.uniform(0.5, 1))
            records = self._send(records)
            attempt += 1

    def _send(self, records: list[Record]) -> list[Record]:
        """One call; what must be sent again."""
        try:
            answer = self._client.put_records(
                StreamName=self._stream_name,
                Records=[{"Data": record.data, "PartitionKey": record.partition_key} for record in records],
            )
        except (ClientError, BotoCoreError) as error:
            raise PipelineError(f"stream {self._stream_name}: PutRecords failed: {error}") from error
        codes = [entry.get("ErrorCode") for entry in answer["Records"]]
        if not any(codes):
            return []
        if other := sorted({code for code in codes if code} - _RETRIED):
            raise PipelineError(f"stream {self._stream_name} refuses records with {other[0]}")
        self.throttled += codes.count(_THROTTLED)
        return again(records, [code is not None for code in codes])


def again(records: Sequence[Record], refused: Sequence[bool]) -> list[Record]:
    """What to send again: of each key the first refused record and all after it, in order."""
    behind: set[str] = set()
    repeat: list[Record] = []
    for record, failed in zip(records, refused, strict=True):
        if failed:
            behind.add(record.partition_key)
        if record.partition_key in behind:
            repeat.append(record)
    return repeat
