"""Stream client: boto3's client of the local stream, with the two calls of which there are very many made directly.

To boto3 a PutRecords of 500 records is 500 documents to validate, serialise and parse by a model of the service, which
takes longer than DMS records take to be made. What goes over the wire is the same JSON protocol.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

import orjson
import pybase64
from botocore.exceptions import HTTPClientError

from rehearsal.runtime.clients import client

_HEADERS = {"Content-Type": "application/x-amz-json-1.1"}


class StreamClient:
    """Answers as boto3's client does. Not for several threads at once: it has one connection."""

    def __init__(self, url: str) -> None:
        boto3 = client("kinesis", url)
        self.exceptions = boto3.exceptions
        self.get_paginator, self.get_shard_iterator = boto3.get_paginator, boto3.get_shard_iterator
        self._connection = HTTPConnection(urlsplit(url).netloc)

    def put_records(self, *, StreamName: str, Records: Sequence[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        """PutRecords with entries of ``Data`` and ``PartitionKey``."""
        entries = [
            {"PartitionKey": record["PartitionKey"], "Data": pybase64.b64encode_as_string(record["Data"])}
            for record in Records
        ]
        return self._call("PutRecords", {"StreamName": StreamName, "Records": entries})

    def get_records(self, *, ShardIterator: str) -> dict[str, Any]:  # noqa: N803
        """GetRecords."""
        answer = self._call("GetRecords", {"ShardIterator": ShardIterator})
        for record in answer["Records"]:
            record["Data"] = pybase64.b64decode(record["Data"])
            record["ApproximateArrivalTimestamp"] = datetime.fromtimestamp(record["ApproximateArrivalTimestamp"], UTC)
        return answer

    def _call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        try:
            target = {"X-Amz-Target": f"Kinesis_20131202.{operation}"}
            self._connection.request("POST", "/", orjson.dumps(request), {**_HEADERS, **target})
            response = self._connection.getresponse()
            answer = orjson.loads(response.read())
        except (OSError, HTTPException) as error:
            self._connection.close()
            raise HTTPClientError(error=error) from error
        if response.status != 200:
            error = {"Code": answer["__type"], "Message": answer["message"]}
            raise self.exceptions.from_code(answer["__type"])({"Error": error}, operation)
        return answer
