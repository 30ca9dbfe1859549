"""Changes: rows that a committed transaction inserted, updated or deleted, and where in the binlog that stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from model.table import Row, Table


class Position(NamedTuple):
    """A place in the source's binlog: the file and the byte offset just after an event. Compares in log order."""

    file: str
    """Binlog file name, as ``mysql-bin-changelog.000002``; the server numbers them with a fixed width."""
    offset: int
    """Bytes from the start of the file."""

    def __str__(self) -> str:
        return f"{self.file}:{self.offset}"


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
class TableChange:
    """What a DDL statement did to one table."""

    kind: Literal["created", "dropped", "altered", "renamed", "truncated"]
    before: Table | None
    """The table before it; None if there was none."""
    after: Table | None
    """The table after it, by its new name if it was renamed; None if it is gone."""
    placed: tuple[str, ...] = ()
    """Columns that were added elsewhere than at the end, each with its place: ``colour AFTER id``."""
    filled: tuple[str, ...] = ()
    """Columns that were added with a value in the rows that were there, which no row event tells."""
    partitions: str = ""
    """What was done to partitions if that takes away or brings rows without row events: ``DROP PARTITION``."""


@dataclass(frozen=True, kw_only=True)
class SchemaChange:
    """A DDL statement in the binlog (CREATE, ALTER, DROP, RENAME, TRUNCATE …)."""

    end: Position
    statement: str
    tables: tuple[TableChange, ...]
    """What it did, step by step, to tables that are known; nothing where it is about other things."""


@dataclass(frozen=True, kw_only=True)
class Idle:
    """The reader reached the end of the binlog at this position and nothing has come since."""

    end: Position
