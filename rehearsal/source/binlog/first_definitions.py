"""First definitions: what the tables are at the place of the log where a task begins to read.

The catalog tells what they are now. Between that place and now statements may have changed them, which the log tells:
a table that none of them names was then what it is now.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pymysql

from database import catalog
from database.server import Server
from model import PipelineError, Position, qualified
from rehearsal.source import log_end
from rehearsal.source.binlog.queries import Query, query
from rehearsal.source.binlog.statements import Meaning, meaning
from rehearsal.source.binlog.stream import BinlogStream, EventType
from rehearsal.source.definitions.definitions import Definitions, Selects
from rehearsal.source.definitions.dialect import UnreadableError
from rehearsal.source.definitions.reading import Name
from rehearsal.source.definitions.server_facts import dialect, schema_charsets
from rehearsal.source.definitions.statements import (
    AlterTable,
    CreateTable,
    DropSchema,
    DropTable,
    RenameTable,
    Step,
    steps,
)

_ATTEMPTS = 20


def definitions_now(connection: pymysql.Connection[Any], selects: Selects) -> Definitions:
    """All tables as they are now."""
    return Definitions(dialect(connection), selects, catalog.definitions(connection), schema_charsets(connection))


def at_log_end(server: Server, selects: Selects) -> tuple[Position, Definitions]:
    """A place at the end of the log, and the definitions there.

    Raises PipelineError if statements alter selected tables so often that no moment is found in between.
    """
    changed: set[Name] = set()
    with closing(server.connect()) as connection:
        for left in reversed(range(_ATTEMPTS)):
            begin = log_end.position(connection)
            definitions = definitions_now(connection, selects)
            changed = _unsettle(definitions, server, begin, log_end.position(connection))
            if not changed or not (left or any(selects(*name) for name in changed)):
                return begin, definitions
    raise PipelineError(
        f"tables were altered during each of {_ATTEMPTS} attempts to read what they are, at last "
        f"{', '.join(sorted(qualified(*name) for name in changed))}: stop DDL for a moment and try again"
    )


def at_position(server: Server, begin: Position, selects: Selects) -> Definitions:
    """The definitions at ``begin``; those that a statement behind it changed are not known, and say so if asked."""
    with closing(server.connect()) as connection:
        definitions = definitions_now(connection, selects)
        _unsettle(definitions, server, begin, log_end.position(connection))
        return definitions


def _unsettle(definitions: Definitions, server: Server, begin: Position, end: Position) -> set[Name]:
    """Take out of ``definitions`` what statements between the two places changed; the names of these tables."""
    seen: set[Name] = set()
    for session, text in _statements(server, begin, end, definitions):
        try:
            todo = steps(text, definitions.dialect, session)
        except UnreadableError:
            continue  # who reads the log from here comes to it, and tells
        for step in todo:
            for name, was_there in _names(step):
                if name in seen:
                    continue
                seen.add(name)
                if was_there:
                    why = f"a statement behind {begin}, where the task begins, changed it: {text[:100]}"
                    definitions.forget(name, why)
                else:
                    definitions.remove(name)
    return seen


def _names(step: Step) -> Iterator[tuple[Name, bool]]:
    """The tables that a step changes, each with whether it was there before it."""
    if isinstance(step, CreateTable):
        yield step.name, step.replaces or step.lenient
    elif isinstance(step, RenameTable):
        yield from ((step.old, True), (step.new, False))
    elif isinstance(step, AlterTable):
        yield step.name, True
        if step.alteration.new_name:
            yield step.alteration.new_name, False
    elif isinstance(step, DropTable):
        yield step.name, True
    elif isinstance(step, DropSchema):
        yield (step.schema, ""), True


def _statements(server: Server, begin: Position, end: Position, definitions: Definitions) -> Iterator[Query]:
    """The DDL between two places of the log."""
    if begin >= end:
        return
    in_transaction = False
    with closing(BinlogStream(server, begin, heartbeat=0.05)) as stream:
        for event in stream:
            if event.kind == EventType.MARIADB_GTID:
                in_transaction = not event.body[12] & 1
            elif event.kind == EventType.QUERY:
                found = query(event.body, definitions.dialect, generated=in_transaction)
                if meaning(found.text) is Meaning.DDL:
                    yield found
            if event.end >= end:
                return
