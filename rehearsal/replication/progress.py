"""Progress: what the replication tells its parent."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from mappings.target import Target
from model import Position, Table, qualified
from rehearsal.replication.producer import Producer
from rehearsal.runtime.worker import Channel

_EVERY = 0.02  # seconds; who kills the task at a chosen moment must see that moment


@dataclass(frozen=True)
class ReplicationProgress:
    """How far the task has come, in this run of the worker."""

    phase: str
    """``starting``, ``full load``, ``changes``, ``reconnecting``, ``held`` or ``finished``."""
    position: Position | None
    """Everything before it is acknowledged by the stream; None until the full load is over."""
    records: dict[str, dict[str, int]]
    """Data records by table (``schema.table``) and operation."""
    control: int
    """Control records."""
    throttled: int
    """How often a shard's limit refused a record, which was then sent again."""
    tables: tuple[str, ...]
    """The captured tables."""
    warnings: tuple[str, ...] = ()
    acknowledged: dict[str, dict[str, int]] = field(default_factory=dict)
    """Of ``records`` those that a run which goes on from the checkpoint does not write again."""
    last_change: tuple[int, int] | None = None
    """Transaction id and record id of the last change of the task among them; None if there is none yet."""
    load_ends: dict[str, int] = field(default_factory=dict)
    """The log's end when the load of a table was over, as the id of a transaction that begins there, by table."""
    unseen: tuple[tuple[str, str], ...] = ()
    """Tables that the mappings select, whose rows the log has and the catalog did not list: schema and name."""
    definitions: tuple[Table, ...] | None = None
    """The captured tables as the log left them, once a task that follows it has finished."""
    seen: tuple[str, ...] = ()
    """The names in the lake of all tables that were ever captured."""
    latency_source: float = 0.0
    """The greatest time from a commit until it was read from the log, in seconds. Commits have whole ones only."""
    latency_target: float = 0.0
    """The greatest time from a commit until the stream had acknowledged it, likewise."""


@dataclass
class ProgressReporter:
    """Counts what is put, and reports it to the parent a few times a second."""

    channel: Channel
    producer: Producer
    phase: str = "starting"
    position: Position | None = None
    control: int = 0
    tables: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    last_change: tuple[int, int] | None = None
    unseen: tuple[tuple[str, str], ...] = ()
    load_ends: dict[str, int] = field(default_factory=dict)
    definitions: tuple[Table, ...] | None = None
    seen: tuple[str, ...] = ()
    latency_source: float = 0.0
    latency_target: float = 0.0
    _waiting: int | None = None
    _acknowledged: dict[str, dict[str, int]] = field(default_factory=dict)
    _records: dict[str, dict[str, int]] = field(default_factory=dict)
    _next: float = 0.0

    def warn(self, warnings: Iterable[str]) -> None:
        """Say each of ``warnings``, once."""
        self.warnings = tuple(dict.fromkeys((*self.warnings, *warnings)))

    def captures(self, targets: Collection[Target]) -> None:
        """These are the tables that are captured now."""
        self.tables = tuple(str(target.table) for target in targets)
        self.seen = tuple(dict.fromkeys((*self.seen, *(qualified(one.schema, one.name) for one in targets))))

    def begin_load(self, table: str) -> None:
        """Load records of ``table`` that were put before do not count any more: it starts anew."""
        self._records.setdefault(table, {})["load"] = 0

    def count(self, table: str, operation: str) -> None:
        """One more data record of ``table`` was put."""
        operations = self._records.setdefault(table, {})
        operations[operation] = operations.get(operation, 0) + 1

    def read(self, committed_at: int) -> None:
        """A transaction with captured changes was read from the log; what it made is still to be acknowledged."""
        self.latency_source = max(self.latency_source, time.time() - committed_at)
        self._waiting = committed_at if self._waiting is None else min(self._waiting, committed_at)

    def flushed(self) -> None:
        """The stream has acknowledged all that was put."""
        if self._waiting is not None:
            self.latency_target = max(self.latency_target, time.time() - self._waiting)
            self._waiting = None

    def acknowledge(self, last_change: tuple[int, int] | None = None) -> None:
        """A checkpoint was written behind all that was put, of which ``last_change`` is the last change."""
        self._acknowledged = _copied(self._records)
        self.last_change = last_change

    def report(self, *, now: bool = False) -> None:
        """Tell the parent, unless it was told a moment ago."""
        if now or time.monotonic() >= self._next:
            self.channel.report(self.progress())
            self._next = time.monotonic() + _EVERY

    def progress(self) -> ReplicationProgress:
        """A copy of the counts as they stand."""
        return ReplicationProgress(
            phase=self.phase,
            position=self.position,
            records=_copied(self._records),
            control=self.control,
            throttled=self.producer.throttled,
            tables=self.tables,
            warnings=self.warnings,
            acknowledged=_copied(self._acknowledged),
            last_change=self.last_change,
            load_ends=dict(self.load_ends),
            unseen=self.unseen,
            definitions=self.definitions,
            seen=self.seen,
            latency_source=self.latency_source,
            latency_target=self.latency_target,
        )


def _copied(counts: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    return {table: dict(operations) for table, operations in counts.items()}
