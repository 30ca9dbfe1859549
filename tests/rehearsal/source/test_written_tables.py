"""Which tables a statement in the place of rows may write. One too few loses rows."""

from __future__ import annotations

import contextlib

import pytest

from rehearsal.source.binlog.written_tables import uncaptured, written_tables
from rehearsal.source.definitions.dialect import Session, UnreadableError
from tests.rehearsal.followed import MARIADB, followed

HERE = Session(schema="shop")


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("INSERT INTO mysql.rds_beat(id, v) values (1,2) ON DUPLICATE KEY UPDATE v = 2", "mysql.rds_beat"),
        ("DELETE FROM `cache`.`session`", "cache.session"),
        ("insert low_priority ignore t values (1)", "shop.t"),
        ("REPLACE INTO other . t SELECT * FROM item", "other.t"),
        ("SET STATEMENT max_statement_time=1 FOR INSERT INTO a.b VALUES (1)", "a.b"),
        ("WITH x AS (SELECT 1 FROM item) UPDATE a.b SET id = 1", "a.b"),
        ("UPDATE a.b AS i SET i.n = 1 WHERE EXISTS (SELECT 1 FROM item)", "a.b"),
        ("DELETE QUICK FROM a.b WHERE id IN (SELECT id FROM item)", "a.b"),
        ("DELETE FROM a.b PARTITION (p0) ORDER BY id LIMIT 1", "a.b"),
        ("LOAD DATA LOCAL INFILE 'item' REPLACE INTO TABLE `a`.`b` (id)", "a.b"),
        ("/* item */ DELETE FROM a.b -- item", "a.b"),
        ("DELETE FROM a.b LIMIT 1", "a.b"),
    ],
)  # fmt: skip
def test_a_statement_on_one_table_writes_that_alone(statement: str, tables: str) -> None:
    assert {".".join(name) for name in written_tables(statement, MARIADB, HERE)} == {tables}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE a.b JOIN shop.item ON b.id = item.id SET item.n = 1",
        "UPDATE a.b, item SET item.n = 1",
        "DELETE i FROM a.b JOIN item i ON b.id = i.id",
        "DELETE FROM item USING a.b JOIN shop.item",
        "DELETE FROM a.b, shop.item USING a.b JOIN shop.item",
        "UPDATE (a.b JOIN item USING (id)) SET n = 1",
    ],
)
def test_of_a_statement_on_several_tables_any_may_be_written(statement: str) -> None:
    with contextlib.suppress(UnreadableError):  # then it is refused as one of which nobody knows
        assert ("shop", "item") in written_tables(statement, MARIADB, HERE)


@pytest.mark.parametrize("statement", ["SELECT shop.sell(1)", "CALL shop.sell()", "DO 1", "", "INSERT INTO", "LOAD"])
def test_a_statement_of_another_kind_may_write_anything(statement: str) -> None:
    with pytest.raises(UnreadableError):
        written_tables(statement, MARIADB, HERE)


def test_only_what_is_not_captured_is_passed_over() -> None:
    definitions = followed(selects=("item",))

    assert uncaptured("INSERT INTO a.b SELECT * FROM item", definitions, HERE) == {("a", "b")}, "item is only read"
    assert uncaptured("INSERT INTO mysql.rds_sysinfo VALUES (1)", definitions, HERE) == set(), "nothing to be told"
    assert uncaptured("INSERT INTO item VALUES (1)", definitions, HERE) is None
    assert uncaptured("SELECT sell(1)", definitions, HERE) is None
