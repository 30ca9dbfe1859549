"""Kinds and beginnings of a replication: one switch, the same endpoints and documents, identifiers that cannot lie."""

from __future__ import annotations

import re

import pytest

from components.replication_job import beginning, mappings, task_document
from components.serverless_replication import resource_identifier
from configuration.setting_groups import ReplicationSettings
from configuration.settings import load
from declaration import Declaration, Resource
from declaration.graph import graph
from declaration.run import ROOT
from declaration.stack_config import load_stack_config
from documents.canonical import digest
from tests.declared import LEAST, declare
from tests.program.test_program import BEFORE_THE_TASK

TASK = "aws:dms/replicationTask:ReplicationTask"
SERVERLESS = "aws:dms/replicationConfig:ReplicationConfig"
INSTANCE = "aws:dms/replicationInstance:ReplicationInstance"
POSITION = "mysql-bin-changelog.000024:373"
ARN_ENDING = r"(?=.{1,31}$)[a-z][a-z0-9]*(-[a-z0-9]+)*"
CDC: dict[str, object] = {"migrationType": "cdc", "cdcStartPosition": POSITION}


@pytest.fixture(scope="module")
def serverless() -> Declaration:
    return declare("dev", config={"replicationMode": "serverless"})


def task(config: dict[str, object]) -> Resource:
    return declare("dev", config={**LEAST, **config}).one(TASK)


def configured(config: dict[str, object]) -> ReplicationSettings:
    values = load_stack_config(ROOT, "dev", config).values
    return load(values, project="cdc-lake", stack="dev").replication


def test_a_serverless_replication_needs_no_instance_and_no_task(serverless: Declaration):
    assert (serverless.all(INSTANCE), serverless.all(TASK)) == ((), ())


def test_both_kinds_read_write_and_map_the_same(serverless: Declaration, dev: Declaration):
    one, other = dev.one(TASK).inputs, serverless.one(SERVERLESS).inputs
    for key, its in (("sourceEndpointArn",) * 2, ("targetEndpointArn",) * 2, ("tableMappings",) * 2,
                     ("replicationTaskSettings", "replicationSettings"), ("migrationType", "replicationType"),
                     ("startReplicationTask", "startReplication")):  # fmt: skip
        assert one[key] == other[its], f"{key}: the kind decides on the capacity and on nothing else"
    ends = [{it.name: dict(it.inputs) for it in stack.all("aws:dms/endpoint:Endpoint")} for stack in (dev, serverless)]
    assert ends[0] == ends[1]


def test_the_capacity_of_a_serverless_replication_is_configured(dev: Declaration):
    config = {"replicationMode": "serverless", "minReplicationUnits": 2, "maxReplicationUnits": 16, "multiAz": True}
    declared = declare("dev", config=config)
    assert declared.one(SERVERLESS).inputs["computeConfig"] == {
        "replicationSubnetGroupId": "cdc-lake-dev",
        "vpcSecurityGroupIds": dev.one(INSTANCE).inputs["vpcSecurityGroupIds"],
        "kmsKeyId": declared.one("aws:kms/key:Key").outputs["arn"],
        "minCapacityUnits": 2,
        "maxCapacityUnits": 16,
        "multiAz": True,
    }


@pytest.mark.parametrize(("kind", "name", "reason"), BEFORE_THE_TASK)
def test_a_serverless_replication_starts_after(serverless: Declaration, kind: str, name: str | None, reason: str):
    earlier = serverless.one(kind, name and name.replace("replication-task-log", "replication-serverless-log"))
    assert serverless.happens_before(earlier, serverless.one(SERVERLESS)), reason


def test_the_picture_shows_a_serverless_replication_between_its_endpoints(serverless: Declaration, dev: Declaration):
    drawn = graph(serverless)
    assert drawn.count("DMS Serverless") == 1
    assert drawn.count('class="flow"') == graph(dev).count('class="flow"'), "as many arrows as with a task"


def test_the_exports_are_the_same_in_both_kinds(serverless: Declaration, dev: Declaration):
    assert set(serverless.exports) == set(dev.exports)
    assert serverless.exports["taskArn"] == serverless.one(SERVERLESS).outputs["arn"]
    assert serverless.exports["replicationInstanceId"] == "", "there is none"


def test_a_serverless_log_has_the_name_that_dms_gives_it(serverless: Declaration):
    ending = serverless.one(SERVERLESS).inputs["resourceIdentifier"]
    assert re.fullmatch(ARN_ENDING, ending), "DMS refuses any other"
    log = serverless.one("aws:cloudwatch/logGroup:LogGroup", "replication-serverless-log")
    assert log.inputs["name"] == f"dms-serverless-replication-{ending}"


