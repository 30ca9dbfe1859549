"""Ranges: one query for each side and level, however many differ; and no more is read than may be."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping

import pytest

from audit.sql import Digest, ranges
from audit.sql.ranges import unlike


class Keys:
    """A side with these keys, each with a number for its row's values, and one for its documents."""

    def __init__(self, rows: Mapping[int, tuple[int, int]]) -> None:
        self.rows, self.asked = rows, list[tuple[int, int]]()

    def digests(self, digits: int, within: Collection[str]) -> Mapping[str, Digest]:
        self.asked.append((digits, len(within)))
        length = len(next(iter(within), ""))
        found: dict[str, Digest] = {}
        for key, (value, document) in self.rows.items():
            name = place(key)
            if not within or name[:length] in within:
                old = found.get(name[:digits], Digest(0, (0, 0)))
                found[name[:digits]] = Digest(old.rows + 1, (old.sums[0] + value, old.sums[1] + document))
        return found


def place(key: int) -> str:
    return hashlib.sha1(str(key).encode()).hexdigest()


SOURCE = {key: (key + 1, 1) for key in range(4_000)}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ranges that are divided, without a million rows."""
    monkeypatch.setattr(ranges, "FIRST", 2)
    monkeypatch.setattr(ranges, "_SMALL", 3)


def covered(found: ranges.Unlike) -> set[int]:
    length = len(next(iter(found.ranges), ""))
    return {key for key in SOURCE if place(key)[:length] in found.ranges}


def test_sides_that_are_equal_are_asked_once_each():
    one, other = Keys(SOURCE), Keys(SOURCE)
    found = unlike(one, other)
    assert (found.source_rows, found.lake_rows, found.ranges, found.unread) == (4_000, 4_000, frozenset(), 0)
    assert one.asked == other.asked == [(2, 0)]


def test_ranges_that_differ_are_divided_in_one_query_for_each_level():
    wrong = {7: (0, 1), 8: (0, 1), 3_999: (0, 1)}
    one, other = Keys(SOURCE), Keys(SOURCE | wrong)
    found = unlike(one, other)
    assert one.asked == other.asked == [(2, 0), (4, 3)], "those of three ranges alone"
    assert covered(found) == set(wrong), "and no other row is read"


@pytest.mark.parametrize("lost", [{5}, {5, 6, 700}])
def test_a_row_that_one_side_lacks_is_found_on_either(lost: set[int]):
    less = Keys({key: row for key, row in SOURCE.items() if key not in lost})
    for sides in ((Keys(SOURCE), less), (less, Keys(SOURCE))):
        assert lost <= covered(unlike(*sides))


def test_a_row_counts_though_its_number_is_nothing():
    more = Keys(SOURCE | {4_000: (0, 0)})
    for sides in ((Keys(SOURCE), more), (more, Keys(SOURCE))):
        assert len(unlike(*sides).ranges) == 1


def test_a_key_that_a_view_gives_very_often_is_not_divided_for_ever():
    class Often(Keys):
        def digests(self, digits: int, within: Collection[str]) -> Mapping[str, Digest]:
            self.asked.append((digits, len(within)))
            return {place(1)[:digits]: Digest(len(self.rows), (sum(value for value, _ in self.rows.values()), 0))}

    one, many = Often({1: (5, 1)}), Often(SOURCE)
    found = unlike(one, many)
    assert len(one.asked) < 10
    assert len(found.ranges) == 1


def test_where_everything_differs_no_answer_is_larger_than_one_may_be(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ranges, "_MOST_RANGES", 256)
    one = Keys(SOURCE)
    found = unlike(one, Keys(dict.fromkeys(SOURCE, (0, 1))))
    assert one.asked == [(2, 0)], "256 ranges that differ are not divided into 4,096"
    assert covered(found) == set(SOURCE)


def test_what_may_not_be_read_is_counted():
    other = Keys({key: (0 if key < 100 else key + 1, 1) for key in SOURCE if key != 5})
    found = unlike(Keys(SOURCE), other, most_rows=40)
    assert 0 < len(covered(found)) <= 40
    assert found.unread > 0
    assert found.unread_rows[0] >= 60 - 1
    assert found.unread + len(found.ranges) >= 99


def test_of_more_ranges_than_can_be_divided_some_are_and_the_others_are_counted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ranges, "_MOST_RANGES", 256)
    one = Keys(SOURCE)
    found = unlike(one, Keys(dict.fromkeys(SOURCE, (0, 1))), most_rows=50)
    assert one.asked[:2] == [(2, 0), (3, 16)], "of 256 ranges as many as fit into an answer"
    assert 0 < len(covered(found)) <= 50
    assert found.unread_rows == (4_000 - len(covered(found)),) * 2, "each row is either read or counted"


def test_documents_alone_are_read_last_and_counted_apart():
    other = Keys({key: (key + 1, 2) for key in SOURCE} | {3: (0, 1)})
    found = unlike(Keys(SOURCE), other, most_rows=10)
    assert 3 in covered(found), "a value that differs goes before spellings of documents"
    assert (found.unread, found.documents_unread > 0) == (0, True)
    assert found.strict == 1
