"""Moving sides: what differs is asked again, and only what goes on differing in the same way is a finding."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from audit import Finding, FindingKind, Way
from audit.sql import EVERYTHING, Digest, KeptRows
from audit.sql.ranges import FIRST
from audit.views.compare import Compared
from model import Row, Table
from tests.audit.lakes import SEATS, column
from tests.audit.sql.lakes import Lake, by_sql, comparison_of, right_rows, view_types


def seat(name: str, price: str) -> Row:
    return 1, name, Decimal(price)


class Moving:
    """A table and its view, which move whenever the audit waits."""

    def __init__(self) -> None:
        rows = {name: seat(name, "20.00") for name in ("A1", "A2", "A3")}
        self.source, self.lake = dict(rows), dict(rows)
        self._view = Lake(view_types(SEATS), [])

    def both(self, name: str, source: str, lake: str) -> None:
        """Source and lake have these prices of a seat."""
        self.source[name], self.lake[name] = seat(name, source), seat(name, lake)

    def audited(
        self, *moves: Callable[[], None], most_rows: int | None = None
    ) -> tuple[list[Finding], list[Finding], Compared]:
        """Findings, notes and what the comparison comes to, when each wait has one of ``moves``."""
        left: Iterator[Callable[[], None]] = iter(moves)

        def patience() -> bool:
            if move := next(left, None):
                move()
                self._show()
            return move is not None

        self._show()
        comparison = comparison_of(SEATS, self._view)
        source = KeptRows(lambda: list(self.source.values()), comparison)
        report, compared = by_sql(comparison, source, self._view, way=Way(patience=patience, most_rows=most_rows))
        return report.findings.listed, report.notes.listed, compared

    def _show(self) -> None:
        self._view.put(right_rows(SEATS, self.lake.values()))


def wait() -> None:
    """Nothing happens."""


def test_what_arrives_while_one_waits_is_equal():
    shop = Moving()
    shop.both("A1", "25.00", "20.00")
    del shop.lake["A3"]

    def arrive() -> None:
        shop.both("A1", "25.00", "25.00")
        shop.lake["A3"] = shop.source["A3"]

    findings, notes, compared = shop.audited(wait, arrive, wait)
    assert (findings, notes, compared.whole, compared.changing) == ([], [], True, 0)


def test_a_row_that_differs_in_the_same_way_every_time_is_a_finding_with_its_key_and_values():
    shop = Moving()
    shop.both("A1", "25.00", "20.00")
    findings, _, compared = shop.audited(wait, wait)
    (one,) = findings
    assert (one.kind, one.key, one.column) == (FindingKind.DIFFERENT, 'hall=1, seat="A1"', "price")
    assert (one.source, one.lake, compared.rows) == ("25.00", "20.00", 3)


def test_a_row_that_is_lost_or_left_over_is_a_finding():
    shop = Moving()
    del shop.lake["A1"], shop.source["A2"]
    findings, _, _ = shop.audited(wait)
    assert {(it.kind, it.key) for it in findings} == {
        (FindingKind.MISSING, 'hall=1, seat="A1"'),
        (FindingKind.EXTRA, 'hall=1, seat="A2"'),
    }


def test_a_row_that_keeps_changing_is_neither_equal_nor_different():
    shop = Moving()
    shop.both("A1", "25.00", "20.00")
    moves = [lambda number=number: shop.both("A1", f"{number + 1}.00", f"{number}.00") for number in range(3)]
    findings, notes, compared = shop.audited(*moves)
    assert findings == []
    assert [(it.kind, it.key) for it in notes] == [(FindingKind.CHANGED, 'hall=1, seat="A1"')]
    assert (compared.whole, compared.changing) == (False, 1), "so the table is not proven"


def test_a_row_that_changes_at_the_source_alone_is_a_finding():
    shop = Moving()
    shop.both("A1", "25.00", "20.00")
    del shop.lake["A2"]

    prices = iter(("26.00", "27.00", "28.00", "29.00"))

    def update() -> None:
        for name in ("A1", "A2"):
            shop.source[name] = seat(name, next(prices))

    findings, notes, compared = shop.audited(update, update)
    assert {(it.kind, it.key) for it in findings} == {
        (FindingKind.DIFFERENT, 'hall=1, seat="A1"'),
        (FindingKind.MISSING, 'hall=1, seat="A2"'),
    }, "the lake stood still for a promise"
    assert (notes, compared.changing) == ([], 0)


def test_a_key_that_the_view_gives_twice_in_any_order_is_a_finding():
    shop = Moving()
    shop.lake["copy"] = seat("A1", "21.00")

    def turn() -> None:
        shop.lake = dict(reversed(shop.lake.items()))

    findings, notes, _ = shop.audited(turn, turn)
    assert (FindingKind.EXTRA, 'hall=1, seat="A1"') in [(it.kind, it.key) for it in findings]
    assert notes == []


def test_a_value_that_is_not_its_own_equal_stands_still_too():
    table = Table(schema="s", name="t", columns=(column("id", "int"), column("v", "double")), primary_key=("id",))
    view = Lake(view_types(table), [(1, math.nan, None)])
    comparison, waits = comparison_of(table, view), iter((True, True))
    report, compared = by_sql(
        comparison, KeptRows(lambda: [(1, 0.5)], comparison), view, way=Way(patience=lambda: next(waits, False))
    )
    assert [it.kind for it in report.findings.listed] == [FindingKind.DIFFERENT]
    assert compared.changing == 0


def test_a_value_that_the_view_cannot_read_is_a_finding_though_both_sides_have_null():
    table = Table(schema="s", name="t", columns=(column("id", "int"), column("v", "int")), primary_key=("id",))
    view = Lake(view_types(table), [(1, None, "v")])
    comparison, waits = comparison_of(table, view), iter((True,))
    way = Way(patience=lambda: next(waits, False))
    report, _ = by_sql(comparison, KeptRows(lambda: [(1, None)], comparison), view, way=way)
    assert [(it.kind, it.column) for it in report.findings.listed] == [(FindingKind.UNREADABLE, "v")]


def test_a_row_that_stops_changing_and_differs_is_a_finding():
    shop = Moving()
    shop.both("A1", "25.00", "20.00")
    findings, notes, _ = shop.audited(lambda: shop.both("A1", "26.00", "21.00"), wait)
    assert ([it.source for it in findings], notes) == (["26.00"], [])


def test_a_row_that_was_equal_and_changes_later_is_not_accused():
    shop = Moving()
    shop.both("A1", "25.00", "20.00")

    def move() -> None:
        shop.both("A1", "25.00", "25.00")
        shop.both("A2", "9.00", "8.00")

    findings, notes, compared = shop.audited(move, wait)
    assert (findings, notes, compared.changing) == ([], [], 0)


def test_a_row_that_was_asked_once_only_is_not_accused_either():
    shop = Moving()
    shop.both("A1", "25.00", "20.00")
    findings, notes, compared = shop.audited()
    assert (findings, [it.kind for it in notes], compared.whole) == ([], [FindingKind.CHANGED], False)


def test_ranges_that_were_too_many_to_read_are_a_finding():
    shop = Moving()
    for name in ("A1", "A2", "A3"):
        shop.both(name, "25.00", "20.00")
    findings, _, _ = shop.audited(wait, most_rows=1)
    assert [it.kind for it in findings] == [FindingKind.DIFFERENT, FindingKind.UNREAD]
    assert "2 more ranges of keys" in findings[1].text


def test_documents_that_were_too_many_to_read_are_a_column_that_was_not_compared():
    table = Table(schema="s", name="t", columns=(column("id", "int"), column("v", "json")), primary_key=("id",))
    view = Lake(view_types(table), [(number, "[1,2]", None) for number in range(3)])
    comparison = comparison_of(table, view)
    source = KeptRows(lambda: [(number, "[1, 2]") for number in range(3)], comparison)
    report, compared = by_sql(comparison, source, view, way=Way(most_rows=1))
    assert (report.findings.total, compared.whole, compared.uncompared) == (0, False, ("v",))


def kept(told: Callable[[KeptRows], Mapping[str, Digest]]) -> tuple[Compared, list[Finding], list[Finding], list[int]]:
    """What is said of a right view when the source told its checksums while its rows were kept."""
    read, rows = list[int](), [seat("A1", "20.00"), seat("A2", "30.00")]
    view = Lake(view_types(SEATS), right_rows(SEATS, rows))
    comparison = comparison_of(SEATS, view)

    def held() -> list[Row]:
        read.append(1)
        return rows

    source = KeptRows(held, comparison, told(KeptRows(lambda: rows, comparison)))
    report, compared = by_sql(comparison, source, view)
    return compared, report.findings.listed, report.notes.listed, read


def test_rows_that_are_kept_are_not_read_where_the_checksums_that_the_source_told_are_the_view_s():
    compared, findings, notes, read = kept(lambda it: it.digests(FIRST, EVERYTHING))
    assert (compared.rows, compared.whole, findings, notes, read) == (2, True, [], [], [])


def test_what_the_source_told_is_of_the_first_level_of_all_rows_alone():
    rows = [seat("A1", "20.00"), seat("A2", "30.00")]
    comparison = comparison_of(SEATS, Lake(view_types(SEATS), []))
    plain = KeptRows(lambda: rows, comparison)
    told = KeptRows(lambda: rows, comparison, {"000": Digest(9, (9,))})
    within = frozenset(plain.digests(1, EVERYTHING))
    assert told.digests(FIRST, EVERYTHING) == {"000": Digest(9, (9,))}
    for digits, some in ((FIRST, within), (FIRST + 2, EVERYTHING), (FIRST + 2, within)):
        assert told.digests(digits, some) == plain.digests(digits, some)


def test_checksums_that_differ_where_no_value_does_are_told():
    def otherwise(it: KeptRows) -> Mapping[str, Digest]:
        return {
            key: replace(digest, sums=(digest.sums[0] + 1,)) for key, digest in it.digests(FIRST, EVERYTHING).items()
        }

    compared, findings, notes, read = kept(otherwise)
    assert (compared.whole, findings, [it.kind for it in notes]) == (True, [], [FindingKind.RESPELLED])
    assert read, "by the rows"
