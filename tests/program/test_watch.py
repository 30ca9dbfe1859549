"""What watches each stack: every alarm is on a resource of this stack, tells somebody, and says what to do first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from declaration import Declaration, Resource
from documents.watch_table import WATCHES
from tests.declared import BEATING, KEPT, LEAST, declare

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
THEIRS = {"name": "SuspendedTables", "namespace": "another-stack", "value": "1"}
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
TOPIC = "aws:sns/topic:Topic"
SUBSCRIPTION = "aws:rds/eventSubscription:EventSubscription"

INSTANCE, TASK = {"ReplicationInstanceIdentifier"}, {"ReplicationInstanceIdentifier", "ReplicationTaskIdentifier"}
SCHEDULES = {"ScheduleGroup"}
CONFIG, STREAM, DELIVERY = {"ReplicationConfigIdentifier"}, {"StreamName"}, {"DeliveryStreamName"}
OF_AWS: Mapping[tuple[str, str], list[set[str]]] = {
    ("AWS/RDS", "SumBinaryLogSize"): [{"DBClusterIdentifier", "Role"}, {"DBInstanceIdentifier"}],
    ("AWS/DMS", "CDCLatencySource"): [TASK, CONFIG],
    ("AWS/DMS", "CDCLatencyTarget"): [TASK, CONFIG],
    ("AWS/DMS", "FreeStorageSpace"): [INSTANCE],
    ("AWS/DMS", "FreeableMemory"): [INSTANCE],
    ("AWS/DMS", "SwapUsage"): [INSTANCE],
    ("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds"): [STREAM],
    ("AWS/Kinesis", "WriteProvisionedThroughputExceeded"): [STREAM],
    ("AWS/Firehose", "KinesisMillisBehindLatest"): [DELIVERY],
    ("AWS/Firehose", "DeliveryToS3.DataFreshness"): [DELIVERY],
    ("AWS/Firehose", "DeliveryToS3.Success"): [DELIVERY],
    ("AWS/Scheduler", "InvocationAttemptCount"): [SCHEDULES],
    ("AWS/Scheduler", "InvocationDroppedCount"): [SCHEDULES],
    ("AWS/Firehose", "DeliveryToS3.Records"): [DELIVERY],
    ("AWS/Firehose", "PartitionCount"): [DELIVERY],
    ("AWS/Firehose", "PartitionCountExceeded"): [DELIVERY],
    ("AWS/States", "ExecutionsFailed"): [{"StateMachineArn"}],
    ("AWS/States", "ExecutionsTimedOut"): [{"StateMachineArn"}],
    ("AWS/States", "ExecutionsSucceeded"): [{"StateMachineArn"}],
}
"""Metrics of AWS and the sets of dimensions that they come with, written a second time beside the table: a name that
AWS does not know is an alarm that never fires."""
SUSPENDING: Mapping[str, object] = {
    **LEAST,
    "onTableError": "suspend",
    "alarmEmails": ["first@example.com", "data-team@example.com"],
}
STACKS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "dev": ("dev", {}),
    "prod": ("prod", {}),
    "masked": ("masked", {}),
    "an existing database": ("dev", LEAST),
    "serverless": ("dev", {"replicationMode": "serverless"}),
    "suspended tables": ("dev", SUSPENDING),
    "a heartbeat": ("dev", BEATING),
    "tables": ("dev", KEPT),
    "folders per table": ("dev", {"partitionByTable": True, "bufferSizeMb": 64}),
}


@pytest.fixture(scope="module", params=STACKS.values(), ids=list(STACKS))
def watched(request: pytest.FixtureRequest) -> Declaration:
    name, config = request.param
    return declare(name, config=config)


def measured(alarm: Resource) -> Mapping[str, Any]:
    """Namespace, metric, dimensions and statistic of an alarm, whatever its form."""
    for query in alarm.inputs.get("metricQueries", ()):
        if "metric" in query:
            return {**query["metric"], "statistic": query["metric"]["stat"]}
    return alarm.inputs


def names(declared: Declaration) -> set[str]:
    """What resources of the stack are called in metrics: the end of an ARN, a name or an identifier."""
    found = {text for it in declared.resources for text in it.outputs.values() if isinstance(text, str)}
    return found | {text.split(":")[-1] for text in found if text.startswith("arn:")}


def own_metrics(declared: Declaration) -> set[tuple[str, str]]:
    """Metrics that the stack makes itself, of its logs."""
    made = [it.inputs["metricTransformation"] for it in declared.all(FILTER)]
    return {(it["namespace"], it["name"]) for it in made}


def faults(declared: Declaration) -> Iterator[str]:
    """What is wrong with the alarms of a stack: the alarm's name, and what."""
    seen: dict[str, str] = {}
    texts = [watch.first for watch in WATCHES]
    topics = {it.outputs["arn"] for it in declared.all(TOPIC)}
    for alarm in declared.all(ALARM):
        what = measured(alarm)
        metric, dimensions = (what["namespace"], what["metricName"]), dict(what.get("dimensions", {}))
        if metric not in own_metrics(declared):
            if set(dimensions) not in OF_AWS.get(metric, [set(dimensions)]) or not dimensions:
                yield f"{alarm.name}: dimensions"
            if metric not in OF_AWS:
                yield f"{alarm.name}: metric"
            if not {value for key, value in dimensions.items() if key != "Role"} <= names(declared):
                yield f"{alarm.name}: foreign"
        if not set(alarm.inputs.get("alarmActions", ())) & topics or alarm.inputs.get("actionsEnabled") is False:
            yield f"{alarm.name}: actions"
        if not any(alarm.inputs["alarmDescription"].startswith(text) for text in texts):
            yield f"{alarm.name}: first"
        said = json.dumps([metric, dimensions, what["statistic"], alarm.inputs.get("threshold")], sort_keys=True)
        if said in seen:
            yield f"{alarm.name}: says what {seen[said]} says"
        seen[said] = alarm.name


