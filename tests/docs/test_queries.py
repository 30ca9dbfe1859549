"""Every query of a page gives the columns that are shown below it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest

from rehearsal.athena import Athena
from rehearsal.cli import parser
from rehearsal.plan.pipeline import read_plan
from tests.declared import declare
from tests.docs.pages import PAGES, README, page

_SHOWN = re.compile(r"```sh\npython -m (rehearsal query [^\n]+)\n```\n\n```text\n[^\n]+\n([^\n]+)")
SHOWN = [(it.name, *shown) for it in PAGES for shown in _SHOWN.findall(it.text)]


@pytest.fixture(scope="module")
def empty_lake() -> Iterator[Athena]:
    catalog = read_plan(declare("dev")).catalog
    assert catalog
    with Athena(catalog, ()) as athena:
        yield athena


@pytest.mark.parametrize(("where", "command", "header"), SHOWN)
def test_a_query_gives_the_columns_that_are_shown(empty_lake: Athena, where: str, command: str, header: str):
    options = parser().parse_args(shlex.split(command)[1:])
    catalog = read_plan(declare("dev")).catalog
    assert catalog
    named = {query.name: query.sql for query in catalog.queries}
    answer = empty_lake.run(options.sql or named[options.named])
    assert list(answer.columns) == re.findall(r"┃ (\w+)", header), f"{where}: run it and show what it gives"


def test_queries_are_shown_with_their_output():
    assert [where for where, _, _ in SHOWN].count(README.name) == 1, "the shortest one"
    assert [where for where, _, _ in SHOWN].count("docs/querying.md") >= 5
    asked = [line for it in PAGES for line in it.text.splitlines() if line.startswith("python -m rehearsal query")]
    assert len(asked) == len(SHOWN), "a query without its output is a promise"


def test_a_query_that_makes_a_table_reads_what_is_declared(empty_lake: Athena):
    (made,) = [block for kind, block in page("docs/querying.md").blocks if kind == "sql"]
    select = made[made.index("SELECT") :].replace("cdc_lake_dev.", "")
    assert list(empty_lake.run(select).columns) == ["id", "price", "changed_at"]
    catalog = read_plan(declare("dev")).catalog
    assert catalog
    assert f"FROM {catalog.database}." in made


def test_every_shared_named_query_is_explained():
    catalog = read_plan(declare("dev")).catalog
    assert catalog
    shared = {query.name for query in catalog.queries if "dms_sample" not in query.name}
    assert len(shared) == 5
    text = page("docs/querying.md").text
    assert not {name for name in shared if f"`{name}`" not in text}, "people look for what is saved"
