"""The command line: commands are found by their place, errors are one line and exit code 2."""

from __future__ import annotations

import argparse
import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from rich.table import Table
from rich.text import Text

from model import PipelineError
from operations import cli, commands
from operations.command import Operation
from tests.operations.stacks import exports

PLANTED = """
from operations.command import add_command
from tests.operations import test_cli

def add(subparsers):
    add_command(subparsers, "planted", does="does as told", rights=["a:One", "b:Two"], run=test_cli.Planted.run)
"""


class Planted:
    """What the planted command does."""

    run: Any


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A command in a folder of its own, and how to call it."""
    (tmp_path / "planted.py").write_text(PLANTED, encoding="utf-8")
    monkeypatch.setattr(commands, "__path__", [str(tmp_path)])
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps(dict(exports())), encoding="utf-8")
    return ["planted", "--outputs", str(file)]


def test_a_command_is_given_the_stack_and_its_exit_code_is_the_programs(planted: list[str]):
    asked: list[Operation] = []
    Planted.run = staticmethod(lambda operation: asked.append(operation) or 1)
    assert cli.main([*planted, "--region", "eu-west-1"]) == 1
    assert asked[0].outputs.task_arn == exports()["taskArn"]
    assert asked[0].clients.region == "eu-west-1"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PipelineError("no such thing: look there"), "no such thing: look there"),
        (FileNotFoundError(2, "No such file", "x"), "No such file"),
        (KeyboardInterrupt(), "interrupted"),
        (SystemExit(1), "nobody reads the standard output any more"),
        (ZeroDivisionError("oh"), "ZeroDivisionError: oh (nobody foresaw this"),
    ],
)
def test_an_error_is_a_line_and_exit_code_2(
    planted: list[str], error: BaseException, said: str, capsys: pytest.CaptureFixture[str]
):
    def fail(_: Operation) -> int:
        raise error

    Planted.run = staticmethod(fail)
    assert cli.main(planted) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("operations planted: ")
    assert said in last


def test_with_json_people_are_told_on_the_error_output(planted: list[str], capsys: pytest.CaptureFixture[str]):
    def run(operation: Operation) -> int:
        operation.say("for people [x]")
        operation.tell({"for": "machines"})
        return 0

    Planted.run = staticmethod(run)
    assert cli.main([*planted, "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == {"for": "machines"}
    assert "for people [x]" in told.err
    assert cli.main(planted) == 0
    assert "machines" not in capsys.readouterr().out


def test_a_table_is_as_wide_as_the_screen_and_folds_in_it(planted: list[str], capsys: pytest.CaptureFixture[str]):
    def run(operation: Operation) -> int:
        operation.console.print(Table("a", "b", show_edge=False, expand=True), Text("x " * 200))
        return 0

    Planted.run = staticmethod(run)
    cli.main(planted)
    assert max(len(line) for line in capsys.readouterr().out.splitlines()) == 140


def test_a_closed_terminal_interrupts_what_is_at_work_and_nohup_does_not():
    before = {end: signal.getsignal(end) for end in (signal.SIGTERM, signal.SIGHUP)}
    try:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        cli.end_as_by_ctrl_c()
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_IGN
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGHUP)
    finally:
        for end, handler in before.items():
            signal.signal(end, handler)


def test_help_names_the_rights(planted: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        cli.main(["planted", "--help"])
    assert "Rights that it needs: a:One, b:Two." in " ".join(capsys.readouterr().out.split())


def test_every_command_names_the_rights_that_it_needs():
    (commands_of,) = (it for it in cli.parser()._actions if isinstance(it, argparse._SubParsersAction))
    assert {"activity", "redrive", "reload", "replay", "resume"} <= commands_of.choices.keys()
    for name, command in commands_of.choices.items():
        assert re.search(r"Rights that it needs: [a-z0-9-]+:[A-Z]\w+", command.epilog or ""), name
