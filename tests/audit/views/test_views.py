"""The second audit: a wrong row is named, whether the lake has it wrong or the declared SQL reads it wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from audit import DeliveredLines, Expectations, Finding, FindingKind, Findings, ViewsResult, audit_views
from model.plan import CatalogPlan
from rehearsal.athena import Athena
from tests.audit.views.shops import LATER, TABLES, Shop, catalog, delivered, rows_of
from tests.rehearsal.athena.catalogs import stored

DECLARED = Expectations(before_image="before-image", null_and_empty=True, transaction_details=True)
VIEW = "shop_orders_current"


def order(key: int, note: str = "new", total: str = "7.50"):
    return key, note, Decimal(total)


def told() -> Shop:
    """A shop with an order for each thing that a view must get right, by its id."""
    shop = Shop()
    for key in range(1, 10):
        shop.change("orders", None, order(key))
    shop.prepare("orders")
    for row in list(shop.rows["orders"].values()):
        shop.load("orders", row)
    shop.change("orders", order(8), None)
    shop.miss()  # 8 is gone, and only another load tells
    shop.prepare("orders")
    for row in shop.rows["orders"].values():
        shop.load("orders", row)
    shop.commit(1)
    shop.change("orders", order(1), order(1, "later"))
    shop.capture()
    shop.change("orders", order(2), order(2, "first"))
    shop.commit(1)
    shop.change("orders", order(2, "first"), order(2, "a second later"))
    shop.capture([1, 0])
    shop.commit()
    shop.change("orders", order(3), order(3, "first"))
    shop.commit()
    shop.change("orders", order(3, "first"), order(3, "by the next transaction"))
    shop.capture([1, 0])
    shop.commit()
    shop.change("orders", order(4), order(4, "first"))
    shop.change("orders", order(4, "first"), order(4, "by the same transaction"))
    shop.capture([1, 0])
    shop.change("orders", order(5), None)
    shop.change("orders", order(6), order(60))
    shop.capture()
    return shop


@pytest.fixture(scope="module")
def shop() -> Shop:
    return told()


def asked(lines: list[str], shop: Shop, declared: CatalogPlan, expectations: Expectations = DECLARED) -> ViewsResult:
    objects = delivered(lines)
    with Athena(declared, objects, now=LATER) as athena:
        return audit_views(athena.run, declared, DeliveredLines.of(objects), TABLES, rows_of(shop), expectations)


def found(result: ViewsResult) -> list[Finding]:
    return [one for found in result.all_findings for one in found.listed]


def said(result: ViewsResult) -> set[tuple[FindingKind, str, str]]:
    return {(one.kind, one.key, one.column) for one in found(result)}


def otherwise(old: str, new: str) -> CatalogPlan:
    """The catalog as it would be if the program declared ``new`` for ``old`` in the view of the orders."""
    declared = catalog()
    views = [replace(view, sql=view.sql.replace(old, new)) if view.name == VIEW else view for view in declared.views]
    assert tuple(views) != declared.views, f"{old} is in the SQL"
    return replace(declared, views=tuple(views))


def test_a_right_lake_with_right_views_is_equal(shop: Shop):
    result = asked(shop.lines, shop, catalog())
    assert found(result) == []
    assert {name: table.rows for name, table in result.tables.items()} == {"shop.orders": 7, "shop.seats": 0}


SABOTAGED_SQL = {
    "the oldest image is taken": (
        "cdc_message_time DESC",
        "cdc_message_time ASC",
        FindingKind.DIFFERENT,
        "id=1",
        "note",
    ),
    "commit times backwards": ("cdc_commit_time DESC", "cdc_commit_time ASC", FindingKind.DIFFERENT, "id=2", "note"),
    "transactions backwards": (
        "cdc_transaction_id DESC",
        "cdc_transaction_id ASC",
        FindingKind.DIFFERENT,
        "id=3",
        "note",
    ),
    "records backwards": ("cdc_record_id DESC", "cdc_record_id ASC", FindingKind.DIFFERENT, "id=4", "note"),
    "deletes are not honoured": (" AND NOT cdc_gone", "", FindingKind.EXTRA, "id=5", ""),
    "an old key does not leave": ("ARRAY[false, true]", "ARRAY[false]", FindingKind.EXTRA, "id=6", ""),
    "an old key stays": (
        "cdc_leaves OR cdc_operation = 'delete'",
        "cdc_operation = 'delete'",
        FindingKind.EXTRA,
        "id=6",
        "",
    ),
    "a reload changes nothing": (" OR cdc_message_time >= cdc_since", " OR true", FindingKind.EXTRA, "id=8", ""),
    "copies are not collapsed": ("cdc_age = 1", "cdc_age < 3", FindingKind.EXTRA, "id=1", ""),
}


@pytest.mark.parametrize("what", SABOTAGED_SQL)
def test_wrong_sql_is_found_and_the_row_named(shop: Shop, what: str):
    old, new, *expected = SABOTAGED_SQL[what]
    result = asked(shop.lines, shop, otherwise(old, new))
    assert tuple(expected) in said(result), f"{what}: {found(result)}"
    assert all(VIEW in one.text for one in found(result)), "which view?"


def without(part: str) -> Callable[[list[str]], list[str]]:
    return lambda lines: [line for line in lines if part not in line]


def saying(old: str, new: str) -> Callable[[list[str]], list[str]]:
    return lambda lines: [line.replace(old, new) for line in lines]


NINTH = '"id":9,"note":"new","total":7.50'
SABOTAGED_LAKE = {
    "loads of a row are lost": (without(NINTH), (FindingKind.MISSING, "id=9", "")),
    "a delete is lost": (without('"operation":"delete"'), (FindingKind.EXTRA, "id=5", "")),
    "a value is another": (saying('"later"', '"Later"'), (FindingKind.DIFFERENT, "id=1", "note")),
    "a number is a text": (saying(NINTH, NINTH.replace("7.50", '"?"')), (FindingKind.UNREADABLE, "id=9", "total")),
    "a column is not there": (
        saying(NINTH, NINTH.replace('"note":"new",', "")),
        (FindingKind.DIFFERENT, "id=9", "note"),
    ),
}


@pytest.mark.parametrize("what", SABOTAGED_LAKE)
def test_a_wrong_lake_is_found_and_the_row_named(shop: Shop, what: str):
    change, expected = SABOTAGED_LAKE[what]
    assert change(shop.lines) != shop.lines, "something is sabotaged"
    result = asked(change(shop.lines), shop, catalog())
    assert said(result) == {expected}, f"{what}: {found(result)}"


def test_both_values_are_shown(shop: Shop):
    (one,) = found(asked(saying('"later"', '"Later"')(shop.lines), shop, catalog()))
    assert (one.table, one.source, one.lake) == ("shop.orders", '"later"', '"Later"')


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        ({"total": "int"}, (FindingKind.UNREADABLE, "total")),
        ({"total": "decimal(8,1)"}, (FindingKind.DIFFERENT, "total")),
        ({"total": "decimal(8,3)"}, (FindingKind.DIFFERENT, "total")),
        ({"total": "varchar(9)"}, (FindingKind.DIFFERENT, "total")),
        ({"note": "int"}, (FindingKind.UNREADABLE, "note")),
    ],
)
def test_a_column_that_is_described_as_another_type_is_found(
    shop: Shop, described: dict[str, str], expected: tuple[FindingKind, str]
):
    result = asked(shop.lines, shop, catalog(**described))
    assert {(one.kind, one.column) for one in found(result)} == {expected}
    assert result.tables["shop.orders"].findings.total == 7, "once for each row"


def test_a_table_that_has_no_view_is_named_with_the_reason(shop: Shop):
    declared = catalog()
    some = tuple(view for view in declared.views if view.table != ("shop", "seats"))
    result = asked(shop.lines, shop, replace(declared, views=some))
    assert found(result) == [], "nothing is wrong"
    (note,) = result.tables["shop.seats"].notes.listed
    assert (note.kind, note.table, result.tables["shop.seats"].asked) == (FindingKind.NO_VIEW, "shop.seats", False)
    assert "python -m rehearsal describe" in note.text


def test_a_table_without_a_primary_key_has_no_view_and_needs_none(shop: Shop):
    visits = replace(TABLES[1], name="visits", primary_key=())
    objects = delivered(shop.lines)
    with Athena(catalog(), objects, now=LATER) as athena:
        result = audit_views(athena.run, catalog(), DeliveredLines.of(objects), [visits], lambda _: [], DECLARED)
    (note,) = result.tables["shop.visits"].notes.listed
    assert "no primary key" in note.text, "a description would not help"


def why_none(declared: CatalogPlan, expectations: Expectations = DECLARED) -> str:
    """What is noted of the first table that the lake has no view for."""
    with Athena(declared, [], now=LATER) as athena:
        result = audit_views(athena.run, declared, DeliveredLines.of([]), TABLES, lambda _: [], expectations)
    return next(table.notes.listed[0].text for table in result.tables.values() if table.notes.total)


def test_why_a_table_has_no_view_is_told_as_it_is():
    declared = catalog()
    only_changes = replace(declared, views=tuple(view for view in declared.views if view.name != VIEW))
    assert "only shop_orders_changes is declared" in why_none(only_changes), "a description without its key"
    rename: dict[str, Any] = {
        "rule-type": "transformation", "rule-id": "2", "rule-name": "rename", "rule-target": "table",
        "object-locator": {"schema-name": "shop", "table-name": "orders"}, "rule-action": "rename", "value": "sales",
    }  # fmt: skip
    include = {
        "rule-type": "selection", "rule-id": "1", "rule-name": "all", "rule-action": "include",
        "object-locator": {"schema-name": "shop", "table-name": "%"},
    }  # fmt: skip
    renamed = replace(DECLARED, mappings={"rules": [include, rename]})
    assert "the views that are declared are of shop.orders" in why_none(declared, renamed), "it has a description"
    assert "no view of it is declared" in why_none(replace(declared, views=declared.views[:3])), "nothing describes it"


def test_a_view_that_lacks_a_column_of_the_key_is_wrong_as_a_whole(shop: Shop):
    declared = catalog()
    narrow = [
        replace(view, sql=f"SELECT note, total FROM ({view.sql})", columns=view.columns[1:3])
        if view.name == VIEW
        else view
        for view in declared.views
    ]
    (finding,) = found(asked(shop.lines, shop, replace(declared, views=tuple(narrow))))
    assert (finding.kind, finding.table) == (FindingKind.STALE, "shop.orders"), (
        "no row of it is any row of the source's"
    )


def test_the_rows_that_filters_let_through_are_what_the_view_must_give(shop: Shop):
    rule = {
        "rule-type": "selection", "rule-id": "1", "rule-name": "some", "rule-action": "include",
        "object-locator": {"schema-name": "shop", "table-name": "orders"},
        "filters": [{"filter-type": "source", "column-name": "id",
                     "filter-conditions": [{"filter-operator": "lte", "value": "5"}]}],
    }  # fmt: skip
    result = asked(shop.lines, shop, catalog(), replace(DECLARED, mappings={"rules": [rule]}))
    assert {one.key for one in found(result)} == {"id=60", "id=7", "id=9"}, "these had to be left out"


@pytest.mark.parametrize("before", [0, 1])
def test_lines_that_no_query_sees_are_told_once_though_they_are_read_before_and_after_a_disorder(before: int):
    lines = Findings()
    for _ in range(before):
        lines.put(Finding(kind=FindingKind.UNSEEN, text="found before the disorder"))
    unseen = [stored("{}\n", "elsewhere/lake-1.json.gz")]
    with Athena(catalog(), unseen, now=LATER) as athena:
        result = audit_views(athena.run, catalog(), DeliveredLines.of(unseen), [], rows_of(Shop()), DECLARED, lines)
    assert result.findings.counts == {FindingKind.UNSEEN: 1}, f"{found(result)}"
