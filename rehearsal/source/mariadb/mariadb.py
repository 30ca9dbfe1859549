"""MariaDB: plays the Aurora MySQL cluster, in a folder of its own, with the declared cluster parameter group."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType

import pymysql
from pymysql.converters import escape_string

from database.server import Server
from model import PipelineError
from rehearsal.source.mariadb import certificates, parameters

_SUPERVISOR = Path(__file__).with_name("supervisor.py")
_START_SECONDS = 60
_SOCKET_PATH_LIMIT = 100  # sun_path holds 108 bytes on Linux, 104 on macOS

# Ours, not Aurora's: a small server for a few minutes, whose data nobody needs after a power cut.
_SMALL_AND_SHORT_LIVED = (
    "--no-defaults",
    "--skip-name-resolve",
    "--bind-address=127.0.0.1",
    "--innodb-buffer-pool-size=128M",
    "--innodb-log-file-size=64M",
    "--innodb-flush-log-at-trx-commit=2",
    "--sync-binlog=0",
    "--debug-no-sync",  # waits for no disk; a killed server loses nothing by that, only a machine without power would
    "--max-binlog-size=128M",  # Aurora's max_binlog_size default
    "--server-id=1",  # DMS wants server_id of 1 or greater; without one MariaDB serves no binlog
)

_SYSTEM_TABLES = ("mysql_system_tables.sql", "mysql_system_tables_data.sql")

_ONLY_ROOT_WITH_PASSWORD = """
DELETE FROM mysql.proxies_priv;
DELETE FROM mysql.global_priv WHERE user <> 'root' OR host <> 'localhost';
UPDATE mysql.global_priv SET priv = JSON_SET(priv, '$.plugin', 'mysql_native_password',
    '$.authentication_string', PASSWORD('{password}')) WHERE user = 'root';
