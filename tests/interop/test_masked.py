"""The example of masks, drops and filters, as it is declared."""

from __future__ import annotations

import json
from typing import Any

import pytest

from declaration import Declaration
from model.plan import ViewPlan
from rehearsal.plan.pipeline import read_plan
from tests.declared import declare

TASK = "aws:dms/replicationTask:ReplicationTask"


@pytest.fixture(scope="module")
def masked() -> Declaration:
    return declare("masked")


def rules(declared: Declaration) -> list[dict[str, Any]]:
    return json.loads(declared.one(TASK).inputs["tableMappings"])["rules"]


def view(declared: Declaration, name: str) -> ViewPlan:
    catalog = read_plan(declared).catalog
    assert catalog
    return next(one for one in catalog.views if one.name == name)


def test_it_warns_of_nothing_and_gives_no_data_away(masked: Declaration):
    assert masked.warnings == ()
    assert all(cluster.protect for cluster in masked.all("aws:rds/cluster:Cluster"))


def test_the_task_gets_selections_drops_and_masks_in_one_sequence(masked: Declaration):
    assert [rule["rule-name"] for rule in rules(masked)] == [
        "include-1", "include-2", "include-3", "drop-4", "drop-5", "drop-6", "mask-7", "mask-8", "mask-9",
    ]  # fmt: skip
    assert [len(rule["filters"]) for rule in rules(masked)[:3]] == [1, 0, 0]


@pytest.mark.parametrize("kind", ["changes", "current"])
def test_a_dropped_column_is_in_no_view_and_a_masked_one_is_text(masked: Declaration, dev: Declaration, kind: str):
    before, after = (dict(view(stack, f"dms_sample_person_{kind}").columns) for stack in (dev, masked))
    assert set(before) - set(after) == {"passport", "born"}
    assert {name for name, of in after.items() if before[name] != of} == set(), "these were texts before"
    assert "passport" not in view(masked, f"dms_sample_person_{kind}").sql


def test_a_masked_number_is_text_in_its_views():
    declared = declare(
        "masked",
        config={
            "mappingRules": "tests/configuration/mapping_rules/amount_as_text.json",
            "maskColumns": ["dms_sample.payment.amount=hash"],
        },
    )
    assert dict(view(declared, "dms_sample_payment_current").columns)["amount"] == "varchar"
    assert [rule["rule-name"] for rule in rules(declared)[-2:]] == ["amount-as-text", "mask-8"]


def test_filters_change_nothing_in_the_views(masked: Declaration):
    unfiltered = declare("masked", config={"rowFilters": []})
    assert read_plan(unfiltered).catalog == read_plan(masked).catalog
