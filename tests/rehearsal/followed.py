"""Definitions for tests that read a log: of tables that are known beforehand, on a server like the rehearsal's own."""

from __future__ import annotations

from database.definition import Definition
from model import Table
from rehearsal.source.definitions.definitions import Definitions
from rehearsal.source.definitions.dialect import Dialect

MARIADB = Dialect(
    mariadb=True,
    version=101119,
    charsets={
        "utf8mb4": (1, 4), "utf8mb3": (1, 3), "latin1": (1, 1), "ascii": (1, 1), "ucs2": (2, 2), "binary": (1, 1),
    },
    collations={8: "latin1", 33: "utf8mb3", 45: "utf8mb4", 46: "utf8mb4", 63: "binary"},
)  # fmt: skip
MYSQL = Dialect(
    mariadb=False,
    version=80032,
    charsets={"utf8mb4": (1, 4), "utf8mb3": (1, 3), "latin1": (1, 1), "binary": (1, 1)},
    collations={8: "latin1", 63: "binary", 255: "utf8mb4"},
)


def followed(*tables: Table, dialect: Dialect = MARIADB, selects: tuple[str, ...] = ()) -> Definitions:
    """Definitions of these tables; they are captured, and so are the tables ``selects``, by name alone."""
    names = {table.name for table in tables} | set(selects)
    return Definitions(dialect, lambda schema, name: name in names, map(Definition.of, tables))
