"""Progress: what the replication tells its parent."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from rehearsal.replication.producer import Producer
from rehearsal.vocabulary import Position
from rehearsal.worker import Channel

_EVERY = 0.02  # seconds; who kills the task at a chosen moment must see that moment


@dataclass(frozen=True)
class ReplicationProgress:
    """How far the task has come, in this run of the worker."""

    phase: str
    """``starting``, ``full load``, ``changes``, ``held`` or ``finished``."""
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


@dataclass
class Tally:
    """Counts what is put, and tells it a few times a second."""

    channel: Channel
    producer: Producer
    phase: str = "starting"
    position: Position | None = None
    control: int = 0
    tables: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    _records: dict[str, dict[str, int]] = field(default_factory=dict)
    _next: float = 0.0

    def count(self, table: str, operation: str) -> None:
        """One more data record of ``table`` was put."""
        operations = self._records.setdefault(table, {})
        operations[operation] = operations.get(operation, 0) + 1

    def tell(self, *, now: bool = False) -> None:
        """Tell the parent, unless it was told a moment ago."""
        if now or time.monotonic() >= self._next:
            self.channel.tell(self.progress())
            self._next = time.monotonic() + _EVERY

    def progress(self) -> ReplicationProgress:
        """A copy of the counts as they stand."""
        return ReplicationProgress(
            phase=self.phase,
            position=self.position,
            records={table: dict(operations) for table, operations in self._records.items()},
            control=self.control,
            throttled=self.producer.throttled,
            tables=self.tables,
            warnings=self.warnings,
        )
