"""The declared statements on real Iceberg: tables and views agree, two runs at once, a table that is described anew."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from botocore.exceptions import ClientError

from documents.versions import Windows
from model.plan import CatalogPlan, KeptTablePlan
from rehearsal.athena import TRINO, Open, QueryError
from rehearsal.athena.trino import Trino
from rehearsal.athena.trino.iceberg import iceberg_table
from rehearsal.athena.trino.lake import table_input
from rehearsal.runtime.clients import client
from tests.audit.views.keeping import EVERYTHING, NOW, WINDOWS, Keeper, Start, arrivals, keep, keeping
from tests.audit.views.shops import Shop, jumbled, kept_catalog
from tests.audit.views.test_kept_tables import ONE, at, lacking, late_lake, run
from tests.rehearsal.athena.catalogs import declared, described
from tests.rehearsal.play.test_audits import kept, moved, shop, shown

__all__ = ["shop"]
OF_NO_CLOCK = Windows(again=WINDOWS.again, latest=24 * 365 * 50)
"""Trino's clock is this machine's, and the lakes here are of some day."""
DAYS = {"projection.dt.range": "2026-11-22,2026-11-24"}
PLAN = kept_catalog(OF_NO_CLOCK, **DAYS)


@pytest.fixture
def keeper(trino: Open) -> Iterator[Keeper]:
    with keeping(trino, PLAN) as keeper:
        yield keeper


def test_tables_and_views_agree_at_each_step_and_repeated_runs_change_nothing(keeper: Keeper, shop: Shop):
    dice = Random(3)
    objects = jumbled(moved(shop).lines, 3)
    assert keep(keeper, arrivals(objects, dice, 2), dice) == []
    assert [keeper.merge(table) for table in keeper.plan.kept_tables] == [0, 0]
    shown = keeper.athena.run("SELECT id, note, total FROM shop_orders WHERE NOT cdc_gone").rows
    assert sorted(shown) == sorted(shop.rows["orders"].values())


def test_records_that_come_late_and_twice_change_nothing(keeper: Keeper):
    assert run(keeper, late_lake()) == []


@pytest.mark.parametrize(
    "name", ["no version guard", "no tombstones", "a window without overlap", "a window of one hour"]
)
def test_a_merge_that_lacks_one_thing_is_noticed(keeper: Keeper, name: str):
    assert lacking(keeper, name)


def tried(keeper: Keeper, table: KeptTablePlan, begin: Start) -> int | QueryError:
    """The rows that a run changes, or why it was refused."""
    try:
        return keeper.merge(table, begin)
    except QueryError as error:
        return error


def test_of_two_runs_at_once_one_is_refused_and_its_next_try_changes_nothing(keeper: Keeper):
    first, *_, last = late_lake()
    orders, _ = keeper.plan.kept_tables
    refused = list[QueryError]()
    for _ in range(5):  # until they met
        with keeper.keeping([orders]):
            run(keeper, [first])
        keeper.see(last)
        begin = keeper.start(orders)
        with ThreadPoolExecutor() as side_by_side:
            results = list(side_by_side.map(lambda it: tried(keeper, orders, it), (begin, EVERYTHING)))
        refused = [it for it in results if isinstance(it, QueryError)]
        for error in refused:
            assert str(error).startswith("ICEBERG_COMMIT_ERROR"), "for no other reason"
        assert len(refused) < 2, "one of them is through"
        assert keeper.merge(orders, begin) == 0
        assert keeper.differences(orders) == []
        ((twice,),) = keeper.athena.run("SELECT count(*) - count(DISTINCT cdc_key) FROM shop_orders").rows
        assert twice == 0
        if refused:
            break
    assert refused, "both ran at once five times and none met the other"


def test_an_update_of_a_version_that_is_not_the_newest_is_refused(keeper: Keeper, server: Trino):
    glue = client("glue", server.endpoints.aws, server.endpoints.credentials)
    told = table_input(keeper.plan.views[0])
    version = glue.get_table(DatabaseName="lake", Name=told["Name"])["Table"]["VersionId"]
    glue.update_table(DatabaseName="lake", TableInput=told, VersionId=version)
    with pytest.raises(ClientError, match="ConcurrentModificationException"):
        glue.update_table(DatabaseName="lake", TableInput=told, VersionId=version)


@pytest.mark.parametrize(
    "sql", ["DELETE FROM shop_orders", "DROP TABLE shop_orders", "INSERT INTO shop_orders (id) VALUES (1)"]
)
def test_who_asks_changes_no_table(keeper: Keeper, sql: str):
    with pytest.raises(QueryError, match="PERMISSION_DENIED Error"):
        keeper.athena.run(sql)


def orders_of(**more: str) -> CatalogPlan:
    """The table of orders, described with ``more`` columns."""
    return declared(
        described("shop.orders", "id", id="int", note="varchar(20)", total="decimal(8,2)", **more),
        windows=OF_NO_CLOCK,
        **DAYS,
        database="again",
    )


def test_a_column_that_is_described_later_has_what_the_log_has_of_it(server: Trino, shop: Shop):
    before, after = orders_of(), orders_of(colour="varchar(8)")
    shop.change("orders", (1, "new", Decimal("7.50")), (1, "a", ONE), more='"colour":"red"')
    shop.capture()
    (old,), (new,) = before.kept_tables, after.kept_tables
    with server.endpoints.open(before, [at(0, *shop.lines)], now=NOW) as athena:
        keeper = Keeper(before, athena, NOW)
        keeper.merge(old)
        assert iceberg_table(old.create).create != iceberg_table(new.create).create, "the table lies elsewhere"
        glue = client("glue", server.endpoints.aws, server.endpoints.credentials)
        for view in after.views:
            glue.update_table(DatabaseName="again", TableInput=table_input(view))
        athena.define("DROP TABLE IF EXISTS again.shop_orders")  # as the state machine does
        athena.define(iceberg_table(new.create).create)
        keeper.plan = after
        keeper.merge(new)
        assert keeper.differences(new) == []
        rows = keeper.athena.run("SELECT id, colour FROM shop_orders WHERE NOT cdc_gone ORDER BY id").rows
        assert list(rows) == [(1, "red"), (2, None)], "a row that nobody changed since has none"


@pytest.mark.usefixtures("on_trino")
def test_the_verdict_says_that_trino_kept_the_tables(tmp_path: Path, shop: Shop):
    output = kept(tmp_path, moved(shop), kept_catalog(OF_NO_CLOCK, **DAYS))
    result = output.audit(lambda _: None, engine=TRINO)
    assert result.equal, f"{result.listed_findings}"
    assert shown(result)[-1].endswith(
        "by the declared views on Trino (disordered) and by the Iceberg tables (4 merges, disordered)"
    ), "a lake that is old by Trino's clock comes at once"
