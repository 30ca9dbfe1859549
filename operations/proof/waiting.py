"""Waiting: how often a row that differs is asked again, a promise of freshness apart."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import timedelta

from model import PipelineError
from operations.command import Operation

_PROMISES = 2
"""For so many promises it is asked again, where nobody said for how long."""


def add_patience(command: argparse.ArgumentParser) -> None:
    """The option ``--patience``."""
    command.add_argument(
        "--patience",
        type=float,
        metavar="MINUTES",
        help=f"for how long a row that differs is asked again, after each freshness promise ({_PROMISES} promises)",
    )


def patience(operation: Operation) -> Callable[[], bool]:
    """Waits for a promise and gives True; False, at once, where the time is up. Each table has its own time.

    Raises PipelineError for a time in which no row could be asked twice.
    """
    promise = timedelta(minutes=operation.outputs.freshness_minutes)
    minutes = operation.options.patience
    longest = _PROMISES * promise if minutes is None else timedelta(minutes=minutes)
    if longest < promise:
        raise PipelineError(
            f"--patience {minutes:g} is less than the promise of {operation.outputs.freshness_minutes} minutes "
            "(freshnessMinutes), so a row that is wrong could not be told from one that is on its way: give as much"
        )
    waited = timedelta()

    def wait() -> bool:
        nonlocal waited
        if waited + promise > longest:
            return False
        waited += promise
        operation.pause(promise.total_seconds())
        return True

    return wait
