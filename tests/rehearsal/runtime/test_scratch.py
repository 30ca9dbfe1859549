"""The temporary folder of a run: gone at its end, and swept by the next run if the run had no end of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from declaration.run import ROOT
from rehearsal.runtime.scratch import scratch

KILLED = """
import os, signal
from rehearsal.runtime.scratch import scratch
with scratch() as folder:
    (folder / "data").write_text("rows", encoding="utf-8")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_ends_with_its_run(parent: Path):
    with scratch() as folder:
        assert folder.parent == parent
        (folder / "data").write_text("rows", encoding="utf-8")
    assert list(parent.iterdir()) == []


def test_a_run_sweeps_what_a_killed_one_left_and_nothing_else(parent: Path):
    environment = {"TMPDIR": str(parent), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", KILLED], env=environment, check=False, timeout=60)
    (left,) = parent.iterdir()
    (parent / "rehearsal-notes").mkdir()  # somebody's, with a name like ours
    with scratch() as running, scratch() as folder:
        assert not left.exists(), "a database of gigabytes"
        assert {it.name for it in parent.iterdir()} == {"rehearsal-notes", running.name, folder.name}
