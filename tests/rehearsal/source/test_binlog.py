"""The reader against a real server: transactions, what is refused, DDL, positions."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from database import catalog
from database.queries import ask
from database.server import Server, SourceLostError
from model import Idle, PipelineError, Position, SchemaChange, Transaction
from rehearsal.source import log_end
from rehearsal.source.binlog.reader import BinlogReader
from rehearsal.source.mariadb.mariadb import MariaDB
from tests.rehearsal.followed import followed

from .conftest import Shop


def test_one_transaction_comes_out_whole_and_in_log_order(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY", "n INT")
    shop.sql("BEGIN", "INSERT INTO t VALUES (1, 1), (2, 2)", "UPDATE t SET n = 9 WHERE id = 2")
    shop.sql("DELETE FROM t WHERE id = 1", "COMMIT")
    end = shop.position()

    (transaction,) = shop.events(table)

    assert isinstance(transaction, Transaction)
    assert [(change.operation, change.before, change.after) for change in transaction.changes] == [
        ("insert", None, (1, 1)),
        ("insert", None, (2, 2)),
        ("update", (2, 2), (2, 9)),
        ("delete", (1, 1), None),
    ]
    assert (transaction.begin, transaction.end) == (shop.start, end), "its borders are the log's"


def test_reading_again_from_a_transactions_begin_gives_it_again(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY")
    shop.sql("INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (3)")

    _, second, third = shop.events(table)
    assert isinstance(second, Transaction)

    assert shop.events(table, start=second.begin) == [second, third], "a checkpoint may be a transaction's begin"
    assert shop.events(table, start=second.end) == [third], "… or its end"


def test_rolled_back_work_never_comes_out(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY")
    shop.sql("BEGIN", "INSERT INTO t VALUES (1)", "ROLLBACK")
    shop.sql("BEGIN", "INSERT INTO t VALUES (2)", "SAVEPOINT s", "INSERT INTO t VALUES (3)", "ROLLBACK TO s", "COMMIT")

    assert [change.after for change in shop.changes(table)] == [(2,)]


def test_rows_of_a_non_transactional_table_survive_a_rollback_as_they_do_in_the_source(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY")
    shop.sql("ALTER TABLE t ENGINE = MyISAM")
    shop.start = shop.position()
    shop.sql("BEGIN", "INSERT INTO t VALUES (1)", "ROLLBACK")

    assert [change.after for change in shop.changes(table)] == shop.rows() == [(1,)]


def test_tables_that_are_not_captured_are_passed_over_undecoded_and_their_transactions_are_empty(shop: Shop) -> None:
    captured = shop.create("id INT PRIMARY KEY")
    shop.create("id INT PRIMARY KEY", "body TEXT COMPRESSED", name="other")
    shop.sql("INSERT INTO other VALUES (1, REPEAT('x', 1000))")

    (transaction,) = shop.events(captured)

    assert isinstance(transaction, Transaction)
    assert transaction.changes == (), "a compressed column would be refused if it were decoded"
    assert transaction.end == shop.position(), "its end still tells how far the log is read"


def test_idle_says_that_the_end_of_the_log_is_reached_also_after_a_new_file(shop: Shop, capture: Server) -> None:
    table = shop.create("id INT PRIMARY KEY")
    shop.sql("INSERT INTO t VALUES (1)", "FLUSH BINARY LOGS")
    end = shop.position()

    with BinlogReader(capture, shop.start, followed(table)) as reader:
        events = iter(reader)
        assert isinstance(next(events), Transaction)
        idle = next(event for event in events if isinstance(event, Idle))

    # Not equal: MariaDB writes a checkpoint event into the new file a moment after it answers.
    assert idle.end >= end, "whoever waits for SHOW MASTER STATUS must see it reached"
    assert idle.end > shop.start, "positions compare in log order over files"


def test_a_snapshot_and_the_log_behind_its_position_make_the_table(shop: Shop, capture: Server) -> None:
    table = shop.create("id INT PRIMARY KEY", "n INT")
    shop.sql("INSERT INTO t VALUES (1, 1), (2, 2)")
    with capture.connect() as connection, log_end.consistent(connection) as position:
        shop.sql("UPDATE t SET n = 7 WHERE id = 1", "DELETE FROM t WHERE id = 2")
        rows = dict(catalog.read(connection, table))  # type: ignore[arg-type] two columns
    (updated, deleted) = [event for event in shop.events(table, start=position) if isinstance(event, Transaction)]

    assert rows == {1: 1, 2: 2}, "the snapshot does not see what came after it"
    assert (updated.changes[0].after, deleted.changes[0].before) == ((1, 7), (2, 2)), "the log has exactly the rest"


def test_a_commit_right_behind_the_snapshot_is_not_taken_for_a_part_of_it(
    shop: Shop, capture: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = shop.create("id INT PRIMARY KEY")
    ask = catalog.ask

    def ask_and_commit_elsewhere(connection: Any, statement: str, arguments: Any = None) -> Any:
        result = ask(connection, statement, arguments)
        if statement.startswith("START TRANSACTION"):
            shop.sql("INSERT INTO t VALUES (1)")
        return result

    monkeypatch.setattr(catalog, "ask", ask_and_commit_elsewhere)
    with closing(capture.connect()) as connection, log_end.consistent(connection) as position:
        rows = list(catalog.read(connection, table))

    assert (rows, position) == ([], shop.start), "the position is the snapshot's, not the log's end"


def test_rows_written_around_ddl_are_decoded_with_the_definition_of_their_time(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY", "n INT")
    with BinlogReader(shop.capture, shop.start, followed(table)) as reader:
        shop.sql("INSERT INTO t VALUES (1, 2)")
        events = iter(reader)
        before = next(events)
        shop.sql("ALTER TABLE t ADD COLUMN note VARCHAR(9) FIRST", "INSERT INTO t VALUES ('new', 2, 3)")
        altered, after = islice((event for event in events if not isinstance(event, Idle)), 2)

    assert isinstance(before, Transaction)
    assert isinstance(altered, SchemaChange)
    assert isinstance(after, Transaction)
    assert before.changes[0].after == (1, 2)
    assert altered.statement.startswith("ALTER TABLE t")
    assert [(one.kind, one.before, one.placed) for one in altered.tables] == [("altered", table, ("note FIRST",))]
    assert after.changes[0].after == ("new", 2, 3)
    assert [column.name for column in after.changes[0].table.columns] == ["note", "id", "n"], (
        "its definition followed the log"
    )


def test_a_renamed_column_of_the_same_type_takes_its_new_name_after_the_ddl(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY", "a INT")
    shop.sql("ALTER TABLE t RENAME COLUMN a TO b", "INSERT INTO t VALUES (1, 2)")

    (change,) = shop.changes(table)

    assert [column.name for column in change.table.columns] == ["id", "b"], "the table map alone cannot tell this"


def test_rows_before_an_alter_are_read_by_the_definition_before_it_though_the_catalog_is_ahead(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY", "debit INT", "credit INT", "e ENUM('open', 'paid')")
    shop.sql("CREATE TABLE other (id INT)", "INSERT INTO t VALUES (2, 30, 40, 'open')")
    shop.sql("ALTER TABLE t MODIFY debit INT AFTER credit, MODIFY e ENUM('paid', 'open')")
    shop.sql("INSERT INTO t VALUES (3, 60, 50, 'open')")

    before, after = shop.changes(table)

    assert dict(zip([column.name for column in before.table.columns], before.after or (), strict=True)) == {
        "id": 2,
        "debit": 30,
        "credit": 40,
        "e": "open",
    }
    assert (after.table, after.after) == (shop.table(), (3, 60, 50, "open"))


def test_rows_of_another_definition_than_the_statements_give_are_refused(shop: Shop) -> None:
    shop.create("id INT PRIMARY KEY", "n INT")
    shop.sql("INSERT INTO t VALUES (1, 2)", "ALTER TABLE t MODIFY n BIGINT")

    with pytest.raises(PipelineError, match=r"rows of shop\d+\.t were written for another definition.*column n"):
        shop.events(shop.table())


def test_create_table_as_select_tells_of_the_table_before_its_rows_and_can_be_read_again(shop: Shop) -> None:
    shop.create("id INT PRIMARY KEY")
    shop.sql("CREATE TABLE copied (id INT PRIMARY KEY) SELECT 1 AS id")

    created, filled = shop.events(shop.table("copied"))

    assert isinstance(created, SchemaChange)
    assert isinstance(filled, Transaction)
    assert filled.changes[0].after == (1,)
    assert created.end <= filled.begin, "a reader that resumes at the SchemaChange must not lose the rows"


def test_dml_written_as_a_statement_is_refused_not_lost(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY")
    shop.sql("SET SESSION binlog_format = STATEMENT", "INSERT INTO t VALUES (1)")

    with pytest.raises(PipelineError, match=r"statement instead of rows: INSERT INTO t.*binlog_format"):
        shop.events(table)


def test_statements_on_tables_that_are_not_captured_are_passed_over_and_told(shop: Shop, tmp_path: Path) -> None:
    table = shop.create("id INT PRIMARY KEY")
    shop.sql("CREATE TABLE other (id INT PRIMARY KEY)", "CREATE TABLE cached (id INT PRIMARY KEY) ENGINE=MEMORY")
    (tmp_path / "rows").write_text("7\n", encoding="utf-8")
    shop.sql("SET SESSION binlog_format = STATEMENT", "BEGIN", "INSERT INTO other VALUES (1)", "COMMIT")
    shop.sql("DELETE FROM cached", f"LOAD DATA INFILE '{tmp_path / 'rows'}' INTO TABLE other")
    shop.sql("SET SESSION binlog_format = ROW", "INSERT INTO t VALUES (1)")

    assert [change.after for change in shop.changes(table)] == [(1,)]
    assert set(shop.passed) == {(shop.schema, "other"), (shop.schema, "cached")}
    assert "other, which is not captured, the first at" in shop.passed[shop.schema, "other"]


def test_a_session_that_the_server_ends_is_a_source_that_is_lost(shop: Shop) -> None:
    with BinlogReader(shop.capture, shop.start, followed(), idle_after=0.01) as reader:
        events = iter(reader)
        next(events)
        for number, user, *_ in ask(shop.connection, "SHOW PROCESSLIST"):
            if user == shop.capture.user:
                shop.sql(f"KILL {number}")
        with pytest.raises(SourceLostError):
            list(events)


def test_a_server_that_is_not_there_is_lost_and_one_that_refuses_is_not(shop: Shop) -> None:
    with pytest.raises(SourceLostError, match="is the server running"):
        replace(shop.capture, port=1).connect()
    with pytest.raises(PipelineError, match="refuses the user name") as refused:
        replace(shop.capture, password="wrong").connect()
    assert not isinstance(refused.value, SourceLostError)


@pytest.mark.parametrize("metadata", ["MINIMAL", "FULL", "NO_LOG"])
def test_the_hidden_columns_of_long_unique_keys_are_passed_over(shop: Shop, metadata: str) -> None:
    shop.sql(f"SET GLOBAL binlog_row_metadata = {metadata}")
    try:
        shop.create("id INT PRIMARY KEY", "url TEXT UNIQUE", "body LONGBLOB", "twice INT AS (id * 2)", "UNIQUE (body)")
        shop.sql("INSERT INTO t (id, url, body) VALUES (1, 'a', 'b')", "UPDATE t SET url = NULL")
        shop.sql("ALTER TABLE t ADD n BIGINT UNSIGNED", "UPDATE t SET n = 7", "ALTER TABLE t DROP INDEX body")
        shop.sql("DELETE FROM t")
    finally:
        shop.sql("SET GLOBAL binlog_row_metadata = MINIMAL")
    before = replace(shop.table(), columns=shop.table().columns[:3])

    changes = shop.changes(before)

    assert [(change.before, change.after) for change in changes] == [
        (None, (1, "a", b"b")),
        ((1, "a", b"b"), (1, None, b"b")),
        ((1, None, b"b", None), (1, None, b"b", 7)),
        ((1, None, b"b", 7), None),
    ]


def test_a_partial_row_image_is_refused_not_filled_with_nulls(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY", "a INT", "b INT")
    shop.sql("INSERT INTO t VALUES (1, 2, 3)", "SET SESSION binlog_row_image = MINIMAL", "UPDATE t SET b = 4")

    with pytest.raises(PipelineError, match=r"lacks columns a, b.*binlog_row_image"):
        shop.events(table)


def test_a_compressed_binlog_is_refused_not_skipped(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY", "body TEXT")
    shop.sql("SET GLOBAL log_bin_compress = ON")
    try:
        shop.sql("INSERT INTO t VALUES (1, REPEAT('x', 1000))")
    finally:
        shop.sql("SET GLOBAL log_bin_compress = OFF")

    with pytest.raises(PipelineError, match=r"compressed.*log_bin_compress"):
        shop.events(table)


def test_a_prepared_xa_transaction_with_captured_rows_is_refused(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY")
    shop.sql("XA START 'a'", "INSERT INTO t VALUES (1)", "XA END 'a'", "XA PREPARE 'a'", "XA COMMIT 'a'")

    with pytest.raises(PipelineError, match=r"XA transaction with rows of shop\d+\.t"):
        shop.events(table)


def test_an_xa_transaction_without_captured_rows_and_a_one_phase_one_pass(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY")
    shop.create("id INT PRIMARY KEY", name="other")
    shop.sql("XA START 'a','b'", "INSERT INTO other VALUES (1)", "XA END 'a','b'", "XA PREPARE 'a','b'")
    shop.sql("XA COMMIT 'a','b'", "XA START 'c'", "INSERT INTO t VALUES (1)", "XA END 'c'", "XA COMMIT 'c' ONE PHASE")

    assert [change.after for change in shop.changes(table)] == [(1,)]


def test_an_xa_commit_whose_prepare_lies_before_the_start_is_refused(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY")
    shop.sql("XA START 'a'", "INSERT INTO t VALUES (1)", "XA END 'a'", "XA PREPARE 'a'")
    between = shop.position()
    shop.sql("XA COMMIT 'a'")

    with pytest.raises(PipelineError, match="prepared before the reader started"):
        shop.events(table, start=between)


def test_a_position_in_a_purged_file_is_refused_with_the_remedy(shop: Shop) -> None:
    with pytest.raises(PipelineError, match=r"cannot go on from this position.*reload the tables"):
        shop.events(start=Position("mysql-bin-changelog.999999", 4))


def test_a_position_inside_an_event_is_refused(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY")
    shop.sql("INSERT INTO t VALUES (1)")

    with pytest.raises(PipelineError):
        shop.events(table, start=Position(shop.start.file, shop.start.offset + 7))


def test_a_user_without_replication_slave_is_told_which_grant_is_missing(shop: Shop, mariadb: MariaDB) -> None:
    shop.sql("CREATE USER IF NOT EXISTS 'nobody'@'%' IDENTIFIED BY 'nobodysSecret'")
    server = mariadb.user("nobody", "nobodysSecret")

    with pytest.raises(PipelineError, match="lacks REPLICATION SLAVE: GRANT"):
        BinlogReader(server, shop.start, followed())
