"""What the audit compares the lake with is all that the source has, at one place of the log that was followed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from database import catalog
from database.queries import ask
from database.server import Server
from model import PipelineError, Position
from model.plan import CatalogPlan, ReplicationPlan
from rehearsal.play import source_rows
from rehearsal.play.output import Output
from rehearsal.play.source_rows import SourceRows, keep_source
from rehearsal.replication import check_end
from rehearsal.replication.checkpoint import Anchor, Checkpoint, save
from rehearsal.source import log_end
from rehearsal.source.mariadb.mariadb import MariaDB

RULE = {"rule-type": "selection", "rule-id": "1", "rule-name": "1", "rule-action": "include"}
PLAN = ReplicationPlan(
    task_id="TASK",
    migration_type="full-load-and-cdc",
    table_mappings={"rules": [{**RULE, "object-locator": {"schema-name": "kept", "table-name": "%"}}]},
    settings={},
    kinesis={},
)


@pytest.fixture
def root(mariadb: MariaDB) -> Iterator[Any]:
    """An administrator's connection to a schema that is this test's."""
    with closing(mariadb.root.connect()) as connection:
        ask(connection, "CREATE OR REPLACE DATABASE kept")
        ask(connection, "USE kept")
        yield connection
        ask(connection, "DROP DATABASE kept")


def keep(capture: Server, folder: Path) -> SourceRows:
    return keep_source(PLAN, capture, Output(folder))


def test_every_row_is_kept_with_its_place(root: Any, capture: Server, tmp_path: Path):
    ask(root, "CREATE TABLE item (id INT PRIMARY KEY) AS SELECT 1 AS id UNION SELECT 2")
    kept = keep(capture, tmp_path)
    assert kept.position == log_end.position(root)
    assert list(Output(tmp_path).source().rows(kept.captured[0])) == [(1,), (2,)]
    assert kept.warnings == ()


def test_a_server_that_refuses_to_compute_checksums_is_told_of_and_its_rows_are_kept(
    root: Any, capture: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ask(root, "CREATE TABLE item (id INT PRIMARY KEY) AS SELECT 1 AS id UNION SELECT 2")
    wanted = ["SELECT nothing_of_the_kind(1)", "SELECT COUNT(*) FROM kept.item"]
    monkeypatch.setattr(source_rows, "questions", lambda *_: wanted)
    kept = keep_source(PLAN, capture, Output(tmp_path), CatalogPlan(database="d", tables=(), views=(), queries=()))
    source = Output(tmp_path).source()
    assert list(source.rows(kept.captured[0])) == [(1,), (2,)]
    assert [source.answer(kept.captured[0], sql) for sql in wanted] == [None, [(2,)]]
    (warning,) = kept.warnings
    assert warning.startswith("kept.item: the server did not compute checksums")


def test_a_server_that_gives_fewer_rows_than_it_counts_is_refused(
    root: Any, capture: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ask(root, "CREATE TABLE item (id INT PRIMARY KEY) AS SELECT 1 AS id UNION SELECT 2")
    read = catalog.read
    monkeypatch.setattr(catalog, "read", lambda connection, table: list(read(connection, table))[:1])
    with pytest.raises(PipelineError, match=r"counts 2 rows of kept\.item and gives 1: something"):
        keep(capture, tmp_path)


def test_a_table_without_transactions_that_goes_on_changing_is_named(
    root: Any, capture: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ask(root, "CREATE TABLE hit (id INT PRIMARY KEY AUTO_INCREMENT) ENGINE=MyISAM")
    ask(root, "CREATE TABLE steady (id INT PRIMARY KEY)")
    read, attempts = catalog.read, list[str]()

    def meanwhile(connection: Any, table: Any) -> Any:
        attempts.append(table.name)
        if len(attempts) <= busy * 2:
            ask(root, "INSERT INTO hit VALUES ()")
        return read(connection, table)

    monkeypatch.setattr(catalog, "read", meanwhile)
    monkeypatch.setattr(source_rows, "_REST_SECONDS", 0.0)
    busy = 1
    assert keep(capture, tmp_path).moving == (), "it rests at the second attempt, which is the one that counts"
    assert attempts == ["hit", "steady"] * 2
    attempts.clear()
    busy = 99
    kept = keep(capture, tmp_path)
    assert (kept.moving, len(attempts)) == (("kept.hit",), 6), "a snapshot holds the other table"
    assert "kept.hit knows no transactions, and the source went on changing" in kept.warnings[0]


@pytest.fixture
def followed(root: Any, capture: Server, tmp_path: Path) -> Checkpoint:
    """The checkpoint of a task that has read one transaction, the last of the log, and is held."""
    ask(root, "CREATE TABLE item (id INT PRIMARY KEY)")
    begin = log_end.position(root)
    ask(root, "INSERT INTO item VALUES (1)")
    end = log_end.position(root)
    with closing(capture.connect()) as connection:
        ((committed,),) = ask(connection, "SELECT UNIX_TIMESTAMP()")
    found = Checkpoint(task_id="TASK", position=end, anchor=Anchor(begin=begin, end=end, committed_at=committed))
    assert found.anchor
    for seconds in (committed, committed - 1):  # the clock may have moved on since
        found = replace(found, anchor=replace(found.anchor, committed_at=seconds))
        save(tmp_path, found)
        try:
            check_end(tmp_path, "TASK", end, capture)
        except PipelineError:
            continue
        return found
    raise AssertionError("the log is the one that was followed")


def test_an_end_before_what_was_read_is_a_log_that_went_back(followed: Checkpoint, capture: Server, tmp_path: Path):
    assert followed.position
    early = Position(followed.position.file, followed.position.offset - 1)
    with pytest.raises(PipelineError, match=rf"up to {followed.position}, and it ends at {early} now.*RESET MASTER"):
        check_end(tmp_path, "TASK", early, capture)


def test_another_log_that_has_grown_past_the_place_is_told_from_it(
    followed: Checkpoint, capture: Server, tmp_path: Path
):
    assert followed.position
    assert followed.anchor
    save(tmp_path, replace(followed, anchor=replace(followed.anchor, committed_at=1)))
    later = Position(followed.position.file, followed.position.offset + 1000)
    with pytest.raises(PipelineError, match="what it had read last is not there, though the log goes up to"):
        check_end(tmp_path, "TASK", later, capture)
    inside = Position(followed.position.file, followed.anchor.begin.offset + 1)
    save(tmp_path, replace(followed, anchor=replace(followed.anchor, begin=inside)))
    with pytest.raises(PipelineError, match="is not the one that was followed"):
        check_end(tmp_path, "TASK", later, capture)
