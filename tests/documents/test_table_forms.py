"""Forms of Iceberg tables: which one ALTER TABLE makes of which, and what is said of the others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from documents.table_forms import Form, refusals

COLUMNS = {"cdc_key": "string", "id": "int", "amount": "decimal(10,2)", "note": "string"}
BEFORE = Form(of="shop.orders", key=("id",), columns=COLUMNS)


def form(*, key: tuple[str, ...] = ("id",), of: str = "shop.orders", number: int = 1, **changed: str) -> Form:
    """As before, with other types; an empty one takes the column away."""
    columns = {name: kind for name, kind in {**COLUMNS, **changed}.items() if kind}
    return Form(of=of, key=key, columns=columns, format=number)


TAKEN = {
    "nothing": form(),
    "a column that comes": form(paid="timestamp"),
    "a column that goes": form(note=""),
    "a wider integer, of the key": form(id="bigint"),
    "more digits": form(amount="decimal(20,2)"),
    "another order": Form(of="shop.orders", key=("id",), columns=dict(reversed(COLUMNS.items()))),
}
REFUSED = {
    "another type": (form(note="date"), ["column note is string and would become date"]),
    "fewer digits": (form(amount="decimal(9,2)"), ["column amount is decimal(10,2) and would become decimal(9,2)"]),
    "more places": (form(amount="decimal(12,4)"), ["column amount is decimal(10,2) and would become decimal(12,4)"]),
    "an unsigned key": (form(id="decimal(20,0)"), ["column id is int and would become decimal(20,0)"]),
    "another key": (form(key=("id", "note")), ["its primary key is (id) and would become (id, note)"]),
    "a column that may have another name": (
        form(note="", remark="string"),
        ["note would go and remark come at the same"],
    ),
    "another table": (form(of="shop.Orders"), ["it was made of shop.orders in format 1, and would be of shop.Orders"]),
    "another format": (form(number=2), ["and would be of shop.orders in format 2"]),
    "two reasons": (form(key=("note",), note="binary"), ["its primary key is (id)", "column note is string"]),
}


def as_the_engine_has_it(given: Form) -> Mapping[str, Any]:
    """Its numbers are floating, and its maps have no order."""
    return json.loads(json.dumps(given.remembered, sort_keys=True), parse_int=float)


@pytest.mark.parametrize("after", TAKEN.values(), ids=TAKEN)
def test_what_alter_table_can_do_is_taken(after: Form):
    assert list(refusals(as_the_engine_has_it(BEFORE), after.remembered)) == []
    assert after.identity == BEFORE.identity, "for a run the same table"


@pytest.mark.parametrize(("after", "reasons"), REFUSED.values(), ids=REFUSED)
def test_what_it_cannot_do_is_told_with_both_values(after: Form, reasons: list[str]):
    told = list(refusals(as_the_engine_has_it(BEFORE), after.remembered))
    assert len(told) == len(reasons)
    assert all(reason in one for reason, one in zip(reasons, told, strict=True)), told


def test_a_folder_is_of_one_form():
    forms = [*TAKEN.values(), *(after for after, _ in REFUSED.values())]
    assert len({it.folder for it in forms}) == len(forms) - 1, "only the order of columns does not count"
