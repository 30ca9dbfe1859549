"""``python -m operations``: see, prove and mend a stack that runs.

Exit codes: 0 all is well; 1 something was found; 2 the command could not do its work.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import signal
import sys
import traceback
from collections.abc import Sequence

from rich.console import Console

from model import PipelineError
from operations import commands, outputs
from operations.clients import Clients
from operations.command import COULD_NOT, Operation

_LOG_WIDTH = 140
"""Columns where there is no terminal to ask, as in CI's log."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = parser().parse_args(arguments)
    try:
        return options.run(_operation(options))
    except (PipelineError, OSError) as error:
        why = str(error)
    except KeyboardInterrupt:
        why = "interrupted"
    except SystemExit:  # rich's answer where nobody reads; its exit code would say that something was found
        why = "nobody reads the standard output any more"
    except Exception as error:  # exit code 1, Python's own, would say that something was found
        traceback.print_exc()
        why = f"{type(error).__name__}: {error} (nobody foresaw this; where it happened is above)"
    print(f"operations {options.command}: {why}", file=sys.stderr)
    return COULD_NOT


def end_as_by_ctrl_c() -> None:
    """Let a closed terminal and `kill` interrupt what is at work, so that it takes back what it has made."""
    for end in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(end) is signal.SIG_DFL:  # not where nohup has said otherwise
            signal.signal(end, signal.default_int_handler)


def _operation(options: argparse.Namespace) -> Operation:
    stack = outputs.read(options.stack, options.outputs)
    return Operation(
        options=options,
        outputs=stack,
        clients=Clients(
            options.region or stack.region, stack.aws_profile if options.profile is None else options.profile
        ),
        console=_console(errors=options.json),
    )


def _console(*, errors: bool) -> Console:
    """Where people are told: on the standard output, or on that of errors."""
    width = None if (sys.stderr if errors else sys.stdout).isatty() else _LOG_WIDTH
    return Console(highlight=False, emoji=False, stderr=errors, width=width)


def parser() -> argparse.ArgumentParser:
    """The commands, each with its options."""
    parser = argparse.ArgumentParser(
        prog="python -m operations",
        description="See, prove and mend a stack that runs on AWS.",
        epilog="Exit code 0: all is well; 1: something was found; 2: the command could not do its work.",
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in pkgutil.iter_modules(commands.__path__):
        importlib.import_module(f"{commands.__name__}.{module.name}").add(subparsers)
    return parser
