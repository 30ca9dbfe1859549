"""A task that loses its source goes on where it stood, for as long as its settings say."""

from __future__ import annotations

from contextlib import closing

import pymysql
import pytest

from database.queries import ask
from database.server import SourceLostError
from model import PipelineError, Transaction
from rehearsal.replication import check_end, follow, load
from rehearsal.replication.recovery import Recovery
from rehearsal.replication.settings import Retries, task_settings
from rehearsal.source.binlog.reader import BinlogReader
from tests.rehearsal.replication.conftest import play

AT_ONCE = {"ErrorBehavior": {"RecoverableErrorInterval": 0, "RecoverableErrorThrottling": False}}


def test_the_source_is_lost_between_changes_and_none_of_them_is(source, target, tmp_path, monkeypatch):
    source.sql("CREATE TABLE orders (id INT PRIMARY KEY)", "INSERT INTO orders VALUES (1)")
    losses = [SourceLostError("the server is shutting down")]

    class Breaking(BinlogReader):
        def __iter__(self):
            for event in super().__iter__():
                yield event
                if losses and isinstance(event, Transaction) and event.changes:
                    raise losses.pop()

    def happens():
        source.sql("INSERT INTO orders VALUES (2)")
        source.sql("ALTER TABLE orders ADD COLUMN n INT", "INSERT INTO orders VALUES (3, 3)")

    monkeypatch.setattr(follow, "BinlogReader", Breaking)
    progress = play(source, target, tmp_path, source.plan(**AT_ONCE), changes=happens)

    assert target.operations("orders") == ["load", "insert", "insert"], "each of them once"
    assert any("the source was lost at" in warning for warning in progress.warnings), "and it is told"


def test_xa_transactions_on_other_tables_stop_neither_the_task_nor_its_next_run(source, target, tmp_path, monkeypatch):
    source.sql("CREATE TABLE orders (id INT PRIMARY KEY)", "CREATE TABLE other (id INT PRIMARY KEY)")
    losses = [SourceLostError("the server is shutting down")]

    class Breaking(BinlogReader):
        def __iter__(self):
            for event in super().__iter__():
                yield event
                if losses and event.end == prepared[-1]:
                    raise losses.pop()

    prepared = []

    def xa(*statements):
        with closing(source.root.connect(database=source.schema)) as connection:
            for statement in statements:
                ask(connection, statement)

    def happens():
        xa("XA START 'g','1'", "INSERT INTO other VALUES (1)", "XA END 'g','1'", "XA PREPARE 'g','1'")
        prepared.append(source.position)
        xa("XA START 'g','2'", "INSERT INTO other VALUES (2)", "XA END 'g','2'", "XA PREPARE 'g','2'")
        xa("XA COMMIT 'g','2'")
        xa("XA COMMIT 'g','1'")

    monkeypatch.setattr(follow, "BinlogReader", Breaking)
    play(source, target, tmp_path, source.plan(table="orders", **AT_ONCE), changes=happens)

    assert not losses, "it was lost between PREPARE and COMMIT"
    check_end(tmp_path, "TASK", source.position, source.server)
    play(source, target, tmp_path, source.plan(table="orders"))


def test_the_source_is_lost_during_the_load_and_the_load_starts_over(source, target, tmp_path, monkeypatch):
    source.sql("CREATE TABLE orders (id INT PRIMARY KEY, note LONGTEXT)")
    source.sql("INSERT INTO orders SELECT seq, REPEAT('x', 20000) FROM seq_1_to_300")  # more than is on its way at once
    rows, losses = load.loaded_rows, [1]

    def breaking(connection, table):
        for row in rows(connection, table):
            yield row
            if losses:
                losses.pop()
                with closing(source.root.connect()) as root:
                    ask(root, f"KILL {connection.thread_id()}")

    monkeypatch.setattr(load, "loaded_rows", breaking)
    progress = play(source, target, tmp_path, source.plan(**AT_ONCE))

    assert progress.records[f"{source.schema}.orders"] == {"load": 300}, "what counts is the last load"
    assert len(target.operations("orders")) > 300, "the first rows are there twice"
    assert any("starts over" in warning for warning in progress.warnings)


def test_a_source_that_refuses_is_not_asked_again(source, target, tmp_path, monkeypatch):
    source.sql("CREATE TABLE orders (id INT PRIMARY KEY)")

    def refusing(connection, table):
        raise pymysql.err.OperationalError(1142, "SELECT command denied")

    monkeypatch.setattr(load, "loaded_rows", refusing)
    with pytest.raises(pymysql.err.OperationalError, match="denied"):
        play(source, target, tmp_path, source.plan(**AT_ONCE))


@pytest.mark.parametrize(("count", "tries"), [(0, 1), (2, 3)])
def test_a_task_stops_when_its_settings_allow_no_more_tries(count: int, tries: int) -> None:
    told: list[str] = []
    attempts: list[int] = []

    def attempt() -> None:
        attempts.append(1)
        raise SourceLostError("gone")

    recovery = Recovery(Retries(count=count, interval=0, longest=0), told.append, lambda: None)
    with pytest.raises(PipelineError, match="gone"):
        recovery.until_done(attempt)
    assert len(attempts) == tries
    assert told == ["gone"] * count


def test_the_pauses_are_those_of_the_settings() -> None:
    def pauses(**errors: object) -> list[float]:
        retries = task_settings({"ErrorBehavior": errors}).retries
        return [retries.pause(tries) for tries in range(11)]

    assert pauses() == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800], "AWS's defaults"
    assert pauses(RecoverableErrorThrottling=False) == [5] * 11
    assert pauses(RecoverableErrorInterval=7, RecoverableErrorThrottlingMax=0) == [7] * 11
    assert task_settings({}).retries.count == -1, "for ever"
