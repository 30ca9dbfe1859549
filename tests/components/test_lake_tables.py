"""Iceberg tables of the lake: where they lie, who runs their statements, with which rights, and when."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from pulumi import RunError

import declaration
from configuration import fixed
from declaration import Declaration, Resource
from tests.conftest import statements, trusted
from tests.declared import EXISTING, KEPT, declare
from tests.program.test_invariants import leaves, misspelt

MACHINE, SCHEDULE = "aws:sfn/stateMachine:StateMachine", "aws:scheduler/schedule:Schedule"
ROLE, POLICY = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
QUERY, ALARM = "aws:athena/namedQuery:NamedQuery", "aws:cloudwatch/metricAlarm:MetricAlarm"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
GLUE = "arn:aws:glue:eu-central-1:111122223333"


@pytest.fixture(scope="module")
def kept() -> Declaration:
    return declare("dev", config=KEPT)


def bucket(declared: Declaration, name: str) -> str:
    return declared.one("aws:s3/bucket:Bucket", f"{name}-bucket").outputs["arn"]


def allowed(declared: Declaration) -> dict[str, tuple[set[str], set[str]]]:
    """What the state machine may do."""
    found = statements(declared.one(POLICY, "tables-policy"))
    return {
        sid: (set(it["Action"]), {it["Resource"]} if isinstance(it["Resource"], str) else set(it["Resource"]))
        for sid, it in found.items()
    }


def faults(declared: Declaration) -> Iterator[str]:
    """What is wrong with the tables of a stack."""
    for rule in declared.one(LIFECYCLE, "tables-data-lifecycle").inputs["rules"]:
        if {"expiration", "transitions"} & rule.keys():
            yield "files go by age"
    for sid, (actions, resources) in allowed(declared).items():
        if any("*" in action for action in actions) or "*" in resources:
            yield f"{sid}: too wide"
    machine = declared.one(MACHINE)
    for schedule in declared.all(SCHEDULE):
        if schedule.inputs["target"]["arn"] != machine.outputs["arn"] or schedule.inputs.get("state") == "DISABLED":
            yield f"{schedule.name}: starts nothing"
        if not declared.happens_before(declared.one(POLICY, "tables-policy"), schedule):
            yield f"{schedule.name}: before the rights"
    queries = {it.name: it.inputs["query"] for it in declared.all(QUERY)}
    for item in json.loads(machine.inputs["definition"])["States"]["Keep the tables"]["Items"]:
        if not queries.get(item["create"], "").startswith("CREATE TABLE IF NOT EXISTS"):
            yield f"{item['name']}: never made"
        if not queries.get(item["merge"], "").startswith("MERGE INTO"):
            yield f"{item['name']}: never merged"


def test_a_log_that_has_expired_once_builds_no_table_anew(monkeypatch: pytest.MonkeyPatch):
    """Also where lakeExpiryDays is 0 again: a table that was altered lies in the folder of its first form."""
    remembered = fixed.at_once
    monkeypatch.setattr(fixed, "at_once", lambda values: remembered(values) | {fixed.LOST: True})
    machine = json.loads(declaration.declare("dev", config=KEPT).one(MACHINE).inputs["definition"])
    keep = machine["States"]["Keep the tables"]
    assert "Drop it" not in keep["ItemProcessor"]["States"]
    assert all("columns" in it for it in keep["Items"])


def test_the_tables_are_right(kept: Declaration):
    assert list(faults(kept)) == []
    assert kept.warnings == ()


def with_fault(declared: Declaration, name: str, **changes: Any) -> Declaration:
    others = (replace(it, inputs={**it.inputs, **changes}) if it.name == name else it for it in declared.resources)
    return replace(declared, resources=tuple(others))


PLANTED: Mapping[str, tuple[str, dict[str, Any], str]] = {
    "an expiry": ("tables-data-lifecycle", {"rules": [{"expiration": {"days": 90}}]}, "files go by age"),
    "every right on S3": (
        "tables-policy",
        {"policy": json.dumps({"Statement": [{"Sid": "All", "Action": ["s3:*"], "Resource": "arn:aws:s3:::x"}]})},
        "All: too wide",
    ),
    "a schedule that is off": ("tables-merge", {"state": "DISABLED"}, "tables-merge: starts nothing"),
    "another statement": (
        "tables-merge-dms_sample_payment",
        {"query": "SELECT 1"},
        "dms_sample_payment: never merged",
    ),
}


@pytest.mark.parametrize(("name", "changes", "fault"), PLANTED.values(), ids=PLANTED)
def test_a_planted_fault_is_found(kept: Declaration, name: str, changes: dict[str, Any], fault: str):
    assert fault in list(faults(with_fault(kept, name, **changes)))


def test_a_schedule_before_the_rights_is_found(kept: Declaration):
    early = (
        replace(it, dependencies=frozenset[str]()) if it.name == "tables-maintain" else it for it in kept.resources
    )
    assert "tables-maintain: before the rights" in list(faults(replace(kept, resources=tuple(early))))


def test_the_state_machine_may_run_its_statements_and_nothing_else(kept: Declaration):
    log, tables, results = (bucket(kept, name) for name in ("lake-records", "tables-data", "query-results"))
    workgroup = kept.one("aws:athena/workgroup:Workgroup", "tables-workgroup").outputs["arn"]
    place = {f"{GLUE}:catalog", f"{GLUE}:database/cdc_lake_dev"}
    write = {"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"}
    machine = kept.one(MACHINE).outputs["arn"]
    assert allowed(kept) == {
        "RunStatements": (
            {
                f"athena:{it}"
                for it in (
                    *("StartQueryExecution", "StopQueryExecution", "GetQueryExecution", "GetQueryResults"),
                    "GetNamedQuery",
                )
            },
            {workgroup},
        ),
        "FindCatalog": (
            {"athena:GetDataCatalog"},
            {"arn:aws:athena:eu-central-1:111122223333:datacatalog/AwsDataCatalog"},
        ),
        "LookAtCatalog": (
            {"glue:GetDatabase", "glue:GetTable", "glue:GetTables"},
            {*place, f"{GLUE}:database/default", f"{GLUE}:table/cdc_lake_dev/*"},
        ),
        "KeepTables": (
            {"glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable"},
            {*place, f"{GLUE}:table/cdc_lake_dev/dms_sample_payment"},
        ),
        "FindObjects": ({"s3:ListBucket", "s3:GetBucketLocation"}, {log, tables, results}),
        "FindUploads": ({"s3:ListBucketMultipartUploads"}, {tables, results}),
        "ReadLog": ({"s3:GetObject"}, {f"{log}/raw/*"}),
        "WriteResults": (write, {f"{results}/*"}),
        "WriteTables": ({*write, "s3:DeleteObject"}, {f"{tables}/*"}),
        "UseKey": ({"kms:Decrypt", "kms:GenerateDataKey"}, {kept.one("aws:kms/key:Key").outputs["arn"]}),
        "ListRuns": ({"states:ListExecutions"}, {machine}),
        "StopItself": ({"states:StopExecution"}, {machine.replace(":stateMachine:", ":execution:") + ":*"}),
    }


def test_a_schedule_may_start_runs_and_nothing_else(kept: Declaration):
    own = {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    for name, service in (("tables-role", "states"), ("tables-schedule-role", "scheduler")):
        trust = trusted(kept.one(ROLE, name))
        assert (trust["Principal"], trust["Condition"]) == ({"Service": f"{service}.amazonaws.com"}, own)
    (start,) = statements(kept.one(POLICY, "tables-schedule-policy")).values()
    assert (start["Action"], start["Resource"]) == (["states:StartExecution"], kept.one(MACHINE).outputs["arn"])


def test_it_merges_as_often_as_the_stack_says_and_maintains_once_a_day(kept: Declaration):
    found = {it.name: (it.inputs["scheduleExpression"], it.inputs["target"]["input"]) for it in kept.all(SCHEDULE)}
    assert found == {
        "tables-merge": ("rate(15 minutes)", "{}"),
        "tables-maintain": ("cron(17 3 * * ? *)", '{"task":"maintain"}'),
    }


def test_the_workgroup_reads_as_much_as_a_first_merge_must(kept: Declaration):
    workgroup = kept.one("aws:athena/workgroup:Workgroup", "tables-workgroup").inputs["configuration"]
    assert "bytesScannedCutoffPerQuery" not in workgroup
    assert workgroup["enforceWorkgroupConfiguration"] is True
    assert workgroup["resultConfiguration"]["encryptionConfiguration"]["encryptionOption"] == "SSE_KMS"


def test_a_failed_a_late_and_an_endless_run_are_told(kept: Declaration):
    arn = kept.one(MACHINE).outputs["arn"]
    found = {it.inputs["metricName"]: it.inputs for it in kept.all(ALARM) if it.inputs["namespace"] == "AWS/States"}
    assert set(found) == {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsSucceeded"}
    assert all(it["dimensions"] == {"StateMachineArn": arn} for it in found.values())
    assert found["ExecutionsSucceeded"]["treatMissingData"] == "breaching", "no run at all is the worst"


def test_the_data_is_as_safe_as_the_lake():
    declared = declare("prod", config={**KEPT, "sqlBootstrap": "manual"})
    assert declared.one("aws:s3/bucket:Bucket", "tables-data-bucket").protect
    assert declared.one("aws:s3/bucket:Bucket", "tables-data-bucket").inputs["forceDestroy"] is False


def test_every_input_is_one_that_the_provider_knows(kept: Declaration):
    mine = [it for it in kept.resources if it.name.startswith("tables") and it.custom]
    assert [f"{it.name}: {path}" for it in mine for path in misspelt(it)] == []
    assert [it.name for it in mine for _, value in leaves(it.inputs) if value is None] == []


def test_with_tables_the_view_of_rows_reads_them_and_the_pure_one_stays(kept: Declaration):
    views = {it.inputs["name"]: it for it in kept.all("aws:glue/catalogTable:CatalogTable")}
    assert {"dms_sample_payment_current", "dms_sample_payment_replayed"} <= set(views)
    assert "dms_sample_payment" not in views, "Athena makes the Iceberg table"
    assert marks(views["dms_sample_payment_replayed"])["cdc-lake.view"] == "replayed"


def marks(view: Resource) -> Mapping[str, str]:
    return view.inputs["parameters"]


def test_without_tables_nothing_of_it_is_there(dev: Declaration):
    assert not [it.name for it in dev.resources if it.name.startswith("tables") or it.name.endswith("_replayed")]
    assert "tablesMachine" not in dev.exports


def test_tables_of_nothing_are_refused():
    with pytest.raises(RunError, match=r"tablesEveryMinutes.* no captured table is described .*Remedy: "):
        declare("dev", config={**EXISTING, "tables": ["shop.%"], "tablesEveryMinutes": 15})


def test_the_statements_fit_together(kept: Declaration):
    create = kept.one(QUERY, "tables-create-dms_sample_payment").inputs["query"]
    bucket_name = kept.one("aws:s3/bucket:Bucket", "tables-data-bucket").outputs["bucket"]
    assert re.search(rf"LOCATION 's3://{bucket_name}/dms_sample_payment/1-[0-9a-f]{{8}}-[0-9a-f]{{8}}/'", create)
    made = set(re.findall(r"^  `(\w+)` ", create, re.MULTILINE))
    merge = kept.one(QUERY, "tables-merge-dms_sample_payment").inputs["query"]
    inserted = merge.split("THEN INSERT (")[1].split(")")[0]
    assert {name.strip().strip('"') for name in inserted.split(",")} == made
