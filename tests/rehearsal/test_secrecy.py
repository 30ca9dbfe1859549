"""No password of a rehearsal is in anything that it prints or keeps, whether it ends well or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from database.url import PASSWORD_VARIABLE
from declaration import Declaration
from model.plan import Plan
from rehearsal import cli
from rehearsal.plan.pipeline import read_plan
from rehearsal.source import sample_source
from rehearsal.source.mariadb import mariadb
from tests.rehearsal.test_rehearsal import with_views_of_tickets

PASSWORD, ROOT = "capturePassword77", "rootPassword88"

Changes = Callable[[pytest.MonkeyPatch], None]


def nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As declared, with the views of one table, for all are asked in one way."""
    monkeypatch.setattr(cli, "read_plan", lambda declaration: with_views_of_tickets(read_plan(declaration)))


def a_part_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(declaration: Declaration) -> Plan:
        plan = read_plan(declaration)
        return replace(plan, replication=replace(plan.replication, cdc_start_position="nowhere"))

    monkeypatch.setattr(cli, "read_plan", wrong)


def statements_that_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    original = mariadb.escape_string
    monkeypatch.setattr(mariadb, "escape_string", lambda text: f"x' {original(text)}")


@pytest.mark.parametrize(("change", "code"), [(nothing, 0), (a_part_that_fails, 2), (statements_that_fail, 2)])
def test_no_output_of_a_rehearsal_holds_a_password(
    change: Changes, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(sample_source.secrets, "token_urlsafe", lambda _: PASSWORD)
    monkeypatch.setattr(mariadb.secrets, "token_hex", lambda _: ROOT)
    change(monkeypatch)
    sizes = ["--rows", "60", "--changes", "60", "--json", str(tmp_path / "report.json")]
    assert cli.main(["--keep", str(tmp_path / "kept"), *sizes]) == code
    printed = capfd.readouterr()
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert kept, "something was kept to be searched"
    for text in (printed.out.encode(), printed.err.encode(), *kept):
        assert PASSWORD.encode() not in text
        assert ROOT.encode() not in text


def test_a_password_from_the_environment_is_not_in_the_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    assert cli.main(["--source", "mysql://me@127.0.0.1:1", "--keep", str(tmp_path / "kept")]) == 2
    assert PASSWORD not in "".join(capfd.readouterr())
