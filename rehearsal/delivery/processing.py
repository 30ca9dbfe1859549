"""What a delivery stream does to each record before it is buffered: finds its place, ends its line. No I/O.

A record without a place is never lost: it goes below the error prefix, with the reason. Pages:
https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-error-handling.html, buffering.html and
data-transformation-failure-handling.html, from which the members of a failed record are taken.
"""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from typing import NamedTuple

from model.plan import DeliveryPlan
from rehearsal.delivery.buffer import Place, SourceRecord
from rehearsal.delivery.partitioning import ExtractionError, Partitioner

_THE_ONE_PLACE = Place()


class Processed(NamedTuple):
    """What is left of a record when it is buffered."""

    place: Place
    body: bytes


@dataclass(frozen=True, kw_only=True)
class _Failure:
    """A way in which a record can fail."""

    error_type: str
    """What ``!{firehose:error-output-type}`` says."""
    code: str

    def of(self, record: SourceRecord, message: str) -> Processed:
        """The failed record, as a line of JSON below the error prefix."""
        line = {
            "attemptsMade": 1,
            "arrivalTimestamp": record.arrival,
            "errorCode": self.code,
            "errorMessage": message,
            "attemptEndingTimestamp": time.time_ns() // 1_000_000,
            "rawData": base64.b64encode(record.data).decode(),
        }
        return Processed(Place(error_type=self.error_type), json.dumps(line).encode() + b"\n")


_NO_PARTITION = _Failure(error_type="metadata-extraction-failed", code="DynamicPartitioning.MetadataExtractionFailed")
_ONE_TOO_MANY = _Failure(error_type="activePartitionExceeded", code="DynamicPartitioning.ActivePartitionsLimitExceeded")


class Processing:
    """The declared processors of a delivery stream."""

    keys: tuple[str, ...] = ()
    """The partition keys; none without dynamic partitioning."""

    def __init__(self, plan: DeliveryPlan) -> None:
        self._delimiter = b"\n" if plan.append_delimiter else b""
        self._partitioner = Partitioner(plan.partition_query) if plan.partition_query else None
        if self._partitioner:
            self.keys = self._partitioner.keys

    def process(self, record: SourceRecord) -> Processed:
        """``record`` with its delimiter and its partition, or as a failure."""
        if self._partitioner is None:
            return Processed(_THE_ONE_PLACE, record.data + self._delimiter)
        try:
            partition = self._partitioner.partition(record.data)
        except ExtractionError as error:
            return _NO_PARTITION.of(record, str(error))
        return Processed(Place(partition=partition), record.data + self._delimiter)

    def refuse(self, record: SourceRecord) -> Processed:
        """``record`` as a failure, because it would open one partition too many."""
        return _ONE_TOO_MANY.of(record, "the limit of active partitions is reached")
