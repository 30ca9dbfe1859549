"""Which tables a table-mappings document selects, and which documents are refused."""

import pytest

from mappings.table_mappings import parse
from model import PipelineError, Table


def rule(rule_id, action, schema, table, **more):
    return {
        "rule-type": "selection",
        "rule-id": str(rule_id),
        "rule-name": f"rule-{rule_id}",
        "rule-action": action,
        "object-locator": {"schema-name": schema, "table-name": table},
        "filters": [],
        **more,
    }


def document(*rules):
    return {"rules": list(rules)}


@pytest.mark.parametrize(
    ("pattern", "name", "selected"),
    [
        ("%", "orders", True),
        ("ord%", "orders", True),
        ("ord%", "border", False),
        ("order_", "orders", True),
        ("order_", "order", False),
        ("audit[_]%", "audit_log", True),
        ("audit[_]%", "auditlog", False),
        ("[ab]1", "b1", True),
        ("[ab]1", "c1", False),
        ("[a-d]1", "c1", True),
        ("[a-d]1", "e1", False),
        ("[^a]", "^", True),
        ("[^a]", "b", False),
        ("orders", "Orders", False),
        ("a.c", "abc", False),
        ("a%", "a\nb", True),
    ],
)
def test_a_pattern_matches_as_the_guide_says(pattern, name, selected):
    found = parse(document(rule(1, "include", "shop", pattern))).selects("shop", name)
    assert found is selected, f"{pattern!r} against {name!r} follows DMS's wildcards, and case counts"


def test_an_exclude_rule_takes_away_what_an_include_rule_selects():
    selection = parse(document(rule(1, "exclude", "shop", "tmp%"), rule(2, "include", "shop", "%")))
    assert selection.selects("shop", "orders"), "no exclude rule matches it"
    assert not selection.selects("shop", "tmp_orders"), "exclude wins, whatever the order of the rules"


def test_an_explicit_rule_takes_its_name_letter_by_letter():
    selection = parse(document(rule(1, "explicit", "shop", "a_b")))
    assert selection.selects("shop", "a_b"), "the exact name is selected"
    assert not selection.selects("shop", "axb"), "an underscore is no wildcard in an explicit rule"


def test_tables_load_by_descending_load_order_then_by_name():
    rules = (rule(1, "include", "shop", "%"), rule(2, "include", "shop", "z%", **{"load-order": 5}))
    tables = [Table(schema="shop", name=name, columns=()) for name in ("b", "a", "z", "other")]
    tables.append(Table(schema="mysql", name="user", columns=()))
    found = [table.name for table in parse(document(*rules)).in_load_order(tables)]
    assert found == ["z", "a", "b", "other"], "the highest load-order goes first and other schemas stay out"


@pytest.mark.parametrize("order", [0, 1, 2147483646, 2147483647])
def test_a_load_order_may_be_0_to_2147483647(order: int):
    assert parse(document(rule(1, "include", "shop", "%", **{"load-order": order})))


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([], "at least one selection rule"),
        ([rule(1, "exclude", "shop", "%")], "only exclude rules"),
        ([rule(1, "include", "shop", "%"), rule(1, "include", "b", "%")], "rule-id '1' is used twice"),
        (
            [rule(1, "include", "shop", "%"), rule(2, "include", "b", "%", **{"rule-name": "rule-1"})],
            "rule-name 'rule-1' is used twice",
        ),
        ([rule(1, "includes", "shop", "%")], "rule-action 'includes' is none of"),
        ([rule("x", "include", "shop", "%")], "rule-id must be numeric"),
        ([rule(1, "include", "", "%")], "where a name must be"),
        ([rule(1, "include", "shop", "a[b")], "not a valid pattern"),
        ([rule(1, "include", "shop", "[d-a]")], "not a valid pattern"),
        ([rule(1, "explicit", "shop", "a%")], "no wildcard"),
        ([rule(1, "include", "shop", "%", **{"load-order": -1})], "load-order -1"),
        ([rule(1, "include", "shop", "%", **{"load-order": 2147483648})], "load-order 2147483648"),
        ([rule(1, "include", "shop", "%", colour="red")], "unknown key 'colour'"),
        ([{"rule-type": "selection", "rule-id": "1", "rule-name": "a"}], "misses 'rule-action'"),
        ([{"rule-id": "1", "rule-name": "a"}], "misses 'rule-type'"),
        (["all"], "a rule must be an object"),
    ],
)
def test_a_document_that_dms_refuses_is_refused_by_name(rules, said):
    with pytest.raises(PipelineError) as error:
        parse(document(*rules))
    assert said in str(error.value), "the message says which rule and what is wrong with it"


def test_a_rule_that_is_not_played_is_refused_and_named():
    settings = {**rule(7, "rename", "shop", "%"), "rule-type": "table-settings"}
    with pytest.raises(PipelineError, match=r"rule 7 \(rule-7\): not played yet"):
        parse(document(rule(1, "include", "shop", "%"), settings))


def test_an_object_locator_with_a_table_type_is_refused():
    view = rule(1, "include", "shop", "%")
    view["object-locator"]["table-type"] = "view"
    with pytest.raises(PipelineError, match="table-type is not played yet"):
        parse(document(view))
