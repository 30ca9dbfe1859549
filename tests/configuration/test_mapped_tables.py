"""What the mappings make of the described tables, and what is refused of them before anything is made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from configuration.mapped_tables import MappedTables, mapped_tables, refused
from documents.column_patterns import ColumnPattern, MaskedColumn
from documents.dms_mappings import Capture, FurtherRules
from documents.row_filters import RowFilter
from documents.table_descriptions import ColumnDescription, TableDescription
from documents.table_patterns import TablePattern

TYPES = {
    "id": "bigint unsigned",
    "email": "varchar(120)",
    "phone": "char(20)",
    "born": "date",
    "notes": "longtext",
    "kind": "enum('web','shop')",
    "amount": "decimal(10,2)",
}
PEOPLE = TableDescription(
    schema="shop",
    table="people",
    primary_key=("id",),
    columns=tuple(ColumnDescription(name=name, type=kind) for name, kind in TYPES.items()),
)
UNKNOWN = TableDescription(schema="shop", table="unknown")


def rule(action: str, target: str = "column", column: str = "email", **more: Any) -> dict[str, Any]:
    names = {"schema-name": "shop", "table-name": "people", "column-name": column}
    keys = {"schema": 1, "table": 2, "column": 3}[target]
    return {
        "rule-type": "transformation",
        "rule-name": f"{action}-of-{target}",
        "rule-target": target,
        "rule-action": action,
        "object-locator": dict(list(names.items())[:keys]),
        **more,
    }


AS_TEXT = {
    **rule("change-data-type", column="amount"),
    "data-type": {"type": "string", "length": 64},
}
KEYED = {
    "rule-type": "object-mapping",
    "rule-name": "keyed",
    "rule-action": "map-record-to-record",
    "object-locator": {"schema-name": "shop", "table-name": "people"},
    "mapping-parameters": {
        "exclude-columns": ["notes"],
        "attribute-mappings": [
            {
                "target-attribute-name": "label",
                "attribute-type": "scalar",
                "attribute-sub-type": "string",
                "value": "${kind}!",
            }
        ],
    },
}


def capture(
    *rules: dict[str, Any], drop: tuple[str, ...] = (), mask: tuple[str, ...] = (), filters: tuple[str, ...] = ()
) -> Capture:
    return Capture(
        tables=(TablePattern("shop", "people"), TablePattern("shop", "unknown")),
        drop_columns=tuple(map(ColumnPattern.parse, drop)),
        mask_columns=tuple(map(MaskedColumn.parse, mask)),
        row_filters=tuple(map(RowFilter.parse, filters)),
        mapping_rules=FurtherRules("more.json" if rules else "", rules),
    )


def mapped(*rules: dict[str, Any], **more: tuple[str, ...]) -> MappedTables:
    declared = capture(*rules, **more)
    assert refused(declared) == [], "the grammar takes it, whatever the tables are"
    return mapped_tables(declared, [PEOPLE, UNKNOWN])


def columns(result: MappedTables) -> dict[str, str]:
    assert [str(problem) for problem in result.problems] == []
    return {column.name: column.type for column in result.tables[0].columns}


def the_problem(*rules: dict[str, Any], **more: tuple[str, ...]) -> str:
    (problem,) = mapped(*rules, **more).problems
    return str(problem)


def test_without_rules_the_tables_are_as_they_are_described():
    result = mapped()
    assert (result.tables, result.problems, result.warnings) == ((PEOPLE, UNKNOWN), (), ())


def test_a_dropped_column_is_not_there_and_a_masked_one_is_text():
    shown = columns(mapped(drop=("shop.people.notes", "shop.people.born"), mask=("shop.people.phone=digits",)))
    assert shown == {**{k: v for k, v in TYPES.items() if k not in ("notes", "born")}, "phone": "text"}


def test_filters_change_no_column():
    assert columns(mapped(filters=("shop.people.kind eq web", "shop.people.amount gte 0"))) == TYPES


def test_a_number_is_masked_behind_a_further_rule_that_makes_it_text():
    assert columns(mapped(AS_TEXT, mask=("shop.people.amount=hash",)))["amount"] == "text"


def test_names_excluded_columns_and_attributes_of_further_rules_are_those_of_the_lake():
    result = mapped(rule("rename", column="id", value="number"), rule("add-prefix", "schema", value="my_"), KEYED)
    shown = columns(result)
    assert "notes" not in shown
    assert (shown["number"], shown["label"]) == ("bigint unsigned", "text")
    assert [(str(table), table.primary_key) for table in result.tables] == [
        ("my_shop.people", ("number",)),
        ("my_shop.unknown", ()),
    ]
    assert "shop.people is called my_shop.people in the lake" in result.warnings[0]
    assert result.warnings[0].endswith("unverified"), "DMS's guide does not say which name a record carries"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"drop": ("shop.people.id",)}, "  dropColumns = 'shop.people.id': shop.people.id is of the primary key"),
        ({"drop": ("%op.%.%",)}, "  dropColumns = '%op.%.%': shop.people.id is of the primary key"),
        ({"mask": ("shop.people.i%=hash",)}, "  maskColumns = 'shop.people.i%=hash': shop.people.id is of the prim"),
        ({"mask": ("shop.people.born=hash",)}, "  maskColumns = 'shop.people.born=hash': shop.people.born is of type"),
        ({"mask": ("shop.people.notes=digits",)}, "shop.people.notes is a LOB, which can be removed"),
        ({"mask": ("shop.people.emial=hash",)}, "no described table has such a column (shop.people)"),
        ({"mask": ("shop.%.Email=hash",)}, "no described table has such a column (shop.people)"),
        ({"drop": ("shop.people.emial",)}, "  dropColumns = 'shop.people.emial': no described table has such a col"),
        ({"filters": ("shop.people.kinds eq web",)}, "  rowFilters = ['shop.people.kinds eq web']: shop.people has no"),
        ({"filters": ("shop.people.notes eq web",)}, "a filter of column notes, of type longtext, is not played"),
        ({"filters": ("shop.people.id eq web",)}, "('web',) cannot be compared with id, of type bigint unsigned"),
        ({"filters": ("shop.people.kind gte web",)}, "gte of text is not played"),
    ],
)
def test_what_a_described_table_does_not_allow_is_refused(more: dict[str, tuple[str, ...]], says: str):
    text = the_problem(**more)
    assert says in text
    assert ". Remedy: " in text, "every refusal says what to do"


@pytest.mark.parametrize(
    ("rules", "more", "says"),
    [
        ((rule("remove-column"),), {"mask": ("shop.people.email=hash",)}, "which another rule drops"),
        ((rule("data-masking-hash-mask"),), {"mask": ("shop.people.email=digits",)}, "or masks already"),
        (
            (rule("remove-column", column="kind"),),
            {"filters": ("shop.people.kind eq web",)},
            "filters shop.people by kind, which is dropped or masked",
        ),
        ((rule("rename", value="phone"),), {}, "two columns of shop.people would both be 'phone'"),
        ((rule("rename", "table", value="unknown"),), {}, "would both be shop.unknown in the lake"),
        (({**AS_TEXT, "rule-name": "a"}, rule("rename", column="notes", value="n")), {}, "is a LOB"),
    ],
)
def test_what_further_rules_contradict_is_refused(
    rules: tuple[dict[str, Any], ...], more: dict[str, tuple[str, ...]], says: str
):
    assert says in the_problem(*rules, **more)


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        (capture(rule("data-masking-digits-randomize")), "'more.json': rule 3 (data-masking-digits-randomize-of"),
        (capture({**AS_TEXT, "rule-name": "include-1"}), "rule-name 'include-1' is used twice"),
        (capture({**AS_TEXT, "rule-type": "table-settings"}), "not played yet: rules of type 'table-settings'"),
        (capture({"rule-type": "transformation"}), "misses 'rule-name'"),
        (capture(filters=("shop.people.kind noteq web or null",)), "noteq must be the only condition in its filter"),
    ],
)
def test_what_the_grammar_of_the_rehearsal_refuses_is_refused_before_anything_is_made(declared: Capture, says: str):
    (problem,) = refused(declared)
    assert says in str(problem)


def test_of_tables_without_a_description_nothing_is_known_and_that_is_said():
    result = mapped(drop=("shop.unknown.email",), mask=("shop.unknown.phone=hash",))
    assert result.problems == ()
    assert [text.split(": ")[1] for text in result.warnings] == [
        "rule 3 (drop-3) is for tables that schemas/ does not describe",
        "rule 4 (mask-4) is for tables that schemas/ does not describe",
    ], "a misspelt mask would let the clear value pass"


def test_all_that_is_wrong_with_the_keys_of_tables_is_said_together():
    found = mapped(drop=("shop.people.id",), mask=("shop.%.%d=hash",)).problems
    assert [problem.key for problem in found] == ["dropColumns", "maskColumns"]


def test_each_misspelt_column_is_named():
    found = mapped(drop=("shop.people.a",), mask=("shop.people.b=hash", "shop.people.c=digits")).problems
    assert [problem.value for problem in found] == ["shop.people.a", "shop.people.b=hash", "shop.people.c=digits"]


def test_the_program_refuses_before_it_declares_a_resource(tmp_path: Path):
    from pulumi import RunError

    from declaration import declare

    with pytest.raises(RunError, match=r"Pulumi\.dev\.yaml: one setting is wrong\.\n  maskColumns = ") as refusal:
        declare("dev", config={"maskColumns": ["dms_sample.person.born=hash"]})
    assert "a mask is for text" in str(refusal.value)
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"rules": [rule("add-column")]}), encoding="utf-8")
    with pytest.raises(RunError, match=r"mappingRules = .*not played: rule-action add-column"):
        declare("dev", config={"mappingRules": str(file)})
