"""Readable tables: what the declared mappings select of a source, against what the capture user can read of it.

DMS knows a table only as its own user sees it: what that user may not read is not there for it, without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any

from database import catalog, privileges
from database.server import Server
from mappings import table_mappings as mappings
from mappings.rules import label
from model import PipelineError, Table
from rehearsal.source.binlog.charsets import DECODERS


def check_readable(document: Mapping[str, Any], administrator: Server | None, capture: Server) -> None:
    """Raise PipelineError for mapped tables that are not the capture user's to read: DMS would not know of them.

    ``document`` is the declared table mappings.
    Without an ``administrator`` nobody can tell. Both catalogs are read for this question alone: the task reads its own
    when it starts, as DMS does, and the source is read once more where it is compared, for by then a table may have
    been made or altered. This is asked before all that, while nothing has been started or cleared yet.
    """
    if administrator is None:
        return
    with closing(administrator.connect()) as connection:
        mapped = mappings.parse(document).in_load_order(catalog.tables(connection))
    with closing(capture.connect()) as connection:
        seen = catalog.tables(connection)
    if hidden := ", ".join(sorted(str(table) for table in mapped if table not in seen)):
        raise PipelineError(f"the capture user may not read all of {hidden}: GRANT SELECT on it in the declared SQL")


def check_decodable(tables: Iterable[Table]) -> None:
    """Raise PipelineError for text columns whose changes could not be read: before the load, which the server converts.

    Their rows in the log are in the column's own character set.
    """
    found = [
        f"{table}.{column.name} ({column.charset})"
        for table in tables
        for column in (*table.columns, *(column for _, column in table.left_out))
        if column.charset and column.charset not in DECODERS
    ]
    if found:
        raise PipelineError(
            f"changes of {', '.join(found)} could not be decoded: the rehearsal knows the character sets "
            f"{', '.join(sorted(DECODERS))}. Convert the columns to utf8mb4, or exclude their tables"
        )


def may_read(server: Server, table: Table) -> bool:
    """Whether the capture user may read ``table``. One that is gone by now it may: that says who may not."""
    with closing(server.connect()) as connection:
        return privileges.may_read(connection, (table.schema, table.name), "*")


def rules_without_table(rules: mappings.Mappings, tables: Iterable[Table]) -> tuple[str, ...]:
    """What to say of each rule that selects none of the tables that the capture user sees."""
    return tuple(
        f"{label(one.rule)} selects no table that is there and that the capture user may read: "
        f"{one.rule['object-locator']['schema-name']}.{one.rule['object-locator']['table-name']}"
        for one in rules.selections
        if one.action != "exclude" and not any(one.matches(table.schema, table.name) for table in tables)
    )
