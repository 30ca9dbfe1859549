"""What the plan reads from resources that the program declares in more than one way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from declaration import Declaration, Resource
from model import PipelineError
from rehearsal.plan.pipeline import read_plan

TASK = "aws:dms/replicationTask:ReplicationTask"
SERVERLESS = "aws:dms/replicationConfig:ReplicationConfig"
CLUSTER = "aws:rds/cluster:Cluster"
ENDPOINT = "aws:dms/endpoint:Endpoint"
BOOTSTRAP = "pulumi-python:dynamic:Resource"
CHECK = {"name": "rows are logged", "sql": "SELECT @@binlog_format", "expect": ["ROW"], "remedy": "reboot the writer"}


def mapped(declaration: Declaration, type: str, change: Callable[[Resource], Resource | None]) -> Declaration:
    """The declaration with each resource of ``type`` as ``change`` makes it; None takes it out."""
    resources = (change(resource) if resource.type == type else resource for resource in declaration.resources)
    return replace(declaration, resources=tuple(resource for resource in resources if resource))


def task_with(declaration: Declaration, **inputs: Any) -> Declaration:
    return mapped(declaration, TASK, lambda task: replace(task, inputs={**task.inputs, **inputs}))


def unbound(declaration: Declaration) -> Declaration:
    """The source endpoint with a name of its own, so that only the task's can bind."""
    return mapped(declaration, ENDPOINT, lambda it: replace(it, inputs={**it.inputs, "endpointId": it.name}))


def without_bootstrap(declaration: Declaration) -> Declaration:
    return mapped(declaration, BOOTSTRAP, lambda _: None)


def with_bootstrap(declaration: Declaration, **inputs: Any) -> Declaration:
    like = declaration.one(TASK)
    bootstrap = replace(like, urn="urn:bootstrap", name="bootstrap", type=BOOTSTRAP, inputs=inputs, outputs={})
    bare = without_bootstrap(declaration)
    return replace(bare, resources=(*bare.resources, bootstrap))


def test_a_task_whose_identifier_carries_the_clusters_resource_id_is_replaced_with_it(dev: Declaration):
    resource_id = dev.one(CLUSTER).outputs["clusterResourceId"]
    bound = task_with(unbound(dev), replicationTaskId=f"cdc-lake-{resource_id.lower()}")
    assert read_plan(bound).replication.replaced_with_cluster, "an identifier cannot change, so it is another task"


def test_a_task_with_a_name_of_its_own_goes_on_at_its_old_place(dev: Declaration):
    named = task_with(unbound(dev), replicationTaskId="cdc-lake-dev")
    assert not read_plan(named).replication.replaced_with_cluster, "in another binlog, so rows would be lost"


def test_a_source_endpoint_that_carries_the_clusters_resource_id_takes_the_task_with_it(dev: Declaration):
    resource_id = dev.one(CLUSTER).outputs["clusterResourceId"]
    bound = mapped(
        task_with(dev, replicationTaskId="cdc-lake-dev"),
        ENDPOINT,
        lambda it: replace(it, inputs={**it.inputs, "endpointId": f"source-{resource_id.lower()}"}),
    )
    assert read_plan(bound).replication.replaced_with_cluster, "a task cannot change its source endpoint"


def test_a_task_for_a_database_without_a_cluster_is_never_said_to_be_replaced_with_one(dev: Declaration):
    assert not read_plan(mapped(dev, CLUSTER, lambda _: None)).replication.replaced_with_cluster


def test_a_serverless_replication_is_the_same_plan(dev: Declaration):
    def serverless(task: Resource) -> Resource:
        names = {
            "replicationTaskId": "replicationConfigIdentifier",
            "migrationType": "replicationType",
            "replicationTaskSettings": "replicationSettings",
        }
        inputs = {names.get(key, key): value for key, value in task.inputs.items()}
        return replace(task, type=SERVERLESS, inputs=inputs)

    assert read_plan(mapped(dev, TASK, serverless)) == read_plan(dev), "what differs are the names of the inputs"


def test_a_declaration_without_any_task_says_what_was_looked_for(dev: Declaration):
    with pytest.raises(PipelineError, match="ReplicationTask or aws:dms/replicationConfig"):
        read_plan(mapped(dev, TASK, lambda _: None))


def test_the_statements_are_those_of_the_resource_that_runs_them(dev: Declaration):
    database = read_plan(with_bootstrap(dev, statements=["SELECT 1"])).database
    assert database.capture_statements == ("SELECT 1",), "not the export, which is for another administrator"


def test_without_that_resource_they_are_the_exported_ones(dev: Declaration):
    exports = {"captureUserStatements": ["SELECT 2"], "preflightChecks": [CHECK]}
    database = read_plan(replace(without_bootstrap(dev), exports=exports)).database
    assert (database.capture_statements, database.checks[0].remedy) == (("SELECT 2",), "reboot the writer")


def test_without_any_statements_nobody_knows_the_user(dev: Declaration):
    with pytest.raises(PipelineError, match="nothing says how the user that DMS connects as is made"):
        read_plan(replace(without_bootstrap(dev), exports={}))


def test_of_a_database_that_is_not_the_programs_no_parameters_are_known(dev: Declaration):
    database = read_plan(mapped(dev, CLUSTER, lambda _: None)).database
    assert (database.own, dict(database.parameters)) == (False, {}), "so it is rehearsed with --source, or not at all"
    assert database.capture_username == "lake_capture", "its secret is not ours to read; the statements name the user"
