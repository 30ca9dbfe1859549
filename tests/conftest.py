"""Fixtures: the two stacks as declared, and small readers of declared documents."""

from __future__ import annotations

import atexit
import gc
import json
import os
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from declaration import Declaration, Resource
from tests.by_module import PROGRAM, TESTS, of_the_program
from tests.declared import TURNED, declare

OTHERS = ("rehearsal/requirements.txt", "operations/requirements.txt", "tests/requirements.txt")
_sessions: list[pytest.Session] = []
LEFT_OUT = pytest.StashKey[bool]()
ON_TRINO = TESTS / "rehearsal" / "athena" / "trino"
"""Tests that need Java and Maven."""


def missing() -> list[str]:
    """Packages that the other tests need and that are not installed."""
    text = "\n".join((TESTS.parent / name).read_text(encoding="utf-8") for name in OTHERS)
    named = re.findall(r"^([\w-]+)(?:\[.*\])?==", text, re.MULTILINE)
    there = {re.sub(r"[-_.]+", "-", it.name).lower() for it in metadata.distributions()}
    return [name for name in named if name.lower() not in there]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--program", action="store_true", help="the mocked tests of the program alone")
    parser.addoption("--trino", action="store_true", help="the tests of Trino in Athena's place too")


def pytest_configure(config: pytest.Config) -> None:
    atexit.register(_end)
    config.stash[LEFT_OUT] = bool(config.getoption("program") or missing())


def pytest_sessionstart(session: pytest.Session) -> None:
    _sessions.append(session)


def _end() -> None:
    """When all is told and cleared away: to take down a gigabyte would take seconds."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    if _sessions:
        os._exit(_sessions[0].exitstatus)


def pytest_collection_finish() -> None:
    gc.freeze()  # all modules stay: to look through them again and again took a tenth of the tests' time


def pytest_sessionfinish() -> None:
    gc.freeze()  # pytest looks five times for garbage that fails to go


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the rooms whose packages are not there; None leaves the answer to pytest."""
    if collection_path == ON_TRINO and not config.getoption("trino"):
        return True
    return True if config.stash[LEFT_OUT] and collection_path in others() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest first: one that begins last would be waited for by every other process."""
    items.sort(key=lambda item: _turn(item.path))


def _turn(path: Path) -> int:
    if path.parent in (TESTS / "rehearsal", TESTS / "rehearsal" / "play"):
        return 0  # whole rehearsals
    return 1 if of_the_program(path) else 2


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.stash[LEFT_OUT]:
        names = ", ".join(f"tests/{path.name}" for path in others())
        terminalreporter.write_line(f"left out, for they need {' and '.join(OTHERS)}: {names}")
    elif not config.getoption("trino"):
        where = ON_TRINO.relative_to(TESTS.parent)
        terminalreporter.write_line(f"left out, for they need Java and Maven: {where}; `make test-trino` runs them")


def others() -> list[Path]:
    """Rooms and modules of tests that are not the program's."""
    rooms = [path.parent for path in TESTS.glob("*/__init__.py")]
    return sorted(path for path in (*rooms, *TESTS.glob("test_*.py")) if path.name not in PROGRAM)


@pytest.fixture(scope="session")
def dev() -> Declaration:
    return declare("dev")


@pytest.fixture(scope="session")
def prod() -> Declaration:
    return declare("prod")


@pytest.fixture(scope="session")
def turned() -> Declaration:
    """The small stack with many keys turned: ``TURNED`` says which."""
    return declare("dev", config=TURNED)


@pytest.fixture(scope="session", params=["dev", "prod"])
def stack(request: pytest.FixtureRequest) -> Declaration:
    """Each stack in turn."""
    return request.getfixturevalue(request.param)


def statements(resource: Resource, document: str = "policy") -> dict[str, dict[str, Any]]:
    """The statements of a policy document by Sid, without the Sid."""
    found = json.loads(resource.inputs[document])["Statement"]
    return {statement.pop("Sid"): statement for statement in found}


def trusted(role: Resource) -> dict[str, Any]:
    """The one statement of a role's trust policy."""
    return statements(role, "assumeRolePolicy")["AssumedByService"]