def test_every_alarm_of_every_stack_is_right(watched: Declaration):
    assert len(watched.all(ALARM)) > 7
    assert list(faults(watched)) == []


def with_fault(declared: Declaration, name: str, **changes: Any) -> Declaration:
    """The stack with other inputs of one resource; None takes an input away."""
    found = next(it for it in declared.resources if it.name == name)
    inputs = {key: value for key, value in {**found.inputs, **changes}.items() if value is not None}
    others = tuple(replace(it, inputs=inputs) if it is found else it for it in declared.resources)
    return replace(declared, resources=others)


FRESHNESS, FOREIGN = "watch-delivery-freshness", {"DeliveryStreamName": "somebody-elses"}
PLANTED: Mapping[str, tuple[dict[str, Any], str]] = {
    "no dimension": ({"dimensions": None}, "dimensions"),
    "one dimension of two": ({"dimensions": {"StreamName": "lake-stream"}}, "dimensions"),
    "a foreign resource": ({"dimensions": FOREIGN}, "foreign"),
    "a misspelt metric": ({"metricName": "DeliveryToS3.Freshness"}, "metric"),
    "a misspelt namespace": ({"namespace": "AWS/KinesisFirehose"}, "metric"),
    "no action": ({"alarmActions": None}, "actions"),
    "an action of another kind": ({"alarmActions": ["arn:aws:automate:eu-central-1:ec2:stop"]}, "actions"),
    "actions that are off": ({"actionsEnabled": False}, "actions"),
    "a description of the state": ({"alarmDescription": "Freshness is bad."}, "first"),
}


@pytest.mark.parametrize(("changes", "fault"), PLANTED.values(), ids=PLANTED)
def test_a_planted_fault_is_found(dev: Declaration, changes: dict[str, Any], fault: str):
    assert f"{FRESHNESS}: {fault}" in list(faults(with_fault(dev, FRESHNESS, **changes)))


def test_two_alarms_that_say_the_same_are_found(dev: Declaration):
    critical = dev.one(ALARM, "watch-stream-age-critical")
    twice = with_fault(dev, "watch-stream-age", threshold=critical.inputs["threshold"])
    assert list(faults(twice)) == ["watch-stream-age-critical: says what watch-stream-age says"]


def test_each_hop_has_its_alarms(dev: Declaration):
    assert {it.name.removeprefix("watch-") for it in dev.all(ALARM)} == {
        "binlog-size", "latency-source", "latency-target", "instance-storage", "instance-memory", "instance-swap",
        "stream-age", "stream-age-critical", "stream-throttles", "delivery-behind", "delivery-freshness",
        "delivery-success",
    }  # fmt: skip


def test_a_task_is_named_by_the_end_of_its_arn(dev: Declaration):
    task = dev.one("aws:dms/replicationTask:ReplicationTask")
    assert dev.one(ALARM, "watch-latency-source").inputs["dimensions"] == {
        "ReplicationInstanceIdentifier": "cdc-lake-dev",
        "ReplicationTaskIdentifier": task.outputs["replicationTaskArn"].split(":")[-1],
    }


