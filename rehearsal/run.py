"""rehearse(): start every part as declared, let rows change, stop at one binlog position, keep lake and source."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal import delivery, replication, stream
from rehearsal.audit import Expectations
from rehearsal.board import Board
from rehearsal.lake import Lake
from rehearsal.output import Output
from rehearsal.plan import Plan
from rehearsal.replication import mappings
from rehearsal.source import catalog
from rehearsal.source.kinds import Source
from rehearsal.vocabulary import Position
from rehearsal.worker import Worker

_LOOK_SECONDS = 0.05
_LOADING = ("starting", "full load")


@dataclass
class Stopwatch:
    """Seconds that each stage took, by its name, in the order in which they ended."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure the block."""
        start = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - start, 2)


@dataclass(frozen=True, kw_only=True)
class Played:
    """What a rehearsal tells beside what it kept."""

    position: Position
    """The place in the binlog at which lake and source are compared."""
    not_captured: tuple[str, ...]
    """Tables of the source that the declared mappings leave out."""
    warnings: tuple[str, ...]
    """What the replication warned of."""
    throttled: int
    """How often a shard was at its limit and refused a record, which was then sent again."""


def rehearse(plan: Plan, source: Source, output: Output, board: Board, work: Path, watch: Stopwatch) -> Played:
    """Play ``plan`` over ``source``; ``output`` gets the lake and the source's rows, ``work`` the parts' checkpoints.

    Raises RehearsalError when a part fails the way its AWS counterpart would.
    """
    with ExitStack() as stack:
        with watch.stage("start"):
            stack.enter_context(source)  # first: a wrong address or password is the user's most likely mistake
            lake = stack.enter_context(Lake(plan.delivery.bucket))
            pipeline = _Pipeline(plan, source, lake, board, work, stack)
        with watch.stage("load and changes"):
            pipeline.start(lambda: source.begin(board))
            pipeline.watch(lambda: not pipeline.loading)
            source.loaded()
            pipeline.watch(lambda: source.settled(pipeline.records))
        with watch.stage("read the source"):
            pipeline.hold()
            position, not_captured = _keep_source(plan, source, output)
        with watch.stage("drain"):
            pipeline.finish(position)
            output.keep_lake(lake)
        progress = pipeline.workers["replication"].progress
        return Played(
            position=position,
            not_captured=not_captured,
            warnings=progress.warnings,
            throttled=progress.throttled,
        )


def _keep_source(plan: Plan, source: Source, output: Output) -> tuple[Position, tuple[str, ...]]:
    """Keep the captured tables' rows as they are at one binlog position; the position and the other tables' names."""
    with closing(source.server.connect()) as connection, catalog.consistent(connection) as position:
        tables = catalog.tables(connection)
        captured = mappings.parse(plan.replication.table_mappings).in_load_order(tables)
        output.keep_source(
            captured,
            lambda table: catalog.read(connection, table),
            position,
            Expectations.of(plan.replication),
        )
    return position, tuple(str(table) for table in tables if table not in captured)


class _Pipeline:
    """The stream, the delivery and the replication, each a process of its own, started in the declared order."""

    def __init__(self, plan: Plan, source: Source, lake: Lake, board: Board, work: Path, stack: ExitStack) -> None:
        self._plan, self._source, self._lake, self._work, self._stack = plan, source, lake, work, stack
        self._lines = {name: board.line(name) for name in ("replication", "delivery")}
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
        """Data records that the replication has written."""
        progress = self.workers["replication"].progress
        return sum(sum(counts.values()) for counts in progress.records.values()) if progress else 0

    def watch(self, done: Callable[[], object]) -> None:
        """Show progress until ``done``, or until Ctrl-C if that is how the source is ended."""
        try:
            self._wait(done)
        except KeyboardInterrupt:
            if not self._source.interrupt():
                raise
            self._wait(done)

    def hold(self) -> None:
        """Let the replication stand still: the source is about to be read at a position that it must not pass."""
        worker = self.workers["replication"]
        worker.finish(replication.Hold.HOLD)
        self._wait(lambda: worker.progress.phase == "held" or not worker.running)

    def finish(self, position: Position) -> None:
        """Let the replication come to ``position``, then the delivery to the end of the stream."""
        for name, word in (("replication", position), ("delivery", True)):
            worker = self.workers[name]
            worker.finish(word)
            self._wait(lambda worker=worker: not worker.running)
            self._lines[name].finish(f"records, {self._note(name)}")

    def _start_replication(self) -> None:
        url = self.workers["stream"].progress.url
        arguments = (self._plan.replication, self._source.server, self._plan.stream.name, url)
        self._start("replication", replication.run, *arguments, self._work / "replication")

    def _start_delivery(self) -> None:
        url, plan = self.workers["stream"].progress.url, self._plan.delivery
        credentials = self._lake.assume_role("delivery", plan.role_policies)
        arguments = (plan, self._plan.stream.name, url, self._lake.url, self._work / "delivery", credentials)
        self._start("delivery", delivery.run, *arguments)
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
            if done():
                return
            time.sleep(_LOOK_SECONDS)

    def _show(self) -> None:
        for name, line in self._lines.items():
            if name in self.workers and self.workers[name].progress:
                done = self.records if name == "replication" else self.workers[name].progress.records
                line.update(done, note=f"records, {self._note(name)}")

    def _note(self, name: str) -> str:
        progress = self.workers[name].progress
        return progress.phase if name == "replication" else f"{progress.objects} objects"
