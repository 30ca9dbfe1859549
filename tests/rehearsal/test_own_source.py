"""--source: a server of the user's is read as it is, and nothing is created or written there."""

from __future__ import annotations

import io
import json
import traceback
from contextlib import closing
from pathlib import Path

import pytest

from database.server import Server
from database.url import PASSWORD_VARIABLE, server_of
from model import PipelineError
from rehearsal import cli
from rehearsal.cli import main
from rehearsal.plan.pipeline import read_plan
from rehearsal.play.output import Output
from rehearsal.source import log_end, sample
from rehearsal.source.mariadb.mariadb import MariaDB, create_capture_user
from rehearsal.source.own_source import OwnSource
from tests.declared import declare
from tests.rehearsal.test_rehearsal import with_views_of_tickets


def test_a_users_own_server_is_rehearsed_and_left_as_it_was(
    tmp_path: Path, mariadbd: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(cli, "read_plan", lambda declaration: with_views_of_tickets(read_plan(declaration)))
    plan = read_plan(declare("dev")).database
    with MariaDB(tmp_path, plan.parameters, mariadbd) as server:
        sample.load(server.root, 200, 1, lambda _: None)
        create_capture_user(server.root, plan.capture_statements, "sesame42")
        with closing(server.root.connect()) as connection:
            before = log_end.position(connection)
            monkeypatch.setenv(PASSWORD_VARIABLE, "sesame42")
            url = f"mysql://{plan.capture_username}@127.0.0.1:{server.root.port}?ca={server.ca_file}"
            report = tmp_path / "report.json"
            arguments = ["--source", url, "--idle", "0.2", "--keep", str(tmp_path / "kept"), "--json", str(report)]
            assert main(arguments) == 0
            assert log_end.position(connection) == before, "a rehearsal writes nothing to a server that is not its own"
    written = json.loads(report.read_text(encoding="utf-8"))
    assert (written["equal"], written["position"]) == (True, str(before))
    assert "sesame42" not in "".join(
        path.read_text(encoding="utf-8", errors="replace") for path in tmp_path.rglob("*.json")
    )


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://me:secret@host", f"set {PASSWORD_VARIABLE} instead"),
        ("mysql://me:secret@localhost:99999", "give it as mysql://user@host:port"),
        ("mysql://me:sec/ret@host:1", "give it as mysql://user@host:port"),
        ("mysql://me:sec#ret@host:1", "give it as mysql://user@host:port"),
        ("mysql:/me:secret@host:1", "must have the form mysql://user@host:port"),
        ("postgres://me@host", "must have the form mysql://user@host:port"),
        ("mysql://host:3306", "must have the form"),
        ("mysql://me@host/shop", "the tables come from the stack's mappings"),
        ("mysql://me@host:port", "give it as mysql://user@host:port"),
        ("mysql://me@host?tls=1", "unknown option in the URL; there is only ca"),
        ("mysql://me@host?ca", "give it as mysql://user@host:port"),
    ],
)
def test_a_url_of_another_form_is_refused_with_the_form(url: str, message: str):
    with pytest.raises(PipelineError, match=message) as refused:
        server_of(url)
    told = "".join(traceback.format_exception(refused.value))
    typed = ("secret", "'sec'", "99999", "ret@")
    assert not [text for text in typed if text in told], "a password that was typed by mistake is not repeated"


def test_a_url_names_the_server(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(PASSWORD_VARIABLE, "sesame42")
    server = server_of("mysql://me%40work@db.example:3307?ca=ca.pem")
    assert (server.user, server.host, server.port, server.ca_file) == ("me@work", "db.example", 3307, "ca.pem")
    assert "sesame42" not in repr(server)


def test_without_a_password_and_a_terminal_the_variable_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO("typed\n"))
    with pytest.raises(PipelineError, match=f"no terminal to ask for the password: set {PASSWORD_VARIABLE}"):
        server_of("mysql://me@host")


def test_a_wrong_password_is_said_before_anything_is_started(
    tmp_path: Path, capture: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv(PASSWORD_VARIABLE, "wrong")
    url = f"mysql://{capture.user}@127.0.0.1:{capture.port}?ca={capture.ca_file}"
    earlier = Output(tmp_path / "kept")
    earlier.clear()
    earlier.keep_report("{}")
    assert main(["--source", url, "--keep", str(earlier.folder)]) == 2
    assert "refuses the user name or password" in capsys.readouterr().err
    assert (earlier.folder / "report.json").exists(), "a mistyped password does not cost the result of an earlier run"


def test_the_first_interrupt_ends_the_capture_and_the_second_the_rehearsal():
    source = OwnSource(server=None, idle_seconds=1e9)  # type: ignore[arg-type] - never connected to
    assert not source.settled(5)
    assert source.interrupt(), "Ctrl-C is how a capture without an idle source is ended; the audit follows"
    assert source.settled(6)
    assert not source.interrupt()
