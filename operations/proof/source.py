"""A table of the source, asked in pieces where one answer would be too large: the Data API gives a megabyte at most."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeVar

from audit import Comparison, SqlSource
from audit.sql import Digest
from model import Row
from operations.sql import Ask
from operations.sql.answer import TooLargeError

_T = TypeVar("_T")
_DIGITS = "0123456789abcdef"
_LONGEST = 8
"""Digits of a range of rows: four thousand million ranges, of which none has many rows."""


class DividedSource:
    """Asks for all ranges at once, and for halves of them only where that is too much."""

    def __init__(self, ask: Ask, comparison: Comparison) -> None:
        self._source = SqlSource(ask, comparison)

    def digests(self, digits: int, within: Collection[str]) -> Mapping[str, Digest]:
        """The digests of ranges. Raises PipelineError."""
        parts = _divided(lambda some: self._source.digests(digits, some), within, digits)
        return {key: digest for part in parts for key, digest in part.items()}

    def rows(self, within: Collection[str]) -> Iterator[Row]:
        """The rows in the ranges ``within``, of all if there are none. Raises PipelineError."""
        for part in _divided(lambda some: list(self._source.rows(some)), within, _LONGEST):
            yield from part


def _divided(ask: Callable[[Collection[str]], _T], within: Collection[str], longest: int) -> Iterator[_T]:
    """The answers to ``ask`` about parts of ``within``; no range is named by more than ``longest`` digits."""
    try:
        yield ask(within)
    except TooLargeError:
        first, second = _halves(within, longest)
        if not first:
            raise
        yield from _divided(ask, first, longest)
        yield from _divided(ask, second, longest)


def _halves(within: Collection[str], longest: int) -> tuple[frozenset[str], frozenset[str]]:
    """Two empty ones where a range can be divided no further."""
    keys = sorted(within) or [""]
    if len(keys) == 1:
        keys = [keys[0] + digit for digit in _DIGITS] if len(keys[0]) < longest else []
    middle = len(keys) // 2
    return frozenset(keys[:middle]), frozenset(keys[middle:])
