"""What is told of a source before anything of it is read: what DMS does not do with it, and what the log never has."""

from __future__ import annotations

import re
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import pytest

from database import catalog
from database.queries import ask
from database.server import Server
from mappings import table_mappings
from mappings.table_mappings import Mappings
from model import PipelineError
from rehearsal.source.checks import limitations as checked
from rehearsal.source.checks import log_filters
from rehearsal.source.checks.clock import clock_warning, skewed
from rehearsal.source.checks.limitations import MOST_TABLES, Limitation, left_out, limitations
from rehearsal.source.checks.log_filters import check_logged
from rehearsal.source.checks.relations import missed, relations, selected_views
from rehearsal.source.mariadb.mariadb import MariaDB

from .conftest import Shop


def selecting(schema: str, *, drop: str = "") -> Mappings:
    """A task over one schema, without the columns called ``drop``."""
    names = {"rule-id": "1", "rule-name": "1", "object-locator": {"schema-name": schema, "table-name": "%"}}
    rules = [{"rule-type": "selection", "rule-action": "include", **names}]
    locator = {"schema-name": schema, "table-name": "%", "column-name": drop}
    action = {"rule-target": "column", "rule-action": "remove-column", "object-locator": locator}
    rules += [{"rule-type": "transformation", "rule-id": "2", "rule-name": "2", **action}] if drop else []
    return table_mappings.parse({"rules": rules})


def told(shop: Shop, **more: str) -> list[Limitation]:
    """What is said of the shop to a user who may only read it."""
    rules = selecting(shop.schema, **more)
    with closing(shop.capture.connect()) as connection:
        tables = rules.in_load_order(catalog.tables(connection))
        return list(limitations(connection, map(rules.target, tables), relations(connection)))


def test_a_plain_table_has_no_limitation(shop: Shop) -> None:
    shop.create("id INT PRIMARY KEY", "t TEXT", "b BLOB")
    assert told(shop) == []


def test_lob_columns_without_a_key_are_told_and_make_the_lake_doubtful(shop: Shop) -> None:
    shop.create("who VARCHAR(9)", "body MEDIUMTEXT", "j JSON", name="note")
    (found,) = told(shop)
    assert (found.table, found.differs) == (f"{shop.schema}.note", True)
    assert "LOB columns, here body, j (table-with-lob-but-without-primary-key" in found.text
    shop.sql("ALTER TABLE note ADD UNIQUE (who)")
    assert [(one.differs, one.text[:29]) for one in told(shop)] == [(False, "of several changes of a LOB i")]


def test_columns_that_a_rule_takes_out_are_not_told_of(shop: Shop) -> None:
    shop.create("who VARCHAR(9)", "body MEDIUMTEXT", name="note")
    assert told(shop, drop="body") == []


@pytest.mark.parametrize("rule", ["ON DELETE CASCADE", "ON UPDATE SET NULL", "ON DELETE NO ACTION ON UPDATE CASCADE"])
def test_a_foreign_key_by_which_rows_change_without_a_word_is_named(shop: Shop, rule: str) -> None:
    shop.create("id INT PRIMARY KEY", name="parent")
    plain = "CONSTRAINT plain FOREIGN KEY (q) REFERENCES parent(id) ON DELETE RESTRICT"
    cascading = f"CONSTRAINT `fk``1` FOREIGN KEY (p) REFERENCES parent(id) {rule}"
    shop.create("id INT PRIMARY KEY", "p INT", "q INT", cascading, plain, name="child")
    (found,) = told(shop)
    assert (found.table, found.explains) == (f"{shop.schema}.child", True)
    assert found.text.startswith(f"foreign key fk`1 ON {rule.rpartition('ON ')[2]}: ")


@pytest.mark.parametrize(
    ("engine", "says", "differs"),
    [
        ("MyISAM", "knows no transactions", False),
        ("Aria", "knows no transactions", False),
        ("MEMORY", "loses its rows", True),
        ("CSV", "knows no transactions", False),
    ],
)
def test_an_engine_without_transactions_is_named(shop: Shop, engine: str, says: str, differs: bool) -> None:
    shop.sql(f"CREATE TABLE hit (id INT NOT NULL, v INT NOT NULL) ENGINE={engine}")
    (found,) = told(shop)
    assert f"engine {engine}" in found.text
    assert says in found.text
    assert (found.explains, found.differs) == (True, differs)


def test_partitions_odd_names_and_names_of_dms_are_told(shop: Shop) -> None:
    shop.sql("CREATE TABLE part (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2")
    shop.create("id INT PRIMARY KEY", "`it's` INT", name="odd")
    shop.create("id INT PRIMARY KEY", name="awsdms_mine")
    found = {one.table.partition(".")[2]: one.text for one in told(shop)}
    assert "skipTableSuspensionForPartitionDdl" in found["part"]
    assert "single quotes in names, as in it's" in found["odd"]
    assert "named as DMS names tables of its own" in found["awsdms_mine"]


