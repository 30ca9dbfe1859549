"""The queries that are saved in the workgroup: which there are, and what they ask the user for."""

from __future__ import annotations

from declaration import Declaration
from tests.components.test_lake_query import SAVED, WORKGROUP, views


def test_what_is_asked_most_is_saved(stack: Declaration):
    names = {it.inputs["name"] for it in stack.all(SAVED)}
    shared = {"latest-changes", "operations-per-hour", "freshness", "control-records", "unread-lines"}
    own = {it.removesuffix("_current") for it in views(stack) if it.endswith("_current")}
    assert names == shared | {f"{kind}-{name}" for name in own for kind in ("changes-of-one-row", "unreadable-values")}
    workgroup = stack.one(WORKGROUP).outputs["name"]
    assert {it.inputs["workgroup"] for it in stack.all(SAVED)} == {workgroup}


def test_a_saved_query_asks_for_values_of_the_key_alone(stack: Declaration):
    asked = {it.inputs["name"]: it.inputs["query"].count("?") for it in stack.all(SAVED)}
    assert asked.pop("changes-of-one-row-dms_sample_ticket_purchase_hist") == 3
    one_row = {name for name in asked if name.startswith("changes-of-one-row-")}
    assert {name for name, count in asked.items() if count} == one_row


def test_what_is_given_is_read_as_the_keys_type(stack: Declaration):
    for saved in stack.all(SAVED):
        sql = saved.inputs["query"]
        assert sql.count("?") == sql.count("CAST(? AS ") + sql.count("from_hex(?)"), (
            "a text is compared with no number, no time and no bytes: TYPE_MISMATCH"
        )
