"""Follow: the changes of the binlog, from a checkpoint until the position that the parent names."""

from __future__ import annotations

import time
from dataclasses import replace
from enum import Enum
from pathlib import Path

from database.server import Server
from model import Idle, Position, SchemaChange, Transaction
from rehearsal.replication import checkpoint
from rehearsal.replication.capture import Capture, control_records
from rehearsal.replication.checkpoint import Anchor, Checkpoint
from rehearsal.replication.recovery import Recovery
from rehearsal.replication.schema_warnings import schema_warnings
from rehearsal.replication.start import check_log
from rehearsal.replication.writing import Writing
from rehearsal.runtime.worker import Channel
from rehearsal.source.binlog.reader import BinlogReader
from rehearsal.source.checks.clock import skewed
from rehearsal.source.definitions import kept
from rehearsal.source.definitions.definitions import Definitions

_LOOK_SECONDS = 0.02
_COMMIT_EVERY = 0.25  # seconds between checkpoints while changes never pause


class Instruction(Enum):
    """What the parent says before it reads the source at a position that the task must not have passed."""

    HOLD = "hold"


class Follower:
    """Follows the log from ``start``, whose definitions are ``definitions``. ``state`` is the task's own folder."""

    def __init__(
        self, channel: Channel, server: Server, state: Path, start: Checkpoint, definitions: Definitions
    ) -> None:
        self.at = start
        """Where it stands."""
        self._channel, self._server, self._state = channel, server, state
        self._acknowledged, self._definitions = start, definitions
        self._kept_version = definitions.version
        self._due = 0.0
        self._ahead = ""

    def follow(self, capture: Capture, writing: Writing, recovery: Recovery) -> None:
        """Follow the log from where it stands. Whoever lost the source on the way may call it again."""
        self._capture, self._writing, self._reporter = capture, writing, writing.reporter
        self._commit()
        at = self.at
        if at.position is None:
            raise AssertionError("a task that captures notes the position before it loads")
        check_log(at, self._server)
        with BinlogReader(self._server, at.position, self._definitions, prepared=at.prepared) as reader:
            for event in reader:
                if reader.prepared != set(self.at.prepared):
                    self.at = replace(self.at, prepared=tuple(sorted(reader.prepared)))
                self._reporter.phase, recovery.tries = "changes", 0
                self._take(event)
                if reader.passed:
                    self._reporter.warn(reader.passed.values())
                finish = self._finish_position()
                if finish is not None and event.end >= finish:
                    self._commit()
                    return

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
        for change, record in zip(captured.changes, self._writing.records.changes(captured), strict=True):
            self._writing.producer.put(record)
            self._reporter.count(str(change.table), change.operation)
        self.at = replace(self.at, anchor=Anchor.of(transaction), previous=self._writing.records.previous)

    def _look_at_clock(self, transaction: Transaction) -> None:
        """Sessions may have a clock of their own (SET timestamp), so the source's alone does not tell."""
        if not self._ahead:
            self._ahead = skewed(max(0.0, transaction.committed_at - time.time()))
            self._reporter.warn([f"binlog {transaction.end}: {self._ahead}"] if self._ahead else ())

    def _schema_change(self, change: SchemaChange) -> None:
        writing, captured = self._writing, self._capture.targets.keys()
        self._capture.refresh()
        self._reporter.captures(self._capture.targets.values())
        self._writing.warn_of_rules(self._capture, running=True)
        self._reporter.warn(schema_warnings(change, captured | self._capture.targets.keys(), self._capture.hidden))
        for told, record in control_records(change, self._capture, writing.control, writing.settings, writing.kinesis):
            if told.kind == "created":
                self._reporter.begin_load(str(told.after))
            writing.tell(record)

    def _reached(self, end: Position) -> None:
        if self.at.position is None or end > self.at.position:
            self.at = replace(self.at, position=end)

    def _commit(self) -> None:
        """Checkpoint, now that the stream has everything up to the end of the last event."""
        self._writing.producer.flush()
        self._reporter.flushed()
        self._reporter.unseen = tuple(sorted(self._definitions.unseen))
        if self.at != self._acknowledged:
            if self._definitions.version != self._kept_version:
                self.at = replace(self.at, definitions=kept.save(self._state, self._definitions))
                self._kept_version = self._definitions.version
            checkpoint.save(self._state, self.at)
            kept.sweep(self._state, self.at.definitions)
            self._acknowledged = self.at
            self._reporter.acknowledge(self.at.previous)
            self._reporter.position = self.at.position
