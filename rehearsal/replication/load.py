"""Load: the full load, table by table, while the source goes on changing."""

from __future__ import annotations

from contextlib import closing

from database.server import Server
from mappings.target import Target
from rehearsal.replication.capture import Capture
from rehearsal.replication.records import transaction_id
from rehearsal.replication.writing import Writing
from rehearsal.source import log_end
from rehearsal.source.loading import loaded_rows


def load_all(server: Server, capture: Capture, writing: Writing, *, captures: bool) -> None:
    """Load every table; the stream then has acknowledged all rows. ``captures`` says whether changes follow."""
    writing.reporter.phase = "full load"
    writing.reporter.report(now=True)
    writing.tell(writing.control.exceptions_table())
    for target in capture.targets.values():
        _load(server, capture, writing, target, captures=captures)
    writing.producer.flush()


def _load(server: Server, capture: Capture, writing: Writing, target: Target, *, captures: bool) -> None:
    if writing.settings.drop_and_create:
        writing.tell(writing.control.bare("drop-table", target))
    writing.tell(writing.control.table("create-table", target))
    table, name, reporter = target.table, str(target.table), writing.reporter
    reporter.begin_load(name)
    with closing(server.connect()) as connection:
        for row in capture.rows(table, loaded_rows(connection, table)):
            writing.producer.put(writing.records.load(table, row))
            reporter.count(name, "load")
            reporter.report()
        if captures:
            reporter.load_ends[name] = transaction_id(log_end.position(connection))
