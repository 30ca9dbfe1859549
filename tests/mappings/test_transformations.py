"""What transformation rules make of a table's names, columns and values."""

import json
from dataclasses import replace

import pytest

from mappings.rule_warnings import rule_warnings
from mappings.table_mappings import parse
from model import Column, PipelineError, SchemaChange, TableChange
from rehearsal.replication.capture import Capture, control_records
from rehearsal.replication.control import ControlWriter
from rehearsal.replication.messages import Clock
from rehearsal.replication.records import RecordWriter
from rehearsal.replication.settings import kinesis_settings, task_settings
from tests.mappings.mapping_rules import document, include, map_record, transform
from tests.rehearsal.replication.tables import DECLARED, END, ORDERS, UNKEYED, transaction

HASH_OF_THE_GUIDE = "7CB06784764C9030CCC41E25C15339FEB293FFE9B329A72B5FED564E99900C75"
ROW = (7, "paid", None, "a note")
STRING = {"type": "string", "length": "100"}
BIG_ID = {"type": "string", "length": "20", "scale": ""}
ALL = include(1, "shop", "%")


def mapped(*rules):
    return parse(document(ALL, *rules))


def target(*rules, table=ORDERS):
    return mapped(*rules).target(table)


def names(*rules, table=ORDERS):
    return [column.name for column in target(*rules, table=table).columns]


def column(action, name, rule_id=2, **more):
    return transform(rule_id, action, "shop", "orders", name, **more)


def written(*rules, before=None, after=ROW, task=None):
    settings = task_settings(task or {}), kinesis_settings(DECLARED)
    writer = RecordWriter(*settings, Clock(), mapped(*rules).target)
    return json.loads(next(writer.changes(transaction((before, after)))).data)


@pytest.mark.parametrize(
    ("action", "values", "name"),
    [
        ("rename", {"value": "bestellungen"}, "bestellungen"),
        ("convert-uppercase", {}, "ORDERS"),
        ("convert-lowercase", {}, "orders"),
        ("add-prefix", {"value": "raw_"}, "raw_orders"),
        ("add-suffix", {"value": "_v2"}, "orders_v2"),
        ("remove-prefix", {"value": "ord"}, "ers"),
        ("remove-prefix", {"value": "x"}, "orders"),
        ("remove-suffix", {"value": "ers"}, "ord"),
        ("replace-prefix", {"value": "b", "old_value": "ord"}, "bers"),
        ("replace-prefix", {"value": "b", "old_value": "x"}, "orders"),
        ("replace-suffix", {"value": "y", "old_value": "ers"}, "ordy"),
    ],
)
def test_a_table_is_renamed_as_its_action_says(action, values, name):
    found = target(transform(2, action, "shop", "orders", **values))
    assert (found.schema, found.name) == ("shop", name), "the table's name changes, its schema's does not"


def test_schema_table_and_columns_are_renamed_each_by_a_rule_of_its_own():
    rules = (
        transform(2, "rename", "shop", value="lake"),
        transform(3, "add-prefix", "shop", "%", value="t_"),
        transform(4, "convert-uppercase", "shop", "orders", "s%"),
    )
    record = written(*rules)["metadata"], names(*rules)
    assert (record[0]["schema-name"], record[0]["table-name"]) == ("lake", "t_orders"), "locators name the source"
    assert record[1] == ["id", "STATUS", "total", "note"], "the wildcard takes status alone"


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_rules_for_one_object_the_lower_rule_id_is_applied(order):
    rules = (column("rename", "status", 10, value="late"), column("rename", "status", 9, value="early"))[::order]
    assert names(*rules) == ["id", "early", "total", "note"], "ids are numbers: 9 is lower than 10"
    (warning,) = rule_warnings(mapped(*rules), [target(*rules)], before_images=False)
    assert "rule 10 (rule-10) is not applied to shop.orders.status: rule 9" in warning, "and that is said"


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_rules_for_one_table_the_lower_rule_id_is_applied(order):
    rules = (transform(3, "rename", "shop", "orders", value="b"), transform(2, "rename", "shop", "%", value="a"))
    assert target(*rules[::order]).name == "a", "not the more exact one, nor the first of the document"


def test_a_rule_for_a_schema_may_name_all_its_tables():
    rule = transform(2, "rename", "shop", value="lake")
    rule["object-locator"]["table-name"] = "%"
    assert target(rule).schema == "lake", "which is no other rule"
    rule["object-locator"]["table-name"] = "orders"
    with pytest.raises(PipelineError, match="'table-name' in the object-locator of a schema"):
        target(rule)


def test_removed_columns_are_in_no_record_and_not_in_the_definition():
    rules = (column("remove-column", "note"), column("remove-column", "total", 3))
    images = {"BeforeImageSettings": {"EnableBeforeImage": True, "FieldName": "was", "ColumnFilter": "all"}}
    record = written(*rules, before=(7, "new", None, None), task=images)
    assert (record["data"].keys(), record["was"].keys()) == ({"id", "status"}, {"id", "status"})
    control = ControlWriter("TASK", kinesis_settings(DECLARED), Clock()).table("create-table", target(*rules))
    assert json.loads(control.data)["control"]["table-def"]["columns"].keys() == {"id", "status"}


