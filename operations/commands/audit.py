"""``operations audit``: is the lake the source, row by row, without moving the rows?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from audit import Comparison, ViewResult, Way, audit_rows
from model import PipelineError, qualified
from operations.command import Operation, add_command
from operations.proof import captured, catalog
from operations.proof.report import Audited, show
from operations.proof.source import DividedSource
from operations.proof.waiting import add_patience, patience
from operations.sql import Source, athena, data_api
from operations.sql.athena import Athena
from operations.sql.source import add_source, source

MOST_ROWS = 10_000


def add(subparsers: Any) -> None:
    """``audit`` and its options."""
    command = add_command(
        subparsers,
        "audit",
        does="compare the lake with the source, column by column, by checksums that both sides compute",
        rights=[*data_api.RIGHTS, *captured.RIGHTS, *catalog.RIGHTS, *athena.RIGHTS],
        run=run,
        more="Each query is one statement and sees one state of its side: no lock, no long transaction. Of rows that "
        "differ only those that still do after the freshness promise are findings. A run scans what the views of the "
        "audited tables read, once for each level of division. Exit code 0: equal in all that was compared; 1: "
        "something was found; 2: it could not be asked, more rows "
        "differed than may be read again, or a table that was named could not be compared.",
    )
    command.add_argument("tables", nargs="*", metavar="TABLE", help="schema.table of the source (default: all)")
    add_source(command)
    add_patience(command)
    command.add_argument(
        "--most-rows",
        type=int,
        default=MOST_ROWS,
        metavar="N",
        help=f"rows of ranges that differ, which are read of one table at most ({MOST_ROWS})",
    )


def run(operation: Operation) -> int:
    """Audit, and report."""
    patience(operation)  # a wrong option is told before anything is asked
    if operation.options.most_rows < 1:
        few = operation.options.most_rows
        raise PipelineError(f"--most-rows {few}: a row that is not read cannot be named; give 1 or more")
    with source(operation) as database:
        audited = audit(operation, database, operation.options.tables, operation.options.most_rows)
    show(operation, audited)
    operation.tell(audited.as_json())
    return audited.code


def audit(operation: Operation, database: Source, named: Sequence[str], most_rows: int = MOST_ROWS) -> Audited:
    """What the audit of the tables ``named`` (of all if there are none) comes to. Raises PipelineError.

    ``most_rows`` are read of a table at most, of those in ranges that differ.
    """
    lake = Athena(operation.clients, operation.outputs, operation.pause)
    declared = catalog.catalog(operation.clients, operation.outputs)
    wanted = captured.captured(operation.clients, operation.outputs, database, named)
    tables: dict[str, ViewResult] = {}

    def side(comparison: Comparison) -> DividedSource:
        return DividedSource(database, comparison)

    for table in wanted.tables:
        operation.say(f"auditing {table}")
        way = Way(most_rows=most_rows, patience=patience(operation))
        tables.update(audit_rows(lake, declared, [table], side, wanted.expectations, way))
    names = {qualified(*view.table) for view in declared.views if view.table}
    return Audited(
        tables=tables,
        named=bool(named),
        unreadable=wanted.unreadable,
        unseen=[] if named else sorted(names - tables.keys() - set(wanted.unreadable)),
        queries=lake.queries,
        scanned=lake.scanned,
        source_queries=database.queries,
    )
