"""Tests in several processes: no test that fails, or is not run, passes for one that passed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import LIMIT
from toolchain import ROOT

MODULE = """
import os, warnings

def test_fine(tmp_path):
    assert tmp_path.exists()

def test_that_warns():
    warnings.warn("an omen")

def test_that_fails():
    os.system("echo said by a process of its own")
    assert 1 == 2
"""
GONE = "def test_with_which_its_process_goes(): __import__('os')._exit(0)"
PASSED_OVER = """
import pytest

def test_that_leaves_the_others_out(request):
    request.config.pluginmanager.register(Taker())

class Taker:
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self):
        return True

def test_that_is_left_out():
    assert False
"""


def run(folder: Path, **modules: str) -> tuple[int, str]:
    """The exit code of pytest over these modules, and what it says."""
    for name, text in modules.items():
        (folder / f"test_{name}.py").write_text(text, encoding="utf-8")
    plugins = ("-p", "tests.by_module", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(folder / "no.ini"), *plugins, "--processes", "1"]
    (folder / "no.ini").touch()
    done = subprocess.run([*command, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT)
    return done.returncode, done.stdout + done.stderr


def test_what_a_process_tells_is_told_and_that_it_is_gone_is_a_failure(tmp_path: Path):
    code, said = run(tmp_path, fine=MODULE, gone=GONE)
    assert code == pytest.ExitCode.TESTS_FAILED
    assert "1 failed, 2 passed, 1 warning" in said
    assert "E       assert 1 == 2" in said
    assert (said.count("said by a process of its own\n"), said.count("UserWarning: an omen")) == (1, 1)
    assert "a process of the tests ended at test_gone.py::test_with_which_its_process_goes" in said


def test_a_test_that_no_process_ran_is_a_failure(tmp_path: Path):
    code, said = run(tmp_path, passed_over=PASSED_OVER)
    assert code == pytest.ExitCode.TESTS_FAILED
    assert "no process ran test_passed_over.py::test_that_is_left_out" in said
