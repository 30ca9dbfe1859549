"""Random DDL on a real server: at every step the definitions by its log are those of its catalog."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator

import pymysql
import pytest

from database import catalog
from database.definition import Definition
from database.queries import ask
from database.server import Server
from model import Idle, PipelineError, Position
from rehearsal.source import log_end
from rehearsal.source.binlog.first_definitions import definitions_now
from rehearsal.source.binlog.reader import BinlogReader
from rehearsal.source.mariadb.mariadb import MariaDB

from .ddl_histories import Histories

_SEEDS = range(6)
_REFUSED = ("cannot be written in", "what the server makes of the labels")
"""Statements on labels of which the server itself makes something else than they say."""

Tables = dict[str, Definition]
_numbers = itertools.count(1)


class _Schema:
    """A schema in which histories happen."""

    def __init__(self, server: Server) -> None:
        self.name = f"ddl{next(_numbers)}"
        self._server = server
        self._aside = server.connect()
        ask(self._aside, f"CREATE DATABASE {self.name}")

    def tables(self) -> Tables:
        return {one.name: one for one in catalog.definitions(self._aside) if one.schema == self.name}

    def run(self, history: list[str]) -> Iterator[tuple[Position, str, Tables]]:
        """Each statement that the server logs, where it ends, and what the catalog has after it."""
        connection = self._server.connect(database=self.name)
        before = log_end.position(self._aside)
        for statement in (one.replace("{schema}", self.name) for one in history):
            # An error may leave something behind, too: CREATE OR REPLACE has dropped its table.
            with contextlib.suppress(pymysql.MySQLError):
                ask(connection, statement)
            after = log_end.position(self._aside)
            if after != before:
                yield after, statement, self.tables()
            before = after
        connection.close()

    def close(self) -> None:
        ask(self._aside, f"DROP DATABASE {self.name}")
        self._aside.close()


@pytest.mark.parametrize("seed", _SEEDS)
def test_the_definitions_that_the_log_gives_are_those_of_the_catalog_at_every_step(mariadb: MariaDB, seed: int) -> None:
    schema = _Schema(mariadb.root)
    with mariadb.root.connect() as connection:
        start, definitions = log_end.position(connection), definitions_now(connection, lambda schema, name: True)
    steps = list(schema.run(Histories(seed)()))
    with BinlogReader(mariadb.root, start, definitions, idle_after=0.01) as reader:
        try:
            for event in reader:
                while steps and event.end >= steps[0][0]:
                    _, statement, expected = steps.pop(0)
                    found = {one.name: one for one in definitions.all() if one.schema == schema.name}
                    assert found == expected, statement
                if isinstance(event, Idle):
                    break
        except PipelineError as error:
            if not any(words in str(error) for words in _REFUSED):
                raise
    schema.close()
