"""Scenarios: what happens to the pipeline between its start and the audit.

straight   the load, then changes
crash      the replication and the delivery are killed at random moments and go on from their checkpoints
restore    the database is restored from a snapshot into a new server, whose binlog begins anew
replay     a second task writes a window of the binlog again, as `operations replay` does

Each plays its part with a pipeline and a source and tells what it did, for the report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from model import PipelineError
from model.plan import Plan
from rehearsal.play.crash import crash
from rehearsal.play.pipeline import Pipeline
from rehearsal.play.replay import replay
from rehearsal.play.restore import restore
from rehearsal.runtime.progress_bars import ProgressBars
from rehearsal.source.sample_source import SampleSource
from rehearsal.source.source import Source

Scenario = Callable[[Plan, Pipeline, Source, ProgressBars], tuple[str, ...]]


def straight(plan: Plan, pipeline: Pipeline, source: Source, bars: ProgressBars) -> tuple[str, ...]:
    """Nothing but what is declared."""
    if plan.replication.migration_type == "full-load":
        pipeline.start(lambda: None)
        pipeline.watch(lambda: not pipeline.loading)
        return ("migrationType full-load captures no changes, so none were made",)
    pipeline.start(lambda: source.begin(bars))
    pipeline.watch(lambda: not pipeline.loading)
    source.loaded()
    pipeline.watch(lambda: source.settled(pipeline.records))
    return ()


def check(plan: Plan, source: Source, scenario: Scenario) -> None:
    """PipelineError for a kind of task with which the scenario could prove nothing."""
    kind = plan.replication.migration_type
    if kind == "cdc" and isinstance(source, SampleSource):
        raise PipelineError(
            "migrationType cdc is not played with the sample: it captures no row that was there before, so the lake "
            "could not equal the source. Rehearse full-load-and-cdc, or your own server with --source"
        )
    if kind == "full-load" and scenario is not straight:
        raise PipelineError("migrationType full-load has no checkpoint: only --scenario straight plays it")


SCENARIOS: Mapping[str, Scenario] = {"straight": straight, "crash": crash, "restore": restore, "replay": replay}
"""By the name that ``--scenario`` takes."""
