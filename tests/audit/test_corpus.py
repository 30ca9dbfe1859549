"""The corpus of broken lakes: both audits say of each, word for word, what they said when it was recorded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.audit.corpus.lakes import FOLDER, opened, replayed

LAKES = sorted(FOLDER.glob("*.json"))
ASKED = {"whole", "backwards", "object-cut", "object-gz-plain", "object-elsewhere", "shape-two", "value-status"}
"""Lakes of which the views are asked too; with EXAMPLES set, all of which it was recorded what they say."""


@pytest.mark.parametrize("path", LAKES, ids=lambda path: path.stem)
def test_the_audits_say_of_a_kept_lake_what_they_always_said(path: Path, tmp_path: Path):
    lake = opened(path)
    said = dict(lake.said)
    if path.stem not in ASKED and "EXAMPLES" not in os.environ:
        said.pop("views", None)
    assert replayed(lake, tmp_path, views="views" in said) == said, lake.what
