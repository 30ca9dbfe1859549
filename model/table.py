"""Tables of the source, their columns, and the values in their rows.

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
from itertools import zip_longest

Value = None | int | float | Decimal | str | bytes
Row = tuple[Value, ...]


def qualified(schema: str, name: str) -> str:
    """``schema.name`` to show and to tell apart: a name that holds a dot or a backtick is quoted as MySQL quotes it."""
    quoted = (f"`{text.replace('`', '``')}`" if "." in text or "`" in text else text for text in (schema, name))
    return ".".join(quoted)


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


def difference(one: Table, other: Table | None) -> str:
    """What is different for the rows of two tables, of which one may not be there; empty if nothing is."""
    if other is None:
        return "one of them has no such table"
    if one.primary_key != other.primary_key:
        return f"the primary key is ({', '.join(one.primary_key)}) and ({', '.join(other.primary_key)})"
    mine, others = ([*table.columns, *table.left_out] for table in (one, other))
    told = [f"{_shown(my)} and {_shown(their)}" for my, their in zip_longest(mine, others) if _form(my) != _form(their)]
    return "; ".join(told)


def _shown(column: Column | tuple[int, Column] | None) -> str:
    if isinstance(column, tuple):
        return f"{_shown(column[1])}, left out at {column[0]}"
    return f"{column.name} {column.column_type}" if column else "no column"


def _form(column: Column | tuple[int, Column] | None) -> object:
    """What decides how the values of a column stand in the log and what they mean; of one left out, where it stands."""
    if not isinstance(column, Column):
        return (column[0], column[1].name) if column else None
    data_type = "longtext" if column.data_type == "json" and column.column_type == "longtext" else column.data_type
    return (
        column.name,
        data_type,
        column.unsigned,
        column.charset,
        column.precision,
        column.scale,
        column.labels,
        column.length if data_type in ("binary", "varbinary") else None,
    )