def test_columns_that_are_left_out_are_listed_with_the_reason(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY", "v INT", "w INT AS (v + 1)", "x INT INVISIBLE")
    with closing(shop.capture.connect()) as connection:
        assert left_out(connection, [table]) == (f"{table}.w (generated)", f"{table}.x (invisible)")


def test_what_is_selected_and_not_captured_is_named_with_the_reason(shop: Shop, mariadb: MariaDB) -> None:
    shop.create("id INT PRIMARY KEY", name="item")
    shop.create("id INT PRIMARY KEY", "w INT", name="partly")
    shop.create("id INT PRIMARY KEY", name="secret")
    shop.create("id INT PRIMARY KEY", name="written")
    shop.sql("CREATE TABLE price (id INT PRIMARY KEY) WITH SYSTEM VERSIONING", "CREATE VIEW seen AS SELECT 1 AS a")
    shop.sql("CREATE SEQUENCE numbers")
    user = f"part_of_{shop.schema}"
    shop.sql(f"CREATE USER {user}@'%' IDENTIFIED BY 'readOnly7' REQUIRE SSL", f"GRANT INSERT ON written TO {user}@'%'")
    for grant in ("SELECT ON item", "SELECT (id) ON partly", "SELECT ON price", "SELECT ON seen", "SELECT ON numbers"):
        shop.sql(f"GRANT {grant} TO {user}@'%'")
    with closing(mariadb.user(user, "readOnly7").connect()) as connection:
        assert [table.name for table in catalog.tables(connection)] == ["item"], "what can be read as a whole"
        in_log = [(shop.schema, name) for name in ("secret", "price", "item")]
        there = relations(connection)
        found = dict(text.split(": ", 1) for text in missed(connection, there, selecting(shop.schema), in_log))
        assert selected_views(there, selecting(shop.schema)) == (f"{shop.schema}.seen",), "it has no rows to miss"
    assert {name.partition(".")[2]: text[:30] for name, text in found.items()} == {
        "numbers": "it is a sequence and no table",
        "partly": "the capture user may not read ",
        "price": "it is system-versioned, and DM",
        "secret": "the log has rows of it, and th",
        "written": "the capture user may not read ",
    }


def test_a_table_that_is_gone_was_not_missed(shop: Shop) -> None:
    with closing(shop.capture.connect()) as connection:
        assert missed(connection, relations(connection), selecting(shop.schema), [(shop.schema, "dropped")]) == ()


@pytest.fixture
def status(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets which schemas the server says that it logs and does not log: they are options of its start."""
    return lambda do, ignore: monkeypatch.setattr(
        log_filters, "log_end", SimpleNamespace(status=lambda _: ("log.000001", 4, do, ignore, ""))
    )


@pytest.mark.parametrize(("do", "ignore"), [("", "shop"), ("", "a,Shop"), ("stock", ""), ("a,b", "c")])
def test_a_schema_that_is_kept_out_of_the_log_is_refused(capture: Server, status: Any, do: str, ignore: str) -> None:
    status(do, ignore)
    with closing(capture.connect()) as connection, pytest.raises(PipelineError, match="does not log changes of shop"):
        check_logged(connection, {"shop"})


@pytest.mark.parametrize(("do", "ignore", "says"), [("", "", 0), ("shop", "", 1), ("a,SHOP", "", 1), ("", "cache", 1)])
def test_a_log_with_other_filters_is_told(capture: Server, status: Any, do: str, ignore: str, says: int) -> None:
    status(do, ignore)
    with closing(capture.connect()) as connection:
        assert len(check_logged(connection, {"shop"})) == says, "DDL goes by the default schema of its session"


def test_a_replica_that_logs_nothing_of_its_primary_is_refused(
    capture: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_filters, "_replicates", lambda _: True)
    with closing(capture.connect()) as connection, pytest.raises(PipelineError, match="log_slave_updates is OFF"):
        check_logged(connection, {"shop"})


def test_the_session_server_replicates_nothing(capture: Server) -> None:
    with closing(capture.connect()) as connection:
        assert check_logged(connection, {"shop"}) == ()


def test_a_clock_that_is_not_ours_is_told_with_the_difference(capture: Server) -> None:
    with closing(capture.connect(init_command="SET timestamp = UNIX_TIMESTAMP() - 3600")) as connection:
        assert re.search(r"clock is 3,6\d\d s behind this machine's", clock_warning(connection))
    with closing(capture.connect()) as connection:
        assert clock_warning(connection) == ""
    assert "60 s ahead of" in skewed(60.4)
    assert skewed(-1.9) == ""


@pytest.mark.parametrize(("name", "says"), [("Orders", 1), ("orders", 0), ("ORDERS", 0)])
def test_a_name_in_both_cases_is_told_where_the_file_system_does_not_tell_them_apart(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, name: str, says: int
) -> None:
    def folding(connection: Any, statement: str, *rest: Any) -> Any:
        return [("lower_case_file_system", "ON")] if "lower_case" in statement else ask(connection, statement, *rest)

    shop.create("id INT PRIMARY KEY", name=name)
    monkeypatch.setattr(checked, "ask", folding)
    assert len(told(shop)) == says


def test_more_tables_than_dms_checks_for_are_told(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY")
    target = selecting(shop.schema).target(table)
    with closing(shop.capture.connect()) as connection:
        (found,) = limitations(connection, [target] * (MOST_TABLES + 1), ())
    assert "10,001 tables" in found.text
