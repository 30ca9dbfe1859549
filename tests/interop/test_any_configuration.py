"""Whatever a stack file says, it is taken or refused; and what is taken, AWS takes.

``configurations.py`` says how to draw more of them.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from pulumi import RunError

import declaration
from configuration.settings import Settings, SettingsError
from configuration.watched import watched
from declaration import Declaration
from documents.watch_alarms import alarms
from tests.configuration.loading import loaded
from tests.declared import BEATING, declare
from tests.interop.botocore_models import refusals
from tests.interop.calls import Call, calls
from tests.interop.configurations import Changes, anything, examples, right


@examples(120)
@given(anything())
def test_any_configuration_gives_settings_or_a_refusal(changes: Changes):
    try:
        settings = loaded(changes)
    except SettingsError as refused:
        head, *lines = str(refused).split("\n")
        assert head.startswith("Pulumi.dev.yaml: ")
        assert lines
        for line in lines:
            assert ". Remedy: " in line, line
        str(refused).encode()
        event("refused")
    else:
        assert isinstance(settings, Settings)
        repr(settings).encode()
        event("taken")


@examples(4)
@given(anything())
def test_any_configuration_gives_a_graph_or_a_refusal(changes: Changes):
    try:
        declared = declaration.declare("dev", config=changes)
    except RunError:
        event("refused")
    else:
        event("declared")
        json.dumps(declared.as_json()).encode()


@examples(20)
@given(right(), st.integers(min_value=1, max_value=480), st.floats(min_value=0, max_value=1))
def test_values_of_alarms_follow_the_promise_of_any_stack(changes: Changes, minutes: int, share: float):
    interval = min(int(share * minutes * 60), minutes * 60 - 1, 900)
    promise = {"freshnessMinutes": minutes, "bufferIntervalSeconds": interval, "partitionByTable": False}
    promise["heartbeatMinutes"] = min(changes.get("heartbeatMinutes", 0), minutes)
    settings = loaded({**changes, **promise})
    found = alarms(watched(settings))
    for alarm in found:
        if "promise" in alarm.watch.threshold:
            assert alarm.value == minutes * (60_000 if alarm.watch.threshold.endswith("milliseconds") else 60)
        if alarm.watch.threshold == "what the buffer leaves":
            assert 0 < alarm.value == minutes * 60 - interval
    values = {it.watch.name: it.value for it in found}
    assert 3 * values["stream-age"] / 2 <= values["stream-age-critical"], "the second alarm is the later one"
    said = {(it.namespace, it.watch.metric, it.watch.dimensions, it.value) for it in found}
    assert len(said) == len(found), "no two alarms say the same"


@examples(4)
@given(right())
def test_aws_takes_what_is_declared(changes: Changes):
    """What provider and program send is right by the models of the services; where names clash, it is refused."""
    try:
        declared = declaration.declare("dev", config=changes)
    except RunError:
        event("refused")
        return
    event("declared")
    assert isinstance(declared, Declaration)
    assert [(name, why) for name, call in calls(declared) for why in refusals(call)] == []


def test_aws_takes_a_heartbeat():
    there = [call for _, call in calls(declare("dev", config=BEATING)) if call.service in ("scheduler", "rds-data")]
    assert [call.operation for call in there if call.service == "scheduler"] == [
        "CreateScheduleGroup",
        "CreateSchedule",
    ]
    assert [why for call in there for why in refusals(call)] == []


@pytest.mark.parametrize(
    ("service", "operation", "params", "why"),
    [
        ("kinesis", "IncreaseStreamRetentionPeriod", {"StreamName": "s", "RetentionPeriodHours": "24"}, "Invalid type"),
        ("kinesis", "CreateStream", {"StreamName": "s", "Shards": 1}, "Unknown parameter"),
        ("kinesis", "CreateStream", {"StreamName": "s" * 129}, ".StreamName: 129 is not 1 to 128"),
        ("kinesis", "CreateStream", {"StreamName": "a stream"}, ".StreamName: 'a stream' is not"),
        ("kinesis", "CreateStream", {"StreamName": "s", "StreamModeDetails": {"StreamMode": "x"}}, "'x' is none of"),
        ("kinesis", "CreateStream", {"StreamName": "s", "ShardCount": 2**31}, "has more than 32 bits"),
        ("athena", "CreateNamedQuery", {"Name": "n" * 129, "Database": "d", "QueryString": "q"}, "not 1 to 128"),
        ("dms", "ImportCertificate", {"CertificateIdentifier": "my_project-dev"}, "'my_project-dev' is not"),
    ],
)
def test_a_call_that_a_model_refuses_is_seen(service: str, operation: str, params: dict[str, Any], why: str):
    (refusal,) = refusals(Call(service, operation, params))
    assert why in refusal
