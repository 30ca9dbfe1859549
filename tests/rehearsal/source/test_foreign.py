"""Statements in the log that concern nothing captured do not end a rehearsal; all others do."""

from __future__ import annotations

import pytest

from model import PipelineError
from rehearsal.source.binlog.foreign import is_foreign
from rehearsal.source.connection.queries import ask
from rehearsal.source.definitions.definition import Definition
from rehearsal.source.definitions.definitions import Definitions
from rehearsal.source.definitions.dialect import Session
from tests.rehearsal.followed import MARIADB

from .conftest import Shop

ITEM = Definition(schema="shop", name="item", columns=(), charset="utf8mb4")
OTHER = Definition(schema="cache", name="session", columns=(), charset="utf8mb4")


@pytest.mark.parametrize(
    ("statement", "schema", "foreign"),
    [
        ("DELETE FROM `cache`.`session`", "", True),
        ("DELETE FROM cache.session", "shop", True),
        ("delete from session", "cache", True),
        ("INSERT INTO mysql.rds_heartbeat2(id, value) VALUES (1,2) ON DUPLICATE KEY UPDATE value = 2", "mysql", True),
        ("INSERT IGNORE cache.session VALUES (1, 'shop.item')", "", True),
        ("DELETE FROM shop.item", "", False),
        ("DELETE FROM `item`", "shop", False),
        ("UPDATE a_view SET v = 1", "shop", False),
        ("UPDATE shop.unseen SET v = 1", "cache", False),
        ("UPDATE cache.session, shop.item SET item.v = 1", "", False),
        ("UPDATE cache.session, item SET v = 1", "shop", False),
        ("SELECT shop.sell(1)", "cache", False),
        ("LOAD DATA INFILE 'x' INTO TABLE cache.session", "", False),
        ("", "", False),
    ],
)
def test_only_dml_on_another_schema_is_foreign(statement: str, schema: str, foreign: bool) -> None:
    definitions = Definitions(MARIADB, lambda schema, _: schema == "shop", (ITEM, OTHER))
    assert is_foreign(statement, Session(schema=schema), definitions) is foreign


def test_a_statement_of_another_schema_is_passed_over_and_told(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY")
    ask(shop.connection, f"CREATE DATABASE other_{shop.schema}")
    shop.sql(f"CREATE TABLE other_{shop.schema}.session (id INT)", "SET SESSION binlog_format = STATEMENT")
    shop.sql(f"INSERT INTO other_{shop.schema}.session VALUES (1)", "SET SESSION binlog_format = ROW")
    shop.sql("INSERT INTO t VALUES (7)")
    assert [change.after for change in shop.changes(table)] == [(7,)]
    shop.sql("SET SESSION binlog_format = STATEMENT", "INSERT INTO t VALUES (8)")
    with pytest.raises(PipelineError, match="a statement instead of rows"):
        shop.changes(table)
