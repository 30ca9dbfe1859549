"""Wait: how long a command waits for AWS, and how often it looks."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime

from model import PipelineError
from operations.command import Operation

_MINUTES = 30.0
_LOOK_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Looks again and again."""

    minutes: float
    """For so long nothing may move."""
    pause: Callable[[float], None]
    now: Callable[[], datetime]

    def until(self, done: Callable[[], bool], what: str, moves: Callable[[], Hashable] = lambda: None) -> None:
        """Wait for ``done``. PipelineError when for too long neither it came nor what ``moves`` gives was another."""
        last, since = moves(), self.now()
        while not done():
            if (now := moves()) != last:
                last, since = now, self.now()
            if (self.now() - since).total_seconds() >= 60 * self.minutes:
                raise PipelineError(
                    f"{what}: nothing moved for {self.minutes:g} minutes. Look at the task's log in CloudWatch; "
                    "--wait MINUTES waits longer"
                )
            self.pause(_LOOK_SECONDS)


def add_wait(command: argparse.ArgumentParser) -> None:
    """The option ``--wait``."""
    command.add_argument(
        "--wait",
        type=minutes_above_0,
        default=_MINUTES,
        metavar="MINUTES",
        help=f"how long nothing may move before the command gives up ({_MINUTES:g})",
    )


def wait(operation: Operation) -> Wait:
    """As the options of the command say."""
    return Wait(minutes=operation.options.wait, pause=operation.pause, now=operation.now)


def minutes_above_0(text: str) -> float:
    """As an option gives it; argparse names the function where it is no number."""
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no number of minutes above 0")
    return number
