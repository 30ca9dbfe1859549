"""Column patterns: which columns a configuration means, and which of them it masks. Pure functions; no pulumi here.

``schema.table.column``; the *first* dot ends the schema and the *last* one the table, so a table's name may hold dots
and a column's may not. Each part is a name or a pattern, as in table_patterns.py. A mask follows an equals sign.
"""

from __future__ import annotations

from dataclasses import dataclass

from documents.table_patterns import TablePattern, finds, is_name, meet

MASKS = ("hash", "digits")
"""``hash`` is DMS's SHA-256 of the text; ``digits`` writes ``#`` for each digit."""


@dataclass(frozen=True)
class ColumnPattern:
    """One ``schema.table.column`` pattern of the configuration."""

    table: TablePattern
    """Where the columns are."""
    column: str
    """Name or pattern of columns."""

    @classmethod
    def parse(cls, text: str) -> ColumnPattern:
        """Split at the last dot, then at the first; raise ``ValueError`` when one is missing or a part is empty."""
        table, dot, column = text.rpartition(".")
        if not (dot and column):
            raise ValueError(text)
        return cls(TablePattern.parse(table), column)

    @property
    def parts(self) -> tuple[str, str, str]:
        """Schema, table and column, each a name or a pattern."""
        return self.table.schema, self.table.table, self.column

    @property
    def names_one_column(self) -> bool:
        """Whether it means one column, which it names in full."""
        return all(map(is_name, self.parts))

    def matches(self, schema: str, table: str, column: str) -> bool:
        """Whether it means this column."""
        return self.table.matches(schema, table) and finds(self.column, column)

    def meets(self, other: ColumnPattern) -> bool:
        """Whether some column could be meant by both."""
        return all(map(meet, self.parts, other.parts))

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


@dataclass(frozen=True)
class MaskedColumn:
    """One ``schema.table.column=mask`` of the configuration."""

    pattern: ColumnPattern
    mask: str
    """One of ``MASKS``."""

    @classmethod
    def parse(cls, text: str) -> MaskedColumn:
        """Split at the last equals sign; raise ``ValueError`` for a mask that is none."""
        pattern, _, mask = text.rpartition("=")
        if mask not in MASKS:
            raise ValueError(text)
        return cls(ColumnPattern.parse(pattern), mask)

    def __str__(self) -> str:
        return f"{self.pattern}={self.mask}"
