"""The commands as a user starts them: with the Python of the machine, which has none of the packages, and anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import toolchain

ANYWHERE = {
    **os.environ,
    "PYTHONPATH": str(toolchain.ROOT),
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
}
"""No help from the folder, nor from the machine's locale, which knows no umlaut and no line to draw with."""


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["declaration", "config"], 0, r"schema=\u2026/table=\u2026/"),
        (["rehearsal", "audit", "kept"], 2, "kept has no kept source"),
        (["operations", "status", "--outputs", "none"], 2, "operations status: --outputs none cannot be read"),
    ],
)
def test_a_command_started_with_a_bare_python_anywhere_goes_on_in_the_environment(
    arguments: list[str], code: int, said: str, tmp_path: Path
):
    (tmp_path / "kept").mkdir()
    bare = [sys.executable, "-S", "-m", *arguments]  # -S: a Python that sees none of the installed packages
    done = subprocess.run(
        bare, cwd=tmp_path, env=ANYWHERE, capture_output=True, encoding="ascii", check=False, timeout=60
    )
    assert done.returncode == code, done.stderr
    assert said in (done.stderr if code else done.stdout)
