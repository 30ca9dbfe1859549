"""What the operations ask a database besides its rows, on a real server: rights on tables, and when they changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from database.server import Server
from operations.clients import Clients
from operations.fitness.grants import grants
from operations.health.lake import lake
from operations.health.look import Look
from operations.sql.data_api import DataApi
from operations.sql.server import ServerSql
from tests.operations.engines import PlayedDataApi
from tests.operations.running import QUESTION, SELECTION, asked, execution, table, task, timeless
from tests.operations.stacks import REGION, Aws, operation, outputs

from .conftest import Shop


@pytest.fixture
def aws() -> Iterator[Aws]:
    canned = Aws()
    yield canned
    canned.close()


def look(aws: Aws, shop: Shop, user: str, server: Server | None = None, **options: Any) -> Look:
    """A round over ``shop``, of a stack that captures all of it as ``user``."""
    locator = {"schema-name": shop.schema.replace("_", "[_]"), "table-name": "%"}
    rules = json.dumps({"rules": [{**SELECTION, "object-locator": locator}]})
    aws.answer("dms", "describe_replication_tasks", task(TableMappings=rules))
    stack = outputs(captureUsername=user)
    clients = Clients(REGION, made={**aws.made, "rds-data": PlayedDataApi(shop.connection)})
    work, _ = operation(clients, stack, **{"source": None, "without_lake": False, **options})
    assert stack.cluster_arn
    assert stack.master_secret_arn
    source = ServerSql(server) if server else DataApi(clients, stack.cluster_arn, stack.master_secret_arn)
    return Look(work, source)


@pytest.fixture
def reader(shop: Shop) -> Iterator[str]:
    """A user who may read one table of three by its name."""
    for name in ("mine", "other", "third"):
        shop.sql(f"CREATE TABLE {name} (id INT PRIMARY KEY)")
    user = f"reader{shop.schema}"
    shop.sql(
        f"CREATE USER '{user}'@'%' IDENTIFIED BY 'sesame42'", f"GRANT SELECT ON {shop.schema}.mine TO '{user}'@'%'"
    )
    yield user
    shop.sql(f"DROP USER '{user}'@'%'")


def test_the_grants_of_the_capture_user_are_told_table_by_table(aws: Aws, shop: Shop, reader: str):
    part = grants(look(aws, shop, reader))
    assert list(part.facts) == [f"{shop.schema}.mine"]
    assert [it.what for it in part.problems] == [
        f"{reader} may not read {shop.schema}.other, {shop.schema}.third, so the task would load nothing of it and may "
        "fail"
    ]
    pattern = shop.schema[:-1] + "_"
    shop.sql(f"GRANT SELECT ON `{pattern}`.* TO '{reader}'@'%'")
    part = grants(look(aws, shop, reader))
    assert len(part.facts) == 3, "a grant on a pattern of schemas is one on each"
    assert part.problems == []


def test_the_user_of_an_address_tries_each_table(aws: Aws, shop: Shop, reader: str):
    server = Server(shop.admin.host, shop.admin.port, reader, "sesame42", None, shop.admin.unix_socket)
    found = look(aws, shop, reader, server)
    part = grants(found)
    assert list(part.facts) == [f"{shop.schema}.mine"]
    assert "the user of --source may read it" in part.facts.values()


def test_a_change_that_did_not_come_is_told_by_the_servers_own_time(aws: Aws, shop: Shop):
    shop.sql("CREATE TABLE orders (id INT PRIMARY KEY)", "INSERT INTO orders VALUES (1)")
    aws.answer("dms", "describe_table_statistics", {"TableStatistics": [table("orders", SchemaName=shop.schema)]})
    aws.answer("athena", "start_query_execution", {"QueryExecutionId": "q"})
    aws.answer("athena", "get_query_execution", execution())
    aws.answer("athena", "get_query_results", asked(QUESTION))
    round_ = look(aws, shop, "me", shop.admin)  # only MySQL has the setting that the Data API's session needs
    round_.now = datetime.now(UTC) + timedelta(hours=1)
    round_.operation = timeless(round_.operation)
    part, (line,) = lake(round_)
    assert line.changed
    assert abs(line.changed - datetime.now(UTC)) < timedelta(minutes=10)
    (problem,) = part.problems
    assert f"{shop.schema}.orders changed 60 min ago" in problem.what
