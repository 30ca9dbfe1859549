"""The commands as a user starts them: with the Python of the machine, which has none of the packages."""

from __future__ import annotations

import subprocess
import sys

import pytest

import toolchain


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["declaration", "show", "--stack", "prod", "--json"], 0, '"project": "cdc-lake"'),
        (["rehearsal", "audit", "nowhere"], 2, "nowhere has no kept source"),
    ],
)
def test_a_command_started_with_a_bare_python_goes_on_in_the_environment(arguments: list[str], code: int, said: str):
    bare = [sys.executable, "-S", "-m", *arguments]  # -S: a Python that sees none of the installed packages
    done = subprocess.run(bare, cwd=toolchain.ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code, done.stderr
    assert said in (done.stderr if code else done.stdout)
