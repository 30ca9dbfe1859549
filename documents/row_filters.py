"""Row filters: which rows of a table a configuration captures. Pure functions; no pulumi here.

``schema.table.column condition``, several conditions joined by ``or``: ``shop.orders.id gte 1000``, ``shop.orders.kind
eq web or eq 'by phone'``, ``shop.orders.placed between '2026-01-01' and '2026-12-31'``, ``shop.orders.kind notnull``.
A value with a space or a quote stands in single quotes, in which ``''`` is one quote. The operators are those of DMS
(https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.Filters.html).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from documents.column_patterns import ColumnPattern

OPERATORS = {
    **dict.fromkeys(("eq", "noteq", "gte", "lte"), 1),
    **dict.fromkeys(("between", "notbetween"), 2),
    **dict.fromkeys(("null", "notnull"), 0),
}
"""DMS's operators, and how many values each takes."""

_WORDS = re.compile(r"\s*('(?:[^']|'')*'|[^\s']+)(?=\s|$)")


@dataclass(frozen=True, kw_only=True)
class FilterCondition:
    """One condition on the column."""

    operator: str
    values: tuple[str, ...]
    """As many as the operator takes, without quotes."""


@dataclass(frozen=True, kw_only=True)
class RowFilter:
    """One filter of the configuration: a row passes if one of the conditions holds."""

    text: str
    """As it is written."""
    pattern: ColumnPattern
    """The column that it asks."""
    conditions: tuple[FilterCondition, ...]

    @classmethod
    def parse(cls, text: str) -> RowFilter:
        """Read ``schema.table.column condition [or condition …]``; raise ``ValueError`` for anything else."""
        column, *words = _words(text)
        conditions: list[FilterCondition] = []
        while words:
            if conditions and words.pop(0) != "or":
                raise ValueError(text)
            conditions.append(_condition(text, words))
        if not conditions:
            raise ValueError(text)
        return cls(text=text, pattern=ColumnPattern.parse(column), conditions=tuple(conditions))

    def __str__(self) -> str:
        return self.text


def _words(text: str) -> list[str]:
    """The words of ``text``, those in quotes with them."""
    words, end, stripped = [], 0, text.rstrip()
    while end < len(stripped):
        word = _WORDS.match(stripped, end)
        if word is None:
            raise ValueError(text)
        words.append(word[1])
        end = word.end()
    if not words:
        raise ValueError(text)
    return words


def _condition(text: str, words: list[str]) -> FilterCondition:
    """The condition at the beginning of ``words``, which is taken away there."""
    count = OPERATORS.get(words[0]) if words else None
    if count is None:
        raise ValueError(text)
    operator, values = words.pop(0), words[: 3 if count == 2 else count]
    if len(values) != (3 if count == 2 else count) or (count == 2 and values[1] != "and"):
        raise ValueError(text)
    del words[: len(values)]
    return FilterCondition(operator=operator, values=tuple(map(_value, values[::2])))


def _value(word: str) -> str:
    return word[1:-1].replace("''", "'") if word.startswith("'") else word
