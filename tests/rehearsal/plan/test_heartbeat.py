"""The heartbeat's plan: what is read of a declared schedule, and what of it cannot be played."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from declaration import Declaration, Resource
from documents import heartbeat
from model import PipelineError
from model.plan import HeartbeatPlan
from rehearsal.plan.heartbeat import heartbeat_plan
from tests.declared import BEATING, declare
from tests.rehearsal.plan.test_pipeline import mapped

SCHEDULE = "aws:scheduler/schedule:Schedule"


def beating(**changes: Any) -> Declaration:
    """A stack with a heartbeat; ``changes`` to the target of its schedule, those of the input by name."""

    def change(schedule: Resource) -> Resource:
        target = dict(schedule.inputs["target"])
        called = json.loads(target["input"])
        called.update({key: value for key, value in changes.items() if key[0].isupper()})
        target["input"] = json.dumps(called)
        target.update({key: value for key, value in changes.items() if key[0].islower()})
        return replace(schedule, inputs={**schedule.inputs, "target": target})

    return mapped(declare("dev", config=BEATING), SCHEDULE, change)


def test_it_is_the_statement_of_the_schedule_and_the_user_of_its_secret():
    assert heartbeat_plan(beating()) == HeartbeatPlan(username=heartbeat.USER, statement=heartbeat.BEAT)


def test_without_a_schedule_there_is_none(dev: Declaration):
    assert heartbeat_plan(dev) is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage"}, "only arn:aws:scheduler:::aws-sdk:rdsdata"),
        ({"ResourceArn": "arn:aws:rds:eu-central-1:111122223333:cluster:other"}, "no cluster of this program"),
        ({"SecretArn": "arn:other"}, "its secret is 'arn:other', which is no "),
        ({"Sql": ""}, "its input has no Sql"),
        ({"input": "beat"}, "no JSON object"),
        ({"input": None}, "no JSON object"),
        ({"input": "[]"}, "no JSON object"),
    ],
)
def test_what_aws_could_not_do_is_named(changes: dict[str, Any], why: str):
    with pytest.raises(PipelineError, match=f"heartbeat-schedule: .*{why}"):
        heartbeat_plan(beating(**changes))


def test_two_schedules_are_one_too_many():
    declared = beating()
    twice = replace(declared, resources=(*declared.resources, declared.one(SCHEDULE)))
    with pytest.raises(PipelineError, match=r"expected one .*, found 2"):
        heartbeat_plan(twice)
