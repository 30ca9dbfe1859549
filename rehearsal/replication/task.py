"""Task: a DMS replication task from start to finish: checks, full load, then the changes of the binlog.

The order of a task that loads and captures: note the binlog's end, read the tables one after the other while the
source goes on changing, then replay the binlog from the noted position. Changes made during the load thus reach the
stream after it, some of them to rows that already carry them
(https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Task.CDC.html).
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from database.server import Server
from mappings import table_mappings as mappings
from model import PipelineError, Table
from model.plan import ReplicationPlan
from rehearsal.replication import checkpoint
from rehearsal.replication.capture import Capture
from rehearsal.replication.checkpoint import Checkpoint
from rehearsal.replication.control import ControlWriter
from rehearsal.replication.follow import Follower
from rehearsal.replication.load import load_all
from rehearsal.replication.messages import Clock
from rehearsal.replication.producer import Producer
from rehearsal.replication.progress import ProgressReporter, ReplicationProgress
from rehearsal.replication.records import RecordWriter
from rehearsal.replication.recovery import Recovery
from rehearsal.replication.settings import kinesis_settings, task_settings
from rehearsal.replication.start import catalog_definitions, first_checkpoint, kept_definitions
from rehearsal.replication.writing import Writing
from rehearsal.runtime.stream_client import StreamClient
from rehearsal.runtime.worker import Channel
from rehearsal.source.checks.preflight import preflight
from rehearsal.source.checks.readable import may_read
from rehearsal.source.definitions import kept
from rehearsal.source.definitions.definitions import Definitions

_LOADS = {"full-load": True, "cdc": False, "full-load-and-cdc": True}
_CAPTURES = {"full-load": False, "cdc": True, "full-load-and-cdc": True}
_STARTS_OVER = "the full load was interrupted and starts over: rows may be in the stream twice"


def run(
    channel: Channel, plan: ReplicationPlan, server: Server, stream_name: str, stream_url: str, state: Path
) -> ReplicationProgress:
    """Run the task until the parent names a position to finish at and everything before that is acknowledged.

    After ``Instruction.HOLD`` it stands still, in the phase ``held``, until the position follows: a source that goes on
    changing would otherwise be read past it.

    A ``full-load`` task ends by itself. ``state`` is the task's own folder; with a checkpoint in it the task resumes:
    after a finished load from the checkpoint's position, else with the whole load again, as DMS reloads tables that
    were loading. Raises PipelineError where DMS would refuse to start, stop or lose data.
    """
    return _Task(channel, plan, server, Producer(StreamClient(stream_url), stream_name), state).run()


class _Task:
    def __init__(
        self, channel: Channel, plan: ReplicationPlan, server: Server, producer: Producer, state: Path
    ) -> None:
        if plan.migration_type not in _LOADS:
            raise PipelineError(f"migrationType is {plan.migration_type!r}; it must be one of {', '.join(_LOADS)}")
        self._channel, self._plan, self._server, self._state = channel, plan, server, state
        self._loads, self._captures = _LOADS[plan.migration_type], _CAPTURES[plan.migration_type]
        self._reporter = ProgressReporter(channel, producer)
        clock, rules = Clock(), mappings.parse(plan.table_mappings)
        settings, kinesis = task_settings(plan.settings), kinesis_settings(plan.kinesis)
        self._writing = Writing(
            settings=settings,
            kinesis=kinesis,
            mappings=rules,
            records=RecordWriter(settings, kinesis, clock, rules.target),
            control=ControlWriter(plan.task_id, kinesis, clock),
            producer=producer,
            reporter=self._reporter,
        )
        self._recovery = Recovery(settings.retries, self._source_lost, channel.instruction)
        self._saved = checkpoint.load(state, plan.task_id)
        self._follower: Follower | None = None

    def run(self) -> ReplicationProgress:
        if self._captures:
            with closing(self._server.connect()) as connection:
                preflight(connection)
        first, definitions = self._begin()
        self._capture = Capture(self._writing.mappings, definitions.tables, self._may_read)
        self._reporter.captures(self._capture.targets.values())
        if not self._capture.targets:
            self._no_tables()
        self._writing.warn_of_rules(self._capture, running=False)
        self._reporter.report(now=True)
        self._load(first)
        if self._captures:
            self._follow(first, definitions)
        self._reporter.phase = "finished"
        return self._reporter.progress()

    def _begin(self) -> tuple[Checkpoint, Definitions]:
        """Where the changes begin, and what the tables are there."""
        saved, selects = self._saved, self._writing.mappings.selects
        if saved and saved.position:
            return saved, kept_definitions(saved, self._state, self._server, selects)
        if not self._captures:
            return Checkpoint(task_id=self._plan.task_id), catalog_definitions(self._server, selects)
        first, definitions = first_checkpoint(self._plan, self._server, selects)
        return replace(first, definitions=kept.save(self._state, definitions)), definitions

    def _load(self, start: Checkpoint) -> None:
        """Load what there is to load; the changes begin at ``start``, which is then on disk."""
        if self._saved and self._saved.position:
            return
        if self._saved:
            self._reporter.warn([_STARTS_OVER])
        if not self._loads:
            checkpoint.save(self._state, start)
            self._writing.tell(self._writing.control.exceptions_table())
            return
        checkpoint.save(self._state, Checkpoint(task_id=self._plan.task_id))
        self._recovery.until_done(lambda: load_all(self._server, self._capture, self._writing, captures=self._captures))
        checkpoint.save(self._state, start)
        self._reporter.acknowledge()

    def _follow(self, start: Checkpoint, definitions: Definitions) -> None:
        """Follow the binlog from ``start`` until the parent's position is reached."""
        self._reporter.phase, self._reporter.position = "changes", start.position
        self._reporter.report(now=True)
        self._writing.records.previous = self._reporter.last_change = start.previous
        follower = self._follower = Follower(self._channel, self._server, self._state, start, definitions)
        self._recovery.until_done(lambda: follower.follow(self._capture, self._writing, self._recovery))
        self._reporter.definitions = tuple(target.table for target in self._capture.targets.values())

    def _source_lost(self, why: str) -> None:
        if self._follower is None:
            self._reporter.warn([f"the source was lost during the full load: {why}", _STARTS_OVER])
            return
        if self._reporter.phase != "reconnecting":
            at = self._follower.at.position
            self._reporter.warn([f"the source was lost at {at}, and the task went on from there: {why}"])
        self._reporter.phase = "reconnecting"
        self._reporter.report(now=True)

    def _may_read(self, table: Table) -> bool:
        return self._recovery.until_done(lambda: may_read(self._server, table))

    def _no_tables(self) -> None:
        """https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.ErrorHandling.html"""
        found = "No tables were found at task initialization: no table that the user can see matches the mappings"
        if self._writing.settings.fail_on_no_tables:
            raise PipelineError(f"{found}. Check the names (case matters) and the user's SELECT privilege")
        self._reporter.warn([f"{found}; FailOnNoTablesCaptured is false, so the task runs and captures nothing"])
