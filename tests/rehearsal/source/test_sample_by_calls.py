"""The sample as ``operations activity`` loads it: each statement in a session of its own, as over the Data API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from database.queries import ask
from operations.commands import activity
from rehearsal.source import sample
from rehearsal.source.mariadb.mariadb import MariaDB
from sample import SCHEMA
from tests.operations.dms import Dms, SqlSource, at_work
from tests.operations.stacks import outputs

ROWS = 300


class RealSource(SqlSource):
    """A server in the place of the Data API."""

    def __init__(self, mariadb: MariaDB) -> None:
        super().__init__()
        self.mariadb = mariadb

    def execute_statement(self, **asked: Any) -> Any:
        with closing(self.mariadb.root.connect(database=asked.get("database"))) as connection:
            self.answers = {"": [list(row) for row in ask(connection, asked["sql"])]}
        return super().execute_statement(**asked)


@pytest.fixture
def source(mariadb: MariaDB) -> Iterator[RealSource]:
    yield RealSource(mariadb)
    drop(mariadb)


def drop(mariadb: MariaDB) -> None:
    with closing(mariadb.root.connect()) as root:
        ask(root, f"DROP DATABASE IF EXISTS {SCHEMA}")


def rows(mariadb: MariaDB) -> dict[str, list[tuple[Any, ...]]]:
    with closing(mariadb.root.connect(database=SCHEMA)) as root:
        tables = [name for name, kind in ask(root, "SHOW FULL TABLES") if kind == "BASE TABLE"]
        return {table: ask(root, f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in tables}


def test_it_becomes_the_rehearsal_s_sample_and_then_things_happen(
    source: RealSource, mariadb: MariaDB, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(activity, "_ROWS", ROWS)
    sample.load(mariadb.root, ROWS, 1, lambda _: None)
    expected = rows(mariadb)
    drop(mariadb)
    steps: list[dict[str, Any]] = []
    monkeypatch.setattr(activity, "_STEPS", 5)
    step = source.execute_statement

    def seen(**asked: Any) -> Any:
        if "generate_ticket_activity(" in asked["sql"] and not steps and asked["sql"].startswith("CALL"):
            steps.append(rows(mariadb))
        return step(**asked)

    source.execute_statement = seen
    work, _ = at_work(Dms(), source, outputs(ephemeral=True), tickets=100, yes=True)
    assert activity.run(work) == 0
    assert steps == [expected], "row by row, before the first step"
    assert rows(mariadb) != expected
    assert activity.run(work) == 0, "loaded once"
