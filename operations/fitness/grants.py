"""The tables that the task's mappings select, and whether the user as which DMS reads may read each.

Over the Data API the administrator looks the capture user's grants up; with ``--source`` the user of that address,
which should be the capture user, tries each table.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from database.privileges import Name, not_wholly_readable
from mappings.table_mappings import Mappings, parse
from model import qualified
from operations.health.look import Look
from operations.health.part import Part
from operations.sql.server import ServerSql

_TABLES = """SELECT t.table_schema, t.table_name, {readable}
FROM information_schema.tables t
WHERE t.table_type = 'BASE TABLE'
  AND t.table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')"""
_GRANTED = """EXISTS (SELECT 1 FROM information_schema.user_privileges p WHERE {mine})
  OR EXISTS (SELECT 1 FROM information_schema.schema_privileges p WHERE {mine} AND t.table_schema LIKE p.table_schema)
  OR EXISTS (SELECT 1 FROM information_schema.table_privileges p
    WHERE {mine} AND p.table_schema = t.table_schema AND p.table_name = t.table_name)"""


def grants(look: Look) -> Part:
    """Every captured table."""
    part = Part("tables")
    replication = part.ask(lambda: look.replication)
    mappings = part.ask(lambda: parse(json.loads(replication.table_mappings))) if replication else None
    if mappings is None:
        return part
    known = part.ask(lambda: _readable(look, mappings))
    if known is None:
        return part
    tables, readable = known
    who = "the user of --source" if isinstance(look.source, ServerSql) else look.operation.outputs.capture_username
    for name in tables:
        if name in readable:
            part.facts[qualified(*name)] = f"{who} may read it"
    denied = [qualified(*name) for name in tables if name not in readable]
    if denied:
        part.wrong(
            f"{who} may not read {', '.join(denied)}, so the task would load nothing of it and may fail",
            "with sqlBootstrap: auto `pulumi up`, else run the statements of the stack output captureUserStatements; "
            "a table that was made after a grant on it alone needs that grant again",
        )
    for name in _not_there(mappings, tables):
        part.wrong(f"{name} is selected by the mappings, and there is no such table", "make it, or correct `tables`")
    if not tables and not part.problems:
        part.wrong("the mappings select no table that is there", "load the tables, or correct `tables`")
    return part


def _readable(look: Look, mappings: Mappings) -> tuple[list[Name], set[Name]]:
    """The captured tables, and those of them that may be read."""
    source, user = look.source, look.operation.outputs.capture_username
    if isinstance(source, ServerSql):
        names = _captured(mappings, (row[:2] for row in source(_TABLES.format(readable="1")).rows))
        return names, set(names) - not_wholly_readable(source.connection, names)
    mine = f"p.grantee = '''{user}''@''%''' AND p.privilege_type = 'SELECT'"
    rows = source(_TABLES.format(readable=_GRANTED.format(mine=mine))).rows
    readable = {(schema, table) for schema, table, may in rows if may}
    return _captured(mappings, (row[:2] for row in rows)), readable


def _captured(mappings: Mappings, rows: Iterable[tuple[str, ...]]) -> list[Name]:
    return sorted((schema, table) for schema, table in rows if mappings.selects(schema, table))


def _not_there(mappings: Mappings, tables: list[Name]) -> list[str]:
    """What is selected by its whole name and is not among ``tables``."""
    rules = [it for it in mappings.selections if it.action != "exclude"]
    return [
        ".".join(it.rule["object-locator"][key] for key in ("schema-name", "table-name")).replace("[_]", "_")
        for it in rules
        if not set("%_[") & set("".join(it.rule["object-locator"].values()).replace("[_]", ""))
        and not any(it.matches(*name) for name in tables)
    ]
