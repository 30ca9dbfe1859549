"""Waiting with a limit: whatever does not come fails the test with a sentence that says what was waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Thread
from typing import Any

from rehearsal.runtime.worker import Worker

LIMIT = 60
"""Seconds; far more than anything here takes on a busy machine."""


def until(what: str, met: Callable[[], object], *, pause: float = 0.005) -> None:
    """Look again and again until ``met()``. AssertionError with ``what`` after the limit."""
    ends = time.monotonic() + LIMIT
    while not met():
        assert time.monotonic() < ends, f"waited {LIMIT} s in vain until {what}"
        time.sleep(pause)


def follow(worker: Worker, what: str, met: Callable[[Any], object] = lambda _: False) -> Any:
    """Take in what ``worker`` tells until it has told what is ``met``, or until its end; the last that it told.

    Raises what it failed with.
    """
    ends = time.monotonic() + LIMIT
    while worker.poll() and not met(worker.progress):
        assert time.monotonic() < ends, f"waited {LIMIT} s in vain until {worker.name} {what}"
        worker.wait(1)
    return worker.progress


def join(*threads: Thread) -> None:
    """Wait until every thread has ended."""
    for thread in threads:
        thread.join(LIMIT)
        assert not thread.is_alive(), f"waited {LIMIT} s in vain until thread {thread.name} ended"
