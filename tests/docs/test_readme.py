"""Papers don't lie: the README against the program, the commands and the files that it names."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from declaration import declare
from declaration.graph import graph
from declaration.tables import configuration_table, rules_table
from rehearsal.athena import Athena
from rehearsal.cli import parser
from rehearsal.plan.pipeline import read_plan

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def test_the_configuration_table_is_that_of_pulumi_yaml():
    assert configuration_table(ROOT) in README, "put the output of `python -m declaration config` between its marks"


def test_the_table_of_rules_is_that_of_the_code():
    assert rules_table() in README, "put the output of `python -m declaration rules` between its marks"


def test_the_picture_is_that_of_the_dev_stack():
    drawn = (ROOT / "docs" / "pipeline.svg").read_text()
    assert drawn == graph(declare("dev")), "python -m declaration graph --stack dev --out docs/pipeline.svg"


def test_every_option_of_the_rehearsal_is_explained_and_every_explained_one_exists():
    table = README.split("## The rehearsal")[1].split("\n## ")[0]
    explained = set(re.findall(r"`(--[a-z-]+)", "\n".join(row for row in table.splitlines() if row.startswith("|"))))
    offered = {name for action in parser()._actions for name in action.option_strings if name.startswith("--")}
    assert explained == offered - {"--help"}


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(((?!http)[^)]+)\)", README))))
def test_a_linked_file_exists(path: str):
    headings = {f"#{line.lstrip('# ').lower().replace(' ', '-')}" for line in README.splitlines() if line[:1] == "#"}
    assert path in headings or (ROOT / path).exists(), f"the README links to {path}"


@pytest.fixture(scope="module")
def empty_lake() -> Iterator[Athena]:
    catalog = read_plan(declare("dev")).catalog
    assert catalog
    with Athena(catalog, ()) as athena:
        yield athena


SHOWN = re.findall(r"```sh\npython -m (rehearsal query [^\n]+)\n```\n\n```text\n[^\n]+\n([^\n]+)", README)


@pytest.mark.parametrize(("command", "header"), SHOWN)
def test_a_query_of_the_readme_gives_the_columns_that_are_shown(empty_lake: Athena, command: str, header: str):
    options = parser().parse_args(shlex.split(command)[1:])
    catalog = read_plan(declare("dev")).catalog
    assert catalog
    named = {query.name: query.sql for query in catalog.queries}
    answer = empty_lake.run(options.sql or named[options.named])
    assert list(answer.columns) == re.findall(r"┃ (\w+)", header), "run it and show what it gives"


def test_the_readme_shows_queries_with_their_output():
    assert len(SHOWN) >= 5


def test_every_shared_named_query_is_in_the_readme():
    catalog = read_plan(declare("dev")).catalog
    assert catalog
    shared = {query.name for query in catalog.queries if "dms_sample" not in query.name}
    assert len(shared) == 5
    assert not {name for name in shared if f"`{name}`" not in README}, "people look for what is saved"


def test_every_export_that_the_readme_reads_is_exported():
    read = set(re.findall(r"pulumi stack output (\w+)", README))
    assert read, "the deployment steps use exports"
    assert read <= set(declare("dev").exports), f"not exported: {read - set(declare('dev').exports)}"


def test_ci_runs_the_test_command_of_the_readme():
    assert "\nmake test " in README
    assert "exec make test" in (ROOT / ".ci" / "run").read_text()


def test_every_make_target_of_the_readme_exists():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make (\w+)", README, re.MULTILINE))
    assert named <= targets, f"no such target: {named - targets}"
