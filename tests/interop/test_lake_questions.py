"""The queries that are saved in the workgroup: what they read, in which order, and that they run."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pytest
from sqlglot import exp

from declaration import Declaration
from tests.components.test_lake_query import SAVED, TABLE, definition, views
from tests.declared import BEATING, declare
from tests.interop.parsed import query, reads


def test_a_saved_query_reads_what_is_there_and_no_more_days_than_it_needs(stack: Declaration):
    there = {(it.inputs["databaseName"], it.inputs["name"]) for it in stack.all(TABLE)}
    for saved in stack.all(SAVED):
        name, sql = saved.inputs["name"], saved.inputs["query"]
        assert reads(sql) <= there, name
        days = any(
            column.name == "cdc_dt" for where in query(sql).find_all(exp.Where) for column in where.find_all(exp.Column)
        )
        assert days != name.startswith("changes-of-one-row-"), f"{name}: Athena bills what it reads"


def test_a_listing_of_changes_has_the_order_of_the_current_state(dev: Declaration):
    def order(sql: str) -> list[str]:
        (found,) = [it for it in query(sql).find_all(exp.Order) if it.expressions[0].this.name == "cdc_message_time"]
        return [it.sql("athena") for it in found.expressions]

    by = order(definition(views(dev)["dms_sample_ticket_current"])["originalSql"])[:-1]
    assert len(by) == 4
    listings = [it for it in dev.all(SAVED) if it.inputs["name"].startswith(("latest-", "control-", "changes-of-"))]
    assert len(listings) == 10
    for listing in listings:
        assert order(listing.inputs["query"]) == by, listing.inputs["name"]


@pytest.mark.parametrize("config", [{}, BEATING], ids=["usual", "with a heartbeat"])
def test_a_saved_query_runs_without_a_network(config: Mapping[str, object]):
    """In DuckDB, which plays Athena in a rehearsal, over empty tables: are its functions there, with these types?"""
    dev = declare("dev", config=config)
    engine = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    engine.execute("CREATE SCHEMA cdc_lake_dev")
    for name, view in views(dev).items():
        columns = ", ".join(f'"{it["name"]}" {it["type"].replace("timestamp(6)", "timestamp")}'
                            for it in definition(view)["columns"])  # fmt: skip
        engine.execute(f'CREATE TABLE cdc_lake_dev."{name}" ({columns})')
    for saved in dev.all(SAVED):
        sql = query(saved.inputs["query"]).sql("duckdb")
        answer = engine.execute(sql, [None] * sql.count("?"))
        assert answer.fetchall() == [], saved.inputs["name"]
