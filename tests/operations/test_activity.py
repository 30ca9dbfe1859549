"""The sample in a stack that may lose its data: loaded once and asked first, refused anywhere else.

That the statements lead to the sample, each in a session of its own: tests/rehearsal/source/test_sample_by_calls.py.
"""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from model import PipelineError
from operations.commands import activity
from tests.operations.dms import Dms, SqlSource, at_work
from tests.operations.stacks import OTHERS_DATABASE, outputs

STACK = outputs(ephemeral=True)


@pytest.fixture
def sql() -> SqlSource:
    """A database with the sample in it."""
    sql = SqlSource()
    sql.answers = {"schemata": [[1]], "routines": [[1]], "payment": [[7]]}
    return sql


@pytest.fixture
def empty(sql: SqlSource) -> SqlSource:
    sql.answers["schemata"] = [[0]]
    return sql


def run(sql: SqlSource, stack: Any = STACK, **options: Any) -> tuple[int, str]:
    work, told = at_work(Dms(), sql, stack, **{"tickets": 100, "yes": False, **options})
    return activity.run(work), told.getvalue()


def statements(sql: SqlSource) -> list[str]:
    return [asked["sql"] for asked in sql.asked if not asked["sql"].startswith("SELECT")]


def test_tickets_change_hands_where_the_sample_is_there(sql: SqlSource, capsys: pytest.CaptureFixture[str]):
    code, told = run(sql, tickets=1001, json=True)
    assert code == 0
    calls = [statement.partition(",")[0] for statement in statements(sql)]
    assert calls == [f"CALL generate_ticket_activity({first}" for first in (1, 51, 101)], "and nothing is loaded"
    assert all(asked["database"] == "dms_sample" for asked in sql.asked if asked["sql"].startswith("CALL"))
    assert "about 1,010 tickets in 101 transactions" in told
    assert json.loads(capsys.readouterr().out)["transactions"] == 101


def test_the_sample_is_loaded_once_with_a_yes(empty: SqlSource):
    run(empty, yes=True)
    made = statements(empty)
    assert made[0].startswith("CREATE DATABASE dms_sample")
    assert not any(statement.startswith("USE ") for statement in made), "a call has a session of its own"
    assert [asked.get("database") for asked in empty.asked if "CREATE TABLE" in asked["sql"]] == ["dms_sample"] * 8


@pytest.mark.parametrize(("answer", "loaded"), [("y", True), ("no", False), ("", False)])
def test_somebody_at_a_terminal_is_asked(empty: SqlSource, answer: str, loaded: bool, monkeypatch: pytest.MonkeyPatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked: list[str] = []
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("builtins.input", lambda text: asked.append(text) or answer)
    if loaded:
        assert run(empty)[0] == 0
    else:
        with pytest.raises(PipelineError, match="nothing was loaded"):
            run(empty)
    assert "about 5,000 rows in a new schema dms_sample" in asked[0]
    assert bool(statements(empty)) == loaded


def test_somebody_who_ends_the_input_has_said_no(empty: SqlSource, monkeypatch: pytest.MonkeyPatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal())
    with pytest.raises(PipelineError, match="nothing was loaded"):
        run(empty)


def test_without_a_terminal_and_a_yes_nothing_is_loaded(empty: SqlSource, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(PipelineError, match="no terminal to ask whether to load it: give --yes"):
        run(empty)
    assert statements(empty) == []


@pytest.mark.parametrize("lacks", ["routines", "payment"])
def test_a_schema_that_is_not_whole_is_refused(sql: SqlSource, lacks: str):
    sql.answers[lacks] = [[0]]
    with pytest.raises(PipelineError, match="a load was broken off, or it is another's"):
        run(sql)
    assert statements(sql) == []


@pytest.mark.parametrize(
    ("stack", "why"),
    [
        (outputs(ephemeral=False), "not ephemeral"),
        (outputs(**OTHERS_DATABASE, ephemeral=True), "not the stack's own"),
    ],
)
def test_a_database_that_is_kept_or_another_s_is_refused(sql: SqlSource, stack: Any, why: str):
    with pytest.raises(PipelineError, match=why):
        run(sql, stack)
    assert sql.asked == []


def test_a_right_that_is_missing_is_named(sql: SqlSource):
    sql.refuses = "AccessDeniedException"
    with pytest.raises(PipelineError, match="rds-data:ExecuteStatement"):
        run(sql)
