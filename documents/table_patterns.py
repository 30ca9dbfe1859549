"""Table patterns: which tables a configuration means. Pure functions; no pulumi here.

``schema.table``; the *first* dot separates the two, so a table's name may hold dots and a schema's may not.
A part without ``%`` and ``[`` is a *name* and means exactly itself. A part with one of them is a *pattern* of DMS:
``%`` any text, ``_`` one character, ``[_]`` an underscore, ``[ab]`` and ``[a-d]`` one of these characters.
Names are case-sensitive.
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Wildcards.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class TablePattern:
    """One ``schema.table`` pattern of the configuration."""

    schema: str
    """Name or pattern of schemas."""
    table: str
    """Name or pattern of tables."""

    @classmethod
    def parse(cls, text: str) -> TablePattern:
        """Split at the first dot; raise ``ValueError`` when there is none or a side is empty."""
        schema, dot, table = text.partition(".")
        if not (schema and dot and table):
            raise ValueError(text)
        return cls(schema, table)

    @property
    def names_one_table(self) -> bool:
        """Whether it means one table, which it names in full."""
        return is_name(self.schema) and is_name(self.table)

    def matches(self, schema: str, table: str) -> bool:
        """Whether DMS captures the table by this pattern."""
        return finds(self.schema, schema) and finds(self.table, table)

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}"


_WILDCARD = re.compile(r"(%|_|\[[^]]+\])")
_WILDCARDS = {"%": ".*", "_": "."}


def is_name(part: str) -> bool:
    """Whether one side of a pattern is a plain name, which means exactly itself."""
    return "%" not in part and "[" not in part


def finds(part: str, name: str) -> bool:
    """Whether one side of a pattern selects ``name``."""
    if is_name(part):
        return part == name
    return re.fullmatch("".join(map(_expression, _WILDCARD.split(part))), name, re.DOTALL) is not None


def _expression(piece: str) -> str:
    if _WILDCARD.fullmatch(piece):
        return _WILDCARDS.get(piece) or "[" + re.sub(r"([\\^])", r"\\\1", piece[1:-1]) + "]"
    return re.escape(piece)
