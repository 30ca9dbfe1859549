"""The ticket shop: its rows, its activity, and that the log of the activity leads from one to the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from database import catalog
from database.queries import ask
from database.server import Server
from model import Idle, PipelineError, Position, Row, Table, Transaction
from rehearsal.source import log_end, sample
from rehearsal.source.binlog.reader import BinlogReader
from rehearsal.source.mariadb.mariadb import MariaDB
from sample import SCHEMA, statements
from tests.rehearsal.followed import followed

Rows = dict[str, dict[Row, Row]]
_MOST_OF_A_STEP = 62  # one transaction of the activity takes at most 20 tickets, with three changes each, and two more


@pytest.fixture
def application(mariadb: MariaDB) -> Iterator[Server]:
    """A user with an application's privileges on a freshly loaded sample of about 2 000 rows."""
    sample.load(mariadb.root, 2000, 5, lambda rows: None)
    sample.create_application_user(mariadb.root, "ticket_office", "officeSecret")
    yield mariadb.user("ticket_office", "officeSecret")
    with closing(mariadb.root.connect()) as root:
        ask(root, "DROP DATABASE dms_sample")
        ask(root, "DROP USER ticket_office")


def _rows(server: Server) -> tuple[Position, tuple[Table, ...], Rows]:
    with closing(server.connect()) as connection:
        tables = tuple(table for table in catalog.tables(connection) if table.schema == SCHEMA)
        rows = {str(table): {table.key(row): row for row in catalog.read(connection, table)} for table in tables}
        return log_end.position(connection), tables, rows


def test_the_log_of_the_activity_leads_from_the_first_rows_to_the_last(
    mariadb: MariaDB, capture: Server, application: Server
) -> None:
    start, tables, rows = _rows(mariadb.root)
    told: list[int] = []
    loaded = sum(map(len, rows.values()))
    sample.activity(application, 3000, 5, told.append)
    _, _, expected = _rows(mariadb.root)
    operations: Counter[str] = Counter()
    key_changes = 0

    with BinlogReader(capture, start, followed(*tables)) as reader:
        for event in reader:
            if isinstance(event, Idle):
                break
            assert isinstance(event, Transaction)
            for change in event.changes:
                operations[change.operation] += 1
                table, before, after = change.table, change.before, change.after
                if before is not None:
                    assert rows[str(table)].pop(table.key(before)) == before, (
                        "the before image is the row that was there"
                    )
                if after is not None:
                    rows[str(table)][table.key(after)] = after
                key_changes += bool(before and after and table.key(before) != table.key(after))

    assert rows == expected, "every change is in the log, and decoded as SELECT gives it"
    assert 1900 <= loaded <= 2100, "about as many rows as were asked for"
    assert told[-1] == sum(operations.values()) >= 3000, "progress counts the row changes of the log"
    assert min(operations[name] for name in ("insert", "update", "delete")) > 100, "all kinds of change occur"
    assert key_changes > 50, "primary keys change too"


def test_the_same_seed_gives_the_same_rows(mariadb: MariaDB, application: Server) -> None:
    sample.activity(application, 500, 5, lambda changes: None)
    _, tables, first = _rows(mariadb.root)
    with closing(mariadb.root.connect()) as root:
        ask(root, "DROP DATABASE dms_sample")
    sample.load(mariadb.root, 2000, 5, lambda rows: None)
    sample.activity(application, 500, 5, lambda changes: None)

    assert _rows(mariadb.root)[2] == first
    assert len(tables) == 8


@pytest.mark.parametrize("changes", [1, 5, 300])
def test_about_as_many_rows_change_as_were_asked_for(mariadb: MariaDB, application: Server, changes: int) -> None:
    told = [0]
    sample.activity(application, changes, 5, told.append)
    assert changes <= told[-1] <= changes + _MOST_OF_A_STEP, "no further step once there are enough"


@pytest.fixture
def third_steps_only(mariadb: MariaDB, application: Server) -> Server:
    """A shop in which each third step changes one row, and none behind the hundredth."""
    with closing(mariadb.root.connect(database=SCHEMA)) as root:
        ask(root, "DROP PROCEDURE generate_ticket_activity")
        ask(
            root,
            "CREATE PROCEDURE generate_ticket_activity(IN first_step INT, IN steps INT, IN seed INT, OUT changes INT) "
            "SET changes = first_step % 3 = 0 AND first_step < 100",
        )
    return application


def test_a_step_that_finds_nothing_to_change_is_no_error(third_steps_only: Server) -> None:
    told: list[int] = []
    sample.activity(third_steps_only, 2, 5, told.append)
    assert told == [0, 0, 1, 1, 1, 2], "the next step may find something"


def test_activity_that_changes_nothing_any_more_ends_and_says_so(third_steps_only: Server) -> None:
    with pytest.raises(PipelineError, match="changed no row of dms_sample"):
        sample.activity(third_steps_only, 100, 5, lambda changes: None)


def test_nothing_is_loaded_over_a_schema_that_is_there(mariadb: MariaDB, application: Server) -> None:
    with pytest.raises(PipelineError, match=r"dms_sample.*database exists"):
        sample.load(mariadb.root, 2000, 5, lambda rows: None)


def test_a_script_is_split_where_the_mysql_client_would_split_it(tmp_path: Path) -> None:
    script = "-- comment\nSELECT 1;\nDELIMITER $$\nBEGIN\n  SELECT 2;\nEND $$\nDELIMITER ;\nSELECT\n3;\n"

    assert list(statements(script)) == ["SELECT 1", "BEGIN\n  SELECT 2;\nEND ", "SELECT\n3"]
    with pytest.raises(PipelineError, match="ends within a statement: SELECT 4"):
        list(statements("SELECT 4\n"))
