"""Source rows: what the audit compares the lake with: the captured tables as they are at one place in the binlog."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pymysql

from audit import Expectations, questions
from database import catalog
from database.queries import ask, quoted
from database.server import Server, is_lost
from mappings import table_mappings as mappings
from model import PipelineError, Position, Row, Table, qualified
from model.plan import CatalogPlan, ReplicationPlan
from rehearsal.play.output import Output
from rehearsal.source import log_end
from rehearsal.source.checks.limitations import without_transactions
from rehearsal.source.checks.readable import rules_without_table

_ATTEMPTS = 3
_REST_SECONDS, _WAIT_SECONDS = 0.3, 4.0


@dataclass(frozen=True, kw_only=True)
class SourceRows:
    """What was kept of a source, and what is to be said of that."""

    position: Position
    captured: tuple[Table, ...]
    others: tuple[str, ...]
    """The other tables' names."""
    moving: tuple[str, ...]
    """Tables without transactions, if the source went on changing while they were read."""
    unasked: tuple[str, ...]
    """What to say of tables whose checksums the server did not compute."""
    idle_rules: tuple[str, ...]
    """What to say of rules that select nothing."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be said of it."""
        moving = tuple(
            f"{name} knows no transactions, and the source went on changing while it was read: its rows may be those "
            f"of a moment behind {self.position}. Let its writers rest when the capture ends"
            for name in self.moving
        )
        return self.idle_rules + self.unasked + moving


def keep_source(
    plan: ReplicationPlan, server: Server, output: Output, catalog_plan: CatalogPlan | None = None
) -> SourceRows:
    """Keep the captured tables' rows as they are at one binlog position, and their checksums as the server computes
    them for the views of ``catalog_plan``.

    A snapshot does not hold tables without transactions. With such tables the rows are read while the log stands still,
    if that happens within a few attempts; else a warning names the tables.
    """
    for _ in range(_ATTEMPTS - 1):
        if not (kept := _keep(plan, server, output, catalog_plan)).moving:
            return kept
    return _keep(plan, server, output, catalog_plan)


def _keep(plan: ReplicationPlan, server: Server, output: Output, catalog_plan: CatalogPlan | None) -> SourceRows:
    rules, expectations = mappings.parse(plan.table_mappings), Expectations.of(plan)
    unasked = list[str]()
    with closing(server.connect()) as connection:
        unsteady = _unsteady(connection, rules)
        if unsteady:
            _rest(connection)
        with log_end.consistent(connection) as position:
            tables = catalog.tables(connection)
            captured = rules.in_load_order(tables)
            output.keep_source(
                captured,
                lambda table: _read(connection, table, steady=str(table) not in unsteady),
                position,
                expectations,
                lambda table: _checksums(connection, table, catalog_plan, expectations, unasked),
            )
            moved = bool(unsteady) and log_end.position(connection) != position
    return SourceRows(
        position=position,
        captured=captured,
        others=tuple(str(table) for table in tables if table not in captured),
        moving=tuple(str(table) for table in captured if moved and str(table) in unsteady),
        unasked=tuple(unasked),
        idle_rules=rules_without_table(rules, tables),
    )


def _unsteady(connection: pymysql.Connection[Any], rules: mappings.Mappings) -> frozenset[str]:
    """The captured tables that no snapshot holds."""
    names = without_transactions(connection)
    return frozenset(qualified(*name) for name in names if rules.selects(*name))


def _read(connection: pymysql.Connection[Any], table: Table, *, steady: bool) -> Iterator[Row]:
    """The rows of ``table``. PipelineError if the server gives fewer or more than it counts."""
    given = 0
    for row in catalog.read(connection, table):
        given += 1
        yield row
    if steady and (counted := _count(connection, table)) != given:
        raise PipelineError(
            f"the source counts {counted:,} rows of {table} and gives {given:,}: something between the rehearsal and "
            "the table cuts its answers (a proxy, a limit of the account), so nothing can be compared with it"
        )


def _checksums(
    connection: pymysql.Connection[Any],
    table: Table,
    catalog_plan: CatalogPlan | None,
    expectations: Expectations,
    unasked: list[str],
) -> Mapping[str, list[Row]]:
    """What the server answers to the queries that the audit in SQL begins with. One that it refuses is no reason to
    rehearse nothing: the rows that are kept tell the same, and ``unasked`` gets a warning."""
    told: dict[str, list[Row]] = {}
    for sql in questions(catalog_plan, table, expectations) if catalog_plan else ():
        try:
            told[sql] = ask(connection, sql)
        except pymysql.MySQLError as error:
            if is_lost(error):
                raise
            unasked.append(
                f"{table}: the server did not compute checksums of its rows, as an audit of a live stack would ask it "
                f"to (it said: {error}); its rows were compared themselves"
            )
    return told


def _count(connection: pymysql.Connection[Any], table: Table) -> int:
    """How many rows the table has, by a statement whose answer is one row, so that no limit of rows can cut it."""
    ((number,),) = ask(connection, f"SELECT COUNT(*) FROM {quoted(table.schema)}.{quoted(table.name)}")
    return number


def _rest(connection: pymysql.Connection[Any]) -> None:
    """Wait until the log has stood still for a moment, or for as long as that is worth waiting for."""
    ends = time.monotonic() + _WAIT_SECONDS
    before = log_end.position(connection)
    while time.monotonic() < ends:
        time.sleep(_REST_SECONDS)
        if (now := log_end.position(connection)) == before:
            return
        before = now
