"""A task that stopped: resumed where the binlog has its place, else told what is lost and offered a load."""

from __future__ import annotations

import json
from typing import Any

import pytest

from model import PipelineError
from operations.commands import resume
from tests.operations.dms import FILE, Dms, SqlSource, at_work, checkpoint
from tests.operations.stacks import outputs

STACK = outputs()


pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def dms() -> Dms:
    dms = Dms()
    dms.add(STACK.task_arn, "failed", RecoveryCheckpoint=checkpoint(7, 500), LastFailureMessage="instance\n storage")
    return dms


def run(dms: Dms, sql: SqlSource | None = None, stack: Any = STACK, **options: Any) -> tuple[int, str]:
    work, told = at_work(dms, sql or SqlSource(), stack, **{"reload": False, **options})
    return resume.run(work), told.getvalue()


def test_a_failed_task_goes_on_from_its_checkpoint(dms: Dms, capsys: pytest.CaptureFixture[str]):
    code, told = run(dms, json=True)
    assert code == 0
    assert "is failed: instance storage" in told, "why it failed, on one line"
    assert f"goes on from {FILE(7)}:500" in told
    assert dms.tasks[STACK.task_arn]["started"] == "resume-processing"
    assert json.loads(capsys.readouterr().out)["well"]


@pytest.mark.parametrize(
    ("place", "lost"),
    [
        (checkpoint(6, 500), f"lost to a task that goes on: every change between {FILE(6)}:401 and {FILE(7)}:4"),
        (checkpoint(9, 500), "which these are nobody can tell"),
        (checkpoint(8, 2000), "another log's file"),
    ],
)
def test_a_place_that_the_binlog_does_not_have_is_told_and_nothing_is_started(dms: Dms, place: str, lost: str):
    dms.tasks[STACK.task_arn]["RecoveryCheckpoint"] = place
    code, told = run(dms)
    assert code == 1
    assert lost in told
    assert "python -m operations resume --reload --stack dev" in told
    assert set(dms.called) == {"describe_replication_tasks"}, "a task that went on would skip it without a word"


def test_the_offered_load_is_made(dms: Dms):
    code, told = run(dms, reload=True)
    assert (code, dms.tasks[STACK.task_arn]["started"]) == (0, "reload-target")
    assert "loads every table again" in told


def test_a_task_that_fails_again_is_found(dms: Dms):
    dms.ends["full-load-and-cdc"] = "failed"
    code, told = run(dms)
    assert (code, "is failed again: the source is gone" in told) == (1, True)


def test_a_task_that_runs_is_well(dms: Dms):
    dms.tasks[STACK.task_arn]["Status"] = "running"
    assert run(dms)[0] == 0
    with pytest.raises(PipelineError, match="only from a stopped one"):
        run(dms, reload=True)


@pytest.mark.parametrize(
    ("status", "why"), [("ready", "it never ran. Set startTask to true"), ("modifying", "wait until that is over")]
)
def test_a_task_in_another_state_is_a_refusal(dms: Dms, status: str, why: str):
    dms.tasks[STACK.task_arn]["Status"] = status
    with pytest.raises(PipelineError, match=why):
        run(dms)


@pytest.mark.parametrize("place", ["", "something else"])
def test_a_task_without_a_place_is_a_refusal_with_the_offer(dms: Dms, place: str):
    dms.tasks[STACK.task_arn]["RecoveryCheckpoint"] = place
    with pytest.raises(PipelineError, match=r"resume --reload --stack dev"):
        run(dms)


def test_a_task_that_does_not_start_ends_the_wait(dms: Dms):
    dms.ends["full-load-and-cdc"] = "starting"
    with pytest.raises(PipelineError, match=r"does not start: nothing moved for 30 minutes"):
        run(dms)


def test_a_task_that_is_not_there_is_told(dms: Dms):
    dms.tasks.clear()
    with pytest.raises(PipelineError, match="is not there: `pulumi refresh`"):
        run(dms)


@pytest.mark.parametrize("call", ["describe_replication_tasks", "start_replication_task"])
def test_a_call_of_dms_that_is_denied_names_the_right(dms: Dms, call: str):
    dms.refuses[call] = "AccessDeniedException"
    name = "".join(word.capitalize() for word in call.split("_"))
    with pytest.raises(PipelineError, match=f"allow dms:{name}"):
        run(dms)


def test_a_source_that_may_not_be_asked_starts_nothing(dms: Dms):
    sql = SqlSource()
    sql.refuses = "AccessDeniedException"
    with pytest.raises(PipelineError, match="rds-data:ExecuteStatement"):
        run(dms, sql)
    assert "start_replication_task" not in dms.called


def test_a_serverless_replication_is_resumed_too(dms: Dms):
    stack = outputs(replicationMode="serverless", taskArn="arn:aws:dms:eu-central-1:1:replication-config:X")
    dms.add(stack.task_arn, "stopped", RecoveryCheckpoint=checkpoint(8, 400))
    del dms.tasks[STACK.task_arn]
    code, told = run(dms, stack=stack)
    assert (code, dms.tasks[stack.task_arn]["started"]) == (0, "resume-processing")
    assert "the replication X is running" in told
