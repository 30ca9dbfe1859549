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
from functools import cache


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

    def meets(self, other: TablePattern) -> bool:
        """Whether some table could be meant by both."""
        return meet(self.schema, other.schema) and meet(self.table, other.table)

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}"


_WILDCARD = re.compile(r"(%|_|\[[^]]+\])")
_WILDCARDS = {"%": ".*", "_": "."}


def is_name(part: str) -> bool:
    """Whether one side of a pattern is a plain name, which means exactly itself."""
    return "%" not in part and "[" not in part


def is_closed(part: str) -> bool:
    """Whether each class of characters in one side of a pattern is closed and not empty."""
    return is_name(part) or re.fullmatch(r"([^\[\]]|\[[^\[\]]+\])*", part) is not None


def finds(part: str, name: str) -> bool:
    """Whether one side of a pattern selects ``name``."""
    if is_name(part):
        return part == name
    return re.fullmatch("".join(map(_expression, _WILDCARD.split(part))), name, re.DOTALL) is not None


def meet(one: str, other: str) -> bool:
    """Whether there is a name that both sides select."""
    left, right = _places(one), _places(other)

    @cache
    def rest(i: int, j: int) -> bool:
        if i < len(left) and left[i] is None:
            return rest(i + 1, j) or (j < len(right) and rest(i, j + 1))
        if j < len(right) and right[j] is None:
            return rest(i, j + 1) or (i < len(left) and rest(i + 1, j))
        if i == len(left) or j == len(right):
            return i == len(left) and j == len(right)
        a, b = left[i] or frozenset(), right[j] or frozenset()
        return (not a or not b or bool(a & b)) and rest(i + 1, j + 1)

    return rest(0, 0)


def _places(part: str) -> list[frozenset[str] | None]:
    """For each place of a name the characters that may stand there, none for any; None for a text of any length."""
    if is_name(part):
        return [frozenset(character) for character in part]
    places: list[frozenset[str] | None] = []
    for piece in _WILDCARD.split(part):
        if piece in _WILDCARDS:
            places.append(None if piece == "%" else frozenset())
        elif _WILDCARD.fullmatch(piece):
            places.append(_members(piece[1:-1]))
        else:
            places += map(frozenset, piece)
    return places


def _members(text: str) -> frozenset[str]:
    ranges = re.findall(r"(.)-(.)|(.)", text, re.DOTALL)
    return frozenset(
        character for low, high, one in ranges for character in (one or map(chr, range(ord(low), ord(high) + 1)))
    )


def _expression(piece: str) -> str:
    if _WILDCARD.fullmatch(piece):
        return _WILDCARDS.get(piece) or "[" + re.sub(r"([\\^])", r"\\\1", piece[1:-1]) + "]"
    return re.escape(piece)
