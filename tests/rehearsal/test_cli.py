"""The command: exit code 1 is the audit's alone, and whatever goes wrong, nothing finished is lost or left behind."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from audit import AuditResult
from model import Position
from rehearsal import cli
from rehearsal.play.output import Output
from rehearsal.play.parts import DECLARED, UNLIMITED, Parts
from rehearsal.play.rehearse import Played
from rehearsal.report import Outcome
from tests.waiting import LIMIT, until

ROOT = Path(__file__).parents[2]
PLAYED = Played(position=Position("mysql-bin.000001", 4), not_captured=(), warnings=(), throttled=0)


@pytest.fixture
def nothing_is_played(monkeypatch: pytest.MonkeyPatch) -> list[Output]:
    """Every rehearsal ends at once with an empty lake; the outputs that it was to write to."""
    outputs: list[Output] = []

    def rehearse(_plan: Any, _source: Any, output: Output, *_: Any) -> Played:
        outputs.append(output)
        return PLAYED

    monkeypatch.setattr(cli, "rehearse", rehearse)
    monkeypatch.setattr(cli, "preload", lambda *_: None)
    monkeypatch.setattr(cli, "_audited", lambda *_: AuditResult.__new__(AuditResult))
    monkeypatch.setattr(cli, "show", lambda outcome, console: console.print("shown"))
    monkeypatch.setattr(Outcome, "as_text", lambda _: "{}")
    monkeypatch.setattr(AuditResult, "equal", True)
    return outputs


def test_an_error_that_nobody_foresaw_is_exit_code_2_with_its_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def fails(*_: Any) -> Played:
        raise ZeroDivisionError("the impossible")

    monkeypatch.setattr(cli, "rehearse", fails)
    assert cli.main(["--keep", str(tmp_path / "kept")]) == 2, "1 says that the audit found something"
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert said.splitlines()[-1].startswith("not rehearsed: ZeroDivisionError: the impossible")


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, r"No space left on device: .* MB free and .* MB free\. .*TMPDIR.*--keep"),
        (errno.EMFILE, r"Too many open files: .*ulimit -n"),
    ],
)
def test_what_the_machine_lacks_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int, told: str
):
    def fails(*_: Any) -> Played:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(cli, "rehearse", fails)
    assert cli.main(["--keep", str(tmp_path / "kept")]) == 2
    assert re.search(told, capsys.readouterr().err)


def test_a_scenario_with_a_server_of_the_users_is_refused_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert cli.main(["--source", "mysql://u@nowhere", "--scenario", "crash", "--keep", str(tmp_path / "kept")]) == 2
    assert "--scenario crash is played with the sample only" in capsys.readouterr().err
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("seed", ["-1", "2147483648", "99999999999999999999999"])
def test_a_seed_that_the_database_cannot_take_is_refused(seed: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--seed", seed])
    assert ended.value.code == 2
    assert "whole number from 0 to 2147483647" in capsys.readouterr().err


def test_a_report_that_could_not_be_written_is_said_before_the_rehearsal(
    tmp_path: Path, nothing_is_played: list[Output], capsys: pytest.CaptureFixture[str]
):
    arguments = ["--keep", str(tmp_path / "kept"), "--json", str(tmp_path / "missing" / "report.json")]
    assert cli.main(arguments) == 2
    assert nothing_is_played == [], "minutes of work would be thrown away"
    assert "--json" in capsys.readouterr().err


def test_the_result_is_shown_though_the_report_cannot_be_written(
    tmp_path: Path, nothing_is_played: list[Output], capsys: pytest.CaptureFixture[str]
):
    assert cli.main(["--keep", str(tmp_path / "kept"), "--json", str(tmp_path)]) == 2
    assert (len(nothing_is_played), "shown" in capsys.readouterr().out) == (1, True), "a full disk loses no result"


def test_a_second_rehearsal_on_one_folder_is_refused_in_one_line(
    tmp_path: Path, nothing_is_played: list[Output], capsys: pytest.CaptureFixture[str]
):
    with Output(tmp_path / "kept").claimed():
        assert cli.main(["--keep", str(tmp_path / "kept")]) == 2
    assert nothing_is_played == []
    assert len(capsys.readouterr().err.splitlines()) == 1, "two lakes in one folder would be neither's"


@pytest.mark.parametrize(("option", "parts"), [([], DECLARED), (["--unlimited"], UNLIMITED)])
def test_the_stream_has_no_limits_only_if_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nothing_is_played: list[Output], option: list[str], parts: Parts
):
    played, told = list[object](), list[Outcome]()
    monkeypatch.setattr(cli, "rehearse", lambda *arguments: played.append(arguments[-1]) or PLAYED)
    monkeypatch.setattr(cli, "show", lambda outcome, _: told.append(outcome))
    assert cli.main(["--keep", str(tmp_path / "kept"), *option]) == 0
    assert (played, told[0].unlimited) == ([parts], bool(option))


UNTIL_A_SIGNAL = """
import signal, sys
from pathlib import Path
from types import SimpleNamespace
from rehearsal import cli

def rehearse(*_):
    Path("playing").touch()
    while True:
        signal.pause()

signal.signal(signal.SIGINT, {"heard": signal.default_int_handler, "ignored": signal.SIG_IGN}[sys.argv.pop(1)])
cli.declare = cli.read_plan = cli._source = cli.preload = lambda *_: SimpleNamespace(catalog=None)
cli.rehearse = rehearse
raise SystemExit(cli.main())
"""


@pytest.fixture
def playing(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Starts a rehearsal that has a temporary folder and plays until a signal; its Ctrl-C is heard or ignored.

    It says itself which, for a child inherits what is ignored: all that a script starts in the background ignores it.
    """
    with ExitStack() as stack:

        def start(interrupts: str) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-c", UNTIL_A_SIGNAL, interrupts, "--keep", "kept"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                env={"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin:/usr/sbin", "PYTHONPATH": str(ROOT)},
                cwd=tmp_path,
            )
            stack.callback(process.wait, LIMIT)
            stack.callback(process.kill)
            until("the rehearsal plays", lambda: (tmp_path / "playing").exists() or process.poll() is not None)
            assert left_over(tmp_path), "else the test shows nothing"
            return process

        yield start


def left_over(folder: Path) -> list[str]:
    """Temporary folders of a rehearsal."""
    return [path.name for path in folder.iterdir() if path.name.startswith("rehearsal-")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_rehearsal_that_is_cancelled_leaves_no_temporary_folder(
    playing: Callable[[str], subprocess.Popen[str]], tmp_path: Path, number: signal.Signals
):
    process = playing("heard")
    process.send_signal(number)
    _, said = process.communicate(timeout=LIMIT)
    assert process.returncode == 2, "1 says that the audit found something"
    assert said.splitlines()[-1].startswith("not rehearsed: "), said
    assert left_over(tmp_path) == []


def test_a_rehearsal_in_the_background_of_a_script_ignores_ctrl_c_and_can_be_terminated(
    playing: Callable[[str], subprocess.Popen[str]], tmp_path: Path
):
    process = playing("ignored")
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=LIMIT)
    assert said.splitlines()[-1] == "not rehearsed: terminated", "the Ctrl-C is meant for what runs in the foreground"
    assert left_over(tmp_path) == []
