"""Ranges: which ranges of keys two sides have otherwise, found with one query for each side and level.

A range is named by the first hexadecimal digits of its keys' SHA-1; ``""`` are all rows. A level has a few thousand
ranges at most, whatever the size of the table; ranges that are equal are never looked at again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

EVERYTHING: frozenset[str] = frozenset()
"""As ranges to look into: all rows."""
FIRST = 3
"""Digits of the first level: 4,096 ranges."""
_SMALL = 1000
"""Rows of a range that is read and no longer divided."""
_MOST_RANGES = 16_384
"""Of one answer: about a megabyte of the Data API, which gives no more."""


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


@dataclass(frozen=True, kw_only=True)
class Unlike:
    """What came of it."""

    source_rows: int
    lake_rows: int
    ranges: frozenset[str] = frozenset()
    """Those that differ and are to be read; all of one length. With ``whole`` all rows are."""
    strict: int = 0
    """Of these, the ones that differ in more than documents."""
    whole: bool = False
    unread: int = 0
    """Ranges that differ beside them, which were too many."""
    unread_rows: tuple[int, int] = (0, 0)
    """Rows of these, in the source and in the lake."""
    documents_unread: int = 0
    """Ranges in which nothing but documents differ, and which were too many."""
    queries: int = 0
    """Asked of each side."""


def unlike(source: Side, lake: Side, most_rows: int | None = None) -> Unlike:
    """Which ranges ``source`` and ``lake`` have otherwise; ``most_rows`` are to be read of them, None for all."""
    digits, within, asked = FIRST, EVERYTHING, 1
    one, other = _both(source, lake, digits, within)
    rows = _rows(one.values()), _rows(other.values())
    found = _differing(one, other)
    while found and max(_most(one, other, key) for key in found) > _SMALL and (more := _division(len(found))):
        digits, within, asked = digits + more, frozenset(found), asked + 1
        one, other = _both(source, lake, digits, within)
        found = _differing(one, other)
    chosen = _affordable(one, other, found, most_rows)
    left = found.keys() - chosen
    strict = [key for key in left if found[key]]
    return Unlike(
        source_rows=rows[0],
        lake_rows=rows[1],
        ranges=frozenset(chosen),
        strict=sum(found[key] for key in chosen),
        whole=len(chosen) > _MOST_RANGES,
        unread=len(strict),
        unread_rows=(
            _rows(one[key] for key in strict if key in one),
            _rows(other[key] for key in strict if key in other),
        ),
        documents_unread=len(left) - len(strict),
        queries=asked,
    )


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


def _most(one: Mapping[str, Digest], other: Mapping[str, Digest], key: str) -> int:
    return max(side[key].rows for side in (one, other) if key in side)


def _division(ranges: int) -> int:
    """By how many more digits so many ranges can be divided."""
    return next((more for more in (3, 2, 1) if ranges * 16**more <= _MOST_RANGES), 0)


def _affordable(
    one: Mapping[str, Digest], other: Mapping[str, Digest], found: Mapping[str, bool], most: int | None
) -> set[str]:
    """The ranges that can be read with ``most`` rows, those first that differ in more than documents."""
    if most is None:
        return set(found)
    chosen, left = set[str](), most
    for key in sorted(found, key=lambda key: (not found[key], key)):
        left -= _most(one, other, key)
        if left < 0 and chosen:
            break
        chosen.add(key)
    return chosen


def digest_of(row: tuple[Any, ...]) -> tuple[str, Digest]:
    """A range and its digest from a row of a query's answer; drivers give numbers as they like."""
    key, rows, *sums = row
    name = key.decode() if isinstance(key, bytes) else str(key)
    return name, Digest(int(rows), tuple(int(number or 0) for number in sums))
