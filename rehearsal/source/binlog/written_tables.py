"""Written tables: which tables a statement that the log has in the place of rows may write. Pure.

A session with ``binlog_format=STATEMENT`` writes such statements. So does a server by itself: RDS has heartbeats in the
schema mysql, and a MEMORY table that a restart has emptied is told by ``DELETE FROM``.
"""

from __future__ import annotations

from collections.abc import Iterator

from rehearsal.source.definitions.definitions import Definitions
from rehearsal.source.definitions.dialect import Dialect, Session, UnreadableError
from rehearsal.source.definitions.reading import Name, Reading
from rehearsal.source.definitions.tokens import Kind

_OWN_SCHEMA = "mysql"
"""Which the server writes by itself, and on which there can be no triggers."""
_NAMES = (Kind.WORD, Kind.NAME)
_MODIFIERS = ("LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "CONCURRENT", "QUICK", "IGNORE", "HISTORY")


def written_tables(statement: str, dialect: Dialect, session: Session) -> frozenset[Name]:
    """The tables that INSERT, REPLACE, UPDATE, DELETE or LOAD DATA may write.

    Of one with several tables these are all names in it that may be a table's. What triggers, functions and views write
    by it nobody knows. UnreadableError for any other statement.
    """
    reading = Reading(statement, dialect, session)
    while reading.take("SET", "STATEMENT"):
        while not reading.take("FOR"):
            reading.next()
    if reading.take("WITH"):
        while not any(reading.at(verb) for verb in ("UPDATE", "DELETE", "INSERT", "REPLACE")):
            reading.group() if reading.at("(") else reading.next()
    verb = reading.take_one("INSERT", "REPLACE", "UPDATE", "DELETE", "LOAD")
    if verb == "LOAD":
        return frozenset({_loaded(reading)})
    if not verb:
        raise reading.refuse()
    while reading.take_one(*_MODIFIERS):
        pass
    if verb in ("INSERT", "REPLACE"):
        reading.take("INTO")
        return frozenset({reading.table_name()})
    if verb == "DELETE" and not reading.take("FROM"):
        return frozenset(_all_names(reading))
    names = frozenset(_all_names(reading))
    first = reading.table_name()
    return frozenset({first}) if _is_alone(reading, verb) else names


def uncaptured(statement: str, definitions: Definitions, session: Session) -> frozenset[Name] | None:
    """The tables outside the server's own schema that ``statement`` may write, if none of them is captured.

    None if one is, or nobody can tell.
    """
    try:
        tables = written_tables(statement, definitions.dialect, session)
    except UnreadableError:
        return None
    folded = {(definitions.dialect.folded(schema), definitions.dialect.folded(name)) for schema, name in tables}
    if any(definitions.selects(*name) for name in tables | folded):
        return None
    return frozenset(name for name in folded if name[0] != _OWN_SCHEMA)


def _loaded(reading: Reading) -> Name:
    reading.next()  # DATA or XML
    while not reading.take("TABLE"):
        reading.next()
    return reading.table_name()


def _is_alone(reading: Reading, verb: str) -> bool:
    """Whether no other table follows the one that was read."""
    if reading.take("PARTITION"):
        reading.group()
    if not reading.at("SET"):
        reading.take("AS")
        if reading.peek().kind in _NAMES and not reading.at("WHERE") and reading.word() not in _AFTER_TABLE:
            reading.next()
    if verb == "UPDATE":
        return reading.at("SET")
    return reading.ended or any(reading.at(word) for word in ("WHERE", "ORDER", "LIMIT", "RETURNING", "FOR"))


_AFTER_TABLE = ("ORDER", "LIMIT", "RETURNING", "FOR", "USING", "JOIN", "INNER", "LEFT", "RIGHT", "CROSS", "NATURAL")


def _all_names(reading: Reading) -> Iterator[Name]:
    """Every name from here on, as if it was a table's; nothing is passed."""
    ahead = 0
    while (token := reading.peek(ahead)).text:
        if token.kind in _NAMES:
            yield reading.session.schema, token.text
            if reading.peek(ahead + 1).text == "." and reading.peek(ahead + 2).kind in _NAMES:
                yield token.text, reading.peek(ahead + 2).text
        ahead += 1
