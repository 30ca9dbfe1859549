"""Table patterns: which tables a configuration means. Pure functions; no pulumi here.

``schema.table``; the *first* dot separates the two, so a table's name may hold dots and a schema's may not.
A part without ``%`` and ``[`` is a *name* and means exactly itself. A part with one of them is a *pattern* of DMS:
``%`` any text, ``_`` one character, ``[_]`` an underscore, ``[ab]`` and ``[a-d]`` one of these characters.
Names are case-sensitive.
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Wildcards.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


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

    def covers(self, other: TablePattern) -> bool:
        """Whether it means every table that ``other`` means, as far as that shows."""
        return covers(self.schema, other.schema) and covers(self.table, other.table)

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}"


_WILDCARD = re.compile(r"(%|_|\[[^]]+\])")
_RANGE = re.compile(r"(.)-(.)|(.)", re.DOTALL)

Ranges = tuple[tuple[str, str], ...]
"""First and last of the characters that may stand at one place of a name."""
Place = Ranges | None
"""None is a text of any length."""
_WILDCARDS: dict[str, Place] = {"%": None, "_": (("\0", "\U0010ffff"),)}


def is_name(part: str) -> bool:
    """Whether one side of a pattern is a plain name, which means exactly itself."""
    return "%" not in part and "[" not in part


def is_closed(part: str) -> bool:
    """Whether each class of characters in one side of a pattern is closed, not empty, and has its ranges upwards."""
    if is_name(part):
        return True
    closed = re.fullmatch(r"([^\[\]]|\[[^\[\]]+\])*", part) is not None
    return closed and all(low <= high for place in _places(part) if place for low, high in place)


def finds(part: str, name: str) -> bool:
    """Whether one side of a pattern selects ``name``."""
    return part == name if is_name(part) else _fit(_places(part), _letters(name), _holds)


def meet(one: str, other: str) -> bool:
    """Whether there is a name that both sides select."""
    return _fit(_places(one), _places(other), _overlap, both=True)


def covers(one: str, other: str) -> bool:
    """Whether ``one`` selects whatever ``other`` selects. False also where that shows only by trying all names."""
    return _fit(_places(one), _places(other), _holds)


def _fit(left: list[Place], right: list[Place], agree: Callable[[Any, Any], bool], *, both: bool = False) -> bool:
    """Whether the places agree one by one, where a text of any length on the left, or on both sides, takes any."""
    waiting, seen = [(0, 0)], set[tuple[int, int]]()
    while waiting:
        i, j = waiting.pop()
        if (i, j) in seen:
            continue
        seen.add((i, j))
        more, other = i < len(left), j < len(right)
        if not (more or other):
            return True
        if (more and left[i] is None) or (both and other and right[j] is None):
            waiting += [(i + 1, j)] * more + [(i, j + 1)] * other
        elif more and other and right[j] is not None and agree(left[i], right[j]):
            waiting.append((i + 1, j + 1))
    return False


def _holds(one: Ranges, other: Ranges) -> bool:
    return all(any(low <= first and last <= high for low, high in one) for first, last in other)


def _overlap(one: Ranges, other: Ranges) -> bool:
    return any(low <= last and first <= high for low, high in one for first, last in other)


def _letters(name: str) -> list[Place]:
    return [((character, character),) for character in name]


def _places(part: str) -> list[Place]:
    """What may stand at each place of the names that one side of a pattern selects."""
    if is_name(part):
        return _letters(part)
    places: list[Place] = []
    for piece in _WILDCARD.split(part):
        if piece in _WILDCARDS:
            places.append(_WILDCARDS[piece])
        elif _WILDCARD.fullmatch(piece):
            places.append(tuple((low or one, high or one) for low, high, one in _RANGE.findall(piece[1:-1])))
        else:
            places += _letters(piece)
    return places
