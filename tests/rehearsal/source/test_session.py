"""What a server says of sessions decides neither which rows are read nor what their values look like."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from database import catalog, session
from database.queries import ask
from model import PipelineError
from rehearsal.source.mariadb.mariadb import MariaDB

from .conftest import Shop


@contextmanager
def globally(mariadb: MariaDB, variable: str, value: str) -> Iterator[None]:
    """``variable`` has ``value`` for every new session during the block."""
    with closing(mariadb.root.connect()) as root:
        ((before,),) = ask(root, f"SELECT @@global.{variable}")
        ask(root, f"SET GLOBAL {variable} = {value}")
        try:
            yield
        finally:
            ask(root, f"SET GLOBAL {variable} = %s", (before,))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("sql_select_limit", "2"),
        ("sql_mode", "'PAD_CHAR_TO_FULL_LENGTH,ANSI_QUOTES,NO_BACKSLASH_ESCAPES'"),
        ("tx_isolation", "'READ-UNCOMMITTED'"),
        ("time_zone", "'+05:30'"),
        ("character_set_results", "latin1"),
        ("init_connect", "\"SET sql_select_limit=1, time_zone='+03:00', sql_mode='PAD_CHAR_TO_FULL_LENGTH'\""),
        ("sql_quote_show_create", "0"),
        ("max_statement_time", "0.001"),
    ],
)
def test_a_setting_of_the_server_does_not_change_what_is_read(
    shop: Shop, mariadb: MariaDB, variable: str, value: str
) -> None:
    table = shop.create("code CHAR(9) PRIMARY KEY", "at TIMESTAMP NULL", "j JSON")
    shop.sql("INSERT INTO t VALUES ('a', '2026-01-01 00:00:00', '{}'), ('b', NULL, NULL), ('ü', NULL, NULL)")
    with globally(mariadb, variable, value), closing(shop.capture.connect()) as connection:
        assert catalog.table(connection, shop.schema, "t") == table
        rows = list(catalog.read(connection, table))
    assert rows == [("a", "2026-01-01 00:00:00", "{}"), ("b", None, None), ("ü", None, None)]


@pytest.mark.parametrize(
    "variable", ["idle_transaction_timeout", "idle_readonly_transaction_timeout", "wait_timeout", "net_write_timeout"]
)
def test_a_limit_of_time_of_the_server_does_not_end_a_session_that_waits(mariadb: MariaDB, variable: str) -> None:
    with globally(mariadb, variable, "1"), closing(mariadb.root.connect()) as connection:
        ((limit,),) = ask(connection, f"SELECT @@session.{variable}")
    assert limit == 0 or limit >= 3600


def test_rows_that_are_not_committed_are_not_read(shop: Shop, mariadb: MariaDB) -> None:
    table = shop.create("id INT PRIMARY KEY")
    with globally(mariadb, "tx_isolation", "'READ-UNCOMMITTED'"), closing(shop.capture.connect()) as connection:
        shop.connection.begin()
        shop.sql("INSERT INTO t VALUES (1)")
        rows = list(catalog.read(connection, table))
        shop.connection.rollback()
    assert rows == []


def test_a_server_that_does_not_obey_is_refused(mariadb: MariaDB, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        session, "_SETTINGS", {**session._SETTINGS, "max_sort_length": "1"}
    )  # the server takes 8 for less
    with pytest.raises(PipelineError, match=r"keeps max_sort_length at '\d+'.*though it was set to '1'"):
        mariadb.root.connect()
