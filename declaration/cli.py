"""``python -m declaration``: show what a stack declares, draw it, or print the made tables of a page in ``docs/``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from pulumi import RunError

from declaration.changes import changes_table
from declaration.dashboard import dashboard
from declaration.graph import graph
from declaration.run import ROOT, declare
from declaration.runbook import runbook
from declaration.tables import configuration_table, rules_table
from declaration.tree import tree

_TABLES = {
    "changes": changes_table,
    "config": lambda: configuration_table(ROOT),
    "rules": rules_table,
    "runbook": runbook,
}
_PICTURES = {"dashboard": dashboard, "graph": graph}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, or 2 when the stack's configuration is refused."""
    options = parser().parse_args(arguments)
    if options.command in _TABLES:
        print(_TABLES[options.command]())
        return 0
    try:
        declared = declare(options.stack)
    except RunError as error:
        print(error, file=sys.stderr)
        return 2
    if options.command in _PICTURES:
        drawn = _PICTURES[options.command](declared)
        Path(options.out).write_text(drawn, encoding="utf-8") if options.out else print(drawn, end="")
    else:
        print(json.dumps(declared.as_json(), indent=2) if options.json else tree(declared))
    return 0


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    parser = argparse.ArgumentParser(prog="python -m declaration", description="What the program declares for a stack.")
    commands = parser.add_subparsers(dest="command", required=True)
    show = commands.add_parser("show", help="print the resource tree")
    show.add_argument("--json", action="store_true", help="print the graph as JSON instead, secrets masked")
    draw = commands.add_parser("graph", help="print the picture of the pipeline as SVG")
    board = commands.add_parser("dashboard", help="print the picture of the dashboard as SVG")
    for picture in (draw, board):
        picture.add_argument("--out", metavar="FILE", help="write the picture to a file instead")
    commands.add_parser("changes", help="print the table of docs/changes.md: every key, changed (half a minute)")
    commands.add_parser("config", help="print the tables of docs/configuration.md: every key, by group")
    commands.add_parser("rules", help="print the tables of docs/rules.md: every rule on a configuration")
    commands.add_parser("runbook", help="print what docs/runbook.md says of each alarm and event")
    for command in (show, draw, board):
        command.add_argument("--stack", default="dev", help="a stack with a Pulumi.<stack>.yaml (default: dev)")
    return parser
