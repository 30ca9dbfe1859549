"""What the LakeQuery component declares: database, raw tables, views, workgroup, results and saved queries."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest

from declaration import Declaration, Resource
from tests.declared import LEAST, declare

TABLE = "aws:glue/catalogTable:CatalogTable"
DATABASE = "aws:glue/catalogDatabase:CatalogDatabase"
WORKGROUP = "aws:athena/workgroup:Workgroup"
SAVED = "aws:athena/namedQuery:NamedQuery"
SHARED = {"records", "changes", "control_records"}
PARTITIONED: dict[str, Any] = {"partitionByTable": True, "bufferSizeMb": 64}


@pytest.fixture(scope="module")
def partitioned() -> Declaration:
    return declare("dev", config=PARTITIONED)


def raw_tables(declared: Declaration) -> dict[str, Resource]:
    return {it.inputs["name"]: it for it in declared.all(TABLE) if it.inputs["tableType"] == "EXTERNAL_TABLE"}


def views(declared: Declaration) -> dict[str, Resource]:
    return {it.inputs["name"]: it for it in declared.all(TABLE) if it.inputs["tableType"] == "VIRTUAL_VIEW"}


def definition(view: Resource) -> dict[str, Any]:
    text = re.fullmatch(r"/\* Presto View: ([A-Za-z0-9+/=]+) \*/", view.inputs["viewOriginalText"])
    assert text, "Athena finds the definition by these very words"
    return json.loads(base64.b64decode(text[1]))


def projection(declared: Declaration, table: str = "lines") -> dict[str, str]:
    return raw_tables(declared)[table].inputs["parameters"]


def test_the_database_has_a_name_that_can_be_typed(stack: Declaration):
    name = stack.one(DATABASE).inputs["name"]
    assert name == f"cdc_lake_{stack.stack}" == stack.exports["queryDatabase"]
    assert re.fullmatch(r"[a-z0-9_]+", name), "Athena takes no hyphen"
    assert {it.inputs["databaseName"] for it in stack.all(TABLE)} == {name}


def test_the_raw_table_has_one_column_and_the_lakes_folders(stack: Declaration):
    (table,) = raw_tables(stack).values()
    described = table.inputs["storageDescriptor"]
    assert table.inputs["name"] == "lines"
    assert described["columns"] == [{"name": "line", "type": "string"}], "no record can break a table of lines"
    assert described["location"] == f"s3://{stack.exports['lakeBucket']}/raw/"
    assert described["inputFormat"] == "org.apache.hadoop.mapred.TextInputFormat"
    assert described["serDeInfo"]["serializationLibrary"].endswith(".LazySimpleSerDe")
    assert [key["name"] for key in table.inputs["partitionKeys"]] == ["dt", "hr"]


def test_partitions_are_worked_out_and_none_is_ever_added(dev: Declaration):
    assert projection(dev) == {
        "EXTERNAL": "TRUE",
        "classification": "json",
        "projection.enabled": "true",
        "projection.dt.type": "date",
        "projection.dt.format": "yyyy-MM-dd",
        "projection.dt.range": "2026-01-01,NOW",
        "projection.dt.interval": "1",
        "projection.dt.interval.unit": "DAYS",
        "projection.hr.type": "integer",
        "projection.hr.range": "0,23",
        "projection.hr.digits": "2",
        "storage.location.template": f"s3://{dev.exports['lakeBucket']}/raw/dt=${{dt}}/hr=${{hr}}/",
    }


def test_the_folders_that_queries_read_are_those_that_firehose_writes(stack: Declaration):
    delivery = stack.one("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")
    written = delivery.inputs["extendedS3Configuration"]["prefix"]
    read = projection(stack)["storage.location.template"].removeprefix(f"s3://{stack.exports['lakeBucket']}/")
    assert written == read.replace("${dt}", "!{timestamp:yyyy-MM-dd}").replace("${hr}", "!{timestamp:HH}")


@pytest.mark.parametrize(
    ("config", "begin"),
    [
        ({"catalogStartDate": "2025-07-01"}, "2025-07-01"),
        ({"lakeTransitionDays": 0, "lakeExpiryDays": 90}, "NOW-91DAYS"),
    ],
)
def test_queries_see_from_the_first_day_on_or_as_far_back_as_objects_are_kept(config: dict[str, Any], begin: str):
    assert projection(declare("dev", config={**LEAST, **config}))["projection.dt.range"] == f"{begin},NOW"


def test_each_described_table_has_a_change_log_and_a_current_state(stack: Declaration):
    tables = {"payment", "performance", "performer", "person", "price_band", "ticket", "ticket_purchase_hist", "venue"}
    assert set(views(stack)) == SHARED | {
        f"dms_sample_{name}_{kind}" for name in tables for kind in ("changes", "current")
    }


def test_a_view_is_of_the_form_that_athena_leaves_behind(stack: Declaration):
    for name, view in views(stack).items():
        assert view.inputs["parameters"].items() >= {"presto_view": "true", "comment": "Presto View"}.items(), name
        assert "description" not in view.inputs, "a newer Trino would take it for the comment, and see no view"
        assert view.inputs["viewExpandedText"] == "/* Presto View */"
        assert view.inputs["storageDescriptor"]["serDeInfo"] == {"name": "-", "serializationLibrary": "-"}, (
            "without it: HIVE_METASTORE_ERROR: Table storage descriptor is missing SerDe info"
        )
        defined = definition(view)
        assert (defined["catalog"], defined["schema"]) == ("awsdatacatalog", stack.exports["queryDatabase"])


def test_a_view_says_of_which_table_it_is(stack: Declaration):
    for name, view in views(stack).items():
        marks = {key: text for key, text in view.inputs["parameters"].items() if key.startswith("cdc-lake.")}
        table, _, kind = name.removeprefix("dms_sample_").rpartition("_")
        expected = {"cdc-lake.schema": "dms_sample", "cdc-lake.table": table, "cdc-lake.view": kind}
        assert marks.pop("cdc-lake.about"), "what it shows, in words"
        assert marks == ({} if name in SHARED else expected)


@pytest.mark.parametrize("layout", ["dev", "partitioned"])
def test_a_view_has_the_same_columns_in_its_definition_and_in_the_catalog(request: pytest.FixtureRequest, layout: str):
    for view in views(request.getfixturevalue(layout)).values():
        names = [column["name"] for column in definition(view)["columns"]]
        assert [it["name"] for it in view.inputs["storageDescriptor"]["columns"]] == names, "what other tools see"


def test_a_column_has_trinos_type_in_the_view_and_hives_in_the_catalog(dev: Declaration):
    view = views(dev)["dms_sample_ticket_current"]
    types = [column["type"] for column in definition(view)["columns"]]
    assert types[:8] == ["decimal(20,0)", "bigint", "integer", "varchar", "decimal(10,2)", "decimal(20,0)", "varbinary",
                         "timestamp(6)"]  # fmt: skip
    hive = [column["type"] for column in view.inputs["storageDescriptor"]["columns"]]
    assert hive[:8] == [
        "decimal(20,0)",
        "bigint",
        "int",
        "string",
        "decimal(10,2)",
        "decimal(20,0)",
        "binary",
        "timestamp",
    ]


def test_with_folders_by_table_each_table_has_lines_of_its_own(partitioned: Declaration):
    lines = raw_tables(partitioned)
    assert set(lines) == {"lines", *(f"{name.removesuffix('_current')}_lines" for name in views(partitioned)
                                     if name.endswith("_current"))}  # fmt: skip
    template = lines["dms_sample_ticket_lines"].inputs["parameters"]["storage.location.template"]
    assert template.endswith("/raw/dt=${dt}/hr=${hr}/schema=dms_sample/table=ticket/")


def test_the_table_of_all_lines_is_the_same_with_folders_by_table(dev: Declaration, partitioned: Declaration):
    assert projection(partitioned) == projection(dev), "Athena reads everything below a partition's folder"


def test_a_table_whose_folder_has_no_sure_name_has_no_lines_of_its_own():
    declared = declare("dev", config={**PARTITIONED, "tables": ["shop.my orders", "shop.items"]})
    assert set(raw_tables(declared)) == {"lines", "shop_items_lines"}


def test_a_table_without_a_description_has_an_untyped_log():
    declared = declare("dev", config={"tables": ["shop.%", "crm.People"]})
    assert set(views(declared)) == {*SHARED, "crm_people_changes"}, "of a pattern nobody knows what it finds"


def test_the_workgroup_decides_where_results_lie_and_what_a_query_may_read(stack: Declaration):
    workgroup = stack.one(WORKGROUP)
    key = stack.one("aws:kms/key:Key").outputs["arn"]
    assert workgroup.inputs["configuration"] == {
        "enforceWorkgroupConfiguration": True,
        "publishCloudwatchMetricsEnabled": True,
        "bytesScannedCutoffPerQuery": 100 * 1024**3,
        "engineVersion": {"selectedEngineVersion": "Athena engine version 3"},
        "resultConfiguration": {
            "outputLocation": f"s3://{stack.one('aws:s3/bucket:Bucket', 'query-results-bucket').outputs['bucket']}/",
            "expectedBucketOwner": "111122223333",
            "encryptionConfiguration": {"encryptionOption": "SSE_KMS", "kmsKeyArn": key},
        },
    }
    assert stack.exports["queryWorkgroup"] == workgroup.outputs["name"]


def test_the_scan_limit_is_the_stacks(turned: Declaration):
    assert turned.one(WORKGROUP).inputs["configuration"]["bytesScannedCutoffPerQuery"] == 1024**3


def test_results_lie_in_a_guarded_bucket_before_there_is_one(stack: Declaration):
    for kind in ("Policy", "PublicAccessBlock", "ServerSideEncryptionConfiguration", "LifecycleConfiguration"):
        (part,) = [it for it in stack.all(f"aws:s3/bucket{kind}:Bucket{kind}") if it.name.startswith("query-results")]
        assert stack.happens_before(part, stack.one(WORKGROUP)), f"{part.name}: a result holds rows"


def test_results_expire(turned: Declaration):
    lifecycle = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    (rule,) = turned.one(lifecycle, "query-results-lifecycle").inputs["rules"]
    assert rule["expiration"] == {"days": 3}
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 1}, "an old version is a copy of rows, too"


def test_who_reads_results_is_logged_apart_from_who_reads_the_lake(stack: Declaration):
    logs = {it.name: it.inputs for it in stack.all("aws:s3/bucketLogging:BucketLogging")}
    lake, results = logs["lake-records-access-log"], logs["query-results-access-log"]
    assert results["targetBucket"] == lake["targetBucket"]
    assert (lake["targetPrefix"], results["targetPrefix"]) == ("lake-records/", "query-results/")
