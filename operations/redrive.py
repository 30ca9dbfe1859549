"""Redrive: what Firehose could not deliver goes back into the stream, object by object.

An object is taken out of the error prefix after the stream has acknowledged each of its records, and never before. So
who dies in between puts them once more, and none is lost; the lake bears copies, because it goes by what a record says
of itself and not by its arrival (docs/decisions/0004-audit-the-history-too.md, 0012-views-over-lines.md). The bucket
keeps the old version of an object that was taken out or written anew.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError

from model import PipelineError
from operations.clients import AwsError, Clients
from operations.failed import BrokenObjectError, FailedRecord, records
from operations.outputs import Outputs

_RECORDS, _BYTES = 500, 4 << 20
"""The most of one PutRecords: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html."""
_TRIES = 8
_NOT_TAKEN = frozenset({"InvalidArgumentException", "ValidationException"})
"""Codes for a record that the stream never takes, such as one that is too large."""


@dataclass
class Redriven:
    """What a redrive has done, or without ``put`` what it would do."""

    objects: int = 0
    """That held nothing which stays."""
    tables: Counter[str] = field(default_factory=Counter)
    """Records that went back, by table."""
    codes: Counter[str] = field(default_factory=Counter)
    """The same records, by why they had failed."""
    stay: dict[str, Counter[str]] = field(default_factory=dict)
    """Why how many records stay, by the key of their object."""

    @property
    def records(self) -> int:
        """Records that went back."""
        return self.tables.total()


@dataclass(frozen=True, kw_only=True)
class Redrive:
    """Puts back what lies below the error prefix of a stack."""

    clients: Clients
    outputs: Outputs
    pause: Callable[[float], None]
    """Waits for so many seconds."""

    def check(self) -> None:
        """PipelineError where a record that goes back would be lost."""
        name = self.outputs.delivery_stream_name
        described = self.clients.call("firehose", "describe_delivery_stream", DeliveryStreamName=name)
        status = described["DeliveryStreamDescription"]["DeliveryStreamStatus"]
        if status != "ACTIVE":
            raise PipelineError(
                f"the delivery stream {name} is {status}, not ACTIVE: nobody would read what is put into the stream. "
                "Mend it first (`pulumi up`)"
            )
        bucket = self.outputs.lake_bucket
        versioning = self.clients.call("s3", "get_bucket_versioning", Bucket=bucket).get("Status")
        if versioning != "Enabled":
            raise PipelineError(
                f"the bucket {bucket} keeps no old versions (versioning is {versioning or 'off'}), so an object that "
                "is taken out of the error prefix would be gone for good. The program declares it: run `pulumi up`"
            )

    def keys(self) -> list[str]:
        """The objects below the error prefix now: what fails again meanwhile is for the next time."""
        where = {"Bucket": self.outputs.lake_bucket, "Prefix": f"{self.outputs.error_prefix}/"}
        return [listed["Key"] for listed in self.clients.every("s3", "list_objects_v2", "Contents", **where)]

    def run(self, done: Redriven, *, put: bool = True) -> Iterator[str]:
        """Put back one object after the other, and count in ``done``; gives each key when that is over."""
        for key in self.keys():
            try:
                found = list(records(self._body(key)))
            except BrokenObjectError as error:
                done.stay[key] = Counter([str(error)])
            except AwsError as error:
                if error.code != "NoSuchKey":
                    raise
                continue  # another redrive has taken it out
            else:
                self._object(key, found, done, put=put)
            yield key

    def _object(self, key: str, found: Sequence[FailedRecord], done: Redriven, *, put: bool) -> None:
        going, staying = [it for it in found if not it.stays], [it for it in found if it.stays]
        if put:
            try:
                self._put(going)
            except AwsError as error:
                if error.code not in _NOT_TAKEN:
                    raise
                done.stay[key] = Counter({f"the stream does not take it: {error.said or error.code}": len(found)})
                return
            if going or not found:
                self._take_out(key, staying)
        done.tables.update(it.table for it in going)
        done.codes.update(it.code for it in going)
        if staying:
            done.stay[key] = Counter(it.stays for it in staying)
        else:
            done.objects += 1

    def _body(self, key: str) -> bytes:
        answer = self.clients.call("s3", "get_object", Bucket=self.outputs.lake_bucket, Key=key)
        try:
            return answer["Body"].read()
        except BotoCoreError as error:
            why = str(error).rstrip(".")
            raise PipelineError(f"{key} broke off while it was read: {why}. It was not put: try again") from None

    def _take_out(self, key: str, staying: Sequence[FailedRecord]) -> None:
        """Leave no more of the object than what stays."""
        where = {"Bucket": self.outputs.lake_bucket, "Key": key}
        try:
            if staying:
                self.clients.call("s3", "put_object", Body=b"".join(it.line + b"\n" for it in staying), **where)
            else:
                self.clients.call("s3", "delete_object", **where)
        except AwsError as error:
            raise PipelineError(
                f"{error}. The records of {key} are in the stream, and the object is still there: the next redrive "
                "puts them once more, which the lake bears"
            ) from None

    def _put(self, going: Sequence[FailedRecord]) -> None:
        for batch in _batches(going):
            left = list(batch)
            for tries in itertools.count():
                left = self._put_once(left)
                if not left:
                    break
                if tries == _TRIES:
                    raise PipelineError(
                        f"the stream {self.outputs.stream_name} refused {len(left)} records {_TRIES} times: it is at "
                        "its limit. Try again later: what is not acknowledged is still below the error prefix"
                    )
                self.pause(2.0**tries / 4)

    def _put_once(self, batch: Sequence[FailedRecord]) -> list[FailedRecord]:
        """Those that the stream has refused."""
        answer = self.clients.call(
            "kinesis",
            "put_records",
            StreamName=self.outputs.stream_name,
            Records=[{"Data": it.data, "PartitionKey": it.key} for it in batch],
        )
        return [it for it, told in zip(batch, answer["Records"], strict=True) if told.get("ErrorCode")]


def _batches(going: Sequence[FailedRecord]) -> Iterator[list[FailedRecord]]:
    batch, size = list[FailedRecord](), 0
    for one in going:
        if batch and (len(batch) == _RECORDS or size + len(one.data) + len(one.key) > _BYTES):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += len(one.data) + len(one.key)
    if batch:
        yield batch
