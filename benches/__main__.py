"""``make bench``: how fast each stage of the rehearsal is alone, on this machine. Figures, no verdict."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import toolchain
from audit import Expectations, audit, audit_views
from benches import checksums
from database import catalog
from declaration import declare
from model import Idle, Position, Row, Table, Transaction
from model.plan import Plan
from rehearsal.athena import Athena
from rehearsal.delivery.prefixes import compile_prefixes
from rehearsal.lake import LakeObject
from rehearsal.plan.pipeline import read_plan
from rehearsal.replication.messages import Clock
from rehearsal.replication.producer import Producer
from rehearsal.replication.records import RecordWriter
from rehearsal.replication.settings import kinesis_settings, task_settings
from rehearsal.runtime.stream_client import StreamClient
from rehearsal.source import log_end, sample
from rehearsal.source.binlog.first_definitions import definitions_now
from rehearsal.source.binlog.reader import BinlogReader
from rehearsal.source.mariadb.mariadb import MariaDB, create_capture_user
from rehearsal.stream.server import StreamServer
from rehearsal.stream.stream import Stream

ROWS = CHANGES = 50_000


def main() -> None:
    """Print one line a stage."""
    plan = read_plan(declare("dev"))
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        with MariaDB(Path(folder), plan.database.parameters, toolchain.ensure_mariadbd()) as mariadb:
            _say("MariaDB from nothing to ready", 1, time.perf_counter() - start)
            _measure("sample: rows loaded", lambda: sample.load(mariadb.root, ROWS, 1, lambda _: None) or ROWS)
            create_capture_user(mariadb.root, plan.database.capture_statements, "bench")
            with closing(mariadb.root.connect()) as connection:
                begin = log_end.position(connection)
            _measure("sample: changes", lambda: sample.activity(mariadb.root, CHANGES, 1, lambda _: None) or CHANGES)
            _stages(plan, mariadb, begin)
            checksums.measure(mariadb.root, Path(folder))


def _stages(plan: Plan, mariadb: MariaDB, begin: Position) -> None:
    server = mariadb.user(plan.database.capture_username, "bench")
    with closing(server.connect()) as connection:
        tables = {(table.schema, table.name): table for table in catalog.tables(connection)}
        _measure(
            "full load: rows read", lambda: sum(sum(1 for _ in catalog.read(connection, t)) for t in tables.values())
        )
        definitions = definitions_now(connection, lambda schema, name: (schema, name) in tables)
        rows = {str(table): list(catalog.read(connection, table)) for table in tables.values()}
    transactions: list[Transaction] = []

    def decode() -> int:
        with BinlogReader(server, begin, definitions) as reader:
            for event in reader:
                if isinstance(event, Idle):
                    break
                if isinstance(event, Transaction):
                    transactions.append(event)
        return sum(len(transaction.changes) for transaction in transactions)

    _measure("binlog: changes decoded", decode)
    writer = RecordWriter(task_settings(plan.replication.settings), kinesis_settings(plan.replication.kinesis), Clock())
    records = []
    _measure(
        "DMS records built", lambda: records.extend(r for t in transactions for r in writer.changes(t)) or len(records)
    )
    with _stream(plan) as url:
        producer = Producer(StreamClient(url), plan.stream.name)

        def put() -> int:
            for record in records:
                producer.put(record)
            producer.flush()
            return len(records)

        _measure("stream: records put (limits off)", put)
    _audits(plan, list(tables.values()), rows, [record.data for record in records])


def _audits(plan: Plan, tables: list[Table], rows: dict[str, list[Row]], records: list[bytes]) -> None:
    """The changes alone are no whole lake, so both audits find much; they read and compare all the same."""
    now, expectations = datetime.now(UTC), Expectations.of(plan.replication)
    prefix, _ = compile_prefixes(plan.delivery.prefix, plan.delivery.error_prefix)
    delivered = LakeObject(
        key=f"{prefix.evaluate(now)}bench.json", body=b"\n".join(records), etag="", last_modified=now
    )
    _measure(
        "audit: records folded and compared",
        lambda: audit([delivered], tables, lambda t: rows[str(t)], expectations).records,
    )

    def ask() -> int:
        assert plan.catalog
        with Athena(plan.catalog, [delivered], now=now) as athena:
            audit_views(athena.run, plan.catalog, [delivered], tables, lambda t: rows[str(t)], expectations)
        return len(records)

    _measure("audit: records seen by the views", ask)


@contextmanager
def _stream(plan: Plan) -> Iterator[str]:
    with StreamServer(Stream(plan.stream, limits=False)) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.progress().url
        server.shutdown()


def _measure(name: str, work: Callable[[], int]) -> None:
    start = time.perf_counter()
    count = work()
    _say(name, count, time.perf_counter() - start)


def _say(name: str, count: int, seconds: float) -> None:
    rate = f"{count / seconds:>12,.0f}/s" if count > 1 else " " * 14
    print(f"{name:<36}{count:>9,}{seconds:>8.2f} s{rate}", flush=True)


if __name__ == "__main__":
    main()
