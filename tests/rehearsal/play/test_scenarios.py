"""Scenarios end to end: parts are killed, a database is restored; what is kept wrongly loses rows and is caught."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

import toolchain
from audit import AuditResult, FindingKind
from model import PipelineError, Position
from model.plan import Plan
from model.window import LogFile
from rehearsal.athena.kept_catalog import FILE as CATALOG
from rehearsal.delivery import DeliveryProgress
from rehearsal.plan.pipeline import read_plan
from rehearsal.play import crash as scenario_crash
from rehearsal.play import replay as scenario_replay
from rehearsal.play.crash import Kill, schedule
from rehearsal.play.output import Output
from rehearsal.play.parts import DECLARED, Parts
from rehearsal.play.rehearse import Played, rehearse
from rehearsal.play.scenarios import SCENARIOS
from rehearsal.replication import ReplicationProgress
from rehearsal.runtime.progress_bars import ProgressBars
from rehearsal.runtime.stopwatch import Stopwatch
from rehearsal.source.own_source import OwnSource
from rehearsal.source.restorable import RestorableSource
from rehearsal.source.sample_source import SampleSource
from tests.declared import BEATING, declare
from tests.rehearsal.play import faulty_parts
from tests.rehearsal.test_rehearsal import with_views_of_tickets

pytestmark = pytest.mark.usefixtures("lent_servers")
SOURCES: dict[str, type[SampleSource]] = dict.fromkeys(SCENARIOS, SampleSource) | {"restore": RestorableSource}
LOST = {FindingKind.MISSING, FindingKind.LOST_CHANGE, FindingKind.DIFFERENT}


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The dev stack's with a heartbeat, and the views and the Iceberg table of one table of the source."""
    return with_views_of_tickets(read_plan(declare("dev", config={**BEATING, "tablesEveryMinutes": 15})))


def bound(plan: Plan, *, replaced: bool) -> Plan:
    """The plan as if another cluster were, or were not, another task."""
    return replace(plan, replication=replace(plan.replication, replaced_with_cluster=replaced))


def play(
    plan: Plan, folder: Path, scenario: str, rows: int, changes: int, parts: Parts = DECLARED, batches: Any = None
) -> tuple[Played, AuditResult]:
    output, work = Output(folder / "output"), folder / "work"
    work.mkdir()
    with ProgressBars(Console(file=io.StringIO())) as bars:
        kind, mariadbd = SOURCES[scenario], toolchain.ensure_mariadbd()
        source = kind(plan.database, work, mariadbd, bars, rows=rows, changes=changes, seed=7)
        if batches:
            source._batches = iter(batches)
        played = rehearse(plan, source, output, bars, work, Stopwatch(), SCENARIOS[scenario], parts)
    if parts is not DECLARED:
        (output.folder / CATALOG).unlink()  # of a broken lake the second audit has nothing to add
    return played, output.audit(lambda _: None)


def away(played: Played) -> set[str]:
    """The alarms that had no data for a while, though no data is wrong for them."""
    assert played.watched
    return {judged.alarm.name for judged in played.watched.alarms if judged.silent_seconds}


def kinds(result: AuditResult) -> set[FindingKind]:
    return {finding.kind for finding in result.listed_findings}


def test_a_replication_and_a_delivery_that_are_killed_again_and_again_lose_nothing(plan: Plan, tmp_path: Path):
    played, result = play(plan, tmp_path, "crash", rows=1600, changes=1400)
    assert [str(finding) for finding in result.listed_findings] == [], "checkpoints follow what is acknowledged"
    assert result.note_counts[FindingKind.RESET], (
        "rows of the broken load are in the lake, and the whole load after them"
    )
    told = " ".join(played.happened)
    assert (len(played.happened), told.count("replication was"), told.count("delivery was")) == (8, 4, 4)
    assert "killed during the full load" in told
    assert "killed before its first object" in told
    assert result.views, "the second audit was made"
    assert result.views.merges > 2, "its table was kept on the way, and in the end twice"
    assert away(played) == {"latency-source", "delivery-behind"}, "the alarms for which silence is wrong say how long"


def test_a_replication_whose_checkpoint_is_ahead_of_the_acknowledgement_loses_rows(plan: Plan, tmp_path: Path):
    parts = Parts(replication=faulty_parts.replication_ahead)
    assert kinds(play(plan, tmp_path, "crash", 1500, 2000, parts)[1]) & LOST, "what it skipped is named"


def test_a_delivery_whose_checkpoint_is_ahead_of_the_object_loses_rows(plan: Plan, tmp_path: Path):
    parts = Parts(delivery=faulty_parts.delivery_ahead)
    assert kinds(play(plan, tmp_path, "crash", 1500, 1500, parts)[1]) & LOST, "its buffer died with it"


def test_the_seed_chooses_the_moments_of_the_kills():
    assert schedule(1, 1000, 1000) == schedule(1, 1000, 1000) != schedule(2, 1000, 1000)


def test_a_kill_for_which_there_was_no_moment_is_an_error_and_no_success(plan: Plan, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scenario_crash, "_REST_SECONDS", -1.0)
    progress = ReplicationProgress(phase="changes", position=None, records={}, control=0, throttled=0, tables=())
    pipeline: Any = SimpleNamespace(workers={"replication": SimpleNamespace(progress=progress)})
    kill = Kill(part="replication", moment="during the full load", after=1)
    with pytest.raises(PipelineError, match="the replication was never seen during the full load"):
        scenario_crash._Killer(plan, pipeline, (kill,)).look(settled=True)


