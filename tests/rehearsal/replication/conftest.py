"""A stream to write to and a schema to capture, for tests of the whole task."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from database.server import Server
from model import Position
from model.plan import ReplicationPlan, StreamPlan
from rehearsal.replication import ReplicationProgress, run
from rehearsal.runtime import clients
from rehearsal.source import log_end
from rehearsal.source.mariadb.mariadb import MariaDB
from rehearsal.stream.server import StreamServer
from rehearsal.stream.stream import Stream
from tests.rehearsal.replication.tables import DECLARED
from tests.waiting import LIMIT

_schemas = itertools.count(1)


@dataclass
class Target:
    """The stream's address, and what stands in it."""

    url: str
    name: str = "cdc"

    def records(self) -> list[dict[str, Any]]:
        """Every record, shard by shard, in the order of the shards."""
        return [json.loads(line) for line in self.lines()]

    def lines(self) -> list[bytes]:
        """Every record as it was written."""
        client = clients.client("kinesis", self.url)
        found: list[bytes] = []
        for shard in client.list_shards(StreamName=self.name)["Shards"]:
            position = {"ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            iterator = client.get_shard_iterator(StreamName=self.name, **position)["ShardIterator"]
            behind = 1
            while behind:
                answer = client.get_records(ShardIterator=iterator)
                found += [record["Data"] for record in answer["Records"]]
                iterator, behind = answer["NextShardIterator"], answer["MillisBehindLatest"]
        return found

    def data(self, table: str) -> list[dict[str, Any]]:
        """The data records of one table, in the order in which they were built."""
        rows = [r for r in self.records() if r["metadata"]["record-type"] == "data"]
        mine = [r for r in rows if r["metadata"]["table-name"] == table]
        return sorted(mine, key=lambda record: record["metadata"]["timestamp"])

    def operations(self, table: str) -> list[str]:
        return [record["metadata"]["operation"] for record in self.data(table)]

    def controls(self) -> list[tuple[str, str]]:
        """(operation, table) of the control records, in the order in which they were built."""
        rows = [r["metadata"] for r in self.records() if r["metadata"]["record-type"] == "control"]
        return [(m["operation"], m["table-name"]) for m in sorted(rows, key=lambda m: m["timestamp"])]


@pytest.fixture
def target() -> Iterator[Target]:
    stream = Stream(StreamPlan(name="cdc", mode="ON_DEMAND", shard_count=4, retention_hours=24), limits=False)
    with StreamServer(stream) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield Target(server.progress().url)
        server.shutdown()


class Source:
    """A schema of its own on a server, written by the administrator and captured by ``server``."""

    def __init__(self, root: Server, server: Server) -> None:
        self.root, self.server = root, server
        self.schema = f"repl{next(_schemas)}"
        self.sql(f"CREATE DATABASE {self.schema}")

    def sql(self, *statements: str, commit: bool = True) -> None:
        """Run statements in one transaction."""
        with closing(self.root.connect(autocommit=False)) as connection, connection.cursor() as cursor:
            if not statements[0].startswith("CREATE DATABASE"):
                cursor.execute(f"USE {self.schema}")
            for statement in statements:
                cursor.execute(statement)
            connection.commit() if commit else connection.rollback()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(self.root.connect(database=self.schema)) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    @property
    def position(self) -> Position:
        with closing(self.root.connect()) as connection:
            return log_end.position(connection)

    def plan(
        self,
        migration_type: str = "full-load-and-cdc",
        table: str = "%",
        rules: Sequence[dict[str, Any]] = (),
        **settings: Any,
    ) -> ReplicationPlan:
        """A task over one include rule, or over ``rules``."""
        rule = {"rule-type": "selection", "rule-id": "1", "rule-name": "1", "rule-action": "include"}
        rule |= {"object-locator": {"schema-name": self.schema, "table-name": table}}
        return ReplicationPlan(
            task_id="TASK",
            migration_type=migration_type,
            table_mappings={"rules": list(rules) or [rule]},
            settings={"FullLoadSettings": {"TargetTablePrepMode": "DO_NOTHING"}, **settings},
            kinesis=DECLARED,
        )


@pytest.fixture
def source(mariadb: MariaDB, capture: Server) -> Source:
    return Source(mariadb.root, capture)


class Parent:
    """Plays the worker's channel in this process. ``during`` is called once, when that phase begins."""

    def __init__(self, source: Source, **during: Any) -> None:
        self.reported: list[ReplicationProgress] = []
        self._source, self._during = source, during
        self._finish: Position | None = None
        self._ends = time.monotonic() + LIMIT

    def report(self, progress: ReplicationProgress) -> None:
        self.reported.append(progress)
        happens = self._during.pop(progress.phase.replace(" ", "_"), None)
        if happens:
            happens()
        if progress.phase == "changes" and not self._finish:
            self._finish = self._source.position

    def instruction(self) -> Position | None:
        assert time.monotonic() < self._ends, f"waited {LIMIT} s in vain until the task came to {self._finish}"
        return self._finish


def play(source: Source, target: Target, state: Path, plan: ReplicationPlan, **during: Any) -> ReplicationProgress:
    """Run a task here and now, up to the binlog's end as it is after ``during``'s ``changes``."""
    channel: Any = Parent(source, **during)
    return run(channel, plan, source.server, target.name, target.url, state)
