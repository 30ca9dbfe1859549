"""Relations: everything in the source that has rows or shows some, beside what a task captures of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pymysql

from database import catalog
from database.privileges import Name, may_read, not_wholly_readable
from database.queries import ask
from mappings.table_mappings import Mappings
from model import qualified

_BASE = "BASE TABLE"
_UNREADABLE = "the capture user may not read all of it: GRANT SELECT ON it, or exclude it"
_VIEW = "VIEW"
_KINDS = {
    "SYSTEM VERSIONED": "it is system-versioned, and DMS supports no temporal tables of MariaDB",
    "SEQUENCE": "it is a sequence and no table",
}
"""Why DMS does not capture a relation of this kind, by information_schema's name for it."""


class Relation(NamedTuple):
    """What information_schema.tables says of a table, a view or anything else."""

    schema: str
    name: str
    kind: str
    """``BASE TABLE``, ``VIEW`` or another name of information_schema's."""
    engine: str
    """Empty for what has none."""
    options: str
    """``partitioned`` and others."""

    def __str__(self) -> str:
        return qualified(self.schema, self.name)


def relations(connection: pymysql.Connection[Any]) -> tuple[Relation, ...]:
    """All that the user sees outside the system schemas, by schema and name."""
    rows = ask(
        connection,
        "SELECT table_schema, table_name, table_type, COALESCE(engine, ''), COALESCE(create_options, '') "
        "FROM information_schema.tables WHERE CAST(table_schema AS BINARY) NOT IN %s ORDER BY table_schema, table_name",
        (catalog.SYSTEM_SCHEMAS,),
    )
    return tuple(Relation(*row) for row in rows)


def missed(
    connection: pymysql.Connection[Any], there: Iterable[Relation], rules: Mappings, in_log: Iterable[Name] = ()
) -> tuple[str, ...]:
    """What has rows, is selected by the mappings and not captured by the task, each with the reason.

    ``there`` is what the source has, and ``in_log`` are tables whose rows the log has and the catalog did not list.
    """
    there = tuple(there)
    selected = [one for one in there if one.kind != _VIEW and rules.selects(one.schema, one.name)]
    told = {(one.schema, one.name): text for one, text in _not_captured(connection, selected)}
    known = {(one.schema, one.name) for one in there}
    for name in in_log:
        if name not in known and rules.selects(*name) and not may_read(connection, name):
            told[name] = (
                f"the log has rows of it, and the capture user may not see it: GRANT SELECT ON {qualified(*name)}, or "
                "exclude it"
            )
    return tuple(f"{qualified(*name)}: {text}" for name, text in sorted(told.items()))


def selected_views(there: Iterable[Relation], rules: Mappings) -> tuple[str, ...]:
    """Views that the patterns of the mappings find: they have no rows of their own, and the log no changes of them."""
    return tuple(str(one) for one in there if one.kind == _VIEW and rules.selects(one.schema, one.name))


def _not_captured(connection: pymysql.Connection[Any], selected: Iterable[Relation]) -> Iterator[tuple[Relation, str]]:
    tables = [one for one in selected if one.kind == _BASE]
    unreadable = not_wholly_readable(connection, [(one.schema, one.name) for one in tables])
    for one in selected:
        if one.kind != _BASE:
            yield one, _KINDS.get(one.kind, f"it is no table but {one.kind}")
        elif (one.schema, one.name) in unreadable:
            yield one, _UNREADABLE
