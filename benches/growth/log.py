"""A log that grows while its tables do not: a kept lake's records are one day of it, and each further day has them
again.

A day's records are spread over 24 hours, an object each; the log ends with the hour that is.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from model import PipelineError
from rehearsal.lake import LakeObject, open_kept

_HOURS = 24
_TIME = re.compile(rb'"((?:commit-)?timestamp)":"[^"]*"')


def records(lake: Path) -> list[bytes]:
    """Every line of a kept lake, in the order of its records' times."""
    lines = [line for it in open_kept(lake).objects() for line in gzip.decompress(it.body).splitlines()]
    if not lines:
        raise PipelineError(f"{lake} has no records: rehearse again")
    return sorted(lines, key=lambda line: json.loads(line)["metadata"]["timestamp"])


def log(lines: Sequence[bytes], days: int, prefix: str) -> Iterator[LakeObject]:
    """The objects of so many days. Tables are created on the first one alone."""
    later = [line for line in lines if b'"record-type":"control"' not in line]
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for number in range(days * _HOURS):
        given = lines if number < _HOURS else later
        begin, to = (len(given) * it // _HOURS for it in (number % _HOURS, number % _HOURS + 1))
        yield _hour(end - timedelta(hours=days * _HOURS - 1 - number), given[begin:to], prefix)


def _hour(begin: datetime, lines: Sequence[bytes], prefix: str) -> LakeObject:
    step = timedelta(hours=1) / max(1, len(lines))
    times = [f'"\\1":"{begin + step * place:%Y-%m-%dT%H:%M:%S.%fZ}"'.encode() for place in range(len(lines))]
    moved = [_TIME.sub(time, line) for time, line in zip(times, lines, strict=True)]
    return LakeObject(
        key=f"{prefix}dt={begin:%Y-%m-%d}/hr={begin:%H}/growth.json.gz",
        body=gzip.compress(b"\n".join(moved), 6),
        etag="",
        last_modified=begin,
    )
