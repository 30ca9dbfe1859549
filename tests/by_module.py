"""A plugin for tests in several processes: forked when every test is collected, each takes a module at a time.

The tests of a module share its fixtures, which may be whole rehearsals; those of the program are one module here, for
they share their declarations. What a process reports is told by the first one, which runs no test itself.
"""

from __future__ import annotations

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, groupby, pairwise
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any, NoReturn

import pytest

TESTS = Path(__file__).parent
PROGRAM = frozenset(
    {
        *("configuration", "documents", "components", "declaration", "program"),
        *("test_architecture.py", "test_encodings.py", "test_requirements.py", "test_toolchain.py"),
    }
)
"""The mocked tests of the program: they need requirements.txt alone. All others need what ``OTHERS`` name."""
_FORK = multiprocessing.get_context("fork")
_NOTHING = 0.005
"""Seconds from which on pytest's list of durations tells them."""
_END = "pytest_sessionfinish"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--processes", type=int, default=2, help="how many processes run tests")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """None leaves it to pytest: to refuse tests that it could not collect, and to list them."""
    if session.testsfailed or session.config.option.collectonly:
        return None
    modules = [list(items) for _, items in groupby(session.items, key=_module)]
    processes = _Processes(session, modules, session.config.getoption("processes"))
    try:
        for call, given in processes.told():
            call(**given)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
    finally:
        processes.kill()
    return True


def of_the_program(path: Path) -> bool:
    """Whether the tests at ``path`` are the program's."""
    return path.is_relative_to(TESTS) and path.relative_to(TESTS).parts[0] in PROGRAM


def _module(item: pytest.Item) -> str:
    return "program" if of_the_program(item.path) else str(item.path)


class _Processes:
    """Those that run the tests, and what they tell."""

    def __init__(self, session: pytest.Session, modules: Sequence[list[pytest.Item]], number: int) -> None:
        self._session = session
        self._missing = {item.nodeid for module in modules for item in module}
        self._at: dict[Connection, str] = {}
        """The test that each is at."""
        self._processes: list[BaseProcess] = []
        taken = _FORK.Value("i", 0)
        for place in range(number):
            ours, theirs = _FORK.Pipe(duplex=False)
            process = _FORK.Process(target=_run, args=(session, modules, taken, theirs, f"process{place}"))
            process.start()
            theirs.close()
            self._processes.append(process)
            self._at[ours] = "its first test"

    def told(self) -> Iterator[tuple[Callable[..., object], dict[str, Any]]]:
        """Each hook that a process told of with what it gave, until all have ended. Fails where a test was not run."""
        while self._at:
            for connection in wait(list(self._at)):
                assert isinstance(connection, Connection)
                try:
                    name, given = connection.recv()
                except EOFError:
                    self._fail(f"a process of the tests ended at {self._at[connection]}")
                if name == _END:
                    del self._at[connection]
                else:
                    yield self._hook(connection, name, given)
        if self._missing:
            self._fail(f"no process ran {', '.join(sorted(self._missing))}")

    def _hook(
        self, connection: Connection, name: str, given: dict[str, Any]
    ) -> tuple[Callable[..., object], dict[str, Any]]:
        hook = self._session.config.hook
        if name == "pytest_warning_recorded":
            return hook.pytest_warning_recorded.call_historic, {"kwargs": given}
        if name == "pytest_runtest_logreport":
            given = {"report": hook.pytest_report_from_serializable(config=self._session.config, **given)}
        elif name == "pytest_runtest_logstart":
            self._at[connection] = given["nodeid"]
        elif name == "pytest_runtest_logfinish":
            self._missing.remove(given["nodeid"])
        return getattr(hook, name), given

    def _fail(self, what: str) -> NoReturn:
        self._session.shouldfail = what
        raise self._session.Failed(what)

    def kill(self) -> None:
        for process in self._processes:
            process.kill()
            process.join()


def _run(
    session: pytest.Session, modules: Sequence[list[pytest.Item]], taken: Synchronized[int], to: Connection, name: str
) -> None:
    """Run modules that no other process has taken, and tell what comes of it."""
    config = session.config
    config.pluginmanager.unregister(name="terminalreporter")
    config.pluginmanager.register(_Teller(config, to))
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    capture.stop_global_capturing()  # into a file that all would share
    capture.start_global_capturing()
    factory: Any = config
    factory = factory._tmp_path_factory
    factory._basetemp = factory.mktemp(name, numbered=False)
    try:
        # The next test is known before one is run: what both use stays.
        for item, following in pairwise(chain(_left(modules, taken), [None])):
            assert item
            config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail or session.shouldstop:
                break
    except BaseException:
        capture.stop_global_capturing()  # of what is no test's fault we must see the trace
        raise
    to.send((_END, {}))
    os._exit(0)  # all is told: taking down a gigabyte takes seconds


def _left(modules: Sequence[list[pytest.Item]], taken: Synchronized[int]) -> Iterator[pytest.Item]:
    while True:
        with taken.get_lock():
            place = taken.value
            taken.value += 1
        if place >= len(modules):
            return
        yield from modules[place]


class _Teller:
    """The hooks of a process by which tests are told of."""

    def __init__(self, config: pytest.Config, to: Connection) -> None:
        self._config = config
        self._to = to

    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        self._to.send(("pytest_runtest_logstart", {"nodeid": nodeid, "location": location}))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.passed and report.when != "call" and report.duration < _NOTHING:
            return  # two of three are such reports, of which nothing is ever told
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._to.send(("pytest_runtest_logreport", {"data": data}))

    def pytest_runtest_logfinish(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        self._to.send(("pytest_runtest_logfinish", {"nodeid": nodeid, "location": location}))

    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, when: str, nodeid: str, location: Any
    ) -> None:
        it = warning_message
        bare = warnings.WarningMessage(str(it.message), it.category, it.filename, it.lineno)
        given = {"warning_message": bare, "when": when, "nodeid": nodeid, "location": location}
        self._to.send(("pytest_warning_recorded", given))
