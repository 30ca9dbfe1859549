"""One document of table mappings, from all that a stack says of what leaves the database."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from documents.column_patterns import ColumnPattern, MaskedColumn
from documents.dms_mappings import Capture, FurtherRules, declared_rules, reshaping, table_mappings
from documents.row_filters import RowFilter
from documents.table_patterns import TablePattern, finds, meet

RENAME: dict[str, Any] = {
    "rule-type": "transformation",
    "rule-id": "7",
    "rule-name": "store",
    "rule-target": "schema",
    "rule-action": "rename",
    "object-locator": {"schema-name": "shop"},
    "value": "store",
}
EVERYTHING = Capture(
    tables=(TablePattern("my_shop", "a"), TablePattern("my_shop", "b%")),
    exclude_tables=(TablePattern("my_shop", "bin"),),
    drop_columns=(ColumnPattern.parse("my_shop.a.card_no"),),
    mask_columns=(MaskedColumn.parse("my_shop.b%.e_mail%=hash"), MaskedColumn.parse("my_shop.a.phone=digits")),
    row_filters=(RowFilter.parse("my_shop.a.id gte 7"), RowFilter.parse("my_shop.a.kind eq web or null")),
    mapping_rules=FurtherRules("more.json", (RENAME,)),
)


def rules(capture: Capture = EVERYTHING) -> list[dict[str, Any]]:
    return table_mappings(capture)["rules"]


def test_ids_are_one_sequence_and_names_are_unique():
    assert [(rule["rule-id"], rule["rule-name"]) for rule in rules()] == [
        ("1", "include-1"),
        ("2", "include-2"),
        ("3", "exclude-3"),
        ("4", "drop-4"),
        ("5", "store"),
        ("6", "mask-6"),
        ("7", "mask-7"),
    ], "a mask stands behind the changed type that it may need, and a drop before everything that could keep its column"


def test_a_drop_is_of_its_column_alone():
    drop = rules()[3]
    assert drop["rule-action"] == "remove-column"
    assert drop["object-locator"] == {"schema-name": "my[_]shop", "table-name": "a", "column-name": "card[_]no"}, (
        "a bare _ is a wildcard: card_no would drop cardXno too"
    )


def test_masks_are_those_of_dms():
    digest, digits = rules()[5:]
    assert digest["rule-action"] == "data-masking-hash-mask"
    assert "value" not in digest
    assert digest["object-locator"]["column-name"] == "e_mail%", "a pattern goes to DMS as it is"
    assert (digits["rule-action"], digits["value"]) == ("data-masking-digits-mask", "#")


def test_filters_stand_in_the_selection_of_their_table_alone():
    first, second, third = (rule["filters"] for rule in rules()[:3])
    assert (second, third) == ([], []), "AWS echoes an empty list: without it every preview differs"
    assert first == [
        {
            "filter-type": "source",
            "column-name": "id",
            "filter-conditions": [{"filter-operator": "gte", "value": "7"}],
        },
        {
            "filter-type": "source",
            "column-name": "kind",
            "filter-conditions": [{"filter-operator": "eq", "value": "web"}, {"filter-operator": "null"}],
        },
    ]


def test_a_further_rule_is_as_it_is_but_for_its_id():
    assert rules()[4] == {**RENAME, "rule-id": "5"}
    assert RENAME["rule-id"] == "7", "the file's own rule is left alone"


def test_every_rule_knows_who_asked_for_it():
    assert [(one.key, one.value) for one in declared_rules(EVERYTHING)] == [
        ("tables", "my_shop.a"),
        ("tables", "my_shop.b%"),
        ("excludeTables", "my_shop.bin"),
        ("dropColumns", "my_shop.a.card_no"),
        ("mappingRules", "more.json"),
        ("maskColumns", "my_shop.b%.e_mail%=hash"),
        ("maskColumns", "my_shop.a.phone=digits"),
    ]


def test_selections_alone_reshape_nothing():
    assert reshaping(Capture(tables=EVERYTHING.tables)) == []
    assert [rule["rule-type"] for rule in reshaping(EVERYTHING)] == ["selection", *["transformation"] * 4]
    assert not any({"rule-id", "rule-name"} & set(rule) for rule in reshaping(EVERYTHING)), (
        "one more table numbers them anew, and that is no other shape"
    )


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("shop.orders.email", ("shop", "orders", "email")),
        ("shop.v1.orders.email", ("shop", "v1.orders", "email")),
        ("shop.%.[ab]%", ("shop", "%", "[ab]%")),
    ],
)
def test_the_first_dot_ends_the_schema_and_the_last_one_the_table(text: str, parts: tuple[str, str, str]):
    pattern = ColumnPattern.parse(text)
    assert (pattern.parts, str(pattern)) == (parts, text)


@pytest.mark.parametrize("text", ["shop.orders", "shop..email", "shop.orders.", ".orders.email", "", "email"])
def test_a_column_pattern_without_three_parts_is_refused(text: str):
    with pytest.raises(ValueError):  # noqa: PT011 - the settings say the rest
        ColumnPattern.parse(text)


@pytest.mark.parametrize(
    ("condition", "operator", "values"),
    [
        ("eq 3", "eq", ("3",)),
        ("noteq 'it''s a b'", "noteq", ("it's a b",)),
        ("gte '2026-01-01 00:00:00'", "gte", ("2026-01-01 00:00:00",)),
        ("lte -1.5", "lte", ("-1.5",)),
        ("eq or", "eq", ("or",)),
        ("eq ''", "eq", ("",)),
        ("between 3 and 9", "between", ("3", "9")),
        ("notbetween and and and", "notbetween", ("and", "and")),
        ("null", "null", ()),
        ("  notnull ", "notnull", ()),
    ],
)
def test_a_condition_is_an_operator_of_dms_with_its_values(condition: str, operator: str, values: tuple[str, ...]):
    (one,) = RowFilter.parse(f"shop.orders.id {condition}").conditions
    assert (one.operator, one.values) == (operator, values)


def test_conditions_are_joined_by_or():
    parsed = RowFilter.parse("shop.orders.kind eq web or eq 'by phone' or between a and b")
    assert [one.operator for one in parsed.conditions] == ["eq", "eq", "between"]
    assert str(parsed) == "shop.orders.kind eq web or eq 'by phone' or between a and b"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "shop.orders.id",
        "shop.orders eq 3",
        "shop.orders.id = 3",
        "shop.orders.id eq",
        "shop.orders.id eq 3 4",
        "shop.orders.id eq a b",
        "shop.orders.id eq 3 or",
        "shop.orders.id eq 3 and eq 4",
        "shop.orders.id or eq 3",
        "shop.orders.id null 3",
        "shop.orders.id between 3 9",
        "shop.orders.id between 3 and",
        "shop.orders.id between 3 or 9",
        "shop.orders.id eq 'open",
        "shop.orders.id eq it's",
        "shop.orders.id eq 'a'b",
        "shop.orders.id EQ 3",
    ],
)
def test_what_is_no_filter_is_refused(text: str):
    with pytest.raises(ValueError):  # noqa: PT011 - the settings say the rest
        RowFilter.parse(text)


@pytest.mark.parametrize(
    ("one", "other", "met"),
    [
        ("email", "email", True),
        ("email", "Email", False),
        ("e_mail", "e-mail", False),
        ("e_mail%", "e-mail", True),
        ("%mail", "e%", True),
        ("a%", "b%", False),
        ("a%z", "%b%", True),
        ("[a-c]x", "[b-d]%", True),
        ("[ab]%", "[cd]%", False),
        ("%[_]", "a_", True),
        ("%[_]%", "ab", False),
        ("%_", "%", True),
        ("%%", "", True),
    ],
)
def test_two_patterns_meet_where_a_name_is_of_both(one: str, other: str, met: bool):
    assert (meet(one, other), meet(other, one)) == (met, met)


def test_patterns_meet_as_they_find():
    pieces = ["a", "%", "[ab]", "_%"]
    patterns = [one + other for one in pieces for other in ["", *pieces]]
    names = ["".join(name) for length in range(5) for name in product("ab_", repeat=length)]
    found = {pattern: {name for name in names if finds(pattern, name)} for pattern in patterns}
    for one, other in product(patterns, repeat=2):
        assert meet(one, other) == bool(found[one] & found[other]), f"{one} and {other}, by every short name"
