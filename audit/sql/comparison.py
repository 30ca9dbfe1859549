"""Comparison: what is compared of one table, between its source and what shows its rows in the lake."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audit.expected.table import ExpectedTable
from audit.sql.forms import Form, form_of
from model import Column

UNREADABLE = "cdc_unreadable"
"""The column of a view that names the columns whose values it could not read."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A column that both sides have."""

    position: int
    """Where it stands in the table's columns in the lake."""
    column: Column
    """As which column of MySQL it is read, under its name in the lake."""
    form: Form
    lake_type: str
    """Athena's type of it: ``decimal(10,2)``."""
    as_string: bool
    """The declared mappings make a text of it, and the lake may read the number in that."""


class Comparison:
    """What is compared of ``expected``, by what shows its rows in the lake."""

    def __init__(
        self,
        expected: ExpectedTable,
        name: str,
        types: Iterable[tuple[str, str]],
        *,
        null_and_empty: bool,
        where: str = "",
    ) -> None:
        """``types`` are the columns of ``name`` with their types in Athena; ``where`` is a condition on its rows."""
        self.expected, self.name, self.null_and_empty, self.where = expected, name, null_and_empty, where
        self.lake_columns = tuple(column for column, _ in types)
        known = dict(types)
        self.columns = tuple(
            Compared(
                position=position,
                column=column,
                form=form_of(column),
                lake_type=known[column.name.lower()],
                as_string=position in expected.as_string,
            )
            for position, column in enumerate(expected.types)
            if column.name.lower() in known
        )
        """All columns that can be compared."""
        self.key = tuple(one for place in expected.key_positions for one in self.columns if one.position == place)
        self.marks_unreadable = UNREADABLE in known

    @property
    def comparable(self) -> bool:
        """Whether the lake has the whole key."""
        return len(self.key) == len(self.expected.key_positions)

    @property
    def exact(self) -> tuple[Compared, ...]:
        """The columns whose canonical texts are equal exactly where their values are."""
        return tuple(one for one in self.columns if one.form is not Form.DOCUMENT)

    @property
    def documents(self) -> tuple[Compared, ...]:
        """The columns whose values may be equal where their canonical texts are not."""
        return tuple(one for one in self.columns if one.form is Form.DOCUMENT)

    @property
    def groups(self) -> tuple[tuple[Compared, ...], ...]:
        """The columns of which there is a checksum each: the exact ones; and documents, if there are any, with the key,
        for without it documents that two rows have exchanged sum up to the same.
        """
        return (self.exact, (*self.key, *self.documents)) if self.documents else (self.exact,)
