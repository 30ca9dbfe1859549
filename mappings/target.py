"""Target: what a table of the source is in the lake, by the declaration: its names, its columns, its rows.

Pure data, worked out by ``mappings`` from the rules alone. The replication writes by it and the audit compares by it,
each with code of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from mappings.rules import Rule
from model import Column, Table


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition of a source filter."""

    operator: str
    """``eq``, ``noteq``, ``lte``, ``gte``, ``between``, ``notbetween``, ``null`` or ``notnull``."""
    values: tuple[str, ...]
    """None, one or two, as declared."""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A source filter: a row passes if one of the conditions holds for its ``column``."""

    rule: Rule
    column: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True)
class Mask:
    """How a text is hidden: by its SHA-256 in upper-case hexadecimal digits, or each digit by ``character``."""

    character: str = ""
    """Stands for every digit 0 to 9; empty for the hash."""


@dataclass(frozen=True, kw_only=True)
class TargetColumn:
    """A column of the lake."""

    name: str
    source: Column
    position: int
    """Where its value stands in a row of the source."""
    as_string: bool = False
    """change-data-type to string: the value as text."""
    max_length: int | None = None
    """Characters that the declared string has room for."""
    mask: Mask | None = None

    @property
    def transformed(self) -> bool:
        """Whether it is not the source's column under the source's name."""
        return self.name != self.source.name or self.as_string or self.mask is not None


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """An attribute that an object-mapping rule adds: texts and values of columns, one after the other."""

    name: str
    parts: tuple[str | int, ...]
    """Text as it is; a number is the place of a column in a row of the source."""


@dataclass(frozen=True, kw_only=True)
class Partition:
    """The partition key that an object-mapping rule declares."""

    rule: Rule
    kind: str
    """``partition-key-type``: schema-table, transaction-id, primary-key, constant or attribute-name."""
    value: str = ""
    """The constant, or the attribute's name."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What ``table`` of the source is in the lake."""

    table: Table
    schema: str
    name: str
    columns: tuple[TargetColumn, ...]
    attributes: tuple[Attribute, ...] = ()
    filters: tuple[Filter, ...] = ()
    """All must pass."""
    partition: Partition | None = None
    """None: what the task's settings say."""

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def key(self) -> tuple[TargetColumn, ...]:
        """The columns of the primary key in key order; empty without one."""
        columns = {column.source.name: column for column in self.columns}
        return tuple(columns[name] for name in self.table.primary_key)


def unchanged(table: Table) -> Target:
    """``table`` as it is, as without any rule but selections."""
    return Target(table=table, schema=table.schema, name=table.name, columns=columns_of(table))


def columns_of(table: Table) -> tuple[TargetColumn, ...]:
    """The columns of ``table`` as they are."""
    return tuple(
        TargetColumn(name=column.name, source=column, position=position)
        for position, column in enumerate(table.columns)
    )
