"""The comparison of a view's rows alone, without SQL: what stands in the view and what must stand there."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from audit import Finding, FindingKind
from audit.expected.table import ExpectedTable
from audit.expected.table_report import Places, TableReport
from audit.views.rows import ViewRows
from mappings.target import Mask, Target, unchanged
from tests.audit.lakes import DECLARED, ORDERS, SEATS, column

COLUMNS = ("id", "status", "total", "note", "cdc_operation", "cdc_unreadable")
ROW = (7, "new", Decimal("7.50"), None)
SHOWN = (7, "new", Decimal("7.50"), None, "load", None)


def compared(rows, shown, columns=COLUMNS, target: Target | None = None) -> tuple[list[Finding], list[Finding]]:
    """The findings and the notes."""
    expected = ExpectedTable(target or unchanged(ORDERS))
    report = TableReport(expected, Places())
    found = ViewRows(report, "orders_current", columns, DECLARED)
    found.take(shown)
    found.compare(expected.wanted(rows))
    return report.findings.listed, report.notes.listed


def test_the_same_rows_are_no_finding():
    assert compared([ROW], [SHOWN]) == ([], []), "in whatever order, and cdc_ columns are the view's own"


@pytest.mark.parametrize(
    ("rows", "shown", "kind"),
    [([ROW], [], FindingKind.MISSING), ([], [SHOWN], FindingKind.EXTRA), ([ROW], [SHOWN] * 2, FindingKind.EXTRA)],
)
def test_a_row_too_few_or_too_many_is_named(rows, shown, kind):
    ((finding,), _) = compared(rows, shown)
    assert (finding.kind, finding.key, finding.table) == (kind, "id=7", "shop.orders")
    assert "orders_current" in finding.text, "which view?"


def test_each_column_that_differs_is_named():
    found, _ = compared([ROW], [(7, "old", Decimal("7.5"), "", "load", None)])
    assert [(one.column, one.source, one.lake) for one in found] == [
        ("status", '"new"', '"old"'),
        ("total", "7.50", "7.5"),
        ("note", "NULL", '""'),
    ]


def test_a_value_of_another_type_says_so():
    ((finding,), _) = compared([ROW], [(7, "new", "7.50", None, "load", None)])
    assert "no decimal(12,2)" in finding.text
    assert "python -m rehearsal describe" in finding.text, "and what to do"


def test_a_value_that_could_not_be_read_is_said_once():
    ((finding,), _) = compared([ROW], [(7, "new", None, None, "load", "total")])
    assert (finding.kind, finding.key, finding.column) == (FindingKind.UNREADABLE, "id=7", "total")


def test_a_column_that_the_view_lacks_is_a_note_and_the_others_are_compared():
    columns = ("id", "total", "note", "cdc_unreadable")
    found, (note,) = compared([ROW], [(7, Decimal("7.51"), None, None)], columns)
    assert [one.column for one in found] == ["total"], "a new column breaks nothing"
    assert (note.kind, "no column status" in note.text) == (FindingKind.STALE, True)
    assert "python -m rehearsal describe" in note.text


def test_a_column_that_the_table_lacks_is_a_note():
    found, (note,) = compared([ROW], [(*SHOWN, "red")], (*COLUMNS, "color"))
    assert (found, note.kind, "color" in note.text) == ([], FindingKind.STALE, True)


def test_names_are_found_without_regard_to_case():
    shouting = replace(ORDERS, columns=(column("ID", "bigint"), *ORDERS.columns[1:]), primary_key=("ID",))
    assert compared([ROW], [SHOWN], target=unchanged(shouting)) == ([], []), "Athena knows lower case only"


def test_a_view_without_a_column_of_the_key_cannot_be_compared():
    report = TableReport(ExpectedTable(unchanged(SEATS)), Places())
    assert not ViewRows(report, "v", ("hall", "price"), DECLARED).comparable
    assert ViewRows(report, "v", ("hall", "seat"), DECLARED).comparable


def test_what_stands_where_a_mask_should_is_not_shown():
    target = unchanged(ORDERS)
    columns = tuple(replace(it, mask=Mask()) if it.name == "status" else it for it in target.columns)
    found, _ = compared([ROW], [SHOWN], target=replace(target, columns=columns))
    assert [(one.column, one.lake) for one in found] == [("status", "(masked)")]
    assert "new" not in str(found), "a finding is no place for a clear value"
