"""Servers that whole rehearsals lend each other: each gets one as it is when it was just started.

To start a server takes a quarter of a small rehearsal.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from types import TracebackType

import pymysql

from database.queries import ask, quoted
from database.server import Server
from rehearsal.source.mariadb.mariadb import MariaDB

_SYSTEM = {"information_schema", "mysql", "performance_schema", "sys"}


class Lender:
    """In the place of the class ``MariaDB``: servers of the ``parameters`` are used again, others are new ones."""

    def __init__(self, running: ExitStack, folder: Path, parameters: Mapping[str, str]) -> None:
        self._running, self._folder, self._parameters = running, folder, parameters
        self._free: list[MariaDB] = []

    def __call__(self, folder: Path, parameters: Mapping[str, str], mariadbd: Path) -> MariaDB:
        if parameters != self._parameters:
            return MariaDB(folder, parameters, mariadbd)
        return _Lent(self, parameters, mariadbd)

    def lend(self, parameters: Mapping[str, str], mariadbd: Path) -> MariaDB:
        if self._free:
            return self._free.pop()
        return self._running.enter_context(MariaDB(self._folder, parameters, mariadbd))

    def take_back(self, server: MariaDB) -> None:
        _make_new(server.root)
        self._free.append(server)


class _Lent(MariaDB):
    """A server for as long as the ``with`` block is in."""

    def __init__(self, lender: Lender, parameters: Mapping[str, str], mariadbd: Path) -> None:
        self._lender, self._what = lender, (parameters, mariadbd)

    def __enter__(self) -> MariaDB:
        self._server = self._lender.lend(*self._what)
        self.root, self.ca_file = self._server.root, self._server.ca_file
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lender.take_back(self._server)


def _make_new(root: Server) -> None:
    """Take away every connection, schema and user of a rehearsal, what it configured, and the log."""
    with closing(root.connect()) as connection:
        for (id_,) in ask(connection, "SELECT id FROM information_schema.processlist WHERE id <> connection_id()"):
            with suppress(pymysql.MySQLError):  # it may have ended
                ask(connection, f"KILL {id_}")
        ask(connection, "SET SESSION foreign_key_checks = 0")
        for (schema,) in ask(connection, "SHOW DATABASES"):
            if schema not in _SYSTEM:
                ask(connection, f"DROP DATABASE {quoted(schema)}")
        for user, host in ask(connection, "SELECT user, host FROM mysql.global_priv"):
            if user not in ("root", "mariadb.sys"):
                ask(connection, "DROP USER %s@%s", (user, host))
        ask(connection, "UPDATE mysql.rds_configuration SET value = NULL")
        ask(connection, "RESET MASTER")
