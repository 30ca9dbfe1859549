"""Patience: how long a command waits for AWS, and how often it looks."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from model import PipelineError


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Looks again and again. A test gives it a clock and a sleep of its own."""

    seconds: float
    """For so long nothing may move."""
    every: float = 10
    """Seconds between two looks."""
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def until(self, done: Callable[[], bool], what: str, moves: Callable[[], Hashable] = lambda: None) -> None:
        """Wait for ``done``. PipelineError when for too long neither it came nor what ``moves`` gives was another."""
        last, since = moves(), self.clock()
        while not done():
            if (now := moves()) != last:
                last, since = now, self.clock()
            if self.clock() - since >= self.seconds:
                raise PipelineError(
                    f"{what}: nothing moved for {self.seconds / 60:g} minutes. Look at the task's log in CloudWatch; "
                    "with --patience MINUTES the command waits longer"
                )
            self.sleep(self.every)