def test_a_part_that_has_told_nothing_since_its_start_is_not_killed_even_at_rest():
    kill = Kill(part="delivery", moment="between objects", after=1)
    assert not kill.due(None, at_rest=True), "there is no number of records after which it was killed"


def test_the_delivery_is_not_killed_before_the_load_is_broken(monkeypatch: pytest.MonkeyPatch):
    reading = SimpleNamespace(progress=DeliveryProgress(active=True, records=5))
    progress = ReplicationProgress(phase="starting", position=None, records={}, control=0, throttled=0, tables=())
    starting = SimpleNamespace(progress=progress)
    pipeline: Any = SimpleNamespace(workers={"delivery": reading, "replication": starting})
    kills = (
        Kill(part="replication", moment="during the full load", after=1),
        Kill(part="delivery", moment="before its first object", after=1),
    )
    killer = scenario_crash._Killer(SimpleNamespace(), pipeline, kills)  # pyrefly: ignore[bad-argument-type]
    assert not killer.look(settled=False)
    assert not killer.events, "until the new delivery has started nobody looks at the replication, whose load goes on"


@pytest.mark.parametrize(("kind", "scenario"), [("cdc", "straight"), ("cdc", "restore"), ("full-load", "crash")])
def test_a_kind_of_task_that_a_scenario_could_prove_nothing_about_is_refused(
    plan: Plan, kind: str, scenario: str, tmp_path: Path
):
    other = replace(plan, replication=replace(plan.replication, migration_type=kind))
    with pytest.raises(PipelineError, match=f"migrationType {kind}"):
        play(other, tmp_path, scenario, rows=1, changes=1)


def test_a_full_load_task_is_played_without_changes(plan: Plan, tmp_path: Path):
    loads = replace(plan, replication=replace(plan.replication, migration_type="full-load"))
    played, result = play(loads, tmp_path, "straight", rows=100, changes=100)
    assert (result.equal, len(played.happened)) == (True, 1), "and the report says that there were none"


def test_a_window_that_a_second_task_writes_again_changes_no_row(plan: Plan, tmp_path: Path):
    played, result = play(plan, tmp_path, "replay", rows=100, changes=300)
    assert [str(finding) for finding in result.listed_findings] == [], "the lake bears what comes twice"
    (told,) = played.happened
    again = int(told.split(" changes from ")[0].rpartition(" ")[2])
    assert again > 100, told
    assert result.note_counts[FindingKind.TWICE] == again, "each of them is in the lake twice"
    assert away(played) == {"latency-source"}, "while the window was written the first task stood still"


def test_a_window_without_a_change_proves_nothing_and_is_an_error(plan: Plan, monkeypatch: pytest.MonkeyPatch):
    begin, end = Position("log.000001", 4), Position("log.000001", 9)
    positions, source = iter((begin, end, end)), SampleSource.__new__(SampleSource)
    nothing: Any = {name: lambda *_: None for name in ("start", "watch", "hold")}
    monkeypatch.setattr(scenario_replay, "log_files", lambda server: [LogFile("log.000001", 9)])
    monkeypatch.setattr(SampleSource, "loaded", lambda self: None)
    source.server = Any  # pyrefly: ignore[bad-assignment]

    class Pipeline(SimpleNamespace):
        position = property(lambda self: next(positions))

    pipeline: Any = Pipeline(**nothing, write_again=lambda begin, end: 0)
    with pytest.raises(PipelineError, match=r"no change between log\.000001:4 and log\.000001:9"):
        scenario_replay.replay(plan, pipeline, source, nothing)


@pytest.mark.parametrize("scenario", ["crash", "restore", "replay"])
def test_a_scenario_with_a_users_own_server_is_refused(plan: Plan, scenario: str):
    unused: Any = None
    with pytest.raises(PipelineError, match=f"scenario {scenario} is played with the sample only"):
        SCENARIOS[scenario](plan, unused, OwnSource(unused, 1), unused)


def test_a_task_that_is_replaced_with_the_cluster_loads_the_restored_database_anew(plan: Plan, tmp_path: Path):
    played, result = play(bound(plan, replaced=True), tmp_path, "restore", rows=300, changes=600)
    assert [str(finding) for finding in result.listed_findings] == [], "rows that the snapshot lacks are gone again"
    assert result.note_counts[FindingKind.RESET] == len(result.tables), "every table was loaded anew"
    assert "was replaced with it" in played.happened[0]
    assert away(played) == {"latency-source"}, "the delivery stayed"


def test_a_task_that_is_kept_refuses_to_go_on_in_another_log(plan: Plan, tmp_path: Path):
    with pytest.raises(PipelineError, match=r"cannot go on from this position|cannot resume"):
        play(bound(plan, replaced=False), tmp_path, "restore", rows=300, changes=300)


def test_a_kept_task_that_goes_on_where_the_new_log_has_grown_past_its_place_loses_rows(plan: Plan, tmp_path: Path):
    parts = Parts(replication=faulty_parts.replication_that_recognises_nothing)
    much_there = (0, 0, 1500, 100)  # before and behind the snapshot, and then in the restored database
    result = play(bound(plan, replaced=False), tmp_path, "restore", 60, 1600, parts, much_there)[1]
    assert kinds(result) & (LOST | {FindingKind.EXTRA}), "nothing refuses here, so it is the audit that must find it"
