"""The shape of data records: fields, keys, before images, transaction details."""

import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import PipelineError, Position, Table
from rehearsal.replication.messages import MAX_BYTES, Clock
from rehearsal.replication.records import transaction_id
from tests.rehearsal.replication.tables import BEGIN, ORDERS, UNKEYED, transaction, writer

ROW = (7, "new", Decimal("10.50"), None)
PAID = (7, "paid", Decimal("10.50"), None)
BY_KEY = {"TargetMetadata": {"ParallelApplyThreads": 4}}


def body(record):
    return json.loads(record.data)


def one_change(before, after, task=None, **kinesis):
    return next(writer(task, **kinesis).changes(transaction((before, after))))


def before_images(column_filter):
    settings = {"EnableBeforeImage": True, "FieldName": "was", "ColumnFilter": column_filter}
    return {"BeforeImageSettings": settings}


def test_a_load_record_has_data_and_metadata_on_one_line():
    record = writer().load(ORDERS, ROW)
    text = re.sub(r'"timestamp":"[^"]*"', '"timestamp":"T"', record.data.decode())
    assert text == (
        '{"data":{"id":7,"status":"new","total":10.50,"note":null},'
        '"metadata":{"timestamp":"T","record-type":"data","operation":"load","partition-key-type":"primary-key",'
        '"partition-key-value":"shop.orders.7","schema-name":"shop","table-name":"orders"}}'
    ), "the whole text of a load record"
    assert record.partition_key == "shop.orders.7", "load records are keyed by primary key"


def test_the_json_format_spreads_a_record_over_lines_with_tabs():
    text = writer(messageFormat="json").load(ORDERS, ROW).data.decode()
    assert text.startswith('{\n\t"data":\t{\n\t\t"id":\t7,\n\t\t"status":\t"new",'), "newlines and tabs, as DMS prints"
    assert text.endswith('"table-name":\t"orders"\n\t}\n}'), "closing braces stand on lines of their own"
    assert json.loads(text)["data"]["id"] == 7, "it is the same JSON"


@pytest.mark.parametrize(
    ("before", "after", "operation", "data"),
    [
        (None, ROW, "insert", {"id": 7, "status": "new", "total": 10.5, "note": None}),
        (ROW, PAID, "update", {"id": 7, "status": "paid", "total": 10.5, "note": None}),
        (PAID, None, "delete", {"id": 7, "status": "paid", "total": 10.5, "note": None}),
    ],
)
def test_a_change_carries_its_operation_and_the_row(before, after, operation, data):
    found = body(one_change(before, after))
    assert found["metadata"]["operation"] == operation, "the operation is the change's"
    assert found["data"] == data, "an update has the new row, a delete the old one"


def test_a_change_is_keyed_by_schema_and_table_and_tells_no_partition_value():
    record = one_change(None, ROW)
    metadata = body(record)["metadata"]
    assert record.partition_key == "shop.orders", "the default for changes"
    assert metadata["partition-key-type"] == "schema-table", "and its type says so"
    assert "partition-key-value" not in metadata, "IncludePartitionValue does not apply to schema-table"


def test_parallel_apply_threads_key_a_change_by_primary_key():
    record = one_change(None, ROW, BY_KEY)
    assert record.partition_key == "shop.orders.7", "with the schema and table that PartitionIncludeSchemaTable adds"
    assert body(record)["metadata"]["partition-key-value"] == "shop.orders.7", "IncludePartitionValue shows it"
    assert one_change(None, ROW, BY_KEY, partitionIncludeSchemaTable=False).partition_key == "7", "the bare key"


def test_a_table_without_primary_key_is_keyed_by_schema_and_table():
    records = writer(BY_KEY)
    assert records.load(UNKEYED, ROW).partition_key == "shop.clicks", "there is no key to go by"
    change = next(records.changes(transaction((None, ROW), table=UNKEYED)))
    assert change.partition_key == "shop.clicks", "nor for a change"


def test_without_include_null_and_empty_null_and_empty_columns_are_left_out():
    record = writer(includeNullAndEmpty=False).load(ORDERS, (7, "", None, None))
    assert body(record)["data"] == {"id": 7}, "neither NULL nor empty text is written"


def test_without_lob_support_lob_columns_are_left_out():
    record = writer({"TargetMetadata": {"SupportLobs": False}}).load(ORDERS, ROW)
    assert "note" not in body(record)["data"], "a LONGTEXT is a LOB"


@pytest.mark.parametrize(
    ("column_filter", "image"),
    [
        ("pk-only", {"id": 7}),
        ("non-lob", {"id": 7, "status": "new", "total": 10.5}),
        ("all", {"id": 7, "status": "new", "total": 10.5}),
    ],
)
def test_an_update_has_a_before_image_of_the_columns_that_are_asked_for(column_filter, image):
    assert body(one_change(ROW, PAID, before_images(column_filter)))["was"] == image, "MySQL has none of LOBs"


