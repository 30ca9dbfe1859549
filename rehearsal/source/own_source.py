"""Own source: a MySQL or MariaDB server of the user's."""

from __future__ import annotations

import time
from types import TracebackType

from database.server import Server
from rehearsal.runtime.progress_bars import ProgressBars


class OwnSource:
    """A MySQL or MariaDB server of the user's: read, never written to."""

    def __init__(self, server: Server, idle_seconds: float) -> None:
        self.server = server
        self.administrator: Server | None = None
        self._idle_seconds = idle_seconds
        self._records = -1
        self._since = time.monotonic()
        self._interrupted = False

    def __enter__(self) -> OwnSource:
        self.server.connect().close()  # a wrong address or password is said before anything else is started
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing was made, so nothing is taken away."""

    def begin(self, bars: ProgressBars) -> None:
        """The user's own applications change the rows."""
        bars.add(f"ends after {self._idle_seconds:g} s without a change, or at Ctrl-C")

    def loaded(self) -> None:
        """The idle time counts from here."""
        self._since = time.monotonic()

    def settled(self, records: int) -> bool:
        """Whether no record has come for the idle time, or Ctrl-C was pressed."""
        if records != self._records:
            self._records, self._since = records, time.monotonic()
        return self._interrupted or time.monotonic() - self._since > self._idle_seconds

    def interrupt(self) -> bool:
        """Ctrl-C ends the capture; the audit follows."""
        first, self._interrupted = not self._interrupted, True
        return first
