"""``operations audit`` on a real server, over the Data API and by its address, against a lake in DuckDB."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from database.catalog import tables, tables_by_query
from database.queries import ask
from model import PipelineError
from operations.clients import Clients
from operations.commands import audit
from operations.sql import source as sources
from tests.audit.sql.lakes import Lake, right_rows, view_types
from tests.operations.engines import PlayedAthena, PlayedDataApi, glue_view
from tests.operations.running import SELECTION, Ran, task, timeless
from tests.operations.stacks import REGION, Aws, operation, outputs

from .conftest import Shop

COLUMNS = ("id INT PRIMARY KEY", "name VARCHAR(20)", "price DECIMAL(10,2)", "at DATETIME(6)", "raw VARBINARY(4)")
ROWS = 300


@pytest.fixture
def aws():
    canned = Aws()
    yield canned
    canned.close()


class Live:
    """A stack whose task captures the table ``t`` of ``shop``."""

    def __init__(self, aws: Aws, shop: Shop) -> None:
        self.aws, self.shop = aws, shop
        self.table = shop.create(*COLUMNS)
        values = [
            f"({it}, 'name {it}', {it}.50, '2026-01-01 00:00:00.{it:06}', x'00{it % 256:02x}')" for it in range(ROWS)
        ]
        shop.sql(f"INSERT INTO t VALUES {', '.join(values)}")
        self.right = right_rows(self.table, shop.rows())
        self.lake = Lake(view_types(self.table), self.right)
        self.others: tuple[str, ...] = ()
        """Tables beside it that have a view."""
        self.rules: list[dict[str, Any]] = []
        """More rules of the task's mappings."""
        self.paused: list[float] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def run(self, *tables: str, limit: int = 2**20, fails: str = "", **options: Any) -> Ran:
        """The command."""
        locator = {"schema-name": self.shop.schema, "table-name": "%"}
        rules = json.dumps({"rules": [{**SELECTION, "object-locator": locator}, *self.rules]})
        self.aws.answer("dms", "describe_replication_tasks", task(TableMappings=rules))
        self.aws.answer(
            "dms", "describe_endpoints", {"Endpoints": [{"KinesisSettings": {"IncludeNullAndEmpty": True}}]}
        )
        views = [glue_view(self.lake, self.shop.schema, name) for name in ("t", *self.others)]
        self.aws.answer("glue", "get_tables", {"TableList": views})
        self.api = PlayedDataApi(self.shop.connection, limit)
        made: dict[str, Any] = {"rds-data": self.api, "athena": PlayedAthena(self.lake, fails)}
        clients = Clients(REGION, made={**self.aws.made, **made})
        given = {"source": None, "tables": list(tables), "patience": None, "most_rows": 10_000, **options}
        at_work, told = operation(clients, outputs(), **given)
        return Ran(audit.run(replace(timeless(at_work), pause=self.pause)), told.getvalue())

    def pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        self.meanwhile()

    def spoil(self, change: Callable[[list[Any]], Sequence[Any]]) -> None:
        """Let the lake have other rows."""
        self.lake.put(change(list(self.right)))


@pytest.fixture
def live(aws: Aws, shop: Shop) -> Live:
    return Live(aws, shop)


def last(ran: Ran) -> str:
    return ran.told.splitlines()[-1]


def test_an_equal_lake_is_called_so_after_one_query_on_each_side(live: Live):
    ran = live.run()
    assert last(ran).startswith(f"EQUAL: 1 of 1 tables, {ROWS} rows, lake == source")
    assert ran.code == 0
    assert len(live.lake.asked) == 1, "however many ranges there are"
    assert live.paused == []
    assert "1 of Athena, which scanned 0.0 MiB" in ran.told


def test_a_session_that_cuts_answers_hides_neither_tables_nor_rows(live: Live):
    live.shop.create("id INT", name="keyless")
    live.shop.sql("SET sql_select_limit = 1")
    ran = live.run()
    assert last(ran).startswith(f"EQUAL as far as compared: 1 of 2 tables, {ROWS} rows")


def three_wrong(rows: list[Any]) -> list[Any]:
    """One lost, one too many, one with another name."""
    changed = (*rows[7][:1], "other", *rows[7][2:])
    return [*rows[:7], changed, *rows[8:20], *rows[21:], (9999, *rows[0][1:])]


@pytest.mark.parametrize("limit", [2**20, 3000], ids=["whole", "divided"])
def test_each_row_that_differs_is_named_with_both_values(live: Live, limit: int):
    live.spoil(three_wrong)
    ran = live.run(limit=limit)
    assert ran.code == 1
    name = f"{live.shop.schema}.t"
    for line in (
        f'different: {name} [id=7] name: source "name 7", lake "other"',
        f"missing: {name} [id=20]",
        f"extra: {name} [id=9999]",
    ):
        assert line in ran.told
    assert last(ran) == f"NOT EQUAL: 3 findings in 1 of 1 tables, {ROWS} rows"
    assert (live.api.refused > 0) == (limit < 2**20), "a megabyte is all that the Data API gives"
    assert live.paused == [900.0, 900.0], "asked again after each promise"


def test_a_row_on_its_way_is_no_finding(live: Live):
    live.spoil(lambda rows: rows[:-5])
    live.meanwhile = lambda: live.lake.put(live.right)
    ran = live.run()
    assert ran.code == 0
    assert last(ran).startswith("EQUAL: ")