def test_include_column_drops_all_others():
    rules = (column("include-column", "id"), column("include-column", "note", 3))
    assert names(*rules) == ["id", "note"], "even a LOB may be kept as it is"


def test_a_big_integer_as_string_keeps_every_digit_though_integers_go_through_doubles():
    rule = column("change-data-type", "id", data_type=BIG_ID)
    writer = RecordWriter(
        task_settings({}), kinesis_settings({"messageFormat": "json-unformatted"}), Clock(), mapped(rule).target
    )
    record = json.loads(writer.load(ORDERS, (2**63 - 1, *ROW[1:])).data)
    assert record["data"]["id"] == "9223372036854775807", "the guide's own remedy for BIGINT above 16 digits"


def test_a_value_longer_than_its_declared_string_is_refused():
    rule = column("change-data-type", "status", data_type={"type": "string", "length": "3"})
    with pytest.raises(PipelineError, match=r"shop\.orders\.status holds a value of 4 characters.* room for 3"):
        written(rule)


@pytest.mark.parametrize("status", ["", "pai", "paid"])
def test_a_value_as_long_as_its_declared_string_is_written_whole(status):
    rule = column("change-data-type", "status", data_type={"type": "string", "length": "4"})
    assert written(rule, after=(7, status, None, None))["data"]["status"] == status


@pytest.mark.parametrize("length", ["64", "65"])
def test_a_string_of_64_characters_has_room_for_a_hash(length):
    rules = (
        column("change-data-type", "status", 2, data_type={"type": "string", "length": length}),
        column("data-masking-hash-mask", "status", 3),
    )
    assert len(written(*rules)["data"]["status"]) == 64


@pytest.mark.parametrize("character", ["!", '"', "0", "}", "~"])
def test_every_printable_ascii_character_may_stand_for_digits(character):
    record = written(column("data-masking-digits-mask", "status", value=character), after=(7, "a1", None, None))
    assert record["data"]["status"] == f"a{character}"


@pytest.mark.parametrize("character", [" ", "\x7f", "é", "##"])
def test_nothing_else_may_stand_for_digits(character):
    with pytest.raises(PipelineError, match="one printable ASCII character"):
        mapped(column("data-masking-digits-mask", "status", value=character))


def test_a_hash_mask_is_the_sha_256_of_the_guides_example():
    record = written(column("data-masking-hash-mask", "status"), after=(7, "C6BGJ566669K", None, None))
    assert record["data"]["status"] == HASH_OF_THE_GUIDE


def test_a_digits_mask_hides_digits_and_nothing_else():
    record = written(column("data-masking-digits-mask", "status", value="#"), after=(7, "C6BGJ566669K", None, None))
    assert record["data"]["status"] == "C#BGJ######K", "the guide's own example"


def test_the_before_image_and_the_partition_key_are_masked_too():
    rules = (
        column("change-data-type", "id", 2, data_type=STRING),
        column("data-masking-hash-mask", "id", 3),
        column("rename", "status", 4, value="state"),
    )
    images = {"EnableBeforeImage": True, "FieldName": "was", "ColumnFilter": "all"}
    task = {"BeforeImageSettings": images, "TargetMetadata": {"ParallelApplyThreads": 4}}
    record = written(*rules, before=(7, "new", None, None), task=task)
    hashed = record["data"]["id"]
    assert len(hashed) == 64, "a number is masked once it is text"
    assert record["was"] == {"id": hashed, "state": "new", "total": None}, "or the clear value would be in the lake"
    assert record["metadata"]["partition-key-value"] == f"shop.orders.{hashed}"


def test_null_stays_null_under_a_mask():
    assert written(column("data-masking-hash-mask", "status"), after=(7, None, None, None))["data"]["status"] is None