@pytest.mark.parametrize(("before", "after"), [(None, ROW), (ROW, None)])
def test_only_an_update_has_a_before_image(before, after):
    assert "was" not in body(one_change(before, after, before_images("all"))), "CHAP_Target.Kinesis: to every update"


def test_transaction_details_number_the_records_and_chain_them():
    records = writer()
    first, second = (body(r)["metadata"] for r in records.changes(transaction((None, ROW), (ROW, PAID))))
    number = transaction_id(BEGIN)
    assert (first["transaction-id"], first["transaction-record-id"]) == (number, 1), "counted from 1"
    assert "prev-transaction-id" not in first, "the first change of all has no predecessor"
    assert (second["prev-transaction-id"], second["prev-transaction-record-id"]) == (number, 1), "the one before"
    assert second["commit-timestamp"] == "2026-09-21T14:13:20.000000Z", "MySQL's log has whole seconds"
    assert second["stream-position"].startswith("mysql-bin-changelog.000024:2002:"), "file and offset"
    third = body(next(records.changes(transaction((PAID, None)))))["metadata"]
    assert (third["prev-transaction-id"], third["prev-transaction-record-id"]) == (number, 2), "over transactions too"


def test_without_transaction_details_only_the_transaction_id_is_there():
    metadata = body(one_change(None, ROW, includeTransactionDetails=False))["metadata"]
    assert metadata["transaction-id"] == transaction_id(BEGIN), "public records have it in either case"
    assert not {"transaction-record-id", "commit-timestamp", "stream-position"} & metadata.keys(), "the rest is not"


def test_a_load_record_belongs_to_no_transaction():
    assert "transaction-id" not in body(writer().load(ORDERS, ROW))["metadata"], "nothing was committed"


def test_a_transaction_id_is_the_file_number_and_the_offset():
    documented = transaction_id(Position("mysql-bin-changelog.157832", 1808))
    assert documented == 677883278264080, "the checkpoint in the API reference"


def test_timestamps_strictly_increase_within_a_microsecond(monkeypatch):
    monkeypatch.setattr("rehearsal.replication.messages.time.time_ns", lambda: 1790000000_999_999_000)
    clock = Clock()
    assert [clock(), clock()] == ["2026-09-21T14:13:20.999999Z", "2026-09-21T14:13:21.000000Z"], (
        "consumers order by the timestamp, so no two are alike and seconds carry over"
    )


def test_a_record_above_one_mebibyte_is_refused_with_its_table_and_key():
    task = {"TargetMetadata": {"LobMaxSize": 2048}}
    with pytest.raises(PipelineError, match=r"a record of shop\.orders \(partition key 'shop\.orders\.7'\)"):
        writer(task).load(ORDERS, (7, "new", None, "x" * MAX_BYTES))


@pytest.mark.parametrize("status", ["", "x" * 257])
def test_a_partition_key_that_kinesis_does_not_take_is_refused(status):
    table = ORDERS.__class__(schema="shop", name="words", columns=ORDERS.columns, primary_key=("status",))
    with pytest.raises(PipelineError, match=r"a partition key of shop\.words has (0|257) characters"):
        writer(partitionIncludeSchemaTable=False).load(table, (7, status, None, None))


NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=8)
CODE = st.sampled_from(["{row}", "%s", "%", "'", '"', "\\", '{"', "}}", "\n", "null", "{{value}}", "é'\"{%d}\\"])


@given(
    st.lists(NAMES | CODE, min_size=2, max_size=5, unique=True),
    st.lists(st.none() | NAMES | CODE | st.just(""), min_size=5, max_size=5),
    st.sampled_from(["json", "json-unformatted"]),
    st.booleans(),
)
def test_whatever_names_and_values_have_in_them_stands_in_the_record(names, values, message_format, keep_empty):
    text = replace(ORDERS.columns[3], length=20, data_type="varchar", column_type="varchar(20)")
    columns = tuple(replace(text, name=name) for name in names)
    table = Table(schema=names[0], name=names[1], columns=columns, primary_key=(names[0],))
    row = ("key", *values[1 : len(names)])
    images = {"BeforeImageSettings": {"EnableBeforeImage": True, "FieldName": names[1], "ColumnFilter": "all"}}
    settings = writer(images, messageFormat=message_format, includeNullAndEmpty=keep_empty)
    (record,) = settings.changes(transaction((row, row), table=table))
    found = json.loads(record.data, object_pairs_hook=list)
    wanted = [(name, value) for name, value in zip(names, row, strict=True) if keep_empty or value]
    assert [value for _, value in found[:2]] == [wanted, wanted], "no name and no value is taken for code"
    assert dict(found[2][1])["table-name"] == names[1]
    assert record.partition_key == f"{names[0]}.{names[1]}"
