"""Foreign statements: DML in the log as text, instead of rows, on a schema of which nothing is captured. Pure.

Servers write such statements themselves: the emptying of a MEMORY table after a restart, RDS's heartbeat. They need not
end a rehearsal. What a trigger or a view of another schema makes of them in a captured table cannot be seen here: the
audit finds it.
"""

from __future__ import annotations

from rehearsal.source.definitions.definitions import Definitions
from rehearsal.source.definitions.dialect import Session, UnreadableError
from rehearsal.source.definitions.tokens import Kind, Token, tokens

_CHANGES = frozenset({"INSERT", "REPLACE", "UPDATE", "DELETE"})
_BEFORE_TABLE = frozenset({"LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK", "IGNORE", "INTO", "FROM"})


def is_foreign(statement: str, session: Session, definitions: Definitions) -> bool:
    """Whether ``statement`` changes a table of a schema without captured tables, and names no captured one."""
    try:
        found = tokens(statement, definitions.dialect, session)
    except UnreadableError:
        return False
    if not found or found[0].text.upper() not in _CHANGES:
        return False
    folded = definitions.dialect.folded
    known = [(table.schema, table.name) for table in definitions.tables()]
    ours = {(folded(schema), folded(name)) for schema, name in known if definitions.selects(schema, name)}
    ours |= definitions.unknown.keys()
    schemas = {schema for schema, _ in ours}
    named = _named(found, session.schema)
    return (
        bool(named)
        and folded(named[0][0]) not in schemas
        and not any(
            (folded(schema), folded(name)) in ours or (schema != session.schema and definitions.selects(schema, name))
            for schema, name in named
        )
    )


def _named(found: list[Token], default: str) -> list[tuple[str, str]]:
    """Every schema and name that the words of a statement may mean; the first is the table that it changes."""
    named: list[tuple[str, str]] = []
    rest = [token for place, token in enumerate(found) if place]
    while rest and rest[0].kind is Kind.WORD and rest[0].text.upper() in _BEFORE_TABLE:
        rest.pop(0)
    for place, token in enumerate(rest):
        follows = rest[place + 1 : place + 3]
        if token.kind not in (Kind.WORD, Kind.NAME):
            continue
        if len(follows) == 2 and follows[0].text == "." and follows[1].kind in (Kind.WORD, Kind.NAME):
            named.append((token.text, follows[1].text))
        elif not (place and rest[place - 1].text == "."):
            named.append((default, token.text))
    return named
