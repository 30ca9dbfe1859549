"""Ranges: which ranges of keys two sides have otherwise, found with one query for each side and level.

A range is named by the first hexadecimal digits of its keys' SHA-1; ``""`` are all rows. A level has a few thousand
ranges at most, whatever the size of the table; ranges that are equal are never looked at again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Protocol

EVERYTHING: frozenset[str] = frozenset()
"""As ranges to look into: all rows."""
FIRST = 3
"""Digits of the first level: 4,096 ranges."""
_SMALL = 1000
"""Rows of a range that is read and no longer divided."""
_DEEPEST = 12
"""Digits after which rows that are still together have one key: a view that gives one very often, say."""
_MOST_RANGES = 6144
"""Of one answer: the Data API gives no more than a megabyte, and a range takes up to 160 bytes of it."""


@dataclass(frozen=True)
class Digest:
    """What is told of a range."""

    rows: int
    sums: tuple[int, ...]
    """For each group of columns the sum of its rows' numbers (`forms.number`)."""


class Side(Protocol):
    """One side of a comparison."""

    def digests(self, digits: int, within: Collection[str]) -> Mapping[str, Digest]:
        """The ranges of ``digits`` digits that have rows and lie in the ranges ``within`` (of all if there are none).

        PipelineError if it cannot be asked.
        """
        ...


@dataclass(kw_only=True)
class Unlike:
    """What came of it."""

    source_rows: int
    lake_rows: int
    ranges: frozenset[str] = frozenset()
    """Those that differ and are to be read; all of one length."""
    strict: int = 0
    """Of these, the ones that differ in more than documents."""
    unread: int = 0
    """Ranges that differ beside them, which were too many."""
    unread_rows: tuple[int, int] = (0, 0)
    """Rows of these, in the source and in the lake."""
    documents_unread: int = 0
    """Ranges in which nothing but documents differ, and which were too many."""


@dataclass(frozen=True)
class _Level:
    """What both sides told, and the ranges that differ: whether each does in more than documents."""

    one: Mapping[str, Digest]
    other: Mapping[str, Digest]
    found: Mapping[str, bool]

    def rows(self, key: str) -> int:
        """How many rows have to be read for a range, of one side."""
        return max(side[key].rows for side in (self.one, self.other) if key in side)

    def within(self, keys: Collection[str]) -> _Level:
        """With these of the ranges that differ."""
        return _Level(self.one, self.other, {key: self.found[key] for key in keys})


def unlike(source: Side, lake: Side, most_rows: int | None = None) -> Unlike:
    """Which ranges ``source`` and ``lake`` have otherwise; ``most_rows`` are to be read of them, None for all."""
    digits = FIRST
    level = _ask(source, lake, digits, EVERYTHING)
    told = Unlike(source_rows=_rows(level.one.values()), lake_rows=_rows(level.other.values()))
    while level.found and max(map(level.rows, level.found)) > _SMALL and digits < _DEEPEST:
        if most_rows is not None:
            level = _chosen(told, level, _first(level)[: _MOST_RANGES // 16])
        if not (more := _division(len(level.found))):
            break
        digits += more
        level = _ask(source, lake, digits, level.found.keys())
    level = _chosen(told, level, _affordable(level, most_rows))
    told.ranges, told.strict = frozenset(level.found), sum(level.found.values())
    return told


def _ask(source: Side, lake: Side, digits: int, within: Collection[str]) -> _Level:
    one, other = _both(source, lake, digits, within)
    return _Level(one, other, _differing(one, other))


def _both(
    source: Side, lake: Side, digits: int, within: Collection[str]
) -> tuple[Mapping[str, Digest], Mapping[str, Digest]]:
    """What both sides tell. They are asked at the same time: neither waits for the other, and the states of them that
    are compared are as close as can be."""
    with ThreadPoolExecutor(1) as beside:
        asked = beside.submit(source.digests, digits, within)
        other = lake.digests(digits, within)
        return asked.result(), other


def _rows(digests: Iterable[Digest]) -> int:
    return sum(digest.rows for digest in digests)


def _differing(one: Mapping[str, Digest], other: Mapping[str, Digest]) -> dict[str, bool]:
    """The ranges that differ, and whether in more than documents."""
    found: dict[str, bool] = {}
    for key in sorted(one.keys() | other.keys()):
        mine, others = one.get(key), other.get(key)
        if mine != others:
            found[key] = mine is None or others is None or mine.rows != others.rows or mine.sums[0] != others.sums[0]
    return found


def _division(ranges: int) -> int:
    """By how many more digits so many ranges can be divided."""
    return next((more for more in (3, 2, 1) if ranges * 16**more <= _MOST_RANGES), 0)


def _first(level: _Level) -> list[str]:
    """The ranges that differ, those first that do in more than documents."""
    return sorted(level.found, key=lambda key: (not level.found[key], key))


def _affordable(level: _Level, most: int | None) -> list[str]:
    """The ranges that can be read with ``most`` rows: one at least."""
    if most is None:
        return list(level.found)
    ordered = _first(level)
    ends = accumulate(map(level.rows, ordered))
    return [key for place, (key, end) in enumerate(zip(ordered, ends, strict=True)) if not place or end <= most]


def _chosen(told: Unlike, level: _Level, keys: Collection[str]) -> _Level:
    """``level`` with the ranges ``keys``; ``told`` gets the number of the others."""
    left = level.found.keys() - set(keys)
    strict = [key for key in left if level.found[key]]
    told.unread += len(strict)
    told.documents_unread += len(left) - len(strict)
    rows = (_rows(side[key] for key in strict if key in side) for side in (level.one, level.other))
    source, lake = (old + new for old, new in zip(told.unread_rows, rows, strict=True))
    told.unread_rows = source, lake
    return level.within(keys)


def digest_of(row: tuple[Any, ...]) -> tuple[str, Digest]:
    """A range and its digest from a row of a query's answer; drivers give numbers as they like."""
    key, rows, *sums = row
    name = key.decode() if isinstance(key, bytes) else str(key)
    return name, Digest(int(rows), tuple(int(number or 0) for number in sums))
