"""DDL while a task runs, on a real server: what it tells follows from the log, however fast the statements come."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from model import PipelineError
from rehearsal.source.mariadb.mariadb import MariaDB
from tests.rehearsal.conftest import CAPTURE_PASSWORD
from tests.rehearsal.replication.conftest import Source, Target, play

ITEM = "CREATE TABLE item (id INT PRIMARY KEY, a INT, e ENUM('open', 'paid'))"


def loaded(source: Source, target: Target, tmp_path: Path, *while_loading: str, **settings: Any):
    """Run a task while whose load of another table these statements are run."""
    source.sql("CREATE TABLE a_first (id INT PRIMARY KEY)", ITEM, "INSERT INTO item VALUES (1, 10, 'open')")
    return play(source, target, tmp_path, source.plan(**settings), full_load=lambda: source.sql(*while_loading))


def test_a_table_made_anew_is_told_and_its_load_does_not_count_any_more(source, target, tmp_path):
    source.sql(ITEM, "INSERT INTO item VALUES (1, 10, 'open'), (2, 20, 'paid')")
    restored = ("DROP TABLE IF EXISTS item", ITEM, "INSERT INTO item VALUES (3, 30, 'open')")
    progress = play(source, target, tmp_path, source.plan(), changes=lambda: source.sql(*restored))
    assert target.controls()[1:] == [("create-table", "item")] * 2, "though the catalog had it again at the DROP"
    assert progress.acknowledged == {f"{source.schema}.item": {"load": 0, "insert": 1}}, "what readers must have"


def test_create_or_replace_is_told_as_a_new_table(source, target, tmp_path):
    source.sql(ITEM)
    again = ITEM.replace("CREATE", "CREATE OR REPLACE")
    play(source, target, tmp_path, source.plan(), changes=lambda: source.sql(again, again))
    assert target.controls()[1:] == [("create-table", "item")] * 3


def test_a_table_that_comes_and_goes_is_told_though_the_catalog_never_had_it(source, target, tmp_path):
    source.sql("CREATE TABLE other (id INT)")
    briefly = ("CREATE TABLE item (id INT PRIMARY KEY)", "INSERT INTO item VALUES (1)", "DROP TABLE item")
    play(source, target, tmp_path, source.plan(), changes=lambda: source.sql(*briefly))
    assert target.controls()[-1] == ("create-table", "item")
    assert target.operations("item") == ["insert"]


def test_a_task_that_resumes_reads_old_rows_by_the_definitions_kept_with_its_checkpoint(source, target, tmp_path):
    source.sql(ITEM)
    play(source, target, tmp_path, source.plan(), changes=lambda: source.sql("ALTER TABLE item ADD z INT"))
    source.sql("INSERT INTO item VALUES (1, 10, 'open', 7)")
    source.sql("ALTER TABLE item CHANGE a b INT AFTER e, MODIFY e ENUM('paid', 'open')", "UPDATE item SET b = 11")
    play(source, target, tmp_path, source.plan())
    assert [record["data"] for record in target.data("item")] == [
        {"id": 1, "a": 10, "e": "open", "z": 7},
        {"id": 1, "e": "open", "b": 11, "z": 7},
    ]
    assert len(list(tmp_path.glob("definitions-*.json"))) == 1, "earlier ones are swept away"


def test_rows_are_loaded_by_the_definition_with_which_the_task_began(source, target, tmp_path):
    alter = "ALTER TABLE item ADD z INT DEFAULT 5 FIRST, MODIFY e ENUM('paid', 'open') AFTER id"
    progress = loaded(source, target, tmp_path, alter, "UPDATE item SET z = 6")
    records = [(record["metadata"]["operation"], record["data"]) for record in target.data("item")]
    assert records == [
        ("load", {"id": 1, "a": 10, "e": "open"}),
        ("update", {"z": 6, "id": 1, "e": "open", "a": 10}),
    ], "the column is told with the statement, behind the load"
    said = ("ADD COLUMN z FIRST on ", "z was added to ", "columns on ")
    assert all(warning.startswith(words) for warning, words in zip(progress.warnings, said, strict=True))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DROP TABLE item", r"item is gone: it was dropped or renamed .* before the full load came to it"),
        ("RENAME TABLE item TO gone", r"item is gone"),
        ("ALTER TABLE item DROP a", r"item was altered .* before the full load .* column a, int\(11\), is gone"),
        (
            "ALTER TABLE item CHANGE a b INT",
            r"item was altered .* before the full load .* column a, int\(11\), is gone",
        ),
        ("ALTER TABLE item MODIFY a VARCHAR(9)", r"column a, int\(11\), is varchar\(9\) now"),
    ],
)
def test_a_table_that_is_not_what_it_was_when_its_load_comes_is_said(source, target, tmp_path, statement, said):
    with pytest.raises(PipelineError, match=rf"{said}.*begin again"):
        loaded(source, target, tmp_path, statement)


def test_a_swap_of_tables_is_warned_of(source, target, tmp_path):
    source.sql(ITEM)
    swap = ("CREATE TABLE _gho LIKE item", "RENAME TABLE item TO _del, _gho TO item", "DROP TABLE _del")
    progress = play(source, target, tmp_path, source.plan(table="item"), changes=lambda: source.sql(*swap))
    (warning,) = progress.warnings
    assert warning.startswith(f"RENAME TABLE put {source.schema}._gho in the place of {source.schema}.item (binlog ")


def test_a_table_that_goes_out_of_the_mappings_by_its_name_is_warned_of(source, target, tmp_path):
    source.sql(ITEM)
    progress = play(
        source, target, tmp_path, source.plan(table="item"), changes=lambda: source.sql("RENAME TABLE item TO old")
    )
    assert "item was renamed to" in progress.warnings[0]
    assert "which is not captured" in progress.warnings[0]


def test_a_changed_character_set_is_warned_of(source, target, tmp_path):
    source.sql("CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(9), note TEXT) CHARACTER SET latin1")
    convert = ("ALTER TABLE item CONVERT TO CHARACTER SET utf8mb4", "INSERT INTO item VALUES (1, '€', 'ñ')")
    progress = play(source, target, tmp_path, source.plan(), changes=lambda: source.sql(*convert))
    assert progress.warnings[0].startswith("the character set of name, note on ")
    assert target.data("item")[0]["data"] == {"id": 1, "name": "€", "note": "ñ"}


def test_rows_that_partition_ddl_takes_away_are_warned_of(source, target, tmp_path):
    parts = "PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))"
    source.sql(f"{ITEM} {parts}", "INSERT INTO item VALUES (1, 1, 'open')")
    drop = "ALTER TABLE item DROP PARTITION p0"
    progress = play(source, target, tmp_path, source.plan(), changes=lambda: source.sql(drop))
    assert "DROP PARTITION on" in progress.warnings[0]


def test_a_statement_on_a_captured_table_that_nobody_can_apply_ends_the_task_and_on_another_does_not(
    source, target, tmp_path
):
    source.sql(ITEM, "CREATE TABLE other (id INT)")
    versioned = "ALTER TABLE other ADD SYSTEM VERSIONING"
    play(source, target, tmp_path / "1", source.plan(table="item"), changes=lambda: source.sql(versioned))
    with pytest.raises(PipelineError, match=r"statement on repl\d+\.item .*system-versioned"):
        play(
            source,
            target,
            tmp_path / "2",
            source.plan(table="item"),
            changes=lambda: source.sql(versioned.replace("other", "item")),
        )


def test_a_new_table_that_the_capture_user_may_not_read_is_left_out_and_said(
    source, target, tmp_path, mariadb: MariaDB
):
    source.sql(ITEM)
    user = f"narrow_{source.schema}"
    source.sql(f"CREATE USER {user}@'%' IDENTIFIED BY '{CAPTURE_PASSWORD}'")
    source.sql(f"GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO {user}@'%'")
    source.sql(f"GRANT SELECT ON {source.schema}.item TO {user}@'%'")
    narrow = Source.__new__(Source)
    narrow.root, narrow.server, narrow.schema = source.root, mariadb.user(user, CAPTURE_PASSWORD), source.schema
    secret = ("CREATE TABLE secret (id INT)", "INSERT INTO secret VALUES (1)")
    progress = play(narrow, target, tmp_path, source.plan(), changes=lambda: source.sql(*secret))
    assert not target.data("secret")
    assert progress.warnings == (
        f"{source.schema}.secret matches the mappings and is not captured: the capture user may not read it",
    )


def test_a_cdc_task_whose_start_lies_before_an_alter_is_told_that_the_definition_is_not_known(source, target, tmp_path):
    source.sql(ITEM, "CREATE TABLE calm (id INT)")
    start = source.position
    source.sql("CREATE TABLE later (id INT)", "INSERT INTO later VALUES (1)", "INSERT INTO calm VALUES (2)")
    plan = replace(source.plan("cdc"), cdc_start_position=f"{start.file}:{start.offset}")
    play(source, target, tmp_path / "1", plan)
    assert [target.operations(name) for name in ("later", "calm")] == [["insert"]] * 2, "the log tells what it made"
    source.sql("INSERT INTO item VALUES (1, 1, 'open')", "ALTER TABLE item ADD z INT")
    with pytest.raises(
        PipelineError, match=r"rows of repl\d+\.item, whose definition is not known: .*ALTER TABLE item"
    ):
        play(source, target, tmp_path / "2", plan)
