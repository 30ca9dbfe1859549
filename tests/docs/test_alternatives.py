"""docs/alternatives.md claims nothing about others that no page says."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import page

LINES = page("docs/alternatives.md").text.splitlines()
ROWS = [line.strip("|").split("|") for line in LINES if line.startswith("| **")]
ASKED = (
    "who runs it",
    "what it stores",
    "replay",
    "masks and filters",
    "resync after an error",
    "cost driver",
    "proof",
)


def test_the_table_answers_what_a_user_decides_by():
    (head,) = [line for line in LINES if line.startswith("| |")]
    assert tuple(cell.strip() for cell in head.strip("|").split("|"))[1:] == ASKED
    assert len(ROWS) == 7, "six alternatives and this program"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip(" *"))
def test_a_cell_has_its_page_or_is_marked_unverified(row: list[str]):
    cells = dict(zip(ASKED, row[1:], strict=True))
    assert not {about for about, cell in cells.items() if not re.search(r"\]\(|\]\[|unverified", cell)}
