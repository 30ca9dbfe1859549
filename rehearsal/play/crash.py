"""Crash: the replication and the delivery are killed with SIGKILL again and again, and must lose nothing.

A part that is killed can neither flush nor save. What it keeps is its checkpoint, written behind the acknowledgement
of all that lies before it; so it goes on with some records a second time and with none left out.

The seed chooses after how many records of each life a part is killed. The moments are fixed, for each is another case:
the replication once during its full load and then while it follows the log, the delivery once before its first object
and then between objects. So that there are objects to be killed between, the delivery's buffer is not the declared one.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from model import PipelineError
from model.plan import Plan
from rehearsal.delivery import DeliveryProgress
from rehearsal.play.pipeline import Pipeline
from rehearsal.replication import ReplicationProgress
from rehearsal.runtime.progress_bars import ProgressBars
from rehearsal.source.sample_source import SampleSource
from rehearsal.source.source import Source

_KILLS = 3
"""Of each part, beside the one of its beginning."""
_NO_OBJECT_YET: Mapping[str, Any] = {"buffer_bytes": 128 << 20, "buffer_seconds": 900}
_MANY_OBJECTS: Mapping[str, Any] = {"buffer_bytes": 64 << 10, "buffer_seconds": 1}
_REST_SECONDS = 1.0
"""So long nothing moves before a part is killed at rest: it has nothing left to be killed in the middle of."""


def _written(progress: ReplicationProgress, *, loaded: bool) -> int:
    counts = (count for table in progress.records.values() for count in table.items())
    return sum(count for operation, count in counts if (operation == "load") is loaded)


_MOMENTS: Mapping[str, Callable[[Any], int | None]] = {
    "during the full load": lambda p: _written(p, loaded=True) if p.phase == "full load" else None,
    "while it follows the log": lambda p: _written(p, loaded=False) if p.phase == "changes" else None,
    "before its first object": lambda p: None if p.objects else p.records,
    "between objects": lambda p: p.records if p.objects else None,
}
"""A part's progress to the records of this life, or None while it is not that moment."""
_AT_REST_TOO = ("while it follows the log", "between objects")
"""Moments that recur. A part that has nothing left to do is killed all the same, and must find its place again."""


@dataclass(frozen=True, kw_only=True)
class Kill:
    """One SIGKILL."""

    part: str
    moment: str
    after: int
    """Records that the part has written or read in this life, at least 1."""

    def due(self, progress: ReplicationProgress | DeliveryProgress | None, *, at_rest: bool) -> bool:
        """Whether to kill now; a part that has told nothing since it was started is not there yet."""
        if progress is None:
            return False
        if at_rest and self.moment in _AT_REST_TOO:
            return True
        records = _MOMENTS[self.moment](progress)
        return records is not None and records >= self.after


def schedule(seed: int, rows: int, changes: int) -> tuple[Kill, ...]:
    """The kills of each part in their order, for a sample with so many rows and changes."""
    chance = random.Random(seed)
    loaded, written = (max(1, rows // 4), max(1, rows // 2)), (1, max(1, changes // (2 * _KILLS)))
    plan = (
        ("replication", "during the full load", loaded, 1),  # far enough for rows of the broken load to be in the lake
        ("replication", "while it follows the log", written, _KILLS),
        ("delivery", "before its first object", loaded, 1),
        ("delivery", "between objects", written, _KILLS),
    )
    return tuple(
        Kill(part=part, moment=moment, after=chance.randint(*between))
        for part, moment, between, times in plan
        for _ in range(times)
    )


class _Killer:
    """Kills when it is time, and tells what it did."""

    def __init__(self, plan: Plan, pipeline: Pipeline, kills: tuple[Kill, ...]) -> None:
        self._plan, self._pipeline = plan, pipeline
        self._waiting = {
            part: deque(kill for kill in kills if kill.part == part) for part in ("replication", "delivery")
        }
        self._moved: tuple[object, float] = (None, 0.0)
        self.events: list[str] = []

    def look(self, *, settled: bool) -> bool:
        """Kill what is due; whether all has been done. ``settled``: nothing more happens in the source."""
        at_rest = settled and self._rests()
        killed = len(self.events)
        for part, kills in self._waiting.items():
            worker = self._pipeline.workers.get(part)
            if part == "delivery" and self._load_is_unbroken:
                continue  # while it is killed nobody looks at the replication, whose load may be over by then
            if kills and worker and kills[0].due(worker.progress, at_rest=at_rest):
                self._kill(kills.popleft(), worker.progress, at_rest=at_rest)
        missed = [kill for kills in self._waiting.values() for kill in kills]
        if missed and at_rest and killed == len(self.events):
            raise PipelineError(
                f"scenario crash: the {missed[0].part} was never seen {missed[0].moment}, so it was not killed "
                "there: give it more to do with --rows and --changes"
            )
        return not missed

    def _kill(self, kill: Kill, progress: Any, *, at_rest: bool) -> None:
        if kill.part == "delivery":
            self._pipeline.delivery_plan = replace(self._plan.delivery, **_MANY_OBJECTS)
        records = _MOMENTS[kill.moment](progress)
        self._pipeline.crash(kill.part)
        when = "at rest" if at_rest else f"{kill.moment}, after {records} records"
        self.events.append(f"the {kill.part} was killed {when}")

    @property
    def _load_is_unbroken(self) -> bool:
        kills = self._waiting["replication"]
        return bool(kills) and kills[0].moment == "during the full load"

    def _rests(self) -> bool:
        now, state = time.monotonic(), [worker.progress for worker in self._pipeline.workers.values()]
        if state != self._moved[0] or None in state:
            self._moved = (state, now)
        return now - self._moved[1] > _REST_SECONDS


def crash(plan: Plan, pipeline: Pipeline, source: Source, bars: ProgressBars) -> tuple[str, ...]:
    """Kill both parts while rows are loaded and change. PipelineError if there was no chance to."""
    if not isinstance(source, SampleSource):
        raise PipelineError("scenario crash is played with the sample only: leave --source out")
    killer = _Killer(plan, pipeline, schedule(source.seed, source.rows, source.changes))
    pipeline.delivery_plan = replace(plan.delivery, **_NO_OBJECT_YET)
    pipeline.start(lambda: source.begin(bars))
    pipeline.watch(lambda: killer.look(settled=False) or not pipeline.loading)
    source.loaded()
    pipeline.watch(lambda: killer.look(settled=source.settled(pipeline.records)) and source.settled(pipeline.records))
    return tuple(killer.events)
