"""Fixtures: the two stacks as declared, and small readers of declared documents."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from declaration import Declaration, Resource
from tests.declared import TURNED, declare

TESTS = Path(__file__).parent
PROGRAM = frozenset(
    {
        *("configuration", "documents", "components", "declaration", "program"),
        *("test_architecture.py", "test_encodings.py", "test_requirements.py", "test_toolchain.py"),
    }
)
"""The mocked tests of the program: they need requirements.txt alone. All others need what ``OTHERS`` name."""
OTHERS = ("rehearsal/requirements.txt", "tests/requirements.txt")
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
    config.stash[LEFT_OUT] = bool(config.getoption("program") or missing())


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the rooms whose packages are not there; None leaves the answer to pytest."""
    if collection_path == ON_TRINO and not config.getoption("trino"):
        return True
    return True if config.stash[LEFT_OUT] and collection_path in others() else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes longest first: one that begins last would be waited for by every other process.

    A process takes a module at a time, and all of the program's, which share their declarations.
    """
    items.sort(key=lambda item: _turn(item.path))
    if config.pluginmanager.hasplugin("xdist"):
        for item in items:
            group = "program" if _of_the_program(item.path) else item.path.relative_to(TESTS).as_posix()
            item.add_marker(pytest.mark.xdist_group(group))


def _turn(path: Path) -> int:
    if path.parent in (TESTS / "rehearsal", TESTS / "rehearsal" / "play"):
        return 0  # whole rehearsals
    return 1 if _of_the_program(path) else 2


def _of_the_program(path: Path) -> bool:
    return path.relative_to(TESTS).parts[0] in PROGRAM


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


@pytest.fixture(scope="session", autouse=True)
def _modules_stay(dev: Declaration) -> Iterator[None]:
    """Keep the collector off the SDK's modules: looking through them again and again takes most of a declare()."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()  # DuckDB calls what is left at the end a leak


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
