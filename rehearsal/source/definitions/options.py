"""Options: what may stand behind the columns of CREATE TABLE, and among the actions of ALTER TABLE.

https://mariadb.com/kb/en/create-table/#table-options, https://dev.mysql.com/doc/refman/8.0/en/create-table.html
"""

from __future__ import annotations

from typing import NamedTuple

from rehearsal.source.definitions.columns import charset, collation_charset
from rehearsal.source.definitions.reading import EQUALS, Reading

_OPTIONS = frozenset(
    {
        "ALGORITHM", "LOCK", "ENGINE", "TYPE", "AUTO_INCREMENT", "AVG_ROW_LENGTH", "CHECKSUM", "TABLE_CHECKSUM",
        "COMMENT", "COMPRESSION", "CONNECTION", "DATA", "INDEX", "DELAY_KEY_WRITE", "ENCRYPTION", "ENCRYPTED",
        "ENCRYPTION_KEY_ID", "IETF_QUOTES", "INSERT_METHOD", "KEY_BLOCK_SIZE", "MAX_ROWS", "MIN_ROWS", "PACK_KEYS",
        "PAGE_CHECKSUM", "PAGE_COMPRESSED", "PAGE_COMPRESSION_LEVEL", "PASSWORD", "ROW_FORMAT", "SEQUENCE",
        "STATS_AUTO_RECALC", "STATS_PERSISTENT", "STATS_SAMPLE_PAGES", "TABLESPACE", "STORAGE", "TRANSACTIONAL",
        "UNION", "FORCE", "AUTOEXTEND_SIZE", "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE", "SECONDARY_ENGINE_ATTRIBUTE",
        "SECONDARY_LOAD", "SECONDARY_UNLOAD", "DISABLE", "ENABLE", "DISCARD", "IMPORT", "NOWAIT", "WAIT"
    }
)  # fmt: skip
_NO_VALUE = _OPTIONS | {
    "DEFAULT",
    "CHARACTER",
    "CHAR",
    "CHARSET",
    "COLLATE",
    "WITH",
    "WITHOUT",
    "PARTITION",
    "REMOVE",
    "AS",
    "SELECT",
}
"""Words that are no value of the option before them, but the next one."""


class Option(NamedTuple):
    """An option of a table, as far as it matters."""

    charset: str | None = None
    """The table's default from now on."""
    versioned: bool = False
    """Whether the table keeps its old rows."""


def read_option(reading: Reading) -> Option:
    """One option of a table. UnreadableError for what is none."""
    if reading.take_one("DEFAULT CHARACTER SET", "DEFAULT CHARSET", "CHARACTER SET", "CHARSET", "CHAR SET"):
        reading.take("=")
        return Option() if reading.take("DEFAULT") else Option(charset=charset(reading))
    if reading.take_one("DEFAULT COLLATE", "COLLATE"):
        return Option(charset=collation_charset(reading))
    if reading.take("WITH", "SYSTEM", "VERSIONING"):
        return Option(versioned=True)
    if reading.take_one("WITH VALIDATION", "WITHOUT VALIDATION", "START TRANSACTION", "DEFAULT"):
        return Option()
    if reading.word() not in _OPTIONS and reading.peek(1) != EQUALS:
        raise reading.refuse()
    reading.next()
    _pass_value(reading)
    return Option()


def _pass_value(reading: Reading) -> None:
    """``= value``, ``value``, or words as KEYS, DIRECTORY = '…' behind an option's name."""
    reading.take_one("KEYS", "DIRECTORY", "TABLESPACE")
    if reading.take("="):
        if reading.at("("):
            reading.group()
        else:
            reading.next()
            if reading.take("."):
                reading.next()
    elif not (reading.ended or reading.at(",") or reading.peek(1) == EQUALS or reading.word() in _NO_VALUE):
        reading.next()