def test_an_altered_column_that_the_lake_does_not_have_is_not_told():
    longer = replace(ORDERS, columns=(*ORDERS.columns, Column(name="tmp", data_type="int", column_type="int(11)")))
    altered = TableChange(kind="altered", before=ORDERS, after=longer)
    change = SchemaChange(end=END, statement="ALTER TABLE orders ADD tmp INT", tables=(altered,))
    capture = Capture(mapped(column("remove-column", "tmp")), list)
    kinesis = kinesis_settings(DECLARED)
    control = ControlWriter("TASK", kinesis, Clock())
    assert not list(control_records(change, capture, control, task_settings({}), kinesis))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (column("add-column", "x", value="y"), "not played: rule-action add-column"),
        (column("data-masking-digits-randomize", "status"), "not played"),
        (transform(2, "define-primary-key", "shop", "orders"), "not played"),
        (column("renames", "status", value="x"), "rule-action 'renames' of a column is none of"),
        (transform(2, "remove-column", "shop", "orders"), "rule-action 'remove-column' of a table is none of"),
        (column("rename", "status"), "'value' is None; rename needs a text"),
        (column("replace-prefix", "status", value="x"), "'old-value' is None"),
        (column("remove-column", "status", value="x"), "remove-column takes no 'value'"),
        (column("rename", "status", value="x", expression="$y"), "unknown key 'expression'"),
        ({**column("rename", "status", value="x"), "rule-target": "table-tablespace"}, "tablespaces are Oracle's"),
        ({**column("rename", "status", value="x"), "object-locator": {"schema-name": "shop"}}, "must have schema-name"),
        (column("change-data-type", "id", data_type={"type": "int4"}), "not played: change-data-type"),
        (column("change-data-type", "id", data_type={"type": "string", "length": "x"}), "length 'x'"),
        (column("data-masking-digits-mask", "status", value=" "), "one printable ASCII character"),
        ({**column("rename", "status", value="x"), "rule-id": "x"}, "rule-id must be numeric"),
    ],
)
def test_a_rule_that_dms_refuses_or_that_is_not_played_is_refused_by_its_id(rule, said):
    with pytest.raises(PipelineError) as error:
        mapped(rule)
    assert said in str(error.value), "the message says what is wrong"
    assert f"rule {rule['rule-id']} (rule-2): " in str(error.value), "and with which rule"


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([column("rename", "note", value="x")], "is a LOB"),
        ([column("data-masking-hash-mask", "id")], "a mask is for text"),
        (
            [column("data-masking-hash-mask", "id", 2), column("change-data-type", "id", 3, data_type=STRING)],
            "with a smaller rule-id",
        ),
        (
            [column("data-masking-hash-mask", "status", 2), column("change-data-type", "status", 3, data_type=STRING)],
            "must have a smaller rule-id",
        ),
        (
            [
                column("change-data-type", "status", 2, data_type={"type": "string", "length": "63"}),
                column("data-masking-hash-mask", "status", 3),
            ],
            "a hash has 64 characters",
        ),
        (
            [
                column("change-data-type", "id", 2, data_type=STRING),
                column("data-masking-digits-mask", "id", 3, value="#"),
            ],
            "only a hash keeps unique",
        ),
        ([column("remove-column", "id")], "of the primary key"),
        ([column("include-column", "status")], "of the primary key"),
        ([column("include-column", "id"), column("rename", "id", 3, value="x")], "beside include-column"),
        ([column("rename", "status", value="total")], "would both be 'total'"),
        ([column("remove-prefix", "status", value="status")], "nothing is left of the name"),
    ],
)
def test_a_rule_that_the_table_does_not_allow_is_refused(rules, said):
    with pytest.raises(PipelineError) as error:
        target(*rules)
    assert said in str(error.value)


def test_a_type_whose_text_is_not_known_is_refused_as_string():
    odd = replace(ORDERS, columns=(*ORDERS.columns, Column(name="at", data_type="datetime", column_type="datetime")))
    with pytest.raises(PipelineError, match="of type datetime, as a string is not known"):
        target(column("change-data-type", "at", data_type=STRING), table=odd)


def test_a_special_character_in_a_columns_name_is_refused():
    odd = replace(ORDERS, columns=(*ORDERS.columns, Column(name="a-b", data_type="int", column_type="int(11)")))
    with pytest.raises(PipelineError, match="special character"):
        target(column("rename", "a-b", value="c"), table=odd)


def test_two_tables_that_would_be_one_in_the_lake_are_refused():
    rules = (transform(2, "rename", "shop", "clicks", value="orders"),)
    with pytest.raises(PipelineError, match=r"would both be shop\.orders in the lake"):
        mapped(*rules).in_load_order([ORDERS, UNKEYED])


def test_a_mask_that_hides_nothing_is_refused_because_its_column_would_be_in_the_clear():
    mappings = mapped(column("data-masking-hash-mask", "Status"))
    with pytest.raises(PipelineError, match=r"rule 2 \(rule-2\): masks no column"):
        rule_warnings(mappings, [mappings.target(ORDERS)], before_images=False)


def test_any_other_rule_without_effect_is_a_warning():
    mappings = mapped(column("rename", "Status", value="x"))
    (warning,) = rule_warnings(mappings, [mappings.target(ORDERS)], before_images=False)
    assert "rule 2 (rule-2) matches nothing that is captured" in warning


def test_an_object_mapping_of_a_table_that_is_not_captured_is_a_warning():
    mappings = mapped(map_record(2, "shop", "carts"))
    (warning,) = rule_warnings(mappings, [mappings.target(ORDERS)], before_images=False)
    assert "rule 2 (rule-2) maps a table that is not captured" in warning


def test_a_table_of_which_no_column_is_left_is_refused():
    with pytest.raises(PipelineError, match=r"no column of shop\.clicks is left"):
        target(transform(2, "remove-column", "shop", "clicks", "%"), table=UNKEYED)


def test_masks_beside_before_images_are_a_warning():
    mappings = mapped(column("data-masking-hash-mask", "status"))
    (warning,) = rule_warnings(mappings, [mappings.target(ORDERS)], before_images=True)
    assert "look at one update record of the real task" in warning, "whether DMS masks before images is not documented"
