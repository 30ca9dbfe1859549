from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from operations import journal
from tests.operations.stacks import Aws


@pytest.fixture
def aws() -> Iterator[Aws]:
    canned = Aws()
    yield canned
    canned.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the journal is."""
    monkeypatch.setattr(journal, "FOLDER", tmp_path)
    return tmp_path
