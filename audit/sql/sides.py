"""Sides: the source and the lake, as they are asked in SQL; the source also as rows that are kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from audit.sql import athena, mysql, mysql_values
from audit.sql.asking import Answer, Ask
from audit.sql.comparison import Compared, Comparison
from audit.sql.forms import SEPARATOR, canonical, number, sha1
from audit.sql.ranges import EVERYTHING, FIRST, Digest, digest_of
from model import Row


def first_digests(comparison: Comparison) -> str:
    """The query that asks the source first: for the ranges of all rows."""
    return mysql.digests(comparison, FIRST, EVERYTHING)


class SqlLake:
    """What shows a table's rows in the lake, asked in Athena's SQL."""

    def __init__(self, ask: Ask, comparison: Comparison) -> None:
        self._ask, self._comparison = ask, comparison

    def digests(self, digits: int, within: Collection[str]) -> Mapping[str, Digest]:
        """The digests of ranges."""
        return dict(map(digest_of, self._ask(athena.digests(self._comparison, digits, within)).rows))

    def rows(self, within: Collection[str]) -> Answer:
        """All columns of the rows in the ranges ``within``, of all if there are none."""
        return self._ask(athena.rows(self._comparison, within))


class SqlSource:
    """A table of the source, asked in MySQL's SQL."""

    def __init__(self, ask: Ask, comparison: Comparison) -> None:
        self._ask, self._comparison = ask, comparison

    def digests(self, digits: int, within: Collection[str]) -> Mapping[str, Digest]:
        """The digests of ranges."""
        return dict(map(digest_of, self._ask(mysql.digests(self._comparison, digits, within)).rows))

    def rows(self, within: Collection[str]) -> Iterator[Row]:
        """The rows in the ranges ``within`` (all if there are none), as the lake must have them."""
        readers = [mysql_values.reader(column) for column in self._comparison.expected.types]
        for row in self._ask(mysql.rows(self._comparison, within)).rows:
            yield tuple(read(value) for read, value in zip(readers, row, strict=True))


class KeptRows:
    """A table of the source whose rows are kept. ``told`` is what the source itself gave for ``first_digests``."""

    def __init__(
        self, rows: Callable[[], Iterable[Row]], comparison: Comparison, told: Mapping[str, Digest] | None = None
    ) -> None:
        self._rows, self._comparison, self._told = rows, comparison, told
        self._key = self._texts(comparison.key)
        self._groups = [self._texts(group) for group in comparison.groups]

    def digests(self, digits: int, within: Collection[str]) -> Mapping[str, Digest]:
        """The digests of ranges."""
        if self._told is not None and digits == FIRST and not within:
            return self._told
        sums: dict[str, list[int]] = {}
        for key, row in self._keyed(within):
            told = sums.setdefault(key[:digits], [0] * (1 + len(self._groups)))
            told[0] += 1
            for place, texts in enumerate(self._groups, start=1):
                told[place] += number(_joined(texts, row))
        return {key: Digest(rows, tuple(rest)) for key, (rows, *rest) in sums.items()}

    def rows(self, within: Collection[str]) -> Iterator[Row]:
        """The rows in the ranges ``within`` (all if there are none), as the lake must have them."""
        return (row for _, row in self._keyed(within))

    def _keyed(self, within: Collection[str]) -> Iterator[tuple[str, Row]]:
        digits = len(next(iter(within), ""))
        for row in self._comparison.expected.wanted(self._rows()):
            key = sha1(_joined(self._key, row))
            if not within or key[:digits] in within:
                yield key, row

    def _texts(self, columns: Iterable[Compared]) -> list[tuple[int, Callable[..., str]]]:
        empty = self._comparison.null_and_empty
        return [(one.position, canonical(one.column, null_and_empty=empty)) for one in columns]


def _joined(texts: list[tuple[int, Callable[..., str]]], row: Row) -> str:
    return "".join([part for place, read in texts for part in (read(row[place]), SEPARATOR)])
