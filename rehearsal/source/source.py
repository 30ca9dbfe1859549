"""Source: a database whose changes are captured, as the rehearsal sees it.

A context manager with a ``server`` to capture from. ``begin`` starts whatever changes rows; ``settled`` says when
nothing more will change.
"""

from __future__ import annotations

from types import TracebackType
from typing import Protocol

from database.server import Server
from rehearsal.runtime.progress_bars import ProgressBars


class Source(Protocol):
    """A database whose changes are captured."""

    server: Server
    """How the replication connects: as the capture user."""
    administrator: Server | None
    """Somebody who sees every table; None where there is only the capture user."""

    def begin(self, bars: ProgressBars) -> None:
        """Start changing rows, if that is this source's to do. Returns at once."""

    def loaded(self) -> None:
        """The full load is over."""

    def settled(self, records: int) -> bool:
        """Whether no more changes come; ``records`` is how many the replication has written so far."""
        ...

    def interrupt(self) -> bool:
        """Ctrl-C was pressed: settle now if that is how this source is ended; False if it is not."""
        ...

    def __enter__(self) -> Source: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
