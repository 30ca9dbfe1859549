"""Lakes under declared table mappings, written by hand: the audit follows the rules and nothing of the player."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from audit import FindingKind
from tests.audit.lakes import DECLARED, ORDERS, VISITS, Task, column, findings, judge
from tests.mappings.mapping_rules import document, include, only, transform

RULES = document(
    include(1, "shop", "orders", only("id", ("lte", "100"))),
    transform(2, "rename", "shop", value="lake"),
    transform(3, "rename", "shop", "orders", value="sales"),
    transform(4, "change-data-type", "shop", "orders", "id", data_type={"type": "string", "length": "20"}),
    transform(5, "data-masking-hash-mask", "shop", "orders", "status"),
    transform(6, "rename", "shop", "orders", "total", value="sum"),
    transform(7, "remove-column", "shop", "orders", "note"),
)
SALES = replace(
    ORDERS,
    schema="lake",
    name="sales",
    columns=(column("id", "varchar(20)"), column("status", "varchar(64)"), column("sum", "decimal(12,2)")),
)
"""What the lake must have of ORDERS."""
MAPPED = replace(DECLARED, mappings=RULES)
NEW = "11507A0E2F5E69D5DFA40A62A1BD7B6EE57E6BCD85C67C9B8431B36FFF21C437"
"""``printf new | sha256sum``, in upper case."""
PAID = "268AD70EB5BC4737A2AE28162CBCA30118CC94520E49EF1AC5F72C85D3F2CAA9"
"""``printf paid | sha256sum``, in upper case."""


def sales() -> Task:
    task = Task()
    task.load(SALES, ("7", NEW, Decimal("1.50")))
    task.pause()
    task.commit((SALES, ("7", NEW, Decimal("1.50")), ("7", PAID, Decimal("2.00"))))
    task.commit((SALES, ("7", PAID, Decimal("2.00")), ("7", PAID, Decimal("3.00"))))
    return task


SOURCE = {ORDERS: [(7, "paid", Decimal("3.00"), "never told"), (101, "paid", Decimal("1.00"), None)]}
"""The filter keeps the second row out."""


def test_a_lake_in_the_declared_names_types_and_masks_is_equal():
    result = judge(sales().sent, SOURCE, MAPPED)
    assert not findings(result), "renamed, retyped, masked, removed and filtered out, all as declared"
    assert result.tables["lake.sales"].rows_source == 1, "a row that the filter keeps out is not owed"


def test_the_same_lake_without_the_declared_rules_is_not_equal():
    assert FindingKind.UNKNOWN_TABLE in {finding.kind for finding in findings(judge(sales().sent, SOURCE))}


def test_a_change_that_was_lost_in_between_is_found_under_the_declared_names():
    lost = [sent for number, sent in enumerate(sales().sent) if number != 1]
    kinds = {(finding.kind, finding.table) for finding in findings(judge(lost, SOURCE, MAPPED))}
    assert (FindingKind.LOST_CHANGE, "lake.sales") in kinds, "though the rows are right in the end"


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"id": "7"}, ("", "7")),
        ({"status": '"paid"'}, ("status", "(masked)")),
        ({"status": f'"{NEW}"'}, ("status", f'"{NEW}"')),
        ({"sum": '"3.00"'}, ("sum", '"3.00"')),
    ],
)
def test_a_value_that_is_not_as_declared_is_found(values, named):
    *before, last = sales().sent
    found = findings(judge([*before, last.saying(**values)], SOURCE, MAPPED))
    assert named[0] in {finding.column for finding in found}, f"{values} is not what the rules say"
    assert named[1] in {finding.lake or finding.key.removeprefix("id=") for finding in found}


def test_a_clear_value_in_a_masked_column_is_in_no_text_of_the_report():
    first, *others = sales().sent
    result = judge([first.saying(status='"personal"'), *others], SOURCE, MAPPED)
    assert not result.equal, "the load record contradicts the update's before image"
    assert "personal" not in str(result.as_json()), "whoever reads the report may not be meant to read the value"


def test_a_clear_value_in_a_masked_key_is_not_shown_either():
    rules = document(include(1, "shop", "visits"), transform(2, "data-masking-hash-mask", "shop", "visits", "page"))
    task = Task()
    task.load(VISITS, ("personal", 5))
    found = findings(judge(task.sent, {VISITS: [("personal", 5)]}, replace(DECLARED, mappings=rules)))
    assert {finding.kind for finding in found} == {FindingKind.EXTRA, FindingKind.MISSING}, (
        "a row without a key is all key"
    )
    assert "page=(masked), ms=5" in {finding.key for finding in found}
    assert not [finding for finding in found if "personal" in str(finding)]


def test_a_row_that_the_filter_keeps_out_must_not_be_there():
    task = sales()
    task.commit((SALES, None, ("101", PAID, Decimal("1.00"))))
    (finding,) = findings(judge(task.sent, SOURCE, MAPPED))
    assert (finding.kind, finding.key) == (FindingKind.EXTRA, 'id="101"')
