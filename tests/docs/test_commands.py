"""Every command of every page: its program takes it, its target, key or export exists."""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
from collections.abc import Mapping

import pytest

from benches.growth.measure import parser as growth_parser
from configuration.settings import KEYS
from declaration.cli import parser as declaration_parser
from operations.cli import parser as operations_parser
from operations.outputs import typed
from rehearsal.cli import parser
from tests.declared import BEATING, KEPT, declare
from tests.docs.pages import DOCS, PAGES, README, ROOT, Page, page

PROGRAMS = {
    "rehearsal": parser,
    "benches.growth": growth_parser,
    "declaration": declaration_parser,
    "operations": operations_parser,
}
RUN = re.compile(r"(?:\.venv/bin/)?python3? -m ([\w.]+) ?(.*)")
MODULES = sorted({(it.name, *found.groups()) for it in PAGES for line in it.commands if (found := RUN.match(line))})
STACKS = {name: declare("dev", config=config).exports for name, config in (("beating", BEATING), ("kept", KEPT))}
EXPORTS = {name for exports in STACKS.values() for name in exports}
OF_OTHERS = {"secretsManagerEndpointOverride"}
"""Names that look like a key and are AWS's."""


def targets() -> Mapping[str, str]:
    """Every target of the Makefile with what its comment says."""
    return dict(
        re.findall(r"^([\w-]+):(?!=)(?:.*?## (.*)|.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )


@pytest.mark.parametrize(("where", "module", "arguments"), MODULES)
def test_a_program_takes_the_arguments_that_a_page_gives_it(where: str, module: str, arguments: str):
    if module == "pytest":
        paths = [word for word in shlex.split(arguments, comments=True) if word.startswith("tests/")]
        assert paths
        assert all((ROOT / path).exists() for path in paths), where
        return
    assert (ROOT / module.replace(".", "/")).is_dir(), f"{where}: there is no python -m {module}"
    given = shlex.split(arguments, comments=True)
    if given:
        try:
            PROGRAMS[module]().parse_args(given)
        except SystemExit:
            pytest.fail(f"{where}: python -m {module} does not take {arguments}")


def test_the_pages_show_enough_commands_to_be_worth_a_look():
    assert {module for _, module, _ in MODULES} == {*PROGRAMS, "pytest"}
    assert len(MODULES) > 15


def test_every_option_of_the_rehearsal_is_explained_and_every_explained_one_exists():
    table = page("docs/rehearsal.md").text.split("## Options")[1].split("\n## ")[0]
    explained = set(re.findall(r"`(--[a-z-]+)", "\n".join(row for row in table.splitlines() if row.startswith("|"))))
    assert explained == options_of(parser()) - {"--help"}


@pytest.mark.parametrize("where", DOCS, ids=str)
def test_an_option_that_is_named_alone_exists(where: Page):
    known = options_of(parser()) | {
        option
        for program in (parser(), operations_parser())
        for action in program._actions
        if isinstance(action, argparse._SubParsersAction)
        for command in action.choices.values()
        for option in options_of(command)
    }
    assert {it.split()[0] for it in where.inline if it.startswith("--")} <= known


def options_of(command: argparse.ArgumentParser) -> set[str]:
    return {name for action in command._actions for name in action.option_strings if name.startswith("--")}


@pytest.mark.parametrize("where", PAGES, ids=str)
def test_every_make_target_of_a_page_exists(where: Page):
    named = {line.split()[1] for line in where.commands if line.startswith("make ")}
    assert named <= set(targets()), f"no such target: {named - set(targets())}"


def test_make_help_lists_every_target_with_its_comment():
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout
    assert {"rehearse", "test", "help"} <= set(targets())
    for target, comment in targets().items():
        assert comment, f"{target} needs a ## comment"
        assert re.search(rf"^make {target} +{re.escape(comment)}$", told, re.MULTILINE), target


def test_every_export_that_a_page_reads_is_exported():
    read = {name for it in PAGES for line in it.commands for name in re.findall(r"pulumi stack output (\w+)", line)}
    assert {"lakeBucket", "captureUserStatements"} <= read, "the deployment steps use exports"
    assert read <= EXPORTS, f"not exported: {read - EXPORTS}"


def test_the_operations_read_what_is_exported():
    beating, kept = (typed(exports, "the stack") for exports in STACKS.values())
    assert beating.cluster_arn == STACKS["beating"]["clusterArn"]
    assert kept.cluster_arn is None, "its database is somebody else's"


def test_every_key_that_a_page_sets_exists():
    line = re.compile(r"pulumi config set (?:--\w+ )*'?([\w:]+)")
    keys = {key for it in PAGES for command in it.commands for key in line.findall(command)}
    assert {"startTask", "tables", "aws:region"} <= keys, "the deployment steps set keys"
    assert keys <= {*KEYS, "aws:region"}, "the CLI would take it, and the program would not"


@pytest.mark.parametrize("where", [README, *DOCS], ids=str)
def test_a_key_that_is_named_exists(where: Page):
    named = {found[1] for it in where.inline if (found := re.fullmatch(r"([a-z]+(?:[A-Z][A-Za-z]*)+)(: .*)?", it))}
    assert named <= {*KEYS, *EXPORTS, *OF_OTHERS}, f"neither a key nor an export: {named - {*KEYS, *EXPORTS}}"
