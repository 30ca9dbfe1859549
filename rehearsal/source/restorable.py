"""Restorable source: a sample that goes on in a new server from a snapshot, as Aurora restores into a new cluster."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pymysql

from database import catalog
from database.queries import ask, quoted
from database.server import Server
from model import Position, Table
from model.plan import DatabasePlan
from rehearsal.runtime.progress_bars import ProgressBars
from rehearsal.source import log_end, sample
from rehearsal.source.mariadb.mariadb import MariaDB
from rehearsal.source.sample_source import SampleSource


class RestorableSource(SampleSource):
    """The sample on one server and then on another, which begins as the first was at the snapshot.

    Changes happen while each server is loaded and after that, some of the first server's behind the snapshot.
    """

    def __init__(
        self,
        plan: DatabasePlan,
        folder: Path,
        mariadbd: Path,
        bars: ProgressBars,
        *,
        rows: int,
        changes: int,
        seed: int,
    ) -> None:
        super().__init__(plan, folder, mariadbd, bars, rows=rows, changes=changes, seed=seed)
        self._second = MariaDB(folder, plan.parameters, mariadbd)
        first, lost, during = changes // 8, changes // 8, changes // 2
        self._batches = iter((first, lost, during, changes - first - lost - during))

    def snapshot(self) -> None:
        """Copy everything to the second server. No change may happen meanwhile."""
        self._stack.enter_context(self._second)
        sample.create(self._second.root)
        self._create_users(self._second)  # with the tables that the declared SQL makes
        copy(self._mariadb.root, self._second.root)
        reset_binlog(self._second.root)

    def restore(self) -> None:
        """The second server takes the place of the first, which is gone."""
        self._connect(self._second)

    def position(self) -> Position:
        """The end of the binlog now."""
        with closing(self.server.connect()) as connection:
            return log_end.position(connection)


def copy(old: Server, new: Server) -> None:
    """Give the tables of ``new`` the rows of ``old``, exactly."""
    with closing(old.connect()) as reading, closing(new.connect()) as writing:
        ask(writing, "SET SESSION foreign_key_checks = 0, unique_checks = 0")
        for table in catalog.tables(reading):
            _copy_rows(reading, writing, table)


def _copy_rows(reading: pymysql.Connection[Any], writing: pymysql.Connection[Any], table: Table) -> None:
    columns = ", ".join(quoted(column.name) for column in table.columns)
    values = ", ".join(["%s"] * len(table.columns))
    name = f"{quoted(table.schema)}.{quoted(table.name)}"
    insert = f"INSERT INTO {name} ({columns}) VALUES ({values})"
    ask(writing, f"DELETE FROM {name}")  # declared SQL may have made rows
    with writing.cursor() as cursor:
        cursor.executemany(insert, list(catalog.read(reading, table)))


def reset_binlog(server: Server) -> None:
    """Begin the log anew with its first file, as a restored cluster does."""
    with closing(server.connect()) as connection:
        ask(connection, "RESET MASTER")
