"""Look: what one round of the status knows, asked once for all parts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from model import PipelineError
from operations.command import Operation
from operations.health.dms import Replication, TableState, replication, table_states
from operations.health.metrics import Readings, readings
from operations.sql import Source

_T = TypeVar("_T")


class Look:
    """One round. What is asked of AWS is asked when a part first wants it; an error is raised to each who does."""

    def __init__(self, operation: Operation, source: Source) -> None:
        self.operation = operation
        self.source = source
        """What asks the database."""
        self.now = operation.now()
        self._known: dict[str, Any] = {}

    @property
    def promise(self) -> timedelta:
        """Within which a committed change is in the lake."""
        return timedelta(minutes=self.operation.outputs.freshness_minutes)

    @property
    def replication(self) -> Replication:
        """The task. Raises PipelineError."""
        return self._once("replication", lambda: replication(self.operation.clients, self.operation.outputs))

    @property
    def tables(self) -> list[TableState]:
        """Its tables. Raises PipelineError."""
        return self._once("tables", lambda: table_states(self.operation.clients, self.operation.outputs))

    @property
    def readings(self) -> Readings:
        """The metrics of the last quarter of an hour. Raises PipelineError."""
        return self._once("readings", lambda: readings(self.operation.clients, self.operation.outputs, self.now))

    def told(self, call: Callable[[], _T]) -> _T | None:
        """What ``call`` gives; None where the part that it belongs to tells why it is not there."""
        try:
            return call()
        except PipelineError:
            return None

    def command(self, words: str) -> str:
        """A command of this room, for this stack."""
        return f"python -m operations {words} {self.operation.named}"

    def _once(self, name: str, call: Callable[[], Any]) -> Any:
        if name not in self._known:
            try:
                self._known[name] = call()
            except PipelineError as error:
                self._known[name] = error
        if isinstance(self._known[name], PipelineError):
            raise self._known[name]
        return self._known[name]
