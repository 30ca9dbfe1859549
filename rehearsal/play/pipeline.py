"""Pipeline: the stream, the delivery and the replication, each a process of its own, started in the declared order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from model import Position, Table
from model.plan import DeliveryPlan, Plan, ReplicationPlan
from rehearsal import replication, stream
from rehearsal.lake import Lake
from rehearsal.play.counted import acknowledged, written
from rehearsal.play.parts import Parts
from rehearsal.replication import ReplicationProgress
from rehearsal.runtime.progress_bars import ProgressBars
from rehearsal.runtime.worker import Worker, wait_for_any
from rehearsal.source.source import Source

_LOOK_SECONDS = 0.05
_LOADING = ("starting", "full load")


class Pipeline:
    """All parts of a rehearsal and how they are started, watched, killed and ended."""

    delivery_plan: DeliveryPlan
    """What the delivery is started with next."""

    def __init__(
        self, plan: Plan, source: Source, lake: Lake, bars: ProgressBars, work: Path, stack: ExitStack, parts: Parts
    ) -> None:
        self._plan, self._source, self._lake, self._work, self._stack = plan, source, lake, work, stack
        self._parts = parts
        self._lines = {name: bars.add(name) for name in ("replication", "delivery")}
        self._task: ReplicationPlan = plan.replication
        self._state = work / "replication"
        self._earlier: dict[str, list[Any]] = {name: [] for name in self._lines}
        self._beside: list[ReplicationProgress] = []
        self._ended: dict[str, float] = {}
        self.silent: dict[str, float] = {}
        """The longest time for which a part was away and then came back, in seconds, by its name."""
        self.delivery_plan = plan.delivery
        self._credentials = lake.assume_role("delivery", plan.delivery.role_policies)
        self.workers: dict[str, Worker] = {}
        self._start("stream", stream.serve, plan.stream)
        self._wait(lambda: self.workers["stream"].progress)

    def start(self, load_begins: Callable[[], None]) -> None:
        """Delivery and task, in the order that the declared dependencies promise; without one, in the unlucky order."""
        in_order = self._plan.delivery.starts_before_task
        if in_order:
            self._start_delivery()
        self._start_replication()
        self._wait(lambda: self.workers["replication"].progress)
        load_begins()
        if not in_order:
            self._wait(lambda: not self.loading)
            self._start_delivery()

    @property
    def loading(self) -> bool:
        """Whether the full load is still to come or goes on."""
        progress = self.workers["replication"].progress
        return progress is None or progress.phase in _LOADING

    @property
    def records(self) -> int:
        """Data records that the replication has written since it was last started."""
        progress = self.workers["replication"].progress
        return written(progress) if progress else 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What every run of the replication warned of, each once."""
        runs = (*self._runs(), *self._beside)
        return tuple(dict.fromkeys(warning for run in runs for warning in run.warnings))

    @property
    def throttled(self) -> int:
        """How often a shard refused a record of any run of the replication."""
        return sum(run.throttled for run in (*self._runs(), *self._beside))

    @property
    def acknowledged(self) -> dict[str, dict[str, int]]:
        """Data records of the task in the stream, by table and operation: see counted.py."""
        return acknowledged(self._runs())

    @property
    def control(self) -> int:
        """Control records of the runs that came to their end: of one that was killed, some may never have been sent."""
        return sum(run.control for run in (*self._runs(), *self._beside) if run.phase == "finished")

    @property
    def last_change(self) -> tuple[int, int] | None:
        """Transaction id and record id of the last change that the task has written."""
        return self.workers["replication"].progress.last_change

    @property
    def definitions(self) -> tuple[Table, ...] | None:
        """The captured tables as the log left them where the task ended; None for a task that follows no log."""
        return self.workers["replication"].progress.definitions

    @property
    def load_ends(self) -> dict[str, int] | None:
        """The log's end when each table was loaded, as a transaction's id; None where there are two logs."""
        if self._task is not self._plan.replication:
            return None
        return {table: end for run in self._runs() for table, end in run.load_ends.items()}

    @property
    def unseen(self) -> frozenset[tuple[str, str]]:
        """Tables that the mappings select, whose rows the log has and the catalog did not list: schema and name."""
        return frozenset(name for run in self._runs() for name in run.unseen)

    def gone(self, captured: Iterable[str]) -> tuple[str, ...]:
        """The names in the lake of tables that were captured and are not among ``captured`` any more."""
        return tuple(sorted({name for run in self._runs() for name in run.seen} - set(captured)))

    def watch(self, done: Callable[[], object]) -> None:
        """Show progress until ``done``, or until Ctrl-C if that is how the source is ended."""
        try:
            self._wait(done)
        except KeyboardInterrupt:
            if not self._source.interrupt():
                raise
            self._wait(done)

    def crash(self, name: str) -> None:
        """Kill the replication or the delivery with SIGKILL, and start it again from what it keeps on disk."""
        worker = self.workers[name]
        worker.kill()
        if worker.progress:
            self._earlier[name].append(worker.progress)
        self._ended[name] = time.monotonic()
        {"replication": self._start_replication, "delivery": self._start_delivery}[name]()

    def replace_task(self, task_id: str) -> None:
        """Put another task in the place of the one that has ended: with nothing on disk, it begins anew."""
        self._task = replace(self._task, task_id=task_id)
        self._state = self._work / task_id
        self.resume_task()

    def resume_task(self) -> None:
        """Start the task that has ended from its checkpoint, at the source's server as it is now."""
        self._earlier["replication"].append(self.workers["replication"].progress)
        self._start_replication()
        self._wait(lambda: self.workers["replication"].progress)

    def hold(self) -> None:
        """Let the replication stand still: the source is about to be read at a position that it must not pass."""
        worker, self._held = self.workers["replication"], time.monotonic()
        worker.instruct(replication.Instruction.HOLD)
        self._wait(lambda: (worker.progress and worker.progress.phase == "held") or not worker.running)

    def go_on(self) -> None:
        """Let the replication that stands still go on."""
        self.workers["replication"].instruct(None)
        self.silent["replication"] = max(time.monotonic() - self._held, self.silent.get("replication", 0.0))

    @property
    def position(self) -> Position:
        """Where the task stands in the log: everything before it is in the stream."""
        position = self.workers["replication"].progress.position
        assert position, "a task that loads stands nowhere yet"
        return position

    def write_again(self, begin: Position, end: Position) -> int:
        """A second task, ``cdc`` and else as the declared one, writes the changes from ``begin`` to ``end`` once more.

        Returns how many records that were.
        """
        name = f"{self._task.task_id}-replay"
        task = replace(self._task, task_id=name, migration_type="cdc", cdc_start_position=str(begin), cdc_start_time="")
        url = self.workers["stream"].progress.url
        arguments = (task, self._source.server, self._plan.stream.name, url, self._work / name)
        self._start(name, self._parts.replication, *arguments)
        self.finish_part(name, end)
        self._beside.append(self.workers.pop(name).progress)
        del self._ended[name]  # it does not come back
        return written(self._beside[-1])

    def check_end(self, end: Position) -> None:
        """Raise PipelineError if the source's log, which ends at ``end``, is not the one that the task has read."""
        if self._task.migration_type != "full-load":
            replication.check_end(self._state, self._task.task_id, end, self._source.server)

    def finish(self, position: Position) -> None:
        """Let the replication come to ``position``, then the delivery to the end of the stream, which then ends too."""
        for name, word in (("replication", position), ("delivery", True)):
            self.finish_part(name, word)
            self._lines[name].finish(f"records, {self._note(name)}")
        self.finish_part("stream", True)

    def finish_part(self, name: str, word: object) -> None:
        """Tell one part to finish and wait until it has."""
        worker = self.workers[name]
        worker.instruct(word)
        self._wait(lambda: not worker.running)
        self._ended[name] = time.monotonic()

    def runs(self, name: str) -> list[Any]:
        """The last progress of every process that was the replication, or the delivery, in order."""
        return [*self._earlier[name], self.workers[name].progress]

    def _runs(self) -> list[Any]:
        return self.runs("replication")

    def _start_replication(self) -> None:
        url = self.workers["stream"].progress.url
        arguments = (self._task, self._source.server, self._plan.stream.name, url, self._state)
        self._start("replication", self._parts.replication, *arguments)

    def _start_delivery(self) -> None:
        url, lake = self.workers["stream"].progress.url, self._lake.url
        arguments = (self.delivery_plan, self._plan.stream.name, url, lake, self._work / "delivery", self._credentials)
        self._start("delivery", self._parts.delivery, *arguments)
        self._wait(lambda: (progress := self.workers["delivery"].progress) and progress.active)

    def _start(self, name: str, target: Callable[..., object], *arguments: object) -> None:
        worker = Worker(f"the {name}", target, *arguments)
        self._stack.callback(worker.kill)
        self.workers[name] = worker

    def _wait(self, done: Callable[[], object]) -> None:
        while True:
            for worker in self.workers.values():
                worker.poll()
            self._show()
            self._look_who_is_back()
            if done():
                return
            wait_for_any(self.workers.values(), _LOOK_SECONDS)

    def _look_who_is_back(self) -> None:
        for name in [name for name in self._ended if self.workers[name].running and self.workers[name].progress]:
            away = time.monotonic() - self._ended.pop(name)
            self.silent[name] = max(away, self.silent.get(name, 0.0))

    def _show(self) -> None:
        for name, line in self._lines.items():
            if name in self.workers and self.workers[name].progress:
                done = self.records if name == "replication" else self.workers[name].progress.records
                line.update(done, note=f"records, {self._note(name)}")

    def _note(self, name: str) -> str:
        progress = self.workers[name].progress
        return progress.phase if name == "replication" else f"{progress.objects} objects"
