"""Stages: each stage of the pipeline alone, then all together. Prints one JSON document.

It is run in the revision that it measures, which may be an older one than its own: it uses what both have.
``PYTHONPATH=. .venv/bin/python benches/stages.py --changes 50000``
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import toolchain
from declaration import declare
from model import Idle, Position, Transaction
from model.plan import Plan
from rehearsal import delivery, replication, stream
from rehearsal.lake import Lake
from rehearsal.plan.pipeline import read_plan
from rehearsal.play.rehearse import PRELOADED
from rehearsal.replication.messages import Clock, Record
from rehearsal.replication.producer import Producer
from rehearsal.replication.records import RecordWriter
from rehearsal.replication.settings import kinesis_settings, task_settings
from rehearsal.runtime import clients
from rehearsal.runtime.worker import Worker, preload
from rehearsal.source import log_end, sample
from rehearsal.source.binlog.first_definitions import definitions_now
from rehearsal.source.binlog.reader import BinlogReader
from rehearsal.source.mariadb.mariadb import MariaDB, create_capture_user

try:
    from database import catalog
    from database.server import Server
except ImportError:  # an older revision has them elsewhere
    from rehearsal.source.connection.server import Server  # type: ignore[no-redef]

    from rehearsal.source import catalog  # type: ignore[no-redef]

Figures = dict[str, dict[str, float]]
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of(process: Worker | int) -> float:
    """Processor seconds of another process so far."""
    pid = process._process.pid if isinstance(process, Worker) else process
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def client_of(url: str) -> Any:
    """What the replication of this revision puts records with."""
    try:
        from rehearsal.runtime.stream_client import StreamClient
    except ImportError:  # an older revision
        return clients.client("kinesis", url)
    return StreamClient(url)


class Bench:
    """Measures; ``figures`` has for each stage how many, and the seconds by the clock and of processors."""

    def __init__(self, plan: Plan, changes: int) -> None:
        self.plan, self.changes = plan, changes
        self.figures: Figures = {}

    def measure(self, name: str, work: Callable[[], int], workers: tuple[Worker, ...] = ()) -> None:
        """``work`` gives how many it did; the processor time of ``workers`` counts with that of this process."""
        others = [cpu_of(worker) for worker in workers]
        start, cpu = time.perf_counter(), time.process_time()
        count = work()
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        for worker, before in zip(workers, others, strict=True):
            cpu += (spent := cpu_of(worker) - before)
            self.figures[f"{name}: {worker.name}"] = {"count": count, "cpu": round(spent, 3)}
        self.figures[name] = {"count": count, "seconds": round(seconds, 3), "cpu": round(cpu, 3)}


def server_of(mariadb: MariaDB) -> int:
    """The process of the database server."""
    supervisor = mariadb._supervisor.pid
    return int(Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text(encoding="utf-8").split()[0])


@contextmanager
def started(stack: ExitStack, name: str, target: Callable[..., object], *arguments: object) -> Iterator[Worker]:
    """A worker that has told something."""
    worker = Worker(name, target, *arguments)
    stack.callback(worker.kill)
    while not worker.progress:
        worker.wait(1)
        worker.poll()
    yield worker


def ended(worker: Worker, instruction: object) -> None:
    """Tell ``worker`` to finish and wait until it has."""
    worker.instruct(instruction)
    while worker.poll():
        worker.wait(1)


def source_stages(bench: Bench, mariadb: MariaDB) -> tuple[Server, Position, Position]:
    """Fills the source and changes it; the server as the task sees it, and the log's ends before and after."""
    database = server_of(mariadb)

    def measured(name: str, work: Callable[[], None]) -> None:
        before, start = cpu_of(database), time.perf_counter()
        work()
        seconds = time.perf_counter() - start
        cpu = cpu_of(database) - before
        bench.figures[name] = {"count": bench.changes, "seconds": round(seconds, 3), "cpu": round(cpu, 3)}

    measured("source: rows inserted", lambda: sample.load(mariadb.root, bench.changes, 1, lambda _: None))
    create_capture_user(mariadb.root, bench.plan.database.capture_statements, "bench")
    server = mariadb.user(bench.plan.database.capture_username, "bench")
    with closing(mariadb.root.connect()) as connection:
        begin = log_end.position(connection)
        measured("source: changes committed", lambda: sample.activity(mariadb.root, bench.changes, 1, lambda _: None))
        return server, begin, log_end.position(connection)


def decoded(bench: Bench, server: Server, begin: Position) -> list[Transaction]:
    """The transactions of the log."""
    transactions: list[Transaction] = []
    with closing(server.connect()) as connection:
        names = {(table.schema, table.name) for table in catalog.tables(connection)}
        definitions = definitions_now(connection, lambda schema, name: (schema, name) in names)

    def decode() -> int:
        with BinlogReader(server, begin, definitions) as reader:
            for event in reader:
                if isinstance(event, Idle):
                    break
                if isinstance(event, Transaction):
                    transactions.append(event)
        return sum(len(transaction.changes) for transaction in transactions)

    bench.measure("decode", decode)
    return transactions