def test_a_beat_that_fails_is_told_of_this_stacks_schedules_alone():
    declared = declare("dev", config=BEATING)
    group = declared.one("aws:scheduler/scheduleGroup:ScheduleGroup").outputs["name"]
    alarms = {it.name: it for it in declared.all(ALARM) if it.inputs.get("namespace") == "AWS/Scheduler"}
    assert {name: it.inputs["dimensions"] for name, it in alarms.items()} == {
        "watch-heartbeat-silent": {"ScheduleGroup": group},
        "watch-heartbeat-dropped": {"ScheduleGroup": group},
    }
    assert declared.exports["heartbeatGroup"] == group
    foreign = with_fault(declared, "watch-heartbeat-dropped", dimensions={"ScheduleGroup": "default"})
    assert list(faults(foreign)) == ["watch-heartbeat-dropped: foreign"]


def test_a_suspended_table_is_told():
    declared = declare("dev", config=SUSPENDING)
    alarm, counts = declared.one(ALARM, "watch-suspended-tables"), declared.one(FILTER)
    assert counts.inputs["logGroupName"] == declared.one(LOG_GROUP, "replication-task-log").outputs["name"]
    assert counts.inputs["metricTransformation"] == {
        "name": alarm.inputs["metricName"], "namespace": alarm.inputs["namespace"], "value": "1",
    }  # fmt: skip
    task = declared.one("aws:dms/replicationTask:ReplicationTask")
    errors = json.loads(task.inputs["replicationTaskSettings"])["ErrorBehavior"]
    assert {errors[f"{it}Policy"] for it in ("DataError", "DataTruncationError", "TableError")} == {"SUSPEND_TABLE"}
    assert f"{alarm.name}: dimensions" in list(faults(with_fault(declared, counts.name, metricTransformation=THEIRS)))


def test_a_stack_without_a_database_or_an_instance_has_no_alarm_on_one(watched: Declaration):
    there = {it.type for it in watched.resources}
    namespaces = {measured(it)["namespace"] for it in watched.all(ALARM)}
    instances = {it.name for it in watched.all(ALARM) if it.name.startswith("watch-instance-")}
    assert ("AWS/RDS" in namespaces) == ("aws:rds/cluster:Cluster" in there)
    assert bool(instances) == ("aws:dms/replicationInstance:ReplicationInstance" in there)


def events(declared: Declaration) -> dict[str, dict[str, Any]]:
    """The patterns of the rules by name, without those that tell nobody."""
    told = {it.inputs["rule"] for it in declared.all(TARGET) if it.inputs["arn"] in topics(declared)}
    return {
        it.name.removeprefix("watch-"): json.loads(it.inputs["eventPattern"])
        for it in declared.all(RULE)
        if it.outputs["name"] in told
    }


def topics(declared: Declaration) -> set[str]:
    return {it.outputs["arn"] for it in declared.all(TOPIC)}


DETAIL_TYPES = {
    "aws.dms": {"DMS Replication Task State Change", "DMS Replication State Change",
                "DMS Replication Instance State Change", "DMS Replication Instance Storage State Change",
                "DMS Replication Instance Failover State"},
    "aws.s3": {"Object Created"},
}  # fmt: skip
"""https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-dms.html and …/events-ref-s3.html"""


def test_every_rule_tells_the_topic_of_this_stacks_resources_alone(watched: Declaration):
    found = events(watched)
    assert len(found) == len(watched.all(RULE)) == len(watched.all(TARGET))
    for name, pattern in found.items():
        (source,) = pattern["source"]
        assert set(pattern["detail-type"]) <= DETAIL_TYPES[source], name
        named = pattern.get("resources") or pattern["detail"]["bucket"]["name"]
        assert set(named) <= names(watched), name


def test_a_task_and_its_instance_tell_what_they_do(dev: Declaration):
    task, instance = events(dev)["task-events"], events(dev)["instance-events"]
    assert task["resources"] == [dev.exports["taskArn"]]
    assert {"DMS-EVENT-0078", "DMS-EVENT-0079", "DMS-EVENT-0091", "DMS-EVENT-0092"} <= set(task["detail"]["eventId"])
    assert instance["resources"] == [
        dev.one("aws:dms/replicationInstance:ReplicationInstance").outputs["replicationInstanceArn"]
    ]
    serverless = declare("dev", config={"replicationMode": "serverless"})
    assert set(events(serverless)) == {"serverless-events", "error-objects"}
    assert events(serverless)["serverless-events"]["resources"] == [serverless.exports["taskArn"]]


def test_an_object_below_the_error_prefix_is_told(dev: Declaration):
    bucket = dev.exports["lakeBucket"]
    assert events(dev)["error-objects"]["detail"] == {
        "bucket": {"name": [bucket]},
        "object": {"key": [{"prefix": f"{dev.exports['errorPrefix']}/"}]},
    }
    sends = dev.one("aws:s3/bucketNotification:BucketNotification").inputs
    assert (sends["bucket"], sends["eventbridge"]) == (bucket, True), "a bucket sends its events when it is told to"


