"""The words that every part of the rehearsal shares: what a table is, where in the binlog we are, what changed.

No I/O here and nothing of AWS: the source speaks these words, the replication turns them into DMS records.

Values, whichever way they were read (a full load's SELECT or a row event of the binlog), are always:

===================================  ==========================================================================
MySQL type                           Python value (``None`` is NULL)
===================================  ==========================================================================
TINYINT … BIGINT, YEAR, BIT          ``int`` (unsigned columns never negative; BIT as its unsigned integer)
DECIMAL                              ``decimal.Decimal`` with the column's scale
FLOAT, DOUBLE                        ``float`` (FLOAT: the shortest decimal that names the same 32-bit number)
CHAR, VARCHAR, TEXT, ENUM, JSON      ``str`` (ENUM its label; JSON its text)
SET                                  ``str``: labels in declaration order, joined by commas
BINARY, VARBINARY, BLOB, GEOMETRY    ``bytes`` (BINARY padded with zero bytes to its length)
DATE, DATETIME, TIMESTAMP, TIME      ``str`` as MySQL prints it, with the column's fractional digits;
                                     TIMESTAMP in UTC; zero dates stay ``0000-00-00``
===================================  ==========================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

Value = None | int | float | Decimal | str | bytes
Row = tuple[Value, ...]


def qualified(schema: str, name: str) -> str:
    """``schema.name`` to show and to tell apart: a name that holds a dot or a backtick is quoted as MySQL quotes it."""
    quoted = (f"`{text.replace('`', '``')}`" if "." in text or "`" in text else text for text in (schema, name))
    return ".".join(quoted)


class RehearsalError(Exception):
    """The declaration cannot be rehearsed, or a part of it failed. The text says which, why and what to do."""


class Position(NamedTuple):
    """A place in the source's binlog: the file and the byte offset just after an event. Compares in log order."""

    file: str
    """Binlog file name, as ``mysql-bin-changelog.000002``; the server numbers them with a fixed width."""
    offset: int
    """Bytes from the start of the file."""

    def __str__(self) -> str:
        return f"{self.file}:{self.offset}"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column as ``information_schema.columns`` tells it."""

    name: str
    data_type: str
    """MySQL's type name in lower case, without length or sign: ``bigint``, ``varchar``, ``json``."""
    column_type: str
    """The whole type: ``bigint(20) unsigned``, ``enum('a','b')``."""
    nullable: bool = True
    charset: str | None = None
    """MySQL character set of a text column (``utf8mb4``); None for anything else."""
    length: int | None = None
    """Characters of a text column, bytes of a binary one; None for anything else."""
    precision: int | None = None
    """Digits of a DECIMAL, bits of a BIT, fractional second digits of a temporal type."""
    scale: int | None = None
    """Fractional digits of a DECIMAL."""
    labels: tuple[str, ...] = ()
    """The labels of an ENUM or SET, in declaration order."""

    @property
    def unsigned(self) -> bool:
        """Whether the column holds no negative numbers."""
        return "unsigned" in self.column_type


@dataclass(frozen=True, kw_only=True)
class Table:
    """A base table of the source."""

    schema: str
    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    """Column names of the primary key in key order; empty without one."""
    left_out: tuple[tuple[int, Column], ...] = ()
    """Columns that DMS does not replicate (generated, invisible), each with its place, from 0, among all the columns of
    the source's table. They are not in ``columns`` nor in any Row; the binlog's row images may hold them."""

    def __str__(self) -> str:
        return qualified(self.schema, self.name)

    @property
    def key_positions(self) -> tuple[int, ...]:
        """Where the primary key's columns stand in ``columns``; every column for a table without a primary key."""
        names = [column.name for column in self.columns]
        return tuple(names.index(name) for name in self.primary_key) or tuple(range(len(names)))

    def key(self, row: Row) -> Row:
        """The values that identify ``row``: its primary key, or the whole row for a table without one."""
        return tuple(row[position] for position in self.key_positions)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One changed row: ``insert`` has only ``after``, ``delete`` only ``before``, ``update`` both (full row images)."""

    table: Table
    before: Row | None
    after: Row | None

    @property
    def operation(self) -> str:
        """``insert``, ``update`` or ``delete``."""
        if self.before is None:
            return "insert"
        return "delete" if self.after is None else "update"


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """The row changes of one committed transaction, in log order."""

    begin: Position
    """Where its first event starts: from here it can be read again."""
    end: Position
    """Just after its commit event: the next transaction starts at or after this."""
    committed_at: int
    """Seconds since the epoch, from the header of the commit event."""
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class SchemaChange:
    """A DDL statement in the binlog (CREATE, ALTER, DROP, RENAME, TRUNCATE …)."""

    end: Position
    schema: str
    """The default schema of the session that ran it; may be empty."""
    statement: str


@dataclass(frozen=True, kw_only=True)
class Idle:
    """The reader reached the end of the binlog at this position and nothing has come since."""

    end: Position
