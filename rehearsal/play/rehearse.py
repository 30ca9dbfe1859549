"""rehearse(): start every part as declared, let rows change, stop at one binlog position, keep lake and source."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from audit import keep_expectations, placement
from mappings import table_mappings as mappings
from model import PipelineError, Position, Table, qualified
from model.plan import Plan
from model.table import difference
from rehearsal import delivery, replication, stream
from rehearsal.lake import Lake
from rehearsal.play.alarms import Watched, figures, judge, promise_seconds
from rehearsal.play.audits import run_audits
from rehearsal.play.output import Output
from rehearsal.play.parts import DECLARED, Parts
from rehearsal.play.pipeline import Pipeline
from rehearsal.play.scenarios import Scenario, check, straight
from rehearsal.play.source_rows import SourceRows, keep_source
from rehearsal.play.survey import Survey, survey
from rehearsal.runtime.progress_bars import ProgressBars
from rehearsal.runtime.stopwatch import Stopwatch
from rehearsal.runtime.worker import preload
from rehearsal.source.checks.readable import check_readable
from rehearsal.source.checks.relations import missed, relations, selected_views
from rehearsal.source.source import Source

_PARTS = (replication.run, delivery.run, stream.serve, run_audits)
PRELOADED = (*(part.__module__ for part in _PARTS), "moto.server", "rehearsal.runtime.warm", "rehearsal.athena.warm")
"""Modules that every part would else import anew each time it is started."""


@dataclass(frozen=True, kw_only=True)
class Played:
    """What a rehearsal tells beside what it kept."""

    position: Position
    """The place in the binlog at which lake and source are compared."""
    not_captured: tuple[str, ...]
    """Tables of the source that the declared mappings leave out."""
    warnings: tuple[str, ...]
    """What DMS does otherwise with this source, selection rules without a table, and what the replication warned of."""
    throttled: int
    """How often a shard was at its limit and refused a record, which was then sent again."""
    missed: tuple[str, ...] = ()
    """What the mappings select and the task did not capture, each with the reason."""
    left_out: tuple[str, ...] = ()
    """Columns of captured tables that DMS leaves out, each with the reason."""
    differing: tuple[str, ...] = ()
    """Tables, by their names in the lake, of which a real task may write something else."""
    causes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What may explain findings, by the table's name in the lake."""
    happened: tuple[str, ...] = ()
    """What the scenario did to the pipeline, in order."""
    watched: Watched | None = None
    """What there is to tell of the promise and of alarms."""


def rehearse(
    plan: Plan,
    source: Source,
    output: Output,
    bars: ProgressBars,
    work: Path,
    watch: Stopwatch,
    scenario: Scenario = straight,
    parts: Parts = DECLARED,
) -> Played:
    """Play ``plan`` over ``source``; ``output`` gets the lake and the source's rows, ``work`` the parts' checkpoints.

    Raises PipelineError when a part fails the way its AWS counterpart would.
    """
    check(plan, source, scenario)
    preload(*PRELOADED)
    with ExitStack() as stack:
        with watch.stage("start"):
            stack.enter_context(source)  # first: a wrong address or password is the user's most likely mistake
            check_readable(plan.replication.table_mappings, source.administrator, source.server)
            known = survey(plan.replication, source.server)
            for line in known.lines():
                bars.say(line)
            output.clear()  # not before: such a mistake must not cost the result of an earlier rehearsal
            lake = stack.enter_context(Lake(plan.delivery.bucket))
            pipeline = Pipeline(plan, source, lake, bars, work, stack, parts)
        with watch.stage("load and changes"):
            happened = scenario(plan, pipeline, source, bars)
        with watch.stage("read the source"):
            pipeline.hold()
            kept = keep_source(plan.replication, source.server, output, plan.catalog)
            pipeline.check_end(kept.position)
        with watch.stage("drain"):
            pipeline.finish(kept.position)
            _check_definitions(kept.captured, pipeline.definitions, kept.position)
            output.keep_lake(lake)
            delivered_at = lake.delivered_at()
            output.keep_catalog(plan.catalog)
        _keep_expectations(plan, pipeline, kept.captured, output)
        played = _played(plan, source, pipeline, known, kept, happened)
        seconds = sum(watch.seconds[stage] for stage in ("load and changes", "read the source", "drain"))
        return replace(played, watched=_watched(plan, pipeline, seconds, delivered_at))


def _played(
    plan: Plan, source: Source, pipeline: Pipeline, known: Survey, kept: SourceRows, happened: tuple[str, ...]
) -> Played:
    """What there is to tell, now that the pipeline has ended; the source is looked at once more."""
    rules = mappings.parse(plan.replication.table_mappings)
    with closing(source.server.connect()) as connection:
        there = relations(connection)
        unseen = missed(connection, there, rules, pipeline.unseen)
    return Played(
        position=kept.position,
        not_captured=(*kept.others, *(f"{name} (a view)" for name in selected_views(there, rules))),
        missed=unseen,
        left_out=known.left_out,
        differing=known.differing,
        causes=known.causes,
        warnings=tuple(dict.fromkeys((*known.warnings, *kept.warnings, *pipeline.warnings))),
        throttled=pipeline.throttled,
        happened=happened,
    )


def _watched(plan: Plan, pipeline: Pipeline, seconds: float, delivered_at: Mapping[str, float]) -> Watched:
    """What the parts measured, against the declared lines."""
    shards = pipeline.workers["stream"].progress.shards
    measured = figures(pipeline.runs("replication"), pipeline.runs("delivery"), shards)
    return Watched(
        alarms=judge(plan.alarms, measured, pipeline.silent),
        promise_seconds=promise_seconds(plan.alarms),
        buffer_seconds=plan.delivery.buffer_seconds,
        seconds=seconds,
        delivered_at=delivered_at,
    )


def _check_definitions(catalog: tuple[Table, ...], log: tuple[Table, ...] | None, position: Position) -> None:
    """Raise PipelineError unless the statements of the log, as they were read, lead to what the catalog has.

    ``log`` is None for a task that follows no log. A mistake in reading a statement must not pass for the source's.
    """
    by_log = {str(table): table for table in log or ()}
    for table in catalog if log is not None else ():
        if found := difference(table, by_log.get(str(table))):
            raise PipelineError(
                f"{table} is not the same in the source's catalog and by the statements of its binlog up to {position}"
                f": {found}. Either it was altered while the source was read, then let the DDL rest "
                "and rehearse again; or a statement is not read as the server reads it, then please report it"
            )


def _keep_expectations(plan: Plan, pipeline: Pipeline, captured: tuple[Table, ...], output: Output) -> None:
    """Keep where objects were to be delivered, and what the task knows to have written now that it has ended."""
    names = mappings.parse(plan.replication.table_mappings).names
    keep_expectations(
        output.folder,
        **placement(plan.delivery),
        from_start=True,
        acknowledged=pipeline.acknowledged,
        load_ends=pipeline.load_ends,
        control=pipeline.control,
        last_change=pipeline.last_change,
        gone=pipeline.gone(qualified(*names(table)) for table in captured),
    )
