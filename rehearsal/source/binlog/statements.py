"""Statements in the binlog: what a Query event's SQL text means for one who follows the rows. Pure.

With ``binlog_format=ROW`` the log still holds statements: the borders of transactions, DDL, administration. A session
may also have chosen STATEMENT or MIXED for itself; its DML then stands there as text, and the rows are not in the log.
"""

from __future__ import annotations

import re
from enum import Enum, auto


class Meaning(Enum):
    """What a statement is to the reader of the binlog."""

    BEGIN = auto()
    COMMIT = auto()
    ROLLBACK = auto()
    ROLLBACK_TO = auto()
    """Takes back some of the rows before it in the same transaction."""
    XA_COMMIT = auto()
    XA_ROLLBACK = auto()
    DDL = auto()
    NOTHING = auto()
    """Changes no row of a base table and no definition of one."""
    UNKNOWN = auto()
    """May change rows that are not in the log, as every DML statement here does."""


_NOISE = re.compile(
    r"(?:\s+|/\*M?!\d*|/\*.*?\*/|--\s[^\n]*\n|#[^\n]*\n|SET\s+STATEMENT\s.*?\sFOR\s)+", re.IGNORECASE | re.DOTALL
)
"""Before the telling word: comments, the head of an executable comment, MariaDB's SET STATEMENT … FOR."""

_MEANINGS: tuple[tuple[str, Meaning], ...] = (
    (r"BEGIN|START TRANSACTION|XA (START|BEGIN)", Meaning.BEGIN),
    (r"COMMIT", Meaning.COMMIT),
    (r"ROLLBACK( WORK)? TO", Meaning.ROLLBACK_TO),
    (r"ROLLBACK", Meaning.ROLLBACK),
    (r"XA COMMIT", Meaning.XA_COMMIT),
    (r"XA ROLLBACK", Meaning.XA_ROLLBACK),
    (r"XA END|SAVEPOINT|RELEASE SAVEPOINT", Meaning.NOTHING),
    (r"(CREATE|DROP)( OR REPLACE)? TEMPORARY", Meaning.NOTHING),
    (r"(CREATE|ALTER|DROP|RENAME) USER|GRANT|REVOKE|SET (PASSWORD|DEFAULT ROLE)", Meaning.NOTHING),
    (r"ANALYZE|CHECK|FLUSH|OPTIMIZE|REPAIR|INSTALL|UNINSTALL", Meaning.NOTHING),
    (r"CREATE|ALTER|DROP|RENAME|TRUNCATE", Meaning.DDL),
)
_PATTERNS = tuple(
    (re.compile("(?:" + words.replace(" ", r"\s+") + r")\b", re.IGNORECASE), meaning) for words, meaning in _MEANINGS
)


def meaning(statement: str) -> Meaning:
    """What ``statement`` is; the first pattern that fits decides."""
    noise = _NOISE.match(statement)
    start = noise.end() if noise else 0
    return next((found for pattern, found in _PATTERNS if pattern.match(statement, start)), Meaning.UNKNOWN)
