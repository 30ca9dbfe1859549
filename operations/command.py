"""What every command of this room is given, and the options that all of them take."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from operations.clients import Clients
from operations.outputs import Outputs

WELL, FOUND, COULD_NOT = 0, 1, 2
"""Exit codes: all is well; something was found, or is not well; the command could not do its work."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A command at work."""

    options: argparse.Namespace
    """What was asked for: the common options, and the command's own."""
    outputs: Outputs
    """The stack's."""
    clients: Clients
    """Of the stack's Region, as the user's profile."""
    console: Console
    """For people; on the standard error output with ``--json``, whose output is for machines."""
    pause: Callable[[float], None] = time.sleep
    """Waits for so many seconds."""
    now: Callable[[], datetime] = _now
    """The time, in UTC."""

    @property
    def named(self) -> str:
        """How a command of this room names the stack: ``--stack dev``."""
        options = self.options
        return f"--stack {options.stack}" if options.stack else f"--outputs {options.outputs}"

    def say(self, line: str, style: str = "") -> None:
        """A line for people, in which nothing is markup."""
        self.console.print(line, markup=False, style=style, soft_wrap=True)

    def tell(self, document: Any) -> None:
        """The result for machines, on the standard output; nothing without ``--json``."""
        if self.options.json:
            print(json.dumps(document, indent=2, default=str))


Run = Callable[[Operation], int]
"""Does the work and returns the exit code; raises PipelineError where it cannot."""


def add_command(
    subparsers: Any, name: str, *, does: str, rights: Sequence[str], run: Run, more: str = ""
) -> argparse.ArgumentParser:
    """A parser for ``python -m operations NAME`` with the common options, to which a command adds its own.

    ``does`` begins its help, ``rights`` are the actions of IAM that it calls, ``more`` is added at the end.
    """
    told = f"Rights that it needs: {', '.join(rights)}." + (f" {more}" if more else "")
    command = subparsers.add_parser(name, help=does, description=f"{does[0].upper()}{does[1:]}.", epilog=told)
    command.set_defaults(run=run, command=name)
    command.add_argument("--stack", metavar="NAME", help="the stack; its outputs come from the Pulumi CLI")
    command.add_argument(
        "--outputs", type=Path, metavar="FILE", help="read the outputs from what `pulumi stack output --json` printed"
    )
    command.add_argument("--profile", help="profile of the AWS configuration (default: the stack's; '' for none)")
    command.add_argument("--region", help="Region (default: the stack's)")
    command.add_argument("--json", action="store_true", help="print the result for machines, and nothing else")
    return command


def seconds(text: str) -> float:
    """A number of seconds above 0, as an option gives it."""
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds above 0")
    return number
