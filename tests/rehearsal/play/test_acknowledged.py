"""What the replication's runs know to be in the stream, put together: the audit must find no less in the lake."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from rehearsal.play.pipeline import Pipeline
from rehearsal.replication import ReplicationProgress, progress
from rehearsal.replication.progress import ProgressReporter


def run(acknowledged: dict[str, dict[str, int]]) -> ReplicationProgress:
    more: dict[str, Any] = {"position": None, "records": {}, "control": 0, "throttled": 0, "tables": ()}
    return ReplicationProgress(phase="changes", acknowledged=acknowledged, last_change=(7, 2), **more)


def pipeline(*runs: ReplicationProgress) -> Pipeline:
    made = object.__new__(Pipeline)
    made._earlier = {"replication": list(runs[:-1])}
    made._beside = []
    worker: Any = SimpleNamespace(progress=runs[-1])
    made.workers = {"replication": worker}
    return made


def test_what_was_written_behind_the_last_checkpoint_is_not_acknowledged():
    unused: Any = SimpleNamespace(throttled=0)
    reporter = ProgressReporter(unused, unused)
    reporter.count("s.t", "load")
    reporter.acknowledge()
    reporter.count("s.t", "insert")
    told = reporter.progress()
    assert (told.acknowledged, told.last_change) == ({"s.t": {"load": 1}}, None), "the next run writes it again"
    reporter.acknowledge((7, 1))
    told = reporter.progress()
    assert told.acknowledged == {"s.t": {"load": 1, "insert": 1}}
    assert told.last_change == (7, 1)


def test_the_greatest_latency_is_kept_from_the_oldest_commit_that_is_still_to_be_acknowledged():
    reporter, clock = ProgressReporter(*[SimpleNamespace(throttled=0)] * 2), SimpleNamespace(now=103.0)  # pyrefly: ignore[bad-argument-type]
    with patch.object(progress, "time", SimpleNamespace(time=lambda: clock.now)):
        reporter.read(100)
        reporter.read(102)
        clock.now = 105.5
        reporter.flushed()
        clock.now = 200.0
        reporter.flushed()
    told = reporter.progress()
    assert (told.latency_source, told.latency_target) == (3.0, 5.5), "what is acknowledged waits no longer"


def test_control_records_are_those_of_runs_that_came_to_their_end():
    ended = replace(run({}), phase="finished", control=2)
    assert pipeline(ended, replace(run({}), control=9), ended).control == 4, "of a killed run some were never sent"


def test_changes_of_all_runs_are_counted_and_load_records_of_the_last_load():
    first = run({"s.t": {"load": 9, "insert": 3}, "s.dropped": {"load": 1}})
    resumed, anew = run({"s.t": {"insert": 2, "delete": 1}}), run({"s.t": {"load": 4, "update": 1}})
    assert pipeline(first, resumed).acknowledged["s.t"] == {"load": 9, "insert": 5, "delete": 1}, "one load, two runs"
    everything = {"load": 4, "insert": 5, "update": 1, "delete": 1}
    assert pipeline(first, resumed, anew).acknowledged["s.t"] == everything, "readers forget rows at a second load"
    made_anew = run({"s.t": {"load": 0, "insert": 1}})
    assert pipeline(first, made_anew).acknowledged["s.t"] == {"load": 0, "insert": 4}, "… and when it is created again"
    assert pipeline(first, anew).last_change == (7, 2), "of the run that came to the end"
