"""What the AWS provider asks of AWS for alarms, events and the topic: the calls for ``tests/interop/calls.py``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from documents import heartbeat
from tests.interop.call_rows import Call, Values, api, one


def _dimensions(inputs: Values) -> Mapping[str, Any]:
    pairs = [{"Name": key, "Value": value} for key, value in inputs.get("dimensions", {}).items()]
    return {"Dimensions": pairs} if pairs else {}


def _query(query: Values) -> Mapping[str, Any]:
    if "metric" not in query:
        return api(query)
    metric = query["metric"]
    named = {**api({key: metric[key] for key in ("namespace", "metricName")}), **_dimensions(metric)}
    stat = {"Metric": named, "Period": metric["period"], "Stat": metric["stat"]}
    return {**api({key: value for key, value in query.items() if key != "metric"}), "MetricStat": stat}


def alarm(inputs: Values, name: str) -> Iterable[Call]:
    given = {key: value for key, value in inputs.items() if key not in ("name", "dimensions", "metricQueries")}
    queries = [_query(it) for it in inputs.get("metricQueries", [])]
    names = {"alarmActions": "AlarmActions", "okActions": "OKActions"}
    names |= {"treatMissingData": "TreatMissingData", "thresholdMetricId": "ThresholdMetricId"}
    params = {"AlarmName": name, **api(given, names), **_dimensions(inputs)}
    yield Call("cloudwatch", "PutMetricAlarm", {**params, **({"Metrics": queries} if queries else {})})


def target(inputs: Values, name: str) -> Iterable[Call]:
    words = inputs["inputTransformer"]
    transformer = {"InputPathsMap": words["inputPaths"], "InputTemplate": words["inputTemplate"]}
    params = {"Id": name, "Arn": inputs["arn"], "InputTransformer": transformer}
    yield Call("events", "PutTargets", {"Rule": inputs["rule"], "Targets": [params]})


def topic(inputs: Values, name: str) -> Iterable[Call]:
    yield Call("sns", "CreateTopic", {"Name": name, "Attributes": {"KmsMasterKeyId": inputs["kmsMasterKeyId"]}})


def topic_policy(inputs: Values, name: str) -> Iterable[Call]:
    policy = {"AttributeName": "Policy", "AttributeValue": inputs["policy"]}
    yield Call("sns", "SetTopicAttributes", {"TopicArn": inputs["arn"], **policy})


def bucket_events(inputs: Values, name: str) -> Iterable[Call]:
    sent: Mapping[str, Any] = {"EventBridgeConfiguration": {}} if inputs["eventbridge"] else {}
    params = {"Bucket": inputs["bucket"], "NotificationConfiguration": sent}
    yield Call("s3", "PutBucketNotificationConfiguration", params)


def metric_filter(inputs: Values, name: str) -> Iterable[Call]:
    made = inputs["metricTransformation"]
    named = {f"metric{key[0].upper()}{key[1:]}": value for key, value in made.items()}
    params = {"logGroupName": inputs["logGroupName"], "filterName": name, "filterPattern": inputs["pattern"]}
    yield Call("logs", "PutMetricFilter", {**params, "metricTransformations": [named]})


def schedule(inputs: Values, name: str) -> Iterable[Call]:
    """And what it asks of AWS each time: a universal target writes the parameters' names with a capital letter."""
    yield Call("scheduler", "CreateSchedule", {"Name": name, **api(inputs)})
    if inputs["target"]["arn"] != heartbeat.TARGET:
        return
    called = json.loads(inputs["target"]["input"])
    yield Call("rds-data", "ExecuteStatement", {key[0].lower() + key[1:]: it for key, it in called.items()})


LOWER = {key: key for key in ("definition", "roleArn", "type")}
"""Inputs of a state machine, which the API of Step Functions does not write with a capital letter."""
CALLS: Mapping[str, Any] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": alarm,
    "aws:cloudwatch/dashboard:Dashboard": one("cloudwatch", "PutDashboard"),
    "aws:cloudwatch/eventRule:EventRule": one("events", "PutRule", "Name"),
    "aws:cloudwatch/eventTarget:EventTarget": target,
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": metric_filter,
    "aws:rds/eventSubscription:EventSubscription": one(
        "rds", "CreateEventSubscription", "SubscriptionName", snsTopic="SnsTopicArn"
    ),
    "aws:s3/bucketNotification:BucketNotification": bucket_events,
    "aws:scheduler/schedule:Schedule": schedule,
    "aws:scheduler/scheduleGroup:ScheduleGroup": one("scheduler", "CreateScheduleGroup", "Name"),
    "aws:sfn/stateMachine:StateMachine": one("stepfunctions", "CreateStateMachine", "name", **LOWER),
    "aws:sns/topic:Topic": topic,
    "aws:sns/topicPolicy:TopicPolicy": topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": one("sns", "Subscribe", topic="TopicArn"),
}
"""What makes a resource of each type that watches."""