@pytest.mark.parametrize("stack_name", ["a", "twenty-letters-and-no", "abcdefghij-x"])
def test_every_stack_name_fits_the_end_of_an_arn(stack_name: str):
    ending = resource_identifier(f"cdc-lake-{stack_name}", "whatever")
    assert re.fullmatch(ARN_ENDING, ending), ending


def documents(config: dict[str, object]) -> str:
    settings = configured(config)
    return digest(mappings(settings) + task_document(settings))


def test_other_documents_are_another_serverless_replication(serverless: Declaration):
    changes: list[dict[str, object]] = [
        {}, {"tables": ["shop.%"]}, {"excludeTables": ["dms_sample.x"]}, {"maxLobKb": 99}, {"beforeImages": False},
    ]  # fmt: skip
    assert len({documents(change) for change in changes}) == len(changes)
    inputs = serverless.one(SERVERLESS).inputs
    identifier = inputs["replicationConfigIdentifier"]
    assert f"-{documents({})}-" in identifier, (
        "updates of the documents are ignored, so a table that is added would be missing in silence"
    )
    assert inputs["resourceIdentifier"] == resource_identifier("cdc-lake-dev", identifier)
    assert resource_identifier("cdc-lake-dev", "another") != inputs["resourceIdentifier"]


def test_what_aws_echoes_otherwise_is_ignored_where_the_identifier_stands_for_it(serverless: Declaration):
    assert serverless.one(SERVERLESS).ignore_changes == ("replicationSettings", "tableMappings")
    assert serverless.one(SERVERLESS).custom_timeouts == {"create": "60m", "update": "60m", "delete": "60m"}


def test_a_tasks_documents_are_never_ignored(stack: Declaration):
    assert not {"tableMappings", "replicationTaskSettings"} & set(stack.one(TASK).ignore_changes), (
        "a task is changed in place: what is ignored is lost"
    )


@pytest.mark.parametrize(
    ("config", "start"),
    [
        (CDC, {"cdcStartPosition": POSITION}),
        ({**CDC, "cdcStartPosition": "checkpoint:V1#27#a:1"}, {"cdcStartPosition": "checkpoint:V1#27#a:1"}),
        ({"migrationType": "cdc", "cdcStartTime": "2026-01-31T12:00:00Z"}, {"cdcStartTime": "2026-01-31T12:00:00Z"}),
        ({"migrationType": "full-load"}, {}),
        ({}, {}),
    ],
)
def test_a_task_begins_where_it_is_told(config: dict[str, object], start: dict[str, str]):
    inputs = task(config).inputs
    assert {key: inputs[key] for key in ("cdcStartPosition", "cdcStartTime") if key in inputs} == start
    assert inputs["migrationType"] == config.get("migrationType", "full-load-and-cdc")


def test_another_beginning_is_another_task():
    beginnings: list[dict[str, object]] = [
        {},
        {"migrationType": "full-load"},
        CDC,
        {**CDC, "cdcStartPosition": "mysql-bin-changelog.000024:4"},
        {"migrationType": "cdc", "cdcStartTime": "2026-01-31T12:00:00Z"},
    ]
    parts = [beginning(configured(config)) for config in beginnings]
    assert len(set(parts)) == len(parts), "a modified task goes on from its checkpoint, wherever it is told to start"
    assert f"-{parts[2]}-" in task(CDC).inputs["replicationTaskId"]
    for part in parts:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", part), "DMS refuses any other identifier"


def test_a_start_counts_when_the_task_is_made():
    assert task(CDC).ignore_changes == ("cdcStartPosition", "cdcStartTime"), "DMS may spell it otherwise in its answer"


def test_other_masks_drops_and_filters_are_another_task():
    config: dict[str, object] = {"tables": ["dms_sample.person"], "maskColumns": ["dms_sample.person.email=hash"]}
    plain = beginning(configured({"tables": ["dms_sample.person"]}))
    beginnings = {
        plain,
        beginning(configured(config)),
        beginning(configured({**config, "maskColumns": ["dms_sample.person.email=digits"]})),
        beginning(configured({**config, "dropColumns": ["dms_sample.person.born"]})),
        beginning(configured({**config, "rowFilters": ["dms_sample.person.id gte 7"]})),
    }
    assert len(beginnings) == 5, (
        "a task that is resumed goes on without the new rules for columns: the mask would mask nothing"
    )
    assert beginning(configured({"tables": ["dms_sample.%"]})) == plain, "what is there keeps its task"
    more: dict[str, object] = {**config, "tables": ["dms_sample.person", "dms_sample.ticket"]}
    assert beginning(configured(more)) == beginning(configured(config)), "one more table does not"
