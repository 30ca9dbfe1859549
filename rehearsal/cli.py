"""``python -m rehearsal``: rehearse a stack, audit again or query what was kept, or describe the source's tables.

Exit codes: 0 the lake equals the source; 1 the audit found something; 2 it cannot be rehearsed, or a part failed.
``describe``: 0 described; 1 with ``--check``, a description is not as the source is; 2 it cannot be described.
"""

from __future__ import annotations

import argparse
import errno
import shutil
import sys
import tempfile
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pulumi import RunError
from rich.console import Console

import toolchain
from audit import AuditResult, Latencies
from database.url import server_of
from declaration import declare
from model import PipelineError
from model.plan import Plan
from rehearsal.athena import DUCKDB, ENGINES, TRINO
from rehearsal.athena.command import add_query
from rehearsal.describe import FOLDER, describe
from rehearsal.plan.pipeline import read_plan
from rehearsal.play.output import Output
from rehearsal.play.parts import DECLARED, UNLIMITED
from rehearsal.play.rehearse import PRELOADED, rehearse
from rehearsal.play.scenarios import SCENARIOS
from rehearsal.report import Outcome, show
from rehearsal.runtime.progress_bars import ProgressBars
from rehearsal.runtime.scratch import scratch
from rehearsal.runtime.signals import Terminated, terminable
from rehearsal.runtime.stopwatch import Stopwatch
from rehearsal.runtime.worker import preload
from rehearsal.source.own_source import OwnSource
from rehearsal.source.restorable import RestorableSource
from rehearsal.source.sample_source import SampleSource
from rehearsal.source.source import Source

_OUTPUT = Path("rehearsal-output")
_LOG_WIDTH = 140  # columns where there is no terminal to ask, as in CI's log
_MAX_SEED = 2**31 - 1  # the sample's procedures take it as an INT


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """A reader such as `head` has enough. Rich would end with exit code 1, which is the audit's."""
        with suppress(SystemExit):
            super().on_broken_pipe()  # what is not written yet goes nowhere
        raise BrokenPipeError("nobody reads the standard output any more")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = parser().parse_args(arguments)
    console = _Console(highlight=False, width=None if sys.stdout.isatty() else _LOG_WIDTH)
    try:
        with terminable():
            return options.run(options, console)
    except OSError as error:
        why = _told(error, options)
    except (PipelineError, RunError, toolchain.SetUpError) as error:
        why = str(error)
    except KeyboardInterrupt:
        why = "interrupted"
    except Terminated:
        why = "terminated"
    except Exception as error:  # exit code 1, Python's own, would say that the audit found something
        traceback.print_exc()
        why = f"{type(error).__name__}: {error} (nobody foresaw this; where it happened is above)"
    print(f"{options.failed}: {why}", file=sys.stderr)
    return 2


def _told(error: OSError, options: argparse.Namespace) -> str:
    """What the machine lacks, and what to do."""
    if error.errno == errno.ENOSPC:
        kept = getattr(options, "keep", None) or _OUTPUT
        free = [f"{folder.resolve()} has {_free(folder)} MB free" for folder in (Path(tempfile.gettempdir()), kept)]
        return (
            f"{error}: {' and '.join(free)}. The first holds database, stream, checkpoints and what audits put aside "
            "(TMPDIR names another), the second the lake and the source's rows (--keep). A million rows and as many "
            "changes take about 4 GB of the first and 0.4 GB of the second"
        )
    if error.errno == errno.EMFILE:
        return f"{error}: this shell allows too few open files; raise it (ulimit -n 1024)"
    return str(error)


def _free(folder: Path) -> int:
    there = next(it for it in (folder.resolve(), *folder.resolve().parents) if it.exists())
    return shutil.disk_usage(there).free // 2**20


def _rehearse(options: argparse.Namespace, console: Console) -> int:
    if options.source and options.scenario != "straight":
        raise PipelineError(
            f"--scenario {options.scenario} is played with the sample only: nothing of a server of yours is killed or "
            "restored. Take one of --source and --scenario away"
        )
    if options.engine == TRINO:
        toolchain.ensure_trino()  # a machine that lacks something says so now, not after all has been played
    preload(*PRELOADED)  # beside what follows, on another core
    watch = Stopwatch()
    with watch.stage("declare"):
        plan = read_plan(declare(options.stack))
    output = Output(options.keep or _OUTPUT / options.stack)
    with output.claimed():
        _check_writable(options.json)
        with scratch() as folder, ProgressBars(console) as bars:
            source = _source(options, plan, folder, bars)
            parts = UNLIMITED if options.unlimited else DECLARED
            played = rehearse(plan, source, output, bars, folder, watch, SCENARIOS[options.scenario], parts)
            latencies = Latencies(played.watched.delivered_at if played.watched else {})
            audited = _audited(output, bars, watch, options, latencies)
        outcome = Outcome(
            folder=output.folder,
            audit=audited,
            position=played.position,
            seconds=watch.seconds,
            played=played,
            latencies=latencies.ordered(),
            unlimited=options.unlimited,
        )
        show(outcome, console)  # before anything is written: a full disk must not take the result
        output.keep_report(outcome.as_text())
    _write(options.json, outcome)
    return 0 if outcome.audit.equal else 1


def _audit(options: argparse.Namespace, console: Console) -> int:
    _check_writable(options.json)
    output, watch = Output(options.folder), Stopwatch()
    position = output.source().position
    with ProgressBars(console) as bars:
        audited = _audited(output, bars, watch, options)
    outcome = Outcome(folder=output.folder, audit=audited, position=position, seconds=watch.seconds, played=None)
    show(outcome, console)
    _write(options.json, outcome)
    return 0 if outcome.audit.equal else 1


