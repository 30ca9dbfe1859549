"""Definition: all that the log's statements need to know of a table, which is more than its rows need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from model import Column, Table


class DefinedColumn(NamedTuple):
    """A column of a table."""

    column: Column
    left_out: bool
    """Whether DMS does not replicate it (generated, invisible)."""

    @property
    def name(self) -> str:
        """Its name."""
        return self.column.name

    @property
    def folded(self) -> str:
        """By what its name is recognised: the names of columns ignore case."""
        return self.column.name.lower()


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A base table."""

    schema: str
    name: str
    columns: tuple[DefinedColumn, ...]
    """All of them, in the table's order."""
    primary_key: tuple[str, ...] = ()
    """Column names in key order."""
    charset: str
    """Of a text column that is added without one."""

    @cached_property
    def table(self) -> Table:
        """The table as replication sees it; the same object for as long as nothing alters it."""
        kept = tuple(one.column for one in self.columns if not one.left_out)
        names = {column.name for column in kept}
        return Table(
            schema=self.schema,
            name=self.name,
            columns=kept,
            primary_key=self.primary_key if names.issuperset(self.primary_key) else (),
            left_out=tuple((place, one.column) for place, one in enumerate(self.columns) if one.left_out),
        )

    @classmethod
    def of(cls, table: Table, charset: str = "utf8mb4") -> Definition:
        """The definition of a table of which no more is known."""
        columns = [DefinedColumn(column, False) for column in table.columns]
        for place, column in table.left_out:  # in ascending order of place
            columns.insert(place, DefinedColumn(column, True))
        return cls(
            schema=table.schema,
            name=table.name,
            columns=tuple(columns),
            primary_key=table.primary_key,
            charset=charset,
        )
