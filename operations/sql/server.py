"""A database by its address: what ``--source`` names, over PyMySQL, in sessions as database/session.py settles them."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import pymysql

from database.queries import is_mariadb
from database.server import Server, is_lost
from model import PipelineError
from operations.sql.answer import Answer


class ServerSql:
    """Asks a server in one session; a context manager that ends it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.queries = 0
        self._connection: pymysql.Connection[Any] | None = None

    def __call__(self, statement: str) -> Answer:
        """Run ``statement``. Raises PipelineError."""
        self.queries += 1
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(statement)
                columns = tuple(it[0] for it in cursor.description or ())
                return Answer(columns, list(cursor.fetchall()))
        except pymysql.MySQLError as error:
            if is_lost(error):
                self._close()  # the next one begins anew
            raise PipelineError(f"{self.server} does not answer: {' '.join(map(str, error.args))}") from None

    def settled(self, setting: str, statement: str) -> Answer:
        """Run ``statement`` after ``setting``, which a MariaDB does not know. Raises PipelineError."""
        if not is_mariadb(self.connection):
            self(setting)
        return self(statement)

    @property
    def connection(self) -> pymysql.Connection[Any]:
        """The session. Raises PipelineError where the server takes none."""
        if self._connection is None:
            self._connection = self.server.connect()
        return self._connection

    def __enter__(self) -> ServerSql:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and connection.open:
            connection.close()
