"""The server that plays Aurora: its parameters, its TLS, and that nothing of it is left over."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from database.queries import ask
from database.server import Server
from model import PipelineError
from rehearsal.source import log_end
from rehearsal.source.checks.preflight import preflight
from rehearsal.source.mariadb import certificates
from rehearsal.source.mariadb.mariadb import MariaDB, create_capture_user
from tests.waiting import LIMIT

_KILLED_PARENT = """
import os, signal, sys
from pathlib import Path
from rehearsal.source.mariadb.mariadb import MariaDB
server = MariaDB(Path(sys.argv[1]), {}, Path(sys.argv[2])).__enter__()
print(server._supervisor.pid, Path(server.root.unix_socket).with_name("pid").read_text(encoding="utf-8"), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_without_a_declared_binlog_format_there_is_no_binlog_and_capture_is_refused(
    tmp_path: Path, mariadbd: Path
) -> None:
    """Aurora's default is OFF."""
    with MariaDB(tmp_path, {}, mariadbd) as server, closing(server.root.connect()) as connection:
        with pytest.raises(PipelineError, match="no binlog"):
            log_end.position(connection)
        with pytest.raises(
            PipelineError, match=r"log_bin is OFF.*mysql-check-binlog-format.*binlog_format=ROW in the server's options"
        ):
            preflight(connection)
    assert list(tmp_path.iterdir()) == [], "the server's folder is left over"


def test_a_killed_rehearsal_leaves_neither_server_nor_folder(tmp_path: Path, mariadbd: Path) -> None:
    killed = subprocess.Popen(
        [sys.executable, "-c", _KILLED_PARENT, str(tmp_path), str(mariadbd)], stdout=subprocess.PIPE, text=True
    )
    assert killed.stdout
    assert select.select([killed.stdout], [], [], LIMIT)[0], "waited in vain for the server to start"
    supervisor, server = (os.pidfd_open(int(pid)) for pid in killed.stdout.readline().split())
    assert killed.wait(LIMIT) == -signal.SIGKILL

    for pidfd in (supervisor, server):
        assert select.select([pidfd], [], [], LIMIT)[0], "the supervisor or its server still runs"
        os.close(pidfd)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_start_says_why(tmp_path: Path, mariadbd: Path) -> None:
    with (
        pytest.raises(PipelineError, match=r"(?s)MariaDB did not start.*sql_mode"),
        MariaDB(tmp_path, {"sql_mode": "NO_SUCH_MODE"}, mariadbd),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_mariadbd_without_its_package_leaves_no_folder(tmp_path: Path) -> None:
    with (
        pytest.raises(PipelineError, match=r"no mysql_system_tables\.sql beside it.*mariadb-server-core"),
        MariaDB(tmp_path, {}, tmp_path / "sbin" / "mariadbd"),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_binlog_is_named_and_written_as_on_aurora(mariadb: MariaDB) -> None:
    with closing(mariadb.root.connect()) as connection:
        position = log_end.position(connection)
        ((metadata,),) = ask(connection, "SELECT @@binlog_row_metadata")

    assert position.file.startswith("mysql-bin-changelog.")
    assert metadata == "MINIMAL", "names, signs and labels must come from the catalog, as they do for DMS"


def test_plain_connections_are_refused_where_secure_transport_is_required(mariadb: MariaDB, capture: Server) -> None:
    shop = mariadb.user("plain", "plainSecret")
    with closing(mariadb.root.connect()) as connection:
        ask(connection, "CREATE USER IF NOT EXISTS 'plain'@'%' IDENTIFIED BY 'plainSecret'")

    shop.connect().close()
    with pytest.raises(PipelineError, match="require_secure_transport=ON"):
        replace(shop, ca_file=None).connect()


def test_a_server_whose_certificate_is_not_from_the_given_ca_is_refused(capture: Server, tmp_path: Path) -> None:
    other_ca, _, _ = certificates.write(tmp_path)

    with pytest.raises(PipelineError, match="certificate"):
        replace(capture, ca_file=str(other_ca)).connect()


@pytest.mark.parametrize("change", [{"password": "notTheSecret"}, {"port": 1}, {"ca_file": None}])
def test_a_refused_connection_never_shows_the_password(capture: Server, change: dict[str, object]) -> None:
    server = replace(capture, **change)  # type: ignore[arg-type]

    with pytest.raises(PipelineError, match=r"cannot connect to dms_cdc@127\.0\.0\.1") as refused:
        server.connect()

    assert server.password not in f"{refused.value!r}{server!r}{server}"
    assert refused.value.__cause__ is None, "the driver's frames, with the password among their locals, are cut off"
    assert refused.value.__suppress_context__


def test_declared_capture_statements_run_verbatim_and_errors_hide_the_password(mariadb: MariaDB) -> None:
    with closing(mariadb.root.connect()) as connection:
        configured = dict(ask(connection, "SELECT name, value FROM mysql.rds_configuration"))
    with pytest.raises(PipelineError, match="GRANT NONSENSE '<password>'") as refused:
        create_capture_user(mariadb.root, ["GRANT NONSENSE '<password>'"], "verySecret1")

    assert configured["binlog retention hours"] == "72", "the stand-in keeps what RDS's procedure was told"
    assert "verySecret1" not in str(refused.value)


@pytest.mark.parametrize("hours", [1, 2160])
def test_the_stand_in_takes_the_retention_that_rds_takes(mariadb: MariaDB, hours: int) -> None:
    with closing(mariadb.root.connect()) as root:
        try:
            ask(root, f"CALL mysql.rds_set_configuration('binlog retention hours', {hours})")
            configured = dict(ask(root, "SELECT name, value FROM mysql.rds_configuration"))
        finally:
            ask(root, "CALL mysql.rds_set_configuration('binlog retention hours', 72)")
    assert configured["binlog retention hours"] == str(hours)


@pytest.mark.parametrize("hours", [0, 2161])
def test_the_stand_in_refuses_the_retention_that_rds_refuses(mariadb: MariaDB, hours: int) -> None:
    with pytest.raises(PipelineError, match="1 to 2160"):
        create_capture_user(mariadb.root, [f"CALL mysql.rds_set_configuration('binlog retention hours', {hours})"], "x")
