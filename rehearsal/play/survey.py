"""Survey: what is to be known of a source before anything of it is read, told at the start and again in the report."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field

from database import catalog
from database.server import Server
from mappings import table_mappings as mappings
from model import qualified
from model.plan import ReplicationPlan
from rehearsal.source.checks.clock import clock_warning
from rehearsal.source.checks.limitations import left_out, limitations
from rehearsal.source.checks.log_filters import check_logged
from rehearsal.source.checks.preflight import preflight
from rehearsal.source.checks.readable import check_decodable
from rehearsal.source.checks.relations import missed, relations


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What a source says of itself at the start."""

    warnings: tuple[str, ...] = ()
    causes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What may explain findings, by the table's name in the lake, ``schema.table``."""
    differing: tuple[str, ...] = ()
    """Tables, by their names in the lake, of which a real task may write something else than the rehearsal."""
    left_out: tuple[str, ...] = ()
    """Columns that DMS leaves out, each with the reason."""
    missed: tuple[str, ...] = ()
    """What the mappings select and the task does not capture, each with the reason."""

    def lines(self) -> tuple[str, ...]:
        """Everything, for people."""
        return (
            *(f"warning: {text}" for text in self.warnings),
            *(f"not captured, though selected: {text}" for text in self.missed),
            *([f"left out: {', '.join(self.left_out)}"] if self.left_out else ()),
        )


def survey(plan: ReplicationPlan, server: Server) -> Survey:
    """Look at what ``plan`` captures of ``server``. Raises PipelineError where its log cannot have the changes,
    or they could not be decoded."""
    rules = mappings.parse(plan.table_mappings)
    with closing(server.connect()) as connection:
        if _captures(plan):
            preflight(connection)
        tables = rules.in_load_order(catalog.tables(connection))
        if _captures(plan):
            check_decodable(tables)
        filtered = check_logged(connection, {table.schema for table in tables}) if _captures(plan) else ()
        targets = [rules.target(table) for table in tables]
        lake = {str(target.table): qualified(target.schema, target.name) for target in targets}
        there = relations(connection)
        found = limitations(connection, targets, there)
        clock = clock_warning(connection)
        explaining = [one for one in found if one.explains]
        return Survey(
            warnings=(*([clock] if clock else ()), *filtered, *map(str, found)),
            causes={
                lake[table]: tuple(one.text for one in explaining if one.table == table)
                for table in dict.fromkeys(one.table for one in explaining)
            },
            differing=tuple(dict.fromkeys(lake[one.table] for one in found if one.differs)),
            left_out=left_out(connection, tables),
            missed=missed(connection, there, rules),
        )


def _captures(plan: ReplicationPlan) -> bool:
    return plan.migration_type != "full-load"
