"""Latency: how long after its commit each change was in the lake, by what the records themselves say.

``commit-timestamp`` has whole seconds, rounded down, so a latency is up to a second too long and never too short. Load
records have no commit. Of a change that was delivered twice the first copy counts.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

Change = tuple[tuple[str, str], str, int, int]
"""Table, commit and place in the log. With the commit, for after a restore another log may have the same place."""


class Latencies:
    """Takes in the records of delivered objects."""

    def __init__(self, delivered_at: Mapping[str, float]) -> None:
        """``delivered_at``: when S3 took each object, in seconds since the epoch, by its key."""
        self._delivered_at = delivered_at
        self._seconds: dict[Change, float] = {}
        self._closed = array("d")

    def add(self, change: Change, key: str) -> None:
        """A copy of ``change`` is in the object ``key``. It counts if both its commit and the object have a time."""
        delivered, (_, commit, _, number) = self._delivered_at.get(key), change
        if delivered is None or not commit or number < 0:
            return
        seconds = delivered - _epoch(commit)
        self._seconds[change] = min(seconds, self._seconds.get(change, seconds))

    def close(self) -> None:
        """Of the changes that were added no further copy comes."""
        self._closed.extend(self._seconds.values())
        self._seconds.clear()

    def ordered(self) -> list[float]:
        """The latency of each change in seconds, the shortest first."""
        return sorted((*self._closed, *self._seconds.values()))


def percentile(ordered: list[float], percent: float) -> float:
    """The least of ``ordered`` (not empty, ascending) that so many percent do not exceed (nearest rank)."""
    return ordered[max(1, math.ceil(len(ordered) * percent / 100)) - 1]


@lru_cache(maxsize=256)
def _epoch(commit: str) -> float:
    return datetime.fromisoformat(commit).replace(tzinfo=UTC).timestamp()
