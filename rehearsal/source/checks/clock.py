"""Clock: whether the source's is this machine's, for a record's ``commit-timestamp`` is the source's time."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pymysql

from database.queries import ask

TOLERATED = 2.0
"""Seconds; the log has whole ones only."""


def clock_warning(connection: pymysql.Connection[Any]) -> str:
    """What to say of the source's clock; empty while nobody could notice."""
    begin = time.time()
    ((said,),) = ask(connection, "SELECT NOW(6)")
    between = (begin + time.time()) / 2
    return skewed(datetime.fromisoformat(said).replace(tzinfo=UTC).timestamp() - between)


def skewed(ahead: float) -> str:
    """What to say of a clock that is ``ahead`` by so many seconds, or behind by as many below zero."""
    if abs(ahead) <= TOLERATED:
        return ""
    direction = "ahead of" if ahead > 0 else "behind"
    return (
        f"the source's clock is {abs(ahead):,.0f} s {direction} this machine's: commit-timestamp in the records is the "
        "source's time, so do not compare it with message times. The audit goes by positions in the log"
    )
