"""Restore: the database is restored from a snapshot into a new server, whose binlog begins anew.

What ``restoreGeneration`` does on AWS: a new cluster from a snapshot that is older than the last change, the old one
gone, and the task either replaced with the cluster (it loads everything again) or kept (it goes on at its old position
in a log that is not the same: https://github.com/airbytehq/airbyte/issues/85783). Which of the two happens is read from
the declaration. Stream, delivery and lake stay; changes go on during the load.
"""

from __future__ import annotations

from model import PipelineError
from model.plan import Plan
from rehearsal.play.pipeline import Pipeline
from rehearsal.runtime.progress_bars import ProgressBars
from rehearsal.source.restorable import RestorableSource
from rehearsal.source.source import Source


def restore(plan: Plan, pipeline: Pipeline, source: Source, bars: ProgressBars) -> tuple[str, ...]:
    """Load and follow one server, then what the declaration makes of another. PipelineError if it cannot go on."""
    if not isinstance(source, RestorableSource):
        raise PipelineError("scenario restore is played with the sample only: leave --source out")
    pipeline.start(lambda: source.begin(bars))
    pipeline.watch(lambda: not pipeline.loading and source.settled(pipeline.records))
    source.snapshot()
    source.loaded()
    pipeline.watch(lambda: source.settled(pipeline.records))
    position = source.position()
    pipeline.finish_part("replication", position)
    source.restore()
    source.begin(bars)
    if plan.replication.replaced_with_cluster:
        pipeline.replace_task(f"{plan.replication.task_id}-restored")
    else:
        pipeline.resume_task()
    pipeline.watch(lambda: not pipeline.loading)
    source.loaded()
    pipeline.watch(lambda: source.settled(pipeline.records))
    kept = "was replaced with it" if plan.replication.replaced_with_cluster else "was kept"
    return (f"the database was restored behind {position}; the task {kept}",)