"""

# RDS's procedure, so that declared statements that call it run verbatim; the value is kept as RDS keeps it.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/mysql-stored-proc-configuring.html
_RDS_CONFIGURATION = (
    "SET SESSION sql_log_bin = 0",
    "CREATE TABLE mysql.rds_configuration "
    "(name VARCHAR(100) PRIMARY KEY, value VARCHAR(100), description VARCHAR(300))",
    "INSERT INTO mysql.rds_configuration VALUES ('binlog retention hours', NULL, "
    "'hours for which binary logs are kept before they are deleted')",
    """CREATE PROCEDURE mysql.rds_set_configuration(IN parameter VARCHAR(100), IN setting INT)
    BEGIN
        IF parameter <> 'binlog retention hours' THEN
            SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'rds_set_configuration: unknown configuration parameter';
        END IF;
        IF setting NOT BETWEEN 1 AND 2160 THEN
            SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'binlog retention hours must be NULL or 1 to 2160';
        END IF;
        SET SESSION sql_log_bin = 0;
        UPDATE mysql.rds_configuration SET value = setting WHERE name = parameter;
        SET SESSION sql_log_bin = 1;
    END""",
    """CREATE PROCEDURE mysql.rds_show_configuration()
    SELECT name, value, description FROM mysql.rds_configuration""",
)


_PLACEHOLDER = re.compile("<([a-z]+ )?password>")


class MariaDB:
    """A MariaDB server that runs while the ``with`` block does; its folder is gone afterwards, whatever happens.

    ``folder`` is where its own temporary folder is made; ``cluster_parameters`` are the declared ones (absent ones have
    Aurora's defaults). Raises PipelineError when the parameters cannot be played or the server does not start.
    """

    root: Server
    """Administration, over the socket."""
    ca_file: Path
    """The CA that signed the server's certificate."""

    def __init__(self, folder: Path, cluster_parameters: Mapping[str, str], mariadbd: Path) -> None:
        self._options = parameters.options(cluster_parameters)
        self._parent = folder
        self._mariadbd = mariadbd

    def __enter__(self) -> MariaDB:
        self._log = tempfile.TemporaryFile()  # outlives the server's folder
        folder = Path(tempfile.mkdtemp(prefix="mariadb-", dir=self._parent))  # mode 700
        try:
            self._prepare(folder)
            self._supervisor = subprocess.Popen(
                [sys.executable, "-I", str(_SUPERVISOR), str(folder)],
                stdin=subprocess.PIPE,
                stdout=self._log,
                stderr=self._log,
                start_new_session=True,  # Ctrl-C is the rehearsal's to handle; it then stops the server itself
            )
        except BaseException:
            shutil.rmtree(folder)  # no supervisor yet that would
            raise
        try:
            self._wait_until_ready()
            _run(self.root, _RDS_CONFIGURATION)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._supervisor.stdin:
            self._supervisor.stdin.close()
        self._supervisor.wait()
        self._log.close()

    def user(self, name: str, password: str) -> Server:
        """``name`` as it connects over the network: loopback, TLS verified against ``ca_file``."""
        return Server("127.0.0.1", self.root.port, name, password, str(self.ca_file), None)

    def _prepare(self, folder: Path) -> None:
        """Write into ``folder`` all that the supervisor and the server start from."""
        password = secrets.token_hex(16)
        unix_socket = _socket_path(folder)
        port = _free_port()
        self.root = Server("localhost", port, "root", password, None, str(unix_socket))
        self.ca_file, certificate, key = certificates.write(folder)
        network = (f"--socket={unix_socket}", f"--port={port}", f"--ssl-cert={certificate}", f"--ssl-key={key}")
        self._write_commands(folder, password, (*network, f"--ssl-ca={self.ca_file}"))

    def _write_commands(self, folder: Path, password: str, network: tuple[str, ...]) -> None:
        share = _share(self._mariadbd)
        data = folder / "data"
        data.mkdir()
        common = [
            str(self._mariadbd),
            *_SMALL_AND_SHORT_LIVED,
            f"--datadir={data}",
            f"--tmpdir={folder}",
            f"--lc-messages-dir={share}",
            f"--character-sets-dir={share / 'charsets'}",
            f"--pid-file={folder / 'pid'}",
            *(("--user=root",) if os.geteuid() == 0 else ()),  # mariadbd refuses to run as root unless told so
        ]
        commands = {"prepare": [*common, "--bootstrap"], "serve": [*common, *network, *self._options]}
        (folder / "commands.json").write_text(json.dumps(commands), encoding="utf-8")
        tables = [(share / name).read_text(encoding="utf-8") for name in _SYSTEM_TABLES]
        only_root = _ONLY_ROOT_WITH_PASSWORD.format(password=password)
        script = folder / "prepare.sql"
        script.touch(mode=0o600)
        script.write_text("\n".join(["CREATE DATABASE mysql;", "USE mysql;", *tables, only_root]), encoding="utf-8")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.root.connect().close()
                return
            except PipelineError as error:
                ended = self._supervisor.poll() is not None
                if ended or time.monotonic() > deadline:
                    why = (
                        f"it ended with code {self._supervisor.returncode}" if ended else f"not ready in time: {error}"
                    )
                    raise PipelineError(f"MariaDB did not start: {why}; its log ends:\n{self._log_tail()}") from None
            time.sleep(0.01)

    def _log_tail(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").splitlines()
        telling = [line for line in lines if "[Note]" not in line]
        return "\n".join((telling or lines)[-10:])


def create_capture_user(root: Server, statements: Iterable[str], password: str) -> None:
    """Run the declared SQL that creates the users; ``<password>`` or ``<… password>`` stands for ``password``.

    Raises PipelineError with the statement as declared, never with the password in it.
    """
    with root.connect() as connection, connection.cursor() as cursor:
        for statement in statements:
            try:
                cursor.execute(_PLACEHOLDER.sub(lambda _: escape_string(password), statement))
            except pymysql.MySQLError as error:
                said = str(error).replace(password, "<password>")
                raise PipelineError(
                    f"the declared SQL for the database fails: {statement}: the server said {said}"
                ) from None


def _run(server: Server, statements: Iterable[str]) -> None:
    with server.connect() as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _share(mariadbd: Path) -> Path:
    """Where this mariadbd's SQL scripts, messages and character sets are; it may have been unpacked anywhere."""
    prefix = mariadbd.resolve().parent.parent
    places = [prefix / "share" / name for name in ("mysql", "mariadb", "")]
    for place in places:
        if (place / _SYSTEM_TABLES[0]).is_file():
            return place
    raise PipelineError(
        f"{mariadbd} has no {_SYSTEM_TABLES[0]} beside it (looked in {', '.join(map(str, places))}): "
        "install the whole package (Debian, Ubuntu: mariadb-server-core)"
    )


def _socket_path(folder: Path) -> Path:
    path = folder / "s"
    if len(os.fsencode(path)) > _SOCKET_PATH_LIMIT:
        raise PipelineError(f"{path} is too long for a Unix socket: choose a shorter folder (TMPDIR)")
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
