"""A window that a second task writes again: the stack's task stands still, what was made is gone at the end."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from model import PipelineError
from operations import journal
from operations.commands import replay, resume
from operations.health.part import Part
from operations.health.task import _check_replay
from tests.operations.dms import FILE, Dms, SqlSource, at_work, checkpoint
from tests.operations.stacks import outputs

STACK = outputs()
BEGIN, STANDS, END = f"{FILE(7)}:120", checkpoint(8, 400), checkpoint(8, 500)
COUNTS = [
    {"SchemaName": "shop", "TableName": "orders", "Inserts": 3, "Updates": 4, "Deletes": 1},
    {"SchemaName": "shop", "TableName": "seats", "Inserts": 0, "Updates": 0, "Deletes": 0},
]


pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def dms() -> Dms:
    dms = Dms()
    dms.add(STACK.task_arn, "running", RecoveryCheckpoint=STANDS)
    dms.checkpoints, dms.statistics = [checkpoint(7, 800), checkpoint(8, 499), END], COUNTS
    return dms


def run(dms: Dms, sql: SqlSource | None = None, **options: Any) -> tuple[int, str]:
    work, told = at_work(dms, sql or SqlSource(), STACK, **{"begin": BEGIN, "end": None, **options})
    try:
        return replay.run(work), told.getvalue()
    except BaseException as error:
        error.add_note(told.getvalue())
        raise


def made(dms: Dms) -> list[dict[str, Any]]:
    return [task for task in dms.tasks.values() if task.get("made")]


def left(folder: Path) -> dict[str, Any]:
    (file,) = folder.iterdir()
    return json.loads(file.read_text(encoding="utf-8"))


CHANGES = ("create_replication_task", "start_replication_task", "stop_replication_task", "delete_replication_task")


def test_the_window_is_written_while_the_task_stands_still_and_nothing_is_left(
    dms: Dms, folder: Path, capsys: pytest.CaptureFixture[str]
):
    code, told = run(dms, json=True)
    assert code == 0
    assert [call for call in dms.called if call in CHANGES] == [
        "stop_replication_task",  # the stack's
        "create_replication_task",
        "start_replication_task",
        "stop_replication_task",
        "delete_replication_task",
        "start_replication_task",  # the stack's
    ]
    assert (made(dms), dms.tasks[STACK.task_arn]["Status"]) == ([], "running")
    assert dms.tasks[STACK.task_arn]["started"] == "resume-processing"
    assert f"8 changes of 1 tables were written again, from {BEGIN} to {FILE(8)}:500" in told
    assert json.loads(capsys.readouterr().out)["tables"] == {"shop.orders": 8}
    assert list(folder.iterdir()) == [], "the journal too"


def test_the_second_task_is_as_the_first_but_for_its_beginning(dms: Dms):
    seen: list[dict[str, Any]] = []
    create = dms._create_replication_task
    dms.__dict__["_create_replication_task"] = lambda asked: seen.append(asked) or create(asked)
    run(dms)
    (asked,) = seen
    main = dms.tasks[STACK.task_arn]
    for name in ("TableMappings", "SourceEndpointArn", "TargetEndpointArn", "ReplicationInstanceArn"):
        assert asked[name] == main[name]
    assert (asked["MigrationType"], asked["CdcStartPosition"]) == ("cdc", BEGIN)
    assert json.loads(asked["ReplicationTaskSettings"]) == {"Logging": {"EnableLogging": True}, "Mine": 1}


@pytest.mark.parametrize("status", ["stopped", "failed"])
def test_a_task_that_did_not_run_is_left_as_it_was(dms: Dms, status: str):
    dms.tasks[STACK.task_arn]["Status"] = status
    assert run(dms)[0] == 0
    assert dms.tasks[STACK.task_arn]["Status"] == status


def test_a_checkpoint_and_a_time_begin_a_window_too(dms: Dms):
    for begin in (checkpoint(7, 300), "2026-11-28T22:00:00+00:00"):
        dms.checkpoints = [END]
        assert run(dms, begin=begin)[0] == 0


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"begin": "yesterday"}, "neither a position"),
        ({"begin": "2026-11-28T22:00:00"}, "say in which zone"),
        ({"begin": "2026-11-20T22:00:00Z"}, "not within the last 72 hours"),
        ({"begin": f"{FILE(6)}:4"}, f"was purged. Begin where it does, at {FILE(7)}:4 or later"),
        ({"begin": f"{FILE(8)}:400"}, "nothing to write again"),
        ({"end": "2026-11-29T22:00:00Z"}, "A time is not taken"),
    ],
)
def test_a_window_that_is_none_is_refused_before_anything_is_stopped(dms: Dms, options: Any, why: str, folder: Path):
    with pytest.raises(PipelineError, match=why):
        run(dms, **options)
    assert not set(dms.called) & set(CHANGES)
    assert list(folder.iterdir()) == []


def test_a_window_that_ends_before_the_task_is_refused_and_the_task_runs_again(dms: Dms, folder: Path):
    with pytest.raises(PipelineError, match="would go back to what it was before"):
        run(dms, end=f"{FILE(8)}:399")
    assert (made(dms), dms.tasks[STACK.task_arn]["Status"]) == ([], "running")
    assert "create_replication_task" not in dms.called
    assert list(folder.iterdir()) == []


def test_a_window_may_end_where_the_task_goes_on(dms: Dms):
    dms.checkpoints = [STANDS]
    code, told = run(dms, end=f"{FILE(8)}:400")
    assert (code, f"from {BEGIN} to {FILE(8)}:400" in told) == (0, True)


def test_a_task_without_a_checkpoint_allows_no_end_but_the_log_s(dms: Dms):
    dms.tasks[STACK.task_arn]["RecoveryCheckpoint"] = ""
    with pytest.raises(PipelineError, match="has no checkpoint that this program can read"):
        run(dms, end=f"{FILE(8)}:499")
    assert run(dms)[0] == 0


def test_a_time_without_a_known_retention_is_refused(dms: Dms):
    with pytest.raises(PipelineError, match="give a position of SHOW BINARY LOGS"):
        run(dms, SqlSource(hours=""), begin="2026-11-28T22:00:00Z")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"Status": "modifying"}, "is modifying: wait"),
        ({"ReplicationTaskStats": {"TablesLoading": 1, "TablesQueued": 2}}, "loads 3 tables"),
    ],
)
def test_a_task_that_follows_nothing_is_a_refusal(dms: Dms, change: dict[str, Any], why: str):
    dms.tasks[STACK.task_arn].update(change)
    with pytest.raises(PipelineError, match=why):
        run(dms)


def test_a_serverless_replication_has_no_chosen_place(dms: Dms):
    work, _ = at_work(dms, SqlSource(), outputs(replicationMode="serverless"), begin=BEGIN, end=None)
    with pytest.raises(PipelineError, match="no serverless replication at a chosen place"):
        replay.run(work)


def test_a_replay_that_fails_is_removed_the_task_runs_and_the_window_is_told_unfinished(dms: Dms, folder: Path):
    dms.ends["cdc"] = "failed"
    with pytest.raises(PipelineError, match=f"is failed at None, before {FILE(8)}:500: the source is gone") as failed:
        run(dms)
    assert (made(dms), dms.tasks[STACK.task_arn]["Status"]) == ([], "running")
    assert left(folder)["unfinished"]
    assert f"replay --from '{BEGIN}' --stack dev" in failed.value.__notes__[0]


def test_a_replay_that_does_not_move_ends_the_wait(dms: Dms):
    dms.checkpoints = [checkpoint(7, 800)]
    with pytest.raises(PipelineError, match=r"any captured change moves it on\): nothing moved for 30 minutes"):
        run(dms)
    assert made(dms) == []


def at_call(dms: Dms, number: int, error: BaseException) -> None:
    """Raise ``error`` at the call of DMS with this number, once."""
    call, count = dms._call, iter(range(1000))

    def interrupted(operation: str, asked: dict[str, Any]) -> Any:
        if next(count) == number:
            raise error
        return call(operation, asked)

    dms.__dict__["_call"] = interrupted


def calls_of_a_replay() -> list[str]:
    dms = Dms()
    dms.add(STACK.task_arn, "running", RecoveryCheckpoint=STANDS)
    dms.checkpoints = [checkpoint(7, 800), END]
    run(dms)
    return dms.called


def test_ctrl_c_at_any_call_leaves_no_task_and_lets_the_stacks_go_on(folder: Path):
    calls = calls_of_a_replay()
    last = calls.index("describe_table_statistics")
    assert last > 10
    for number in range(len(calls)):
        dms = Dms()
        dms.add(STACK.task_arn, "running", RecoveryCheckpoint=STANDS)
        dms.checkpoints = [checkpoint(7, 800), END]
        at_call(dms, number, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt) as stopped:
            run(dms)
        if number > last:  # it was cleaning already
            assert "resume --stack dev takes care of both" in stopped.value.__notes__[0]
            work, _ = at_work(dms, SqlSource(), STACK, reload=False)
            resume.run(work)
        assert (made(dms), dms.tasks[STACK.task_arn]["Status"]) == ([], "running"), f"interrupted at call {number}"
        wrote = calls.index("start_replication_task") <= number <= last
        assert [left(folder)["unfinished"] for _ in folder.iterdir()] == [True] * wrote, (
            "what is not mended alone stays"
        )
        for file in folder.iterdir():
            file.unlink()


class KilledError(BaseException):
    """The process is gone: nothing after it runs."""


@pytest.fixture
def dies(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """The command is killed: it cleans nothing, and its process is not there any more."""

    def dies() -> Any:
        clean = journal.clean
        monkeypatch.setattr(journal, "clean", lambda operation, mine=False: None)
        monkeypatch.setattr(os, "getpid", lambda: 2**22 + 1)  # above the largest of Linux
        return clean

    return dies


def test_the_next_command_cleans_after_a_replay_that_was_killed_and_says_so(
    dies: Callable[[], Any], folder: Path, monkeypatch: pytest.MonkeyPatch
):
    clean = dies()
    for number in range(1, 12):
        dms = Dms()
        dms.add(STACK.task_arn, "running", RecoveryCheckpoint=STANDS)
        dms.checkpoints = [checkpoint(7, 800)] * 20 + [END]
        at_call(dms, number, KilledError())
        with pytest.raises(KilledError):
            run(dms)
        dms.__dict__.pop("_call")
        with monkeypatch.context() as alive:
            alive.setattr(journal, "clean", clean)
            work, told = at_work(dms, SqlSource(), STACK, reload=False)
            resume.run(work)
        assert (made(dms), dms.tasks[STACK.task_arn]["Status"]) == ([], "running"), f"killed at call {number}"
        if "create_replication_task" in dms.called:
            assert "removing cdc-lake-dev-replay-" in told.getvalue()
        for file in folder.iterdir():
            assert left(folder)["unfinished"]
            file.unlink()


GONE = 2**22 + 1
"""A process that is not there: above the largest of Linux."""


def test_what_a_killed_replay_has_stopped_does_not_go_on_over_a_gap_in_the_binlog(dms: Dms, folder: Path):
    """Days may lie between the kill and the next command."""
    for reload, started, code in ((False, None, 1), (True, "reload-target", 0)):
        dms.tasks[STACK.task_arn].update(Status="stopped", RecoveryCheckpoint=checkpoint(6, 500))
        journal.save(STACK, journal.Left(begin=BEGIN, restart=True, process=GONE))
        work, told = at_work(dms, SqlSource(), STACK, reload=reload)
        assert resume.run(work) == code
        assert dms.tasks[STACK.task_arn].get("started") == started, "it would skip what was purged, without a word"
        assert f"would skip every change between {FILE(6)}:401 and {FILE(7)}:4" in told.getvalue()
        assert list(folder.iterdir()) == []


def test_what_a_killed_replay_has_stopped_without_a_place_stands_still(dms: Dms):
    dms.tasks[STACK.task_arn].update(Status="stopped", RecoveryCheckpoint="")
    journal.save(STACK, journal.Left(begin=BEGIN, restart=True, process=GONE))
    work, told = at_work(dms, SqlSource(), STACK, reload=False)
    with pytest.raises(PipelineError, match=r"resume --reload --stack dev"):
        resume.run(work)
    assert "nobody knows its place" in told.getvalue()
    assert "started" not in dms.tasks[STACK.task_arn]


def test_a_replay_of_another_machine_lets_nobody_write_beside_it(dms: Dms, folder: Path):
    dms.add("arn:other", "running", ReplicationTaskIdentifier="cdc-lake-dev-replay-0a1b2c3d")
    dms.tasks[STACK.task_arn]["Status"] = "stopped"
    work, _ = at_work(dms, SqlSource(), STACK, reload=False)
    for start in (lambda: run(dms), lambda: resume.run(work)):
        with pytest.raises(PipelineError, match="cdc-lake-dev-replay-0a1b2c3d, the task of a replay, is running"):
            start()
    assert not set(dms.called) & set(CHANGES)
    assert list(folder.iterdir()) == []


def test_of_two_replays_that_begin_at_once_one_is_refused(dms: Dms, folder: Path, monkeypatch: pytest.MonkeyPatch):
    check = replay.refuse_others

    def slow(*given: Any) -> None:
        check(*given)
        journal.save(STACK, journal.Left(begin=BEGIN, process=os.getppid()))

    monkeypatch.setattr(replay, "refuse_others", slow)
    with pytest.raises(PipelineError, match="another replay has just begun"):
        run(dms)
    assert not set(dms.called) & set(CHANGES)
    assert left(folder)["process"] == os.getppid(), "what the other keeps is not written over"


def test_a_replay_that_nobody_reads_any_more_is_cleaned_all_the_same(dms: Dms):
    work, _ = at_work(dms, SqlSource(), STACK, begin=BEGIN, end=None)
    say = work.console.print

    def deaf(line: str, **given: Any) -> None:
        if "stopping" not in line and not work.console.quiet:
            raise SystemExit(1)  # rich's answer to a closed pipe
        say(line, **given)

    work.console.print = deaf
    with pytest.raises(SystemExit):
        replay.run(work)
    assert (made(dms), dms.tasks[STACK.task_arn]["Status"]) == ([], "running")


def unfinished(folder: Path, begin: str = BEGIN) -> None:
    journal.save(STACK, journal.Left(begin=begin, unfinished=True))


def test_an_unfinished_window_is_mended_by_one_that_holds_it(dms: Dms, folder: Path):
    unfinished(folder)
    with pytest.raises(PipelineError, match="leaves that window unfinished"):
        run(dms, begin=f"{FILE(7)}:121")
    assert run(dms)[0] == 0
    assert list(folder.iterdir()) == []


def test_a_replay_that_breaks_off_before_it_writes_keeps_what_was_unfinished(dms: Dms, folder: Path):
    unfinished(folder)
    dms.refuses["create_replication_task"] = "AccessDeniedFault"
    with pytest.raises(PipelineError, match="allow dms:CreateReplicationTask"):
        run(dms)
    assert left(folder)["unfinished"]


def test_the_status_names_an_unfinished_window_and_one_at_work():
    work, _ = at_work(Dms(), SqlSource(), STACK)
    look: Any = SimpleNamespace(operation=work, command=lambda words: f"python -m operations {words} {work.named}")
    told: list[Part] = []
    for left in (None, journal.Left(begin=BEGIN, unfinished=True), journal.Left(begin=BEGIN, process=os.getppid())):
        journal.save(STACK, left)
        told.append(Part("task"))
        _check_replay(told[-1], look)
    nothing, left_open, at_work_now = told
    assert (nothing.problems, nothing.facts) == ([], {})
    assert [it.mend for it in left_open.problems] == [f"python -m operations replay --from '{BEGIN}' --stack dev"]
    assert at_work_now.facts == {"replay": f"from {BEGIN}, at work"}


def test_a_resumed_task_is_not_well_while_a_window_is_unfinished(dms: Dms, folder: Path):
    unfinished(folder)
    work, told = at_work(dms, SqlSource(), STACK, reload=False)
    assert (resume.run(work), "was not written to its end" in told.getvalue()) == (1, True)


def test_a_load_of_everything_mends_an_unfinished_window_too(dms: Dms, folder: Path):
    unfinished(folder)
    dms.tasks[STACK.task_arn]["Status"] = "stopped"
    work, _ = at_work(dms, SqlSource(), STACK, reload=True)
    assert resume.run(work) == 0
    assert list(folder.iterdir()) == []


def test_a_replay_at_work_is_left_alone(dms: Dms):
    journal.save(STACK, journal.Left(begin=BEGIN, replay="x", process=os.getppid()))
    with pytest.raises(PipelineError, match=rf"a replay is at work on this stack \(process {os.getppid()}\)"):
        run(dms)
    assert dms.called == []


def test_a_journal_that_cannot_be_read_is_told_with_what_to_do(dms: Dms, folder: Path):
    unfinished(folder)
    (file,) = folder.iterdir()
    file.write_text("{", encoding="utf-8")
    with pytest.raises(PipelineError, match="look in DMS for a task whose name has `-replay-`"):
        run(dms)


@pytest.mark.parametrize(
    "call", ["describe_replication_tasks", "stop_replication_task", "create_replication_task", "start_replication_task"]
)
def test_a_call_of_dms_that_is_denied_names_the_right(dms: Dms, call: str):
    dms.refuses[call] = "AccessDeniedFault"
    name = "".join(word.capitalize() for word in call.split("_"))
    with pytest.raises(PipelineError, match=f"allow dms:{name}"):
        run(dms)


def test_a_source_that_cannot_be_asked_stops_nothing(dms: Dms):
    sql = SqlSource()
    sql.refuses = "AccessDeniedException"
    with pytest.raises(PipelineError, match="rds-data:ExecuteStatement"):
        run(dms, sql)
    assert not set(dms.called) & set(CHANGES)