def _describe(options: argparse.Namespace, console: Console) -> int:
    plan = read_plan(declare(options.stack))
    with (
        scratch() as folder,
        ProgressBars(console) as bars,
        _source(options, plan, folder, bars) as source,
    ):
        descriptions = describe(plan, source, FOLDER)
    if not options.check:
        descriptions.write()
    for line in descriptions.lines():
        console.print(line, markup=False, soft_wrap=True)
    if options.check and (descriptions.differing or descriptions.gone):
        remedies = ["describe it without --check"] * bool(descriptions.differing)
        remedies += ["delete the files of tables that are gone"] * bool(descriptions.gone)
        console.print(f"NOT AS THE SOURCE IS: {', then '.join(remedies)}", style="bold red", soft_wrap=True)
        return 1
    return 0


def _check_writable(report: Path | None) -> None:
    if report and not report.parent.is_dir():
        raise PipelineError(f"--json {report}: there is no folder {report.parent}; make it first")


def _write(report: Path | None, outcome: Outcome) -> None:
    if report:
        report.write_text(outcome.as_text(), encoding="utf-8")


def _audited(
    output: Output,
    bars: ProgressBars,
    watch: Stopwatch,
    options: argparse.Namespace,
    latencies: Latencies | None = None,
) -> AuditResult:
    line = bars.add("audit")
    with watch.stage("audit"):
        audited = output.audit(
            lambda result: line.update(result.records, note="records"), options.seed, options.engine, latencies
        )
    line.finish("records read, rows compared, views asked")
    return audited


def _source(options: argparse.Namespace, plan: Plan, folder: Path, bars: ProgressBars) -> Source:
    if options.source:
        return OwnSource(server_of(options.source), options.idle)
    if not plan.database.own:
        raise PipelineError(
            f"stack {plan.stack!r} captures from a database that is not its own, so nothing declares its parameters: "
            "rehearse against that database, or a copy of it, with --source mysql://user@host:port"
        )
    kind = RestorableSource if options.scenario == "restore" else SampleSource
    sizes = {"rows": options.rows, "changes": options.changes, "seed": options.seed}
    return kind(plan.database, folder, toolchain.ensure_mariadbd(), bars, **sizes)


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative: give a whole number from 0 on")
    return number


def _seed(text: str) -> int:
    if not 0 <= int(text) <= _MAX_SEED:
        raise argparse.ArgumentTypeError(f"{text} is no whole number from 0 to {_MAX_SEED}")
    return int(text)


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds above 0")
    return number


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m rehearsal",
        description="Run what a stack declares with real rows, and prove that the lake equals the source.",
        epilog="Exit code 0: equal; 1: the audit found something; 2: cannot be rehearsed, or a part failed.",
    )
    parser.set_defaults(run=_rehearse, failed="not rehearsed")
    parser.add_argument("--stack", default="dev", help="a stack with a Pulumi.<stack>.yaml (default: dev)")
    parser.add_argument(
        "--scenario",
        choices=SCENARIOS,
        default="straight",
        help="what happens meanwhile: nothing, kills, a restore, a replay",
    )
    parser.add_argument("--rows", type=_count, default=20_000, help="about how many rows the sample has (20000)")
    parser.add_argument("--changes", type=_count, default=20_000, help="about how many row changes happen (20000)")
    parser.add_argument("--seed", type=_seed, default=1, help="which rows, changes and disorder (1)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help=f"where to keep the lake ({_OUTPUT}/<stack>)")
    parser.add_argument("--source", metavar="URL", help="mysql://user@host:port: your own server instead of the sample")
    parser.add_argument("--idle", type=_seconds, default=10.0, help="with --source: seconds without a change (10)")
    parser.add_argument("--unlimited", action="store_true", help="without the limits of the stream's shards")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report for machines")
    engine = {"choices": ENGINES, "help": "what answers the declared SQL (duckdb); trino needs Java and Maven"}
    parser.add_argument("--engine", default=DUCKDB, **engine)
    commands = parser.add_subparsers(dest="command")
    audit = commands.add_parser("audit", help="repeat the audit on a kept lake")
    audit.set_defaults(run=_audit)
    audit.add_argument("folder", type=Path, metavar="DIR", help="what --keep named, or rehearsal-output/<stack>")
    report = "write the report for machines"
    audit.add_argument("--json", type=Path, metavar="FILE", default=argparse.SUPPRESS, help=report)
    audit.add_argument("--engine", default=argparse.SUPPRESS, **engine)
    _add_describe(commands.add_parser("describe", help="write the captured tables' columns and keys to schemas/"))
    add_query(commands.add_parser("query", help="ask a kept lake in Athena's SQL"), _OUTPUT)
    return parser


def _add_describe(command: argparse.ArgumentParser) -> None:
    """Its own options; of those before the command it takes what they say, but the sample in its smallest size."""
    command.set_defaults(run=_describe, failed="not described", rows=0, changes=0, scenario="straight")
    command.add_argument("--stack", default=argparse.SUPPRESS, help="whose mappings say which tables (default: dev)")
    command.add_argument(
        "--source", metavar="URL", default=argparse.SUPPRESS, help="mysql://user@host:port (default: the sample)"
    )
    command.add_argument(
        "--check", action="store_true", help="write nothing; exit code 1 if a file is not as the source"
    )
