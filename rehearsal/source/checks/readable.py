"""Captured: what the declared mappings select of a source, and what a user must be told who expects more of it.

DMS knows a table only as its own user sees it: what that user may not read is not there for it, without a word.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

from mappings import table_mappings as mappings
from mappings.rules import label
from model import PipelineError, Table
from model.plan import Plan
from rehearsal.source import catalog
from rehearsal.source.sources import Source


def check_readable(plan: Plan, source: Source) -> None:
    """Raise PipelineError for mapped tables that are not the capture user's to read: DMS would not know of them."""
    if source.administrator is None:
        return
    with closing(source.administrator.connect()) as connection:
        mapped = mappings.parse(plan.replication.table_mappings).in_load_order(catalog.tables(connection))
    with closing(source.server.connect()) as connection:
        seen = catalog.tables(connection)
    if hidden := ", ".join(sorted(str(table) for table in mapped if table not in seen)):
        raise PipelineError(f"the capture user may not read all of {hidden}: GRANT SELECT on it in the declared SQL")


def unmatched(rules: mappings.Mappings, tables: Iterable[Table]) -> tuple[str, ...]:
    """What to say of each rule that selects none of the tables that the capture user sees."""
    return tuple(
        f"{label(one.rule)} selects no table that is there and that the capture user may read: "
        f"{one.rule['object-locator']['schema-name']}.{one.rule['object-locator']['table-name']}"
        for one in rules.selections
        if one.action != "exclude" and not any(one.matches(table.schema, table.name) for table in tables)
    )