def test_a_row_that_keeps_changing_is_neither_equal_nor_found(live: Live):
    prices = iter(range(10))

    def move() -> None:
        live.spoil(lambda rows: [(*rows[0][:2], Decimal(next(prices)), *rows[0][3:]), *rows[1:]])
        live.shop.sql(f"UPDATE t SET price = {next(prices)} WHERE id = 0")

    move()
    live.meanwhile = move
    ran = live.run()
    assert ran.code == 0
    assert last(ran).startswith("EQUAL as far as compared: 1 of 1 tables")
    assert f"1 row of {live.shop.schema}.t changed while compared" in last(ran)


def test_a_table_of_which_every_row_changes_is_not_called_equal(live: Live):
    live.shop.sql("DELETE FROM t WHERE id > 0")
    prices = iter(range(10))

    def move() -> None:
        live.spoil(lambda rows: [(*rows[0][:2], Decimal(next(prices)), *rows[0][3:])])
        live.shop.sql(f"UPDATE t SET price = {next(prices)}")

    move()
    live.meanwhile = move
    ran = live.run()
    assert ran.code == 2
    assert last(ran).startswith("NOT KNOWN: nothing was found in 0 of 1 tables, 1 rows; no row of ")


def test_rows_on_their_way_that_are_too_many_to_be_read_again_are_no_finding(live: Live):
    live.spoil(lambda rows: rows[:100])
    live.meanwhile = lambda: live.lake.put(live.right)
    ran = live.run(most_rows=50)
    assert ran.code == 2
    assert last(ran).startswith("NOT KNOWN: nothing was found")
    assert f"rows of {live.shop.schema}.t that differed were too many to be read again: raise --most-rows" in last(ran)


def test_a_table_that_the_lake_shows_and_the_source_does_not_is_named(live: Live):
    live.others = ("hidden",)
    ran = live.run()
    assert last(ran).startswith("EQUAL as far as compared: 1 of 2 tables")
    assert f"{live.shop.schema}.hidden has a view, and who asked sees no such table" in last(ran)
    assert last(live.run(f"{live.shop.schema}.t")).startswith("EQUAL: 1 of 1 tables"), "others were not asked about"


def test_a_server_by_its_address_is_asked_the_same(live: Live, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sources, "server_of", lambda url: live.shop.admin)
    live.spoil(three_wrong)
    ran = live.run(source="mysql://me@host")
    assert last(ran) == f"NOT EQUAL: 3 findings in 1 of 1 tables, {ROWS} rows"


def test_a_table_without_a_key_is_said_not_to_be_compared(live: Live):
    live.shop.create("id INT", name="keyless")
    ran = live.run()
    assert ran.code == 0
    assert f"{live.shop.schema}.keyless was not compared" in last(ran)
    assert "no view of the rows" in ran.told
    named = live.run(f"{live.shop.schema}.keyless")
    assert named.code == 2, "it was asked for by name"
    assert last(named).startswith("NOT KNOWN: ")
    assert live.run(f"{live.shop.schema}.t", f"{live.shop.schema}.keyless").code == 2, "and so it was beside another"


def test_a_column_that_the_view_lacks_is_named(live: Live):
    live.shop.sql("ALTER TABLE t ADD COLUMN later INT")
    ran = live.run()
    assert last(ran).endswith(f"{live.shop.schema}.t in 5 of 6 columns (not later)")
    assert last(ran).startswith("EQUAL as far as compared")


def test_a_table_that_is_not_captured_is_refused_by_name(live: Live):
    with pytest.raises(
        PipelineError, match=rf"shop\.none: the task captures no such table. It captures {live.shop.schema}.t"
    ):
        live.run("shop.none")


def test_two_tables_that_are_one_in_the_lake_are_refused(live: Live):
    live.shop.create(*COLUMNS, name="u")
    locator = {"schema-name": live.shop.schema, "table-name": "u"}
    rename = {"rule-type": "transformation", "rule-id": "7", "rule-name": "7", "rule-target": "table"}
    live.rules = [{**rename, "rule-action": "rename", "object-locator": locator, "value": "t"}]
    with pytest.raises(PipelineError, match=rf"{live.shop.schema}.t and {live.shop.schema}.u would both be"):
        live.run()


def test_a_query_that_fails_is_told_and_nothing_passes_for_equal(live: Live):
    ran = live.run(fails="Bytes scanned limit was exceeded")
    assert ran.code == 2
    assert "what could not be asked" in ran.told
    assert "raise queryScanLimitGb" in ran.told
    assert last(ran).startswith("NOT KNOWN: nothing was found")


def test_machines_are_told_the_same(live: Live, capsys: pytest.CaptureFixture[str]):
    live.spoil(three_wrong)
    ran = live.run(json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == {"exitCode": ran.code, "says": last(ran)}
    assert found["tables"][f"{live.shop.schema}.t"]["findings"]["total"] == 3
    assert found["athena"]["queries"] == len(live.lake.asked)


def test_the_tables_are_the_same_asked_without_a_session(live: Live):
    live.shop.create("a INT", "`it's` DECIMAL(5,1)", "b ENUM('x','it''s')", "PRIMARY KEY (b, a)", name="it's")
    mine = [it for it in tables(live.shop.connection) if it.schema == live.shop.schema]
    found = tables_by_query(lambda sql: ask(live.shop.connection, sql), lambda schema, _: schema == live.shop.schema)
    assert list(found) == mine
    assert len(found) == 2
