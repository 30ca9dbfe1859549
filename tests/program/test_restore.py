"""A restore as the engine would play it: what differs between two declarations of one stack, and what that replaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from declaration import Declaration, Secret
from declaration.effects import differing, is_replaced
from tests.declared import declare

CLUSTER = "aws:rds/cluster:Cluster"
TASK = "aws:dms/replicationTask:ReplicationTask"
ENDPOINT = "aws:dms/endpoint:Endpoint"
RESTORED = {"snapshotIdentifier": "one", "masterUsername": ""}
NEW_DATABASE = {
    "database-identifier", "database-cluster", "database-instance-1", "database-bootstrap",
    "database-master-password", "database-capture-password", "database-master", "database-capture",
    "database-audit-log", "database-error-log", "database-slowquery-log",
    "database-master-version", "database-capture-version",
}  # fmt: skip


def changed(before: Declaration, after: Declaration) -> Mapping[str, set[str]]:
    """Per resource: the inputs that an update would send."""
    return {
        new.name: keys
        for new in after.resources
        if (old := before.find(new.urn)) is not None and (keys := set(differing(old, new)))
    }


def replaced(before: Declaration, after: Declaration) -> set[str]:
    """Names of what the engine replaces, not counting what only follows through an id of AWS's making."""
    return {new.name for new in after.resources if (old := before.find(new.urn)) is not None and is_replaced(old, new)}


@pytest.fixture(scope="module")
def first() -> Declaration:
    return declare("dev", config=RESTORED)


@pytest.fixture(scope="module")
def second() -> Declaration:
    return declare("dev", config={**RESTORED, "snapshotIdentifier": "two", "restoreGeneration": 1})


def test_another_snapshot_changes_nothing_at_all(first: Declaration):
    other = declare("dev", config={**RESTORED, "snapshotIdentifier": "two"})
    assert changed(first, other) == {}, "a snapshot counts when a cluster is made; the provider would make another"


def test_a_dropped_snapshot_replaces_nothing(first: Declaration, dev: Declaration):
    assert replaced(first, dev) == {"database-master-version"}, (
        "the user name comes back with it, and would replace the cluster too; its secret takes the name from the "
        "cluster, where the engine leaves it, but a declaration does not know that"
    )
    assert changed(first, dev)["database-cluster"] <= {"enableHttpEndpoint"}


def test_a_new_generation_is_a_new_database_and_a_new_task_and_nothing_else(first: Declaration, second: Declaration):
    assert replaced(first, second) == {
        *NEW_DATABASE,
        "replication-source",
        "replication-task",
        "replication-withdrawals",
    }, "one without the other: a task that goes on at its old position in a new binlog loses rows in silence"


def test_a_new_generation_restores_the_snapshot_that_is_configured_then(second: Declaration):
    cluster = second.one(CLUSTER)
    assert cluster.inputs["snapshotIdentifier"] == "two"
    assert "masterUsername" not in cluster.inputs, "a snapshot brings its own user; AWS refuses another"


def test_a_new_generation_has_new_passwords(first: Declaration, second: Declaration):
    before, after = first.one(CLUSTER).inputs["masterPassword"], second.one(CLUSTER).inputs["masterPassword"]
    assert isinstance(after, Secret)
    assert before != after, "who knew the old database's password should not know the new one's"


def test_the_task_and_the_source_carry_the_clusters_identity(stack: Declaration):
    identity = stack.one(CLUSTER).outputs["clusterResourceId"].lower()
    for resource, key in (
        (stack.one(TASK), "replicationTaskId"),
        (stack.one(ENDPOINT, "replication-source"), "endpointId"),
    ):
        assert resource.inputs[key].endswith(f"-{identity}"), "it must not outlive the binlog that it has read"
        assert stack.happens_before(stack.one(CLUSTER), resource)
    assert stack.one(TASK).delete_before_replace is True, "gone before its successor: no time in which both read"


def test_a_new_source_endpoint_waits_for_the_whole_database_and_the_old_one_for_it(stack: Declaration):
    source = stack.one(ENDPOINT, "replication-source")
    instances = stack.all("aws:rds/clusterInstance:ClusterInstance")
    for complete in (*instances, stack.one("pulumi-python:dynamic:Resource", "database-bootstrap")):
        assert stack.happens_before(complete, source), (
            "the old task goes when this is made: not before the new database is verified"
        )
    assert source.delete_before_replace is False, "a serverless replication uses the old one until it is told of this"


def test_the_old_task_may_read_the_old_secret_until_it_has_gone(first: Declaration, second: Declaration):
    kind = "aws:iam/rolePolicy:RolePolicy"
    policies = [
        {it.name: it.inputs for it in declared.all(kind) if it.name.startswith("database-read-capture-secret")}
        for declared in (first, second)
    ]
    assert [list(found) for found in policies] == [
        ["database-read-capture-secret-0"],
        ["database-read-capture-secret-1"],
    ], "one policy that changes would take the old secret away; of two, the engine makes one first and deletes one last"
    new = second.one(kind, "database-read-capture-secret-1")
    assert second.happens_before(new, second.one(ENDPOINT, "replication-source"))


def test_the_target_stays(first: Declaration, second: Declaration):
    assert "replication-target" not in changed(first, second)


def test_the_old_secrets_stay_as_they_were_while_the_old_task_runs(first: Declaration, second: Declaration):
    for user in ("master", "capture"):
        kind = "aws:secretsmanager/secret:Secret"
        old, new = (it.one(kind, f"database-{user}") for it in (first, second))
        assert (old.replacement_trigger, new.replacement_trigger) == ("0", "1"), (
            "a task that reconnects half-way through a restore would read the new host at the old position"
        )
        assert new.delete_before_replace is not True


def test_a_cluster_is_never_deleted_to_make_room_for_another(stack: Declaration):
    assert stack.one(CLUSTER).delete_before_replace is False, (
        "left to the provider, a replacement by accident deletes first; like this it fails: the identifier is taken"
    )


def test_a_restore_of_an_existing_database_is_a_new_task_on_the_same_secret():
    there = {
        "databaseMode": "existing", "sqlBootstrap": "manual",
        "vpcId": "vpc-0a", "subnetIds": ["subnet-0a", "subnet-0b"],
        "databaseSecretArn": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:theirs-AbCdEf",
        "databaseSecurityGroupId": "sg-0a",
    }  # fmt: skip
    before, after = (declare("dev", config={**there, "restoreGeneration": number}) for number in (0, 1))
    assert replaced(before, after) == {"replication-source", "replication-task"}


def test_a_serverless_replication_is_replaced_with_the_database():
    modes: dict[str, Any] = {"replicationMode": "serverless"}
    before = declare("dev", config={**RESTORED, **modes})
    after = declare("dev", config={**RESTORED, **modes, "restoreGeneration": 1})
    assert {"replication-source", "replication-serverless"} <= replaced(before, after)
