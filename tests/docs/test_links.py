"""No page leads nowhere: links, anchors and paths."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import DOCS, PAGES, README, ROOT, Page

LINKS = sorted({(it.name, to) for it in PAGES for to in it.links})
_PATH = re.compile(r"[\w.*-]+(/[\w.*-]+)*/?")
_SUFFIXES = (".py", ".md", ".sql", ".svg", ".yaml", ".toml", ".txt", "/")
_NOT_HERE = re.compile(r"(raw|schema|yyyy|Pulumi\.(shop|restored|existing))\b.*|https?:.*|audit\.sql")
"""Of the lake, of AWS, or the reader's own; and a room that is called as a file might be."""
FILES = {str(it.relative_to(ROOT)) for top in ROOT.iterdir() if top.name != ".venv"
         for it in ([top] if top.is_file() else top.rglob("*"))}  # fmt: skip


@pytest.mark.parametrize(("name", "to"), LINKS)
def test_a_link_leads_to_a_file_and_a_heading_that_exist(name: str, to: str):
    path, _, anchor = to.partition("#")
    target = (Page(name).folder / path).resolve() if path else ROOT / name
    assert target.exists(), f"{name} links to {to}"
    if anchor:
        assert anchor in Page(str(target.relative_to(ROOT))).anchors, f"{name} links to {to}"


@pytest.mark.parametrize("link", sorted({to for it in PAGES for to in re.findall(r"\]\[([^\]]+)\]", it.prose)}))
def test_a_link_by_name_has_its_address(link: str):
    of = [it for it in PAGES if f"][{link}]" in it.prose]
    assert all(f"\n[{link}]: https://" in it.text for it in of), "it would be shown as plain text"


def test_no_address_of_a_page_is_unused():
    for it in PAGES:
        named = set(re.findall(r"^\[([^\]]+)\]: ", it.text, re.MULTILINE))
        assert named == {link for link in named if f"][{link}]" in it.text}, it.name


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_file_that_is_named_exists(page: Page):
    named = {it for it in page.inline if _PATH.fullmatch(it) and it.endswith(_SUFFIXES) and not _NOT_HERE.match(it)}
    assert not {it for it in named if not _is_there(page, it)}, "modules move, and pages must follow"


def _is_there(page: Page, path: str) -> bool:
    if "*" in path:
        return any(ROOT.glob(path))
    near = (page.folder / path).exists() or (ROOT / path).exists()
    return near or ("/" not in path and any(it.endswith(f"/{path}") for it in FILES))


def test_every_page_is_in_the_index():
    section = README.text.split("## More pages\n")[1].split("\n## ")[0]
    index = set(re.findall(r"\]\(([^)#]+)\)", section))
    assert {it.name for it in DOCS} <= index, "a page that nobody links to is not read"
    assert {"docs/decisions", "rehearsal/FIDELITY.md", "sample/README.md", "CONTRIBUTING.md", "CHANGELOG.md"} <= index
