"""Task: a DMS replication task from start to finish: checks, full load, then the changes of the binlog.

The order of a task that loads and captures: note the binlog's end, read the tables one after the other while the
source goes on changing, then replay the binlog from the noted position. Changes made during the load thus reach the
stream after it, some of them to rows that already carry them
(https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Task.CDC.html).
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from enum import Enum
from pathlib import Path

from mappings import table_mappings as mappings
from mappings.rule_warnings import rule_warnings
from mappings.target import Target
from model import Idle, PipelineError, Position, SchemaChange, Table, Transaction
from model.plan import ReplicationPlan
from rehearsal.replication import checkpoint
from rehearsal.replication.capture import Capture, control_records
from rehearsal.replication.checkpoint import Anchor, Checkpoint
from rehearsal.replication.control import ControlWriter
from rehearsal.replication.messages import Clock, Record
from rehearsal.replication.producer import Producer
from rehearsal.replication.progress import ProgressReporter, ReplicationProgress
from rehearsal.replication.records import RecordWriter, transaction_id
from rehearsal.replication.recovery import Recovery
from rehearsal.replication.schema_warnings import schema_warnings
from rehearsal.replication.settings import kinesis_settings, task_settings
from rehearsal.replication.start import catalog_definitions, check_log, first_checkpoint, kept_definitions
from rehearsal.runtime.stream_client import StreamClient
from rehearsal.runtime.worker import Channel
from rehearsal.source import log_end
from rehearsal.source.binlog.reader import BinlogReader
from rehearsal.source.checks.clock import skewed
from rehearsal.source.checks.preflight import preflight
from rehearsal.source.checks.readable import may_read
from rehearsal.source.connection.server import Server
from rehearsal.source.definitions import kept
from rehearsal.source.definitions.definitions import Definitions
from rehearsal.source.loading import loaded_rows

_LOADS = {"full-load": True, "cdc": False, "full-load-and-cdc": True}
_CAPTURES = {"full-load": False, "cdc": True, "full-load-and-cdc": True}
_STARTS_OVER = "the full load was interrupted and starts over: rows may be in the stream twice"
_LOOK_SECONDS = 0.02
_COMMIT_EVERY = 0.25  # seconds between checkpoints while changes never pause


class Instruction(Enum):
    """What the parent says before it reads the source at a position that the task must not have passed."""

    HOLD = "hold"


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
        self._channel = channel
        self._plan = plan
        self._server = server
        self._producer = producer
        self._state = state
        self._reporter = ProgressReporter(channel, producer)
        self._settings = task_settings(plan.settings)
        self._kinesis = kinesis_settings(plan.kinesis)
        self._mappings = mappings.parse(plan.table_mappings)
        clock = Clock()
        self._writer = RecordWriter(self._settings, self._kinesis, clock, self._mappings.target)
        self._control = ControlWriter(plan.task_id, self._kinesis, clock)
        self._recovery = Recovery(self._settings.retries, self._source_lost, channel.instruction)
        self._saved = checkpoint.load(state, plan.task_id)
        self._due = 0.0
        self._ahead = ""

    def run(self) -> ReplicationProgress:
        if _CAPTURES[self._plan.migration_type]:
            with closing(self._server.connect()) as connection:
                preflight(connection)
        self._first, self._definitions = self._begin()
        self._capture = Capture(self._mappings, self._definitions.tables, self._may_read)
        self._reporter.captures(self._capture.targets.values())
        if not self._capture.targets:
            self._no_tables()
        self._warn_of_rules(running=False)
        self._reporter.report(now=True)
        start = self._start()
        if _CAPTURES[self._plan.migration_type]:
            self._replicate(start)
        self._reporter.phase = "finished"
        return self._reporter.progress()

    def _begin(self) -> tuple[Checkpoint, Definitions]:
        """Where the changes begin, and what the tables are there."""
        saved, selects = self._saved, self._mappings.selects
        if saved and saved.position:
            return saved, kept_definitions(saved, self._state, self._server, selects)
        if not _CAPTURES[self._plan.migration_type]:
            return Checkpoint(task_id=self._plan.task_id), catalog_definitions(self._server, selects)
        first, definitions = first_checkpoint(self._plan, self._server, selects)
        return replace(first, definitions=kept.save(self._state, definitions)), definitions

    def _start(self) -> Checkpoint:
        """Load what there is to load; where the changes begin."""
        saved, start, loading = self._saved, self._first, Checkpoint(task_id=self._plan.task_id)
        if saved and saved.position:
            return saved
        if saved:
            self._reporter.warn([_STARTS_OVER])
        if not _LOADS[self._plan.migration_type]:
            checkpoint.save(self._state, start)
            self._put_control(self._control.exceptions_table())
            return start
        checkpoint.save(self._state, loading)
        self._recovery.until_done(self._load_all)
        checkpoint.save(self._state, start)
        self._reporter.acknowledge()
        return start

    def _load_all(self) -> None:
        self._reporter.phase = "full load"
        self._reporter.report(now=True)
        self._put_control(self._control.exceptions_table())
        for target in self._capture.targets.values():
            self._load(target)
        self._producer.flush()

    def _load(self, target: Target) -> None:
        if self._settings.drop_and_create:
            self._put_control(self._control.bare("drop-table", target))
        self._put_control(self._control.table("create-table", target))
        table, name = target.table, str(target.table)
        self._reporter.begin_load(name)
        with closing(self._server.connect()) as connection:
            for row in self._capture.rows(table, loaded_rows(connection, table)):
                self._producer.put(self._writer.load(table, row))
                self._reporter.count(name, "load")
                self._reporter.report()
            if _CAPTURES[self._plan.migration_type]:
                self._reporter.load_ends[name] = transaction_id(log_end.position(connection))

    def _replicate(self, start: Checkpoint) -> None:
        """Follow the binlog from ``start`` until the parent's position is reached."""
        if start.position is None:
            raise AssertionError("a task that captures notes the position before it loads")
        self._reporter.phase, self._reporter.position = "changes", start.position
        self._reporter.report(now=True)
        self._writer.previous = self._reporter.last_change = start.previous
        self._at = self._acknowledged = start
        self._kept_version = self._definitions.version
        self._recovery.until_done(self._follow)
        self._reporter.definitions = tuple(target.table for target in self._capture.targets.values())

    def _follow(self) -> None:
        """Follow the binlog from where the task stands until the parent's position is reached."""
        self._commit()
        at = self._at
        assert at.position
        check_log(at, self._server)
        with BinlogReader(self._server, at.position, self._definitions, prepared=at.prepared) as reader:
            for event in reader:
                if reader.prepared != set(self._at.prepared):
                    self._at = replace(self._at, prepared=tuple(sorted(reader.prepared)))
                self._reporter.phase, self._recovery.tries = "changes", 0
                self._take(event)
                if reader.passed:
                    self._reporter.warn(reader.passed.values())
                finish = self._finish_position()
                if finish is not None and event.end >= finish:
                    self._commit()
                    return

    def _source_lost(self, why: str) -> None:
        if self._reporter.phase == "full load":
            self._reporter.warn([f"the source was lost during the full load: {why}", _STARTS_OVER])
            return
        if self._reporter.phase != "reconnecting":
            self._reporter.warn([f"the source was lost at {self._at.position}, and the task went on from there: {why}"])
        self._reporter.phase = "reconnecting"
        self._reporter.report(now=True)

    def _may_read(self, table: Table) -> bool:
        return self._recovery.until_done(lambda: may_read(self._server, table))

    def _finish_position(self) -> Position | None:
        """Where to finish, if the parent has said so. Stands still for as long as it says to hold."""
        instruction = self._channel.instruction()
        if instruction is Instruction.HOLD:
            self._commit()
            self._reporter.phase = "held"
            self._reporter.report(now=True)
        while instruction is Instruction.HOLD:
            time.sleep(_LOOK_SECONDS)
            instruction = self._channel.instruction()
        return instruction

    def _take(self, event: Transaction | SchemaChange | Idle) -> None:
        if isinstance(event, Transaction):
            self._transaction(event)
        elif isinstance(event, SchemaChange):
            self._schema_change(event)
        self._reached(event.end)
        if isinstance(event, Idle) or time.monotonic() >= self._due:
            self._commit()
            self._due = time.monotonic() + _COMMIT_EVERY
        self._reporter.report()

    def _transaction(self, transaction: Transaction) -> None:
        self._look_at_clock(transaction)
        captured = self._capture.changes(transaction)
        if captured.changes:
            self._reporter.read(transaction.committed_at)
        for change, record in zip(captured.changes, self._writer.changes(captured), strict=True):
            self._producer.put(record)
            self._reporter.count(str(change.table), change.operation)
        self._at = replace(self._at, anchor=Anchor.of(transaction), previous=self._writer.previous)

    def _look_at_clock(self, transaction: Transaction) -> None:
        """Sessions may have a clock of their own (SET timestamp), so the source's alone does not tell."""
        if not self._ahead:
            self._ahead = skewed(max(0.0, transaction.committed_at - time.time()))
            self._reporter.warn([f"binlog {transaction.end}: {self._ahead}"] if self._ahead else ())

    def _schema_change(self, change: SchemaChange) -> None:
        captured = self._capture.targets.keys()
        self._capture.refresh()
        self._reporter.captures(self._capture.targets.values())
        self._warn_of_rules(running=True)
        self._reporter.warn(schema_warnings(change, captured | self._capture.targets.keys(), self._capture.hidden))
        for told, record in control_records(change, self._capture, self._control, self._settings, self._kinesis):
            if told.kind == "created":
                self._reporter.begin_load(str(told.after))
            self._put_control(record)

    def _reached(self, end: Position) -> None:
        if self._at.position is None or end > self._at.position:
            self._at = replace(self._at, position=end)

    def _commit(self) -> None:
        """Checkpoint, now that the stream has everything up to the end of the last event."""
        self._producer.flush()
        self._reporter.flushed()
        self._reporter.unseen = tuple(sorted(self._definitions.unseen))
        if self._at != self._acknowledged:
            if self._definitions.version != self._kept_version:
                self._at = replace(self._at, definitions=kept.save(self._state, self._definitions))
                self._kept_version = self._definitions.version
            checkpoint.save(self._state, self._at)
            kept.sweep(self._state, self._at.definitions)
            self._acknowledged = self._at
            self._reporter.acknowledge(self._at.previous)
            self._reporter.position = self._at.position

    def _put_control(self, record: Record) -> None:
        self._producer.put(record)
        self._reporter.control += 1

    def _warn_of_rules(self, *, running: bool) -> None:
        images, targets = self._settings.before_image is not None, self._capture.targets.values()
        self._reporter.warn(rule_warnings(self._mappings, targets, before_images=images, running=running))

    def _no_tables(self) -> None:
        """https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.ErrorHandling.html"""
        found = "No tables were found at task initialization: no table that the user can see matches the mappings"
        if self._settings.fail_on_no_tables:
            raise PipelineError(f"{found}. Check the names (case matters) and the user's SELECT privilege")
        self._reporter.warn([f"{found}; FailOnNoTablesCaptured is false, so the task runs and captures nothing"])
