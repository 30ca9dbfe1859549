"""Progress bars while the rehearsal works. On a terminal they move; in a log each is one last line."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class ProgressBar:
    """One bar."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def update(self, done: int, total: int | None = None, note: str = "") -> None:
        """``done`` of ``total`` (None: not known yet), with a short ``note`` behind the bar."""
        self._progress.update(self._task, completed=done, total=total, note=note)

    def finish(self, note: str = "") -> None:
        """The work of this line is complete."""
        done = self._progress.tasks[self._progress.task_ids.index(self._task)].completed
        self._progress.update(self._task, completed=done or 1, total=done or 1, note=note)
        self._progress.stop_task(self._task)


class ProgressBars:
    """A context manager that shows its lines while it is open."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
        )

    def add(self, name: str, total: int | None = None) -> ProgressBar:
        """A new bar below the others."""
        return ProgressBar(self._progress, self._progress.add_task(name, total=total, note=""))

    def say(self, line: str) -> None:
        """Print ``line`` above the bars."""
        self._progress.console.print(line, markup=False, soft_wrap=True)

    def __enter__(self) -> ProgressBars:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
