"""The heartbeat, read from a Declaration: the schedule that calls the RDS Data API, the user and the statement."""

from __future__ import annotations

import json
from typing import Any

from declaration import Declaration, Resource
from model import PipelineError
from model.plan import HeartbeatPlan
from rehearsal.plan.inputs import required, username

_SCHEDULE = "aws:scheduler/schedule:Schedule"
_STATE_MACHINE = "aws:sfn/stateMachine:StateMachine"
_CLUSTER = "aws:rds/cluster:Cluster"
_DATA_API = "arn:aws:scheduler:::aws-sdk:rdsdata:executeStatement"


def heartbeat_plan(declaration: Declaration) -> HeartbeatPlan | None:
    """What the declared schedule does in the database; None where none is declared but those of state machines.

    Raises PipelineError for one that does something else, or in a database of which this program knows nothing.
    """
    machines = {it.outputs["arn"] for it in declaration.all(_STATE_MACHINE)}
    schedules = [it for it in declaration.all(_SCHEDULE) if required(it, "target").get("arn") not in machines]
    if not schedules:
        return None
    if len(schedules) > 1:
        names = ", ".join(it.name for it in schedules)
        raise PipelineError(f"expected one {_SCHEDULE} at most, found {len(schedules)}: {names}")
    (schedule,) = schedules
    target = required(schedule, "target")
    if target.get("arn") != _DATA_API:
        raise PipelineError(f"{schedule.name}: its target is {target.get('arn')!r}; only {_DATA_API} can be played")
    called = _input(schedule, target.get("input"))
    clusters = [it.outputs["arn"] for it in declaration.all(_CLUSTER)]
    if called.get("ResourceArn") not in clusters:
        raise PipelineError(
            f"{schedule.name}: it calls {called.get('ResourceArn')!r}, which is no cluster of this program"
        )
    if not called.get("Sql"):
        raise PipelineError(f"{schedule.name}: its input has no Sql, and the RDS Data API requires it")
    return HeartbeatPlan(username=username(declaration, schedule, called.get("SecretArn", "")), statement=called["Sql"])


def _input(schedule: Resource, text: Any) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise PipelineError(f"{schedule.name}: the input of its target is no JSON object, and AWS refuses that")
    return found
