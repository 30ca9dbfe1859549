"""The stream: a process of its own that plays Kinesis Data Streams for one stream, over HTTP on this machine.

It speaks the JSON protocol (``application/x-amz-json-1.1``) of https://docs.aws.amazon.com/kinesis/latest/APIReference/,
which boto3 and the AWS CLI use. Java's SDK prefers CBOR and is told how to be asked for JSON. Anyone on this
machine may attach; requests are not authenticated.
"""

from __future__ import annotations

import socketserver
import threading
import traceback
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler

import orjson

from model.plan import StreamPlan
from rehearsal.runtime.worker import Channel
from rehearsal.stream import operations
from rehearsal.stream.shard import KinesisError
from rehearsal.stream.stream import Stream

JSON = "application/x-amz-json-1.1"
_REQUEST_BYTES = 16 << 20  # 10 MiB of data in base64, and its JSON
_TELL_SECONDS = 0.1


@dataclass(frozen=True)
class ShardProgress:
    """What one shard has taken in so far."""

    id: str
    records: int
    bytes: int
    """Data and partition keys."""
    throttled: int
    """Records that were refused with ProvisionedThroughputExceededException."""
    iterator_age: int = 0
    """The greatest age of the last record that a read gave, in milliseconds."""


@dataclass(frozen=True, kw_only=True)
class StreamProgress:
    """What the stream tells its parent: at first where it listens, then what came in."""

    url: str
    shards: tuple[ShardProgress, ...]


def serve(channel: Channel, plan: StreamPlan, limits: bool = True) -> StreamProgress:
    """Play the stream ``plan`` until told to finish; as a Worker's target.

    Without ``limits``, which no stream of AWS is, shards take in whatever comes.
    """
    stream = Stream(plan, limits=limits)
    with StreamServer(stream) as server:
        threading.Thread(target=server.serve_forever, args=(_TELL_SECONDS,), daemon=True).start()
        channel.report(reported := server.progress())
        while not channel.instruction(_TELL_SECONDS):
            if (progress := server.progress()) != reported:
                channel.report(reported := progress)
        server.shutdown()
        return server.progress()


class StreamServer(socketserver.ThreadingTCPServer):
    """Listens on 127.0.0.1 at a free port: a thread for each connection, one lock around the stream."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, stream: Stream) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._stream = stream
        self._lock = threading.Lock()
        self._failure = ""

    def answer(self, operation: str, body: bytes) -> tuple[int, dict[str, object]]:
        """Status and document for one request."""
        try:
            request = orjson.loads(body or b"{}")
            if not isinstance(request, dict):
                raise KinesisError("SerializationException", "The request is not a JSON object.")
            with self._lock:
                return HTTPStatus.OK, operations.answer(self._stream, operation, request)
        except orjson.JSONDecodeError as error:
            return _error("SerializationException", f"The request is not JSON: {error}.")
        except KinesisError as error:
            return _error(error.code, str(error))
        except OSError as error:
            self._failure = f"the stream cannot keep its records: {error}. TMPDIR names another folder for them"
            return _error("InternalFailure", self._failure, HTTPStatus.INTERNAL_SERVER_ERROR)
        except Exception:
            self._failure = traceback.format_exc()
            return _error("InternalFailure", "See the rehearsal's output.", HTTPStatus.INTERNAL_SERVER_ERROR)

    def progress(self) -> StreamProgress:
        """What came in so far. Raises if a request failed in a way that is nobody's fault but this module's."""
        if self._failure:
            raise RuntimeError(self._failure)
        host, port = self.server_address[:2]
        with self._lock:
            shards = tuple(
                ShardProgress(shard.id, shard.taken, shard.taken_bytes, shard.throttled, shard.iterator_age)
                for shard in self._stream.shards.values()
            )
        return StreamProgress(url=f"http://{host}:{port}", shards=shards)


class _Handler(BaseHTTPRequestHandler):
    """HTTP/1.1 with connections kept open."""

    server: StreamServer  # pyrefly: ignore[bad-override-mutable-attribute] -- the class is only ever used by StreamServer
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body leave in one write; without it each is a packet of its own …
    disable_nagle_algorithm = True  # … and the second waits 40 ms for the first one's acknowledgement

    def do_POST(self) -> None:
        """Answer one request of the API."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _REQUEST_BYTES:
            self.close_connection = True  # the body is not read, so the next request cannot be found
            return self._reply(*_error("SerializationException", f"Content-Length must be 0 to {_REQUEST_BYTES}."))
        body = self.rfile.read(int(length))
        if "cbor" in self.headers.get("Content-Type", ""):
            advice = f"Only {JSON} is spoken here: set AWS_CBOR_DISABLE=true (Java: -Daws.cborEnabled=false)."
            return self._reply(*_error("SerializationException", advice, HTTPStatus.UNSUPPORTED_MEDIA_TYPE))
        target = self.headers.get("X-Amz-Target", "")
        return self._reply(*self.server.answer(target.removeprefix("Kinesis_20131202."), body))

    def _reply(self, status: int, document: dict[str, object]) -> None:
        body = orjson.dumps(document)
        self.send_response(status)
        self.send_header("Content-Type", JSON)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        if "__type" in document:
            self.send_header("x-amzn-ErrorType", str(document["__type"]))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Write no access log."""


def _error(code: str, message: str, status: int = HTTPStatus.BAD_REQUEST) -> tuple[int, dict[str, object]]:
    return status, {"__type": code, "message": message}
