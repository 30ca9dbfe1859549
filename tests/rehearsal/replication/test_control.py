"""Control records: what DMS tells of tables, at the start and when DDL changes them."""

import json
from dataclasses import replace

import pytest

from mappings.table_mappings import parse
from mappings.target import unchanged
from model import Column, PipelineError, SchemaChange, TableChange
from rehearsal.replication.capture import Capture, control_records
from rehearsal.replication.control import ControlWriter
from rehearsal.replication.messages import Clock
from rehearsal.replication.settings import kinesis_settings, task_settings
from tests.rehearsal.replication.tables import DECLARED, END, ORDERS

LONGER = replace(ORDERS, columns=(*ORDERS.columns, Column(name="extra", data_type="int", column_type="int(11)")))
RETYPED = replace(ORDERS, columns=(replace(ORDERS.columns[0], column_type="bigint(20) unsigned"), *ORDERS.columns[1:]))


def control(**kinesis):
    return ControlWriter("TASK", kinesis_settings({**DECLARED, **kinesis}), Clock())


def body(record):
    return json.loads(record.data)


def told(kind, before, after, policy=None, **kinesis):
    """What is told of one step of a statement, by the tables before and after it."""
    settings = kinesis_settings({**DECLARED, **kinesis})
    task = task_settings({"ChangeProcessingDdlHandlingPolicy": policy or {}})
    change = SchemaChange(end=END, statement="…", tables=(TableChange(kind=kind, before=before, after=after),))
    capture = Capture(selection(), list)
    return [body(r) for _, r in control_records(change, capture, control(**kinesis), task, settings)]


def operations(*arguments, **more):
    return [record["metadata"]["operation"] for record in told(*arguments, **more)]


def test_a_task_begins_with_its_own_control_table_in_no_schema():
    record = control().exceptions_table()
    assert record.partition_key == "TASK", "a record about the task is keyed by the task"
    metadata = body(record)["metadata"]
    assert (metadata["schema-name"], metadata["table-name"]) == ("", "awsdms_apply_exceptions")
    assert (metadata["record-type"], metadata["operation"]) == ("control", "create-table")
    assert (metadata["partition-key-type"], metadata["partition-key-value"]) == ("task-id", "TASK")


def test_a_table_is_described_with_types_sizes_and_key():
    record = control().table("create-table", unchanged(ORDERS))
    assert record.partition_key == "TASK.shop.orders", "a record about a table is keyed TaskId.Schema.Table"
    assert body(record)["control"] == {
        "table-def": {
            "columns": {
                "id": {"type": "INT64", "nullable": False},
                "status": {"type": "WSTRING", "length": 20, "nullable": True},
                "total": {"type": "NUMERIC", "precision": 12, "scale": 2, "nullable": True},
                "note": {"type": "NCLOB", "nullable": True},
            },
            "primary-key": ["id"],
        }
    }, "the definition that IncludeControlDetails adds"


def test_without_control_details_a_control_record_is_metadata_only():
    assert body(control(includeControlDetails=False).table("create-table", unchanged(ORDERS))).keys() == {"metadata"}


def test_an_added_column_is_told_with_the_new_definition():
    (record,) = told("altered", ORDERS, LONGER)
    assert record["metadata"]["operation"] == "add-column"
    assert "extra" in record["control"]["table-def"]["columns"], "consumers learn the new shape from it"


@pytest.mark.parametrize(
    ("before", "after", "operation"),
    [(LONGER, ORDERS, "drop-column"), (ORDERS, RETYPED, "column-type-change")],
)
def test_an_altered_table_names_what_was_altered(before, after, operation):
    assert operations("altered", before, after) == [operation]


@pytest.mark.parametrize(
    ("policy", "kinesis"), [({"HandleSourceTableAltered": False}, {}), ({}, {"includeTableAlterOperations": False})]
)
def test_an_alteration_is_told_only_if_task_and_endpoint_both_want_it(policy, kinesis):
    assert not operations("altered", ORDERS, LONGER, policy, **kinesis)


def test_a_new_table_is_told_when_it_is_created_and_not_when_it_is_renamed():
    assert operations("created", None, ORDERS) == ["create-table"]
    assert not operations("renamed", replace(ORDERS, name="a"), ORDERS), "a MySQL source tells nothing of renames"


def test_a_dropped_table_is_not_told():
    assert not operations("dropped", ORDERS, None), "a MySQL source tells nothing of drops"


def test_a_truncated_table_is_told_if_the_task_handles_it():
    assert operations("truncated", ORDERS, ORDERS) == ["truncate-table"]
    assert not operations("truncated", ORDERS, ORDERS, {"HandleSourceTableTruncated": False})


@pytest.mark.parametrize("kind", ["created", "truncated", "altered"])
def test_nothing_is_told_of_a_table_that_is_not_captured(kind):
    carts = replace(ORDERS, schema="elsewhere")
    assert not operations(kind, carts, replace(LONGER, schema="elsewhere"))


def selection():
    locator = {"schema-name": "shop", "table-name": "%"}
    rule = {"rule-type": "selection", "rule-id": "1", "rule-name": "1", "rule-action": "include"}
    return parse({"rules": [{**rule, "object-locator": locator}]})


def test_refreshed_tables_stay_the_same_objects_while_they_do_not_change():
    tables = [[ORDERS], [replace(ORDERS)], [LONGER]]
    capture = Capture(selection(), lambda: tables.pop(0))
    first = capture.targets["shop", "orders"]
    capture.refresh()
    assert capture.targets["shop", "orders"] is first, "the same object, so nothing has to be worked out again"
    capture.refresh()
    assert capture.targets["shop", "orders"].table is LONGER, "a changed table is the new one"


def test_a_new_table_that_the_user_may_not_read_is_not_captured():
    tables = [[], [ORDERS]]
    capture = Capture(selection(), lambda: tables.pop(0), may_read=lambda table: False)
    capture.refresh()
    assert (capture.targets, capture.hidden) == ({}, {("shop", "orders")}), "the catalog would not have listed it"
    assert capture.target(ORDERS) is None, "so nothing is told of it either"


def test_a_captured_column_of_unknown_type_is_refused_before_any_row_is_read():
    odd = replace(ORDERS, columns=(Column(name="ip", data_type="inet6", column_type="inet6"),), primary_key=())
    with pytest.raises(PipelineError, match=r"shop\.orders\.ip is of type inet6"):
        Capture(selection(), lambda: [odd])
