"""Signals that end a run, as exceptions, so that everything that it started and made is taken away."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(BaseException):
    """SIGTERM, as a cancelled CI job gets it, or SIGHUP, as a closed terminal sends it.

    No Exception: nothing on the way may take it for an error of its own.
    """


@contextmanager
def terminable() -> Iterator[None]:
    """A signal ends the block as an exception does. Raises Terminated."""

    def terminate(number: int, frame: FrameType | None) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)  # a second one would end the taking away
        raise Terminated

    ignored = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN  # by nohup, who means it
    before = {each: signal.signal(each, terminate) for each in (signal.SIGTERM, *([] if ignored else [signal.SIGHUP]))}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
