"""Recovery: what the task does when it loses its source: it tries again, for as long as its settings say."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import pymysql

from database.server import SourceLostError, is_lost
from rehearsal.replication.settings import Retries

_T = TypeVar("_T")


class Recovery:
    """Repeats what the loss of the source has ended.

    ``lost`` is told why, each time; ``look`` is called while time passes.
    """

    def __init__(self, retries: Retries, lost: Callable[[str], None], look: Callable[[], object]) -> None:
        self.tries = 0
        """In vain, since the source was there for the last time."""
        self._retries, self._lost, self._look = retries, lost, look

    def until_done(self, attempt: Callable[[], _T]) -> _T:
        """What ``attempt`` gives. Raises its last error when the settings allow no more tries."""
        while True:
            try:
                result = attempt()
            except (SourceLostError, pymysql.MySQLError) as error:
                if not is_lost(error) or self.tries == self._retries.count:
                    raise
                self._lost(str(error))
                self._wait(self._retries.pause(self.tries))
                self.tries += 1
            else:
                self.tries = 0
                return result

    def _wait(self, seconds: float, look_every: float = 0.05) -> None:
        ends = time.monotonic() + seconds
        while True:
            self._look()
            time.sleep(look_every)
            if time.monotonic() >= ends:
                return
