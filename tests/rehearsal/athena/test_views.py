"""Views: the declared SQL, in the order in which they need each other, and only if Athena would take them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from declaration import Declaration
from rehearsal.athena import Athena
from rehearsal.athena.dialect import parameters_of
from rehearsal.declared import read_plan
from rehearsal.plan import CatalogPlan, ViewPlan
from rehearsal.vocabulary import RehearsalError
from tests.rehearsal.athena.catalogs import NOW, catalog, stored, view

LINES = view("a_lines", "SELECT line FROM cdc_lake.lines", ("line", "varchar"))


def row(table: str, second: int, operation: str, **data: object) -> str:
    """One record as DMS writes it."""
    metadata = {
        "timestamp": f"2026-11-23T03:00:{second:02}.000000Z",
        "record-type": "data",
        "operation": operation,
        "schema-name": "dms_sample",
        "table-name": table,
    }
    return json.dumps({"data": data, "metadata": metadata}) + "\n"


@pytest.fixture(scope="module")
def declared(dev: Declaration) -> CatalogPlan:
    plan = read_plan(dev).catalog
    assert plan, "the dev stack declares a catalog"
    return plan


def test_a_view_may_read_a_view_that_comes_later():
    first = view("a", "SELECT line FROM b", ("line", "varchar"))
    second = view("b", "SELECT line FROM cdc_lake.lines WHERE line <> 'x'", ("line", "varchar"))
    with Athena(catalog(first, second), [stored("x\ny\n")], now=NOW) as athena:
        assert list(athena.run("SELECT * FROM a").rows) == [("y",)]


def test_a_view_that_several_read_gives_what_it_gave_before():
    views = [view(name, "SELECT line FROM a_lines", ("line", "varchar")) for name in ("b", "c")]
    with Athena(catalog(LINES, *views), [stored("x\ny\n")], now=NOW) as athena:
        for name in ("a_lines", "b", "c"):
            assert sorted(athena.run(f"SELECT * FROM {name}").rows) == [("x",), ("y",)]


def test_a_name_of_a_with_is_no_view():
    own = view("n", "WITH v AS (SELECT line FROM lines) SELECT count(*) AS n FROM v", ("n", "bigint"))
    with Athena(catalog(own), [stored("x\ny\n")], now=NOW) as athena:
        assert list(athena.run("SELECT n FROM n").rows) == [(2,)]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ([("n", "integer")], "n integer where the SQL gives n bigint"),
        ([("m", "bigint")], "m bigint where the SQL gives n bigint"),
        ([("n", "bigint"), ("o", "bigint")], "o bigint where the SQL gives nothing"),
        ([], "nothing where the SQL gives n bigint"),
    ],
)
def test_a_stale_view_is_refused_with_the_columns_that_differ(columns: list[tuple[str, str]], said: str):
    stale = view("v", "SELECT count(*) AS n FROM lines", *columns)
    with pytest.raises(RehearsalError, match="stale view") as refused:
        Athena(catalog(stale), (), now=NOW)
    assert str(refused.value).startswith("view v ")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("views", "said"),
    [
        (
            [view("v", "SELECT 1 AS a FROM nowhere")],
            "view v reads cdc_lake.nowhere, which the program does not declare",
        ),
        ([view("v", "SELECT 1 AS a FROM other.lines")], "view v reads other.lines"),
        ([view("v", "SELECT nothing FROM lines")], 'view v: Binder Error: .*"nothing"'),
        ([view("v", "SELEC 1")], "view v: this is no SQL of Athena"),
        ([view("v", "SELECT 1 AS a FROM w"), view("w", "SELECT 1 AS a FROM v")], "in a circle: (v, w, v|w, v, w)"),
        ([view("v", "SELECT 1 AS a FROM v")], "in a circle: v, v"),
    ],
)
def test_a_view_that_athena_could_not_read_is_named(views: list[ViewPlan], said: str):
    with pytest.raises(RehearsalError, match=said):
        Athena(catalog(*views), (), now=NOW)


def test_the_declared_views_show_what_the_records_say(declared: CatalogPlan):
    template = declared.tables[0].parameters["storage.location.template"]
    folder = template.split("/", 3)[3].replace("${dt}", "2026-11-23").replace("${hr}", "03")
    records = [
        row("venue", 1, "load", id=1, name="Hall", seats=100),
        row("venue", 2, "insert", id=2, name="Arena", seats="x"),
        row("venue", 3, "update", id=1, name="Hall", seats=120),
        row("performer", 4, "load", id=1, name="Band"),
        row("performer", 5, "delete", id=1, name="Band"),
        "no record\n",
    ]
    with Athena(declared, [stored("".join(records), folder + "a.gz")], now=NOW) as athena:
        rows = athena.run("SELECT id, name, seats, cdc_unreadable FROM dms_sample_venue_current ORDER BY id").rows
        assert list(rows) == [(1, "Hall", 120, None), (2, "Arena", None, "seats")]
        assert list(athena.run("SELECT * FROM dms_sample_performer_current").rows) == []
        assert list(athena.run("SELECT cdc_record FROM records WHERE cdc_kind = 'unread'").rows) == [("no record",)]


def test_every_declared_named_query_is_answered(declared: CatalogPlan):
    with Athena(declared, (), now=NOW) as athena:
        for query in declared.queries:
            answer = athena.run(query.sql, ["1"] * parameters_of(query.sql))
            assert list(answer.rows) == [], f"{query.name}: of an empty lake nothing"
    assert declared.queries


def test_a_stale_declared_view_would_be_seen(declared: CatalogPlan):
    first, *others = declared.views
    stale = replace(declared, views=(replace(first, columns=first.columns[1:]), *others))
    with pytest.raises(RehearsalError, match=f"view {first.name} declares other columns"):
        Athena(stale, (), now=NOW)
