"""Pulumi.yaml, the stack files, configuration/settings.py and the made tables say the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import yaml

from configuration import settings
from configuration.contradictions import CONTRADICTIONS
from configuration.rules import VALUE_RULES
from configuration.settings import KEYS, key_of
from declaration.cli import main
from declaration.tables import groups
from documents.column_patterns import ColumnPattern, MaskedColumn
from documents.dms_mappings import FurtherRules
from documents.row_filters import RowFilter
from documents.table_patterns import TablePattern

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
SCHEMA: dict[str, Any] = {key: value for key, value in PROJECT["config"].items() if ":" not in key}
STACKS = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))
TYPES = {
    str: "string",
    float: "string",  # a Pulumi project knows no fractions
    int: "integer",
    bool: "boolean",
    tuple[str, ...]: "array",
    tuple[TablePattern, ...]: "array",
    tuple[ColumnPattern, ...]: "array",
    tuple[MaskedColumn, ...]: "array",
    tuple[RowFilter, ...]: "array",
    FurtherRules: "string",
}
GROUPS = [it for it in vars(settings).values() if isinstance(it, type) and it.__name__.endswith("Settings")]


def stack_file(stack: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))["config"]


def test_there_are_a_small_a_masked_and_a_production_stack():
    assert STACKS == ["dev", "masked", "prod"]


def test_the_project_describes_the_keys_that_settings_read():
    assert set(SCHEMA) == set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_has_a_type_a_description_and_a_default(key: str):
    declared = SCHEMA[key]
    assert set(declared) - {"items"} == {"type", "description", "default"}, (
        "the CLI demands a value where no default is"
    )
    assert declared["description"].endswith((".", ".)"))
    python = {"string": str, "integer": int, "boolean": bool, "array": list}[declared["type"]]
    assert type(declared["default"]) is python
    assert (declared["type"] == "array") == (declared.get("items") == {"type": "string"})


def test_the_projects_types_are_those_of_the_settings():
    hints = {key_of(name): kind for group in GROUPS for name, kind in get_type_hints(group).items()}
    assert {key: SCHEMA[key]["type"] for key in KEYS} == {key: TYPES[hints[key]] for key in KEYS}


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_file_says_only_what_differs(stack: str):
    own = {
        key.removeprefix("cdc-lake:"): value for key, value in stack_file(stack).items() if key.startswith("cdc-lake:")
    }
    same = {key for key, value in own.items() if value == SCHEMA[key]["default"]}
    assert same == set(), "a default that is written twice is changed once"


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_tags_what_it_owns(stack: str):
    tags = stack_file(stack)["aws:defaultTags"]["tags"]
    assert tags == {**PROJECT["config"]["aws:defaultTags"]["value"]["tags"], "Stack": stack}


def test_only_the_small_stack_can_be_destroyed_with_its_data():
    assert (stack_file("dev")["cdc-lake:ephemeral"], stack_file("dev")["cdc-lake:acknowledgeDataLoss"]) == (True, "dev")
    for stack in ("masked", "prod"):
        assert not {"cdc-lake:ephemeral", "cdc-lake:acknowledgeDataLoss"} & set(stack_file(stack))


def tables_of(printed: str) -> dict[str, list[str]]:
    """The rows of each table without its head, by the heading above it."""
    parts = re.split(r"^### (.+)\n\n", printed, flags=re.MULTILINE)[1:]
    return {title: table.splitlines()[2:] for title, table in zip(parts[::2], parts[1::2], strict=True)}


def test_the_tables_of_keys_have_a_row_for_each_key_in_the_groups_of_the_project(capsys: pytest.CaptureFixture[str]):
    assert main(["config"]) == 0
    tables = {title: [row for row in rows if row] for title, rows in tables_of(capsys.readouterr().out).items()}
    assert list(tables) == [
        "What is captured",
        "Network",
        "Which database: the program's own, or one that is there",
        "The program's own database",
        "Replication",
        "Stream and lake",
        "Queries",
        "The Iceberg tables that are kept of the lake",
        "Who is told, and when",
        "The whole stack",
    ], "a comment behind an empty line begins a group"
    assert [row.split(" | ")[0] for rows in tables.values() for row in rows] == [f"| `{key}`" for key in SCHEMA]


def test_a_key_before_the_first_group_is_in_none():
    first = (
        "config:\n  one: {description: a}\n\n  # A group\n  # of two\n  two: {description: b}\n  three: {value: 3}\n"
    )
    assert groups(first) == [("", ["one"]), ("A group", ["two"])]


def test_the_tables_of_rules_have_a_row_for_each_rule(capsys: pytest.CaptureFixture[str]):
    assert main(["rules"]) == 0
    alone, together = tables_of(capsys.readouterr().out).values()
    alone = [row for row in alone if row]
    assert [row.split(" | ")[:2] for row in alone] == [[f"| {rule.name}", f"`{rule.key}`"] for rule in VALUE_RULES]
    assert [row.split(" | ")[0] for row in together] == [f"| {rule.name}" for rule in CONTRADICTIONS]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in alone} == {5}, "a bar in a text ends its cell"
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in together} == {6}, "a bar in a text ends its cell"
    for row, contradiction in zip(together, CONTRADICTIONS, strict=True):
        assert f"]({contradiction.source}) |" in row


def test_the_virtual_environment_is_the_projects():
    assert PROJECT["runtime"] == {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}