def test_the_database_tells_what_four_controls_ask_for(dev: Declaration):
    told = {it.inputs["sourceType"]: set(it.inputs["eventCategories"]) for it in dev.all(SUBSCRIPTION)}
    assert told["db-cluster"] >= {"maintenance", "failure", "failover"}, "RDS.19"
    assert told["db-instance"] >= {"maintenance", "configuration change", "failure"}, "RDS.20"
    assert told["db-parameter-group"] >= {"configuration change"}, "RDS.21"
    assert told["db-security-group"] >= {"configuration change", "failure"}, "RDS.22"
    sources = {it.inputs["sourceType"]: it.inputs.get("sourceIds") for it in dev.all(SUBSCRIPTION)}
    cluster, instance = dev.one("aws:rds/cluster:Cluster"), dev.one("aws:rds/clusterInstance:ClusterInstance")
    assert sources["db-cluster"] == [cluster.outputs["clusterIdentifier"]]
    assert sources["db-instance"] == [instance.outputs["identifier"]]
    assert {it.inputs["snsTopic"] for it in dev.all(SUBSCRIPTION)} == topics(dev)


def test_the_topic_is_encrypted_and_three_services_publish(dev: Declaration):
    topic = dev.one(TOPIC)
    assert topic.inputs["kmsMasterKeyId"] == dev.one("aws:kms/key:Key").outputs["arn"]
    document = json.loads(dev.one("aws:sns/topicPolicy:TopicPolicy").inputs["policy"])
    own = {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    assert {it["Principal"]["Service"]: it.get("Condition") for it in document["Statement"]} == {
        "cloudwatch.amazonaws.com": own,
        "events.rds.amazonaws.com": own,
        "events.amazonaws.com": None,
    }, "EventBridge delivers nothing where there is a condition"
    assert {(*it["Action"], it["Resource"]) for it in document["Statement"]} == {("sns:Publish", topic.outputs["arn"])}


def test_each_address_is_subscribed(dev: Declaration):
    (subscribed,) = dev.all("aws:sns/topicSubscription:TopicSubscription")
    assert (subscribed.inputs["protocol"], subscribed.inputs["endpoint"]) == ("email", "data-team@example.com")


def test_who_stays_in_the_list_need_not_confirm_again(dev: Declaration):
    declared = declare("dev", config=SUSPENDING)
    kind = "aws:sns/topicSubscription:TopicSubscription"
    both = {it.inputs["endpoint"]: it.urn for it in declared.all(kind)}
    assert both["data-team@example.com"] == dev.one(kind).urn
    assert len(set(both.values())) == 2


def test_a_topic_of_the_users_own_is_told_and_no_other_is_made():
    own = "arn:aws:sns:eu-central-1:111122223333:alarms"
    declared = declare("dev", config={**LEAST, "alarmEmails": [], "alarmTopicArn": own})
    assert declared.all(TOPIC) == ()
    assert {arn for it in declared.all(ALARM) for arn in it.inputs["alarmActions"]} == {own}
    assert {it.inputs["arn"] for it in declared.all(TARGET)} == {own}
    assert "Publish" not in declared.one("aws:kms/key:Key").inputs["policy"], "nobody publishes under the stack's key"
    assert declared.warnings == ()


def test_a_mail_begins_with_what_to_do(watched: Declaration):
    for target in watched.all(TARGET):
        template = json.loads(target.inputs["inputTransformer"]["inputTemplate"])
        rule = next(it for it in watched.all(RULE) if it.outputs["name"] == target.inputs["rule"])
        assert template.startswith(rule.inputs["description"].split(". ")[0]), target.name
        assert set(target.inputs["inputTransformer"]["inputPaths"]) == {"message", "when"}
        assert "<message>" in template


Check = Callable[[Declaration], None]
CHECKS: list[tuple[str, dict[str, Any], Check]] = [
    ("watch-error-objects-target", {"arn": "arn:aws:sns:eu-central-1:444455556666:theirs"},
     test_every_rule_tells_the_topic_of_this_stacks_resources_alone),
    ("watch-task-events", {"eventPattern": '{"source":["aws.dms"],"detail-type":["DMS Task"],"resources":[]}'},
     test_every_rule_tells_the_topic_of_this_stacks_resources_alone),
    ("watch-cluster-events", {"eventCategories": ["failover"]}, test_the_database_tells_what_four_controls_ask_for),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes", "check"), CHECKS)
def test_a_planted_fault_of_an_event_is_found(dev: Declaration, name: str, changes: dict[str, Any], check: Check):
    with pytest.raises(AssertionError):
        check(with_fault(dev, name, **changes))
