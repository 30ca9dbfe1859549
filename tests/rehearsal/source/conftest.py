"""A schema of its own for each test, on the session's real MariaDB, and what the reader makes of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from database import catalog
from database.queries import ask, quoted
from database.server import Server
from model import Change, Idle, Position, Row, SchemaChange, Table, Transaction
from rehearsal.source import log_end
from rehearsal.source.binlog.reader import BinlogReader
from rehearsal.source.mariadb.mariadb import MariaDB
from tests.rehearsal.followed import followed

_numbers = itertools.count(1)


class Shop:
    """One schema: what is done to it, and what the binlog says of that."""

    def __init__(self, admin: Server, capture: Server) -> None:
        self.schema = f"shop{next(_numbers)}"
        self.admin = admin
        self.capture = capture
        self.connection = admin.connect()
        self.sql(f"CREATE DATABASE {self.schema} CHARACTER SET utf8mb4", f"USE {self.schema}")
        self.start = self.position()
        self.passed: dict[tuple[str, str], str] = {}

    def sql(self, *statements: str, arguments: Sequence[Any] | None = None) -> None:
        for statement in statements:
            ask(self.connection, statement, tuple(arguments) if arguments else None)

    def create(self, *columns: str, name: str = "t") -> Table:
        self.sql(f"CREATE TABLE {quoted(name)} ({', '.join(columns)})")
        self.start = self.position()
        return self.table(name)

    def table(self, name: str = "t") -> Table:
        found = catalog.table(self.connection, self.schema, name)
        assert found is not None, f"no table {name}"
        return found

    def rows(self, name: str = "t") -> list[Row]:
        return list(catalog.read(self.connection, self.table(name)))

    def position(self) -> Position:
        return log_end.position(self.connection)

    def events(self, *captured: Table, start: Position | None = None) -> list[Transaction | SchemaChange]:
        """What happened from ``start`` (by default the last ``create``) to now, as the capture user reads it."""
        events: list[Transaction | SchemaChange] = []
        with BinlogReader(self.capture, start or self.start, followed(*captured), idle_after=0.01) as reader:
            for event in reader:
                if isinstance(event, Idle):
                    break
                events.append(event)
            self.passed = reader.passed
        return events

    def changes(self, *captured: Table) -> list[Change]:
        transactions = [event for event in self.events(*captured) if isinstance(event, Transaction)]
        return [change for transaction in transactions for change in transaction.changes]


@pytest.fixture
def shop(mariadb: MariaDB, capture: Server) -> Iterator[Shop]:
    shop = Shop(mariadb.root, capture)
    yield shop
    shop.connection.close()
