"""The state machine that keeps the tables: every way through it ends, and what fails is told."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from documents import lake_catalog
from documents.table_descriptions import ColumnDescription, TableDescription
from documents.tables_machine import Place, definition, item
from documents.versions import Windows

WINDOWS = Windows(again=3, latest=192)
Machine = dict[str, Any]


def described(**types: str) -> TableDescription:
    columns = tuple(ColumnDescription(name=name, type=kind) for name, kind in types.items())
    return TableDescription(schema="shop", table="orders", primary_key=("id",), columns=columns)


def kept(**types: str) -> Any:
    (table,) = lake_catalog.catalog("lake", [described(**types)], by_table=False, windows=WINDOWS).kept_tables
    return table


def machine(*, rebuilds: bool = True) -> Machine:
    place = Place(database="lake", workgroup="tables", rebuilds=rebuilds)
    return definition([item(kept(id="int", note="text"), "create-id", "merge-id", rebuilds=rebuilds)], place)


def inner(whole: Machine) -> Machine:
    return whole["States"]["Keep the tables"]["ItemProcessor"]


def targets(state: Mapping[str, Any]) -> Iterator[str]:
    """Where a state may lead."""
    yield from (state[key] for key in ("Next", "Default") if key in state)
    for way in (*state.get("Choices", ()), *state.get("Catch", ())):
        yield way["Next"]


def faults(whole: Machine) -> Iterator[str]:
    """What is wrong with the machine: the state, and what."""
    for part in (whole, inner(whole)):
        states, reached, waiting = part["States"], set[str](), [part["StartAt"]]
        while waiting:
            name = waiting.pop()
            if name in reached:
                continue
            reached.add(name)
            if name not in states:
                yield f"{name}: nowhere"
                continue
            ways = list(targets(states[name]))
            waiting += ways
            if not ways and not (states[name].get("End") or states[name]["Type"] in ("Succeed", "Fail")):
                yield f"{name}: no end"
        yield from (f"{name}: never reached" for name in states.keys() - reached)
        for name, state in states.items():
            if state["Type"] == "Task" and not any("States.ALL" in it["ErrorEquals"] for it in state.get("Retry", ())):
                yield f"{name}: tried once"
    for name, state in inner(whole)["States"].items():
        caught = [it["Next"] for it in state.get("Catch", ()) if "States.ALL" in it["ErrorEquals"]]
        if state["Type"] == "Task" and caught != ["Broken"]:
            yield f"{name}: stops the other tables"


@pytest.mark.parametrize("rebuilds", [True, False])
def test_every_way_ends_and_no_table_stops_another(rebuilds: bool):
    assert list(faults(machine(rebuilds=rebuilds))) == []


PLANTED: Mapping[str, tuple[Callable[[Machine], object], str]] = {
    "a way to nowhere": (lambda it: inner(it)["States"]["Merge"].update(Next="Mergd"), "Mergd: nowhere"),
    "a task that is not caught": (
        lambda it: inner(it)["States"]["Merge"].pop("Catch"),
        "Merge: stops the other tables",
    ),
    "a task that is tried once": (lambda it: inner(it)["States"]["Sweep"].pop("Retry"), "Sweep: tried once"),
    "an end that is none": (lambda it: inner(it)["States"]["Done"].pop("End"), "Done: no end"),
    "maintenance that never comes": (
        lambda it: inner(it)["States"]["Is it maintenance?"]["Choices"].clear(),
        "Sweep: never reached",
    ),
}


@pytest.mark.parametrize(("change", "fault"), PLANTED.values(), ids=PLANTED)
def test_a_planted_fault_is_found(change: Callable[[Machine], object], fault: str):
    whole = copy.deepcopy(machine())
    change(whole)
    assert fault in list(faults(whole))


def test_one_run_at_a_time():
    states = machine()["States"]
    assert machine()["StartAt"] == "List runs"
    assert states["List runs"]["Arguments"]["StatusFilter"] == "RUNNING"
    assert "[-1].ExecutionArn = $states.context.Execution.Id" in states["List runs"]["Assign"]["alone"], "the oldest"
    assert states["Is it alone?"]["Default"] == "Stop", "as neither a success nor a failure, for the alarms"
    assert states["Keep the tables"]["MaxConcurrency"] > 0, "0 is all at once"


def test_the_night_merges_all_that_may_have_come_late():
    text = inner(machine())["States"]["Read its MERGE"]["Assign"]["sql"]
    night = "$exists($states.context.Execution.Input.task) and $states.context.Execution.Input.task = 'maintain'"
    assert f"({night}) ? $substring($before, 0, 10) : $from_dt" in text, "from the day on before which nothing can come"
    assert f"or ({night}) ? '' : $from_hr" in text, "each of its hours"
    assert inner(machine())["States"]["Merge"]["Next"] == "Is it maintenance?", "before it sweeps"


def test_a_table_that_is_described_otherwise_is_built_anew_if_the_log_has_everything():
    other, same = kept(id="int", note="int"), kept(id="int", note="text")
    assert other.form != same.form == kept(id="int", note="text").form
    for table in (other, same):
        assert f"/orders/{table.form.folder}/'" in table.create("lake", "bucket").replace("shop_", ""), (
            "what a run looks for"
        )
    assert inner(machine())["States"]["Is it as described?"]["Default"] == "Drop it"


def test_a_table_whose_log_has_expired_is_altered_until_it_is_as_described():
    states = inner(machine(rebuilds=False))["States"]
    assert "Drop it" not in states, "a row whose records expired would be lost"
    look = states["Is it as described?"]
    assert [(it["Condition"], it["Next"]) for it in look["Choices"]] == [
        ("{% $described and $alter = '' %}", "Ask where to read on"),
        ("{% $described and $altered < 50 %}", "Alter it"),
    ]
    assert states[look["Default"]]["Output"]["failed"] is True, "of another key, or after 50 statements"
    alter = states["Alter it"]
    assert alter["Arguments"]["QueryString"] == "{% $alter %}"
    assert alter["Next"] == "Look at the table"
    assert alter["Assign"] == {"altered": "{% $altered + 1 %}"}, "so that it ends"
    asked = states["Look at the table"]["Assign"]["alter"]
    assert "StorageDescriptor.Columns[$not(Parameters.`iceberg.field.current` = 'false')]" in asked, (
        "a column that went stays listed: it would be dropped again and again, and could not come back"
    )
    assert asked.index("DROP COLUMN") < asked.index("ADD COLUMNS") < asked.index("CHANGE COLUMN")
    (wanted,) = machine(rebuilds=False)["States"]["Keep the tables"]["Items"]
    assert f"/{wanted['form']}-" in kept(id="bigint", more="date").create("lake", "bucket"), "which ALTER makes of it"
    assert f"/{wanted['form']}-" not in kept(id="text").create("lake", "bucket"), "other keys"
    assert {"name": "note", "type": "string"} in wanted["columns"]


def test_what_a_run_passes_on_fits_into_a_state():
    assert len(json.dumps(machine()["States"]["Keep the tables"]["Items"])) < 1000, "of 262,144 bytes, for all tables"


def test_a_merge_that_is_too_long_is_refused_with_what_to_do():
    wide = described(id="int", **{f"{'c' * 60}{number}": "int" for number in range(300)})
    with pytest.raises(lake_catalog.DescriptionError) as refused:
        lake_catalog.catalog("lake", [wide], by_table=False, windows=WINDOWS)
    assert "the MERGE of its Iceberg table has " in str(refused.value)
    assert "Remedy: " in str(refused.value)


def test_a_table_that_is_called_like_a_view_is_refused():
    log = TableDescription(
        schema="shop", table="orders_changes", primary_key=("id",), columns=described(id="int").columns
    )
    with pytest.raises(lake_catalog.DescriptionError) as refused:
        lake_catalog.catalog("lake", [described(id="int"), log], by_table=False, windows=WINDOWS)
    assert "shop.orders_changes: its Iceberg table shop_orders_changes is called like" in str(refused.value)
