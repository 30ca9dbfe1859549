"""Every limitation that DMS's pages list is answered in FIDELITY.md: played, refused, warned of, or no part of this."""

from __future__ import annotations

import re
import tomllib
from collections import Counter

import pytest

from tests.docs.pages import ROOT

PAGES = tomllib.loads((ROOT / "tests" / "docs" / "dms_limitations.toml").read_text(encoding="utf-8"))["page"]
FIDELITY = (ROOT / "rehearsal" / "FIDELITY.md").read_text(encoding="utf-8")
SECTION = FIDELITY.partition("## Limitations of DMS, one by one\n")[2].partition("\n## ")[0]
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split(" | "))
    for line in SECTION.splitlines()
    if line.startswith("| ") and not line.startswith("| limitation")
]
ANSWERS = ("played", "refused", "warned of", "no part")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["name"])
def test_every_limitation_of_a_page_has_one_row_and_no_row_is_of_another(page):
    rows = Counter(row[0] for row in ROWS if row[1] == page["name"])
    assert rows == Counter(page["limitations"]), f"as recorded of {page['address']}"


def test_every_row_is_of_a_recorded_page_and_says_what_becomes_of_the_limitation():
    assert {row[1] for row in ROWS} == {page["name"] for page in PAGES}
    assert [row for row in ROWS if len(row) != 3 or not row[2].startswith(ANSWERS)] == []


def test_what_is_refused_or_warned_of_says_where_and_that_place_says_it():
    for name, _, answer in ROWS:
        if answer.startswith(("refused", "warned of")):
            place = re.search(r"`([\w/]+\.py)`: \"([^\"]+)\"", answer)
            assert place, f"{name}: names no file and no words of its message"
            code = re.sub(r'"\s*\n\s*f?"', "", (ROOT / place[1]).read_text(encoding="utf-8"))
            assert place[2] in code, f"{name}: {place[1]} has no message with {place[2]!r}"
