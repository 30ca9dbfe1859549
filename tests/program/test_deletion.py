"""What a deletion reaches. The engine asks for protection at each resource, not before the first one: without a preview
it deletes in reverse order of the dependencies until it meets a protected one. So what is kept must be protected, or
stand behind something that is: nothing is deleted before what depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from declaration import Declaration, Resource
from tests.declared import EXISTING, declare
from tests.declared import KEPT as TABLES

VALUABLE: Mapping[str, str] = {
    "aws:rds/cluster:Cluster": "the rows, and the binlog",
    "aws:rds/clusterInstance:ClusterInstance": "without a writer the database answers nobody",
    "aws:s3/bucket:Bucket": "the lake, and who used it",
    "aws:kinesis/stream:Stream": "what is not delivered yet",
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": "its buffer, and how far it has read",
    "aws:dms/replicationTask:ReplicationTask": "the position in the binlog",
    "aws:dms/replicationConfig:ReplicationConfig": "the position in the binlog",
    "aws:dms/replicationInstance:ReplicationInstance": "changes that it caches; its task lives on it",
    "aws:kms/key:Key": "without it nothing can be read",
    "aws:secretsmanager/secret:Secret": "a password",
    "aws:secretsmanager/secretVersion:SecretVersion": "a password",
    "random:index/randomPassword:RandomPassword": "a password",
    "random:index/randomId:RandomId": "part of an identifier: another one is another database, another task",
    "aws:cloudwatch/logGroup:LogGroup": "who did what in the database and the network",
    "aws:glue/catalogDatabase:CatalogDatabase": "views and tables that people made in it",
}
"""Types that hold data, a position, a password or people's work, and what it is."""
ASKED_AGAIN = "query-results-bucket"
"""A bucket of copies that expire."""
MADE_AGAIN = {
    "aws:glue/catalogTable:CatalogTable": "the next up declares it again",
    "aws:athena/namedQuery:NamedQuery": "the next up declares it again",
    "pulumi-python:dynamic:Resource": "withdrawals and fixed settings: their deletes do nothing",
    **dict.fromkeys(
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/eventRule:EventRule",
         "aws:cloudwatch/eventTarget:EventTarget", "aws:cloudwatch/dashboard:Dashboard",
         "aws:cloudwatch/logMetricFilter:LogMetricFilter", "aws:rds/eventSubscription:EventSubscription",
         "aws:s3/bucketNotification:BucketNotification", "aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy",
         "aws:sns/topicSubscription:TopicSubscription"),
        "the next up declares it again; who is told by e-mail confirms again",
    ),
    "aws:iam/policy:Policy": "AWS deletes none that somebody has; the next up declares it again",
    "aws:athena/workgroup:Workgroup": "AWS deletes none in which people saved queries, because forceDestroy is false",
}  # fmt: skip
"""Types that may go with a kept stack, beside the bucket of results and its settings, and why that is no loss."""
STARTS_TABLES = ("tables-merge", "tables-maintain", "tables-schedule-", "tables-policy")
"""What starts the runs that keep tables, and their rights: without them no table is merged until the next up."""
HELD_AND_PROTECTED = {
    "aws:rds/cluster:Cluster": "a changed setting could replace it, and a restore must be meant",
    "aws:s3/bucket:Bucket": "it holds data, also when its task is unprotected for a restore",
    "aws:kinesis/stream:Stream": "it holds data, also when its task is unprotected for a restore",
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": "partitionByTable replaces it, with its buffer",
    "aws:kms/key:Key": "all data goes with it, also when its task is unprotected for a restore",
}
"""Types that the task holds against a deletion already. Protection also refuses a *replacement*, and stands when
somebody unprotects the task."""
KEPT: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "prod": ("prod", {}),
    "serverless": ("prod", {"replicationMode": "serverless"}),
    "existing database": ("prod", EXISTING),
    "existing database, serverless": ("prod", {**EXISTING, "replicationMode": "serverless"}),
    "manual SQL": ("prod", {"sqlBootstrap": "manual"}),
    "one zone, one key of the lock": ("dev", {"ephemeral": False}),
    "folders per table, and a heartbeat": ("prod", {"partitionByTable": True, "heartbeatMinutes": 5}),
    "tables": ("prod", TABLES),
}


@pytest.fixture(scope="module", params=list(KEPT.values()), ids=list(KEPT))
def kept(request: pytest.FixtureRequest) -> Declaration:
    name, config = request.param
    return declare(name, config=config)


def reached(declared: Declaration) -> set[str]:
    """Names of all that some order of deletion reaches: whatever is unprotected and has nothing behind it, again and
    again until only protected resources are at the end of every chain."""
    left = {it.urn: it for it in declared.resources}
    while True:
        needed = {urn for it in left.values() for urn in (*it.dependencies, it.parent)}
        free = [urn for urn, it in left.items() if urn not in needed and not it.protect]
        if not free:
            return {it.name for it in declared.resources if it.custom and it.urn not in left}
        for urn in free:
            del left[urn]


def valuable(declared: Declaration) -> set[str]:
    return {it.name for it in declared.resources if it.type in VALUABLE and it.name != ASKED_AGAIN}


def held_by(declared: Declaration, resource: Resource) -> list[str]:
    return [it.name for it in declared.resources if it.protect and declared.happens_before(resource, it)]


def test_no_order_of_deletion_reaches_anything_of_value_in_a_kept_stack(kept: Declaration):
    assert valuable(kept) & reached(kept) == set(), (
        "pulumi destroy --skip-preview deletes it before it meets a protected resource"
    )


def test_what_an_order_of_deletion_reaches_in_a_kept_stack_is_made_again(kept: Declaration):
    lost = {
        it.name
        for it in kept.resources
        if it.name in reached(kept)
        and not it.name.startswith(("query-results-", *STARTS_TABLES))
        and it.type not in MADE_AGAIN
    }
    assert lost == set(), "pulumi destroy --exclude-protected deletes it too"


def test_no_protection_is_there_without_a_reason(kept: Declaration):
    idle = {
        it.name: held_by(kept, it)
        for it in kept.resources
        if it.protect and it.type not in HELD_AND_PROTECTED and held_by(kept, it)
    }
    assert idle == {}, "protection in the way teaches people to lift it"


def test_the_reasons_are_about_what_is_protected_and_held():
    declared = declare("prod")
    assert {it.type for it in declared.resources if it.protect and held_by(declared, it)} == set(HELD_AND_PROTECTED)


def test_with_both_keys_nothing_stops_a_deletion(dev: Declaration):
    assert reached(dev) == {it.name for it in dev.resources if it.custom}


@pytest.mark.parametrize("mode", ["instance", "serverless"])
def test_with_both_keys_nothing_is_protected(mode: str):
    protected = [it.name for it in declare("dev", config={"replicationMode": mode}).resources if it.protect]
    assert protected == [], "half a lock stops a destroy half-way"