def written(bench: Bench, transactions: list[Transaction]) -> list[Record]:
    """The records of the transactions."""
    plan = bench.plan.replication

    def written_by(writer: RecordWriter) -> Iterator[Record]:
        for transaction in transactions:
            yield from writer.changes(transaction)

    def new() -> RecordWriter:
        return RecordWriter(task_settings(plan.settings), kinesis_settings(plan.kinesis), Clock())

    # Nothing keeps them on their way: what is kept is looked through for garbage again and again.
    bench.measure("records", lambda: sum(1 for _ in written_by(new())))
    records = list(written_by(new()))
    bench.figures["record"] = {"count": len(records), "bytes": sum(len(record.data) for record in records)}
    return records


def put(bench: Bench, stack: ExitStack, records: list[Record]) -> None:
    """Puts the records into a stream."""
    with started(stack, "stream", stream.serve, bench.plan.stream, False) as streaming:
        producer = Producer(client_of(streaming.progress.url), bench.plan.stream.name)

        def work() -> int:
            for record in records:
                producer.put(record)
            producer.flush()
            return len(records)

        gc.freeze()  # no part keeps all records as this one does, to look through them for garbage again and again
        bench.measure("put", work, (streaming,))
        gc.unfreeze()


def end_to_end(bench: Bench, stack: ExitStack, server: Server, span: tuple[Position, Position], folder: Path) -> None:
    """From the binlog, which has all changes, to objects in the lake: a task without a load, all parts at once."""
    plan = bench.plan
    start = f"{span[0].file}:{span[0].offset}"
    task = replace(plan.replication, migration_type="cdc", cdc_start_position=start, task_id="bench")
    lake = stack.enter_context(Lake(plan.delivery.bucket))
    role = lake.assume_role("delivery", plan.delivery.role_policies)
    with started(stack, "stream", stream.serve, plan.stream, False) as streaming:
        url = streaming.progress.url
        to = (plan.delivery, plan.stream.name, url, lake.url, folder / "delivery", role)
        delivering = Worker("delivery", delivery.run, *to)
        stack.callback(delivering.kill)
        while not (delivering.progress and delivering.progress.active):
            delivering.wait(1)
            delivering.poll()
        spent, begun = {w.name: cpu_of(w) for w in (streaming, delivering)}, time.perf_counter()
        replicating = Worker("replication", replication.run, task, server, plan.stream.name, url, folder / "task")
        stack.callback(replicating.kill)
        replicating.instruct(span[1])
        replication_cpu = delivery_cpu = 0.0
        while replicating.poll():
            replicating.wait(0.05)
            with suppress(OSError, IndexError):  # it has ended meanwhile
                replication_cpu = cpu_of(replicating)
        replicated = time.perf_counter() - begun
        delivering.instruct(True)
        while delivering.poll():
            with suppress(OSError, IndexError):  # it has ended meanwhile
                delivery_cpu = cpu_of(delivering)
            delivering.wait(0.05)
        seconds = time.perf_counter() - begun
        count = sum(sum(operations.values()) for operations in replicating.progress.records.values())
        cpus = {
            "replication": replication_cpu,
            "stream": cpu_of(streaming) - spent["stream"],
            "delivery": delivery_cpu - spent["delivery"],
        }
        for name, cpu in cpus.items():
            bench.figures[f"end to end: {name}"] = {"count": count, "cpu": round(cpu, 3)}
        total = round(sum(cpus.values()), 3)
        bench.figures["end to end"] = {"count": count, "seconds": round(seconds, 3), "cpu": total}
        bench.figures["end to end: until put"] = {"count": count, "seconds": round(replicated, 3)}


def main() -> None:
    """Measure everything once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=50_000)
    parser.add_argument("--limits", action="store_true", help="what is possible at all, and peers, too")
    parser.add_argument("--peers", type=Path, help="the interpreter of the environment of benches/peers.txt")
    options = parser.parse_args()
    bench = Bench(read_plan(declare("dev")), options.changes)
    preload(*PRELOADED)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        parameters = bench.plan.database.parameters
        mariadb = stack.enter_context(MariaDB(folder, parameters, toolchain.ensure_mariadbd()))
        server, begin, end = source_stages(bench, mariadb)
        records = written(bench, decoded(bench, server, begin))
        if options.limits:
            from benches import limits, peers

            limits.measure(bench, server, begin, records)
            peers.measure(bench, mariadb, server, (begin, end), options.peers)
        with ExitStack() as parts:
            put(bench, parts, records)
        records.clear()
        with ExitStack() as parts:
            end_to_end(bench, parts, server, (begin, end), folder)
    json.dump(bench.figures, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
