"""The page of figures says what was measured."""

from __future__ import annotations

import json
from copy import deepcopy

from benches.compare import FIGURES
from benches.page import PICTURE, table
from tests.docs.pages import Page

PAGE = Page("docs/benchmarks.md")
DOCUMENT = json.loads(FIGURES.read_text(encoding="utf-8"))


def test_the_table_of_the_pipeline_is_made_of_the_recorded_figures():
    assert table(DOCUMENT) in PAGE.text, "run `python -m benches.page` and put what it prints there"


def test_other_figures_are_another_table():
    other = deepcopy(DOCUMENT)
    for each in other["rounds"]:
        each["new"]["records"]["cpu"] *= 2
    assert table(other) not in PAGE.text


def test_a_peer_that_was_not_measured_has_no_line():
    other = deepcopy(DOCUMENT)
    for each in other["rounds"]:
        del each["new"]["peer: tap-mysql"]
    lines = table(DOCUMENT).splitlines()
    assert table(other).splitlines() == [line for line in lines if "tap-mysql" not in line]


def test_the_picture_shows_the_revision_of_the_figures():
    assert f"<!-- {DOCUMENT['revisions']['old']} -->" in PICTURE.read_text(encoding="utf-8"), "text is drawn as paths"
