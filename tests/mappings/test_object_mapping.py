"""What object-mapping rules make of records and of their partition keys."""

import json

import pytest

from mappings.table_mappings import parse
from model import PipelineError
from rehearsal.replication.messages import Clock
from rehearsal.replication.records import RecordWriter
from rehearsal.replication.settings import kinesis_settings, task_settings
from tests.mappings.mapping_rules import attribute, document, include, map_record, transform
from tests.rehearsal.replication.tables import BEGIN, DECLARED, ORDERS, UNKEYED, transaction

ROW = (7, "paid", None, None)
ALL = include(1, "shop", "%")


def writer(*rules):
    return RecordWriter(task_settings({}), kinesis_settings(DECLARED), Clock(), parse(document(ALL, *rules)).target)


def changed(*rules, row=ROW):
    (record,) = writer(*rules).changes(transaction((None, row)))
    return record


@pytest.mark.parametrize(
    ("parameters", "key"),
    [
        ({"partition_key_type": "schema-table"}, "shop.orders"),
        ({"partition_key_type": "primary-key"}, "shop.orders.7"),
        ({"partition_key_type": "transaction-id"}, str((24 << 32) + BEGIN.offset)),
        ({"partition_key": {"value": "one-shard"}}, "one-shard"),
        ({"partition_key_type": "constant", "partition_key": {"value": "one-shard"}}, "one-shard"),
        ({"partition_key_type": "attribute-name", "partition_key_name": "status"}, "paid"),
        ({}, "shop.orders"),
    ],
)
def test_a_change_has_the_declared_partition_key(parameters, key):
    record = changed(map_record(2, "shop", "orders", **parameters))
    metadata = json.loads(record.data)["metadata"]
    shown = None if key == "shop.orders" else key
    assert (record.partition_key, metadata.get("partition-key-value")) == (key, shown), "schema-table is never shown"


def test_a_load_record_has_the_declared_partition_key_too():
    record = writer(map_record(2, "shop", "orders", partition_key_type="schema-table")).load(ORDERS, ROW)
    assert record.partition_key == "shop.orders", "where load records are keyed by primary key otherwise"


def test_attributes_are_added_and_excluded_columns_left_out():
    rule = map_record(
        2,
        "shop",
        "orders",
        target_table="OrderData",
        partition_key_type="attribute-name",
        partition_key_name="tag",
        exclude_columns=["status", "note"],
        attribute_mappings=[attribute("tag", "${status}/${id}")],
    )
    record = changed(rule)
    found = json.loads(record.data)
    assert found["data"] == {"id": 7, "total": None, "tag": "paid/7"}, "an excluded column may still make an attribute"
    assert (record.partition_key, found["metadata"]["table-name"]) == ("paid/7", "OrderData")


def test_an_attribute_of_a_null_column_is_refused():
    rule = map_record(2, "shop", "orders", attribute_mappings=[attribute("tag", "${total}")])
    with pytest.raises(PipelineError, match=r"the attribute tag of shop\.orders is made of a column that is NULL"):
        changed(rule)


def test_a_load_record_cannot_be_keyed_by_transaction():
    rule = map_record(2, "shop", "orders", partition_key_type="transaction-id")
    with pytest.raises(PipelineError, match=r"rule 2 \(rule-2\): a load record has no transaction-id"):
        writer(rule).load(ORDERS, ROW)


def test_a_wildcard_is_refused_in_the_words_of_aws():
    said = "Exact schema and table required when using object mapping rule with '3.5' engine."
    with pytest.raises(PipelineError) as error:
        changed(map_record(2, "shop", "ord%"))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([{**map_record(2, "shop", "orders"), "rule-action": "map-record-to-document"}], "not played: rule-action"),
        ([{**map_record(2, "shop", "orders"), "target-tablename": "o"}], "has the unknown key 'target-tablename'"),
        ([map_record(2, "shop", "orders", colour="red")], "not played: {'colour': 'red'}"),
        ([map_record(2, "shop", "orders", partition_key_type="row")], "'row' is none of"),
        ([map_record(2, "shop", "orders", partition_key_type="constant")], "a constant partition key needs"),
        ([map_record(2, "shop", "orders", partition_key_type="attribute-name")], "belongs to partition-key-type"),
        (
            [map_record(2, "shop", "orders", partition_key_type="attribute-name", partition_key_name="x")],
            "'x' is neither a column",
        ),
        (
            [map_record(2, "shop", "orders", partition_key_type="primary-key", partition_key={"value": "x"})],
            "partition-key to constant",
        ),
        ([map_record(2, "shop", "orders", exclude_columns=["Status"])], "has no column 'Status'"),
        ([map_record(2, "shop", "orders", exclude_columns=["id"])], "id is of the primary key"),
        ([map_record(2, "shop", "orders", attribute_mappings=[attribute("status", "x")])], "'status' would be"),
        ([map_record(2, "shop", "orders", attribute_mappings=[attribute("a", "${x}")])], "has no column 'x'"),
        ([map_record(2, "shop", "orders", attribute_mappings=[attribute("a", "${note}")])], "of type longtext"),
        (
            [
                map_record(
                    2, "shop", "orders", attribute_mappings=[{**attribute("a", "b"), "attribute-type": "document"}]
                )
            ],
            "other than scalar strings",
        ),
        (
            [
                transform(2, "data-masking-hash-mask", "shop", "orders", "status"),
                map_record(3, "shop", "orders", attribute_mappings=[attribute("a", "${status}")]),
            ],
            "another rule transforms it",
        ),
        ([map_record(2, "shop", "orders"), map_record(3, "shop", "orders")], "another object-mapping rule"),
        (
            [transform(2, "rename", "shop", "orders", value="o"), map_record(3, "shop", "orders", target_table="p")],
            "renames shop.orders already",
        ),
    ],
)
def test_a_rule_that_dms_refuses_or_that_is_not_played_is_refused_by_its_id(rules, said):
    with pytest.raises(PipelineError) as error:
        changed(*rules)
    assert said in str(error.value), "the message says what is wrong"
    assert f"rule {rules[-1]['rule-id']}" in str(error.value), "and with which rule"


def test_a_table_without_primary_key_cannot_be_keyed_by_it():
    mappings = parse(document(ALL, map_record(2, "shop", "clicks", partition_key_type="primary-key")))
    with pytest.raises(PipelineError, match="has no primary key"):
        mappings.target(UNKEYED)
