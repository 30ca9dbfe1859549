"""Servers that the rehearsal's tests share: one MariaDB for the whole session, each test in a schema of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from database.server import Server
from rehearsal import cli
from rehearsal.plan.pipeline import read_plan
from rehearsal.play.rehearse import PRELOADED
from rehearsal.runtime.worker import preload
from rehearsal.source import sample_source
from rehearsal.source.mariadb.mariadb import MariaDB, create_capture_user
from tests.declared import declare
from tests.rehearsal.lent import Lender

CAPTURE_STATEMENTS = (
    "CREATE USER IF NOT EXISTS 'dms_cdc'@'%' IDENTIFIED BY '<password>' REQUIRE SSL",
    "GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO 'dms_cdc'@'%'",
    "GRANT SELECT ON *.* TO 'dms_cdc'@'%'",
    "CALL mysql.rds_set_configuration('binlog retention hours', 72)",
)
CAPTURE_PASSWORD = "tellNobody7"


@pytest.fixture(scope="session", autouse=True)
def _declared_once() -> Iterator[None]:
    """A command declares the stack when it is called; tests that call it share what all others have declared."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli, "declare", declare)
        yield


@pytest.fixture(scope="session", autouse=True)
def _preloaded() -> None:
    """Whichever test starts the first part: those of whole rehearsals gain by it."""
    preload(*PRELOADED)


@pytest.fixture(scope="session")
def mariadbd() -> Path:
    """Where the real server is; without it these tests cannot mean anything, so they fail rather than skip."""
    found = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")
    assert found, "mariadbd is not installed (Debian, Ubuntu: apt-get install mariadb-server-core)"
    return Path(found)


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory, mariadbd: Path) -> Iterator[MariaDB]:
    """A running MariaDB with binlog_format=ROW and require_secure_transport=ON, as a stack would declare."""
    declared = {"binlog_format": "ROW", "require_secure_transport": "ON"}
    with MariaDB(tmp_path_factory.mktemp("mariadb"), declared, mariadbd) as server:
        create_capture_user(server.root, CAPTURE_STATEMENTS, CAPTURE_PASSWORD)
        yield server


@pytest.fixture(scope="session")
def capture(mariadb: MariaDB) -> Server:
    """The capture user, over TCP and verified TLS, with the grants that DMS needs."""
    return mariadb.user("dms_cdc", CAPTURE_PASSWORD)


@pytest.fixture(scope="session")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lender]:
    declared = read_plan(declare("dev")).database.parameters
    with ExitStack() as running:
        yield Lender(running, tmp_path_factory.mktemp("lent"), declared)


@pytest.fixture(scope="module")
def lent_servers(lender: Lender) -> Iterator[None]:
    """Rehearsals of the sample in this module play on servers that are used again.

    One that is restored into is always new: its log is told from the first one's by the second in which it began.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_source, "MariaDB", lender)
        yield
