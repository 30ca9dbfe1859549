"""Replay: a second task writes a window of the log again, while the first stands still and the source goes on changing.

What ``python -m operations replay`` does on AWS. The window begins where the changes began, so that it holds those that
the load had already, and goes up to the end of the log where the first stands: model/window.py refuses the rest.
"""

from __future__ import annotations

from contextlib import closing

from database.queries import ask
from database.server import Server
from model import PipelineError
from model.plan import Plan
from model.window import LogFile, check_window, log_end
from rehearsal.play.pipeline import Pipeline
from rehearsal.runtime.progress_bars import ProgressBars
from rehearsal.source.sample_source import SampleSource
from rehearsal.source.source import Source


def replay(plan: Plan, pipeline: Pipeline, source: Source, bars: ProgressBars) -> tuple[str, ...]:
    """Load, follow, write all changes so far a second time, go on. PipelineError if there was nothing to write."""
    if not isinstance(source, SampleSource):
        raise PipelineError("scenario replay is played with the sample only: leave --source out")
    pipeline.start(lambda: source.begin(bars))
    pipeline.watch(lambda: not pipeline.loading)
    begin = pipeline.position
    pipeline.watch(lambda: source.settled(pipeline.records))
    here = log_end(log_files(source.server))
    pipeline.watch(lambda: pipeline.position >= here)
    pipeline.hold()
    files = log_files(source.server)
    source.loaded()
    end = log_end(files)
    check_window(begin, end, pipeline.position, files)
    records = pipeline.write_again(begin, end)
    if not records:
        raise PipelineError(f"scenario replay: no change between {begin} and {end} to write again: raise --changes")
    pipeline.go_on()
    pipeline.watch(lambda: source.settled(pipeline.records))
    return (f"a second task wrote {records:,} changes from {begin} to {end} again, while the first stood still",)


def log_files(server: Server) -> list[LogFile]:
    """The files of the server's binlog."""
    with closing(server.connect()) as connection:
        return [LogFile(str(name), int(size)) for name, size, *_ in ask(connection, "SHOW BINARY LOGS")]
