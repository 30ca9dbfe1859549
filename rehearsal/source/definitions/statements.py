"""Statements: which tables a DDL statement makes, changes or takes away."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from rehearsal.source.definitions.alteration import (
    Alteration,
    begins_partitions,
    read_alteration,
    read_elements,
    read_options,
)
from rehearsal.source.definitions.columns import charset, collation_charset
from rehearsal.source.definitions.dialect import Dialect, Session, UnreadableError
from rehearsal.source.definitions.reading import Name, Reading


@dataclass(frozen=True, kw_only=True)
class CreateTable:
    """CREATE TABLE."""

    name: Name
    replaces: bool
    """OR REPLACE."""
    lenient: bool
    """IF NOT EXISTS."""
    like: Name | None = None
    elements: Alteration = field(default_factory=Alteration)
    """Its columns and keys, as added to a table without any."""
    unreadable: str = ""
    """Why it cannot be read; empty if it can."""


@dataclass(frozen=True, kw_only=True)
class AlterTable:
    """ALTER TABLE, and CREATE INDEX and DROP INDEX, which are one."""

    name: Name
    alteration: Alteration = field(default_factory=Alteration)
    unreadable: str = ""


@dataclass(frozen=True, kw_only=True)
class RenameTable:
    """One of the pairs of RENAME TABLE."""

    old: Name
    new: Name


@dataclass(frozen=True, kw_only=True)
class DropTable:
    """One of the tables of DROP TABLE."""

    name: Name


@dataclass(frozen=True, kw_only=True)
class TruncateTable:
    """TRUNCATE TABLE."""

    name: Name


@dataclass(frozen=True, kw_only=True)
class SetSchema:
    """CREATE DATABASE or ALTER DATABASE."""

    schema: str
    charset: str | None
    """None if it does not say."""
    creates: bool


@dataclass(frozen=True, kw_only=True)
class DropSchema:
    """DROP DATABASE."""

    schema: str


Step = CreateTable | AlterTable | RenameTable | DropTable | TruncateTable | SetSchema | DropSchema

_NO_TABLES = (
    "VIEW", "PROCEDURE", "FUNCTION", "AGGREGATE FUNCTION", "TRIGGER", "EVENT", "USER", "ROLE", "SERVER", "SEQUENCE",
    "TABLESPACE", "UNDO TABLESPACE", "LOGFILE GROUP", "RESOURCE GROUP", "SPATIAL REFERENCE", "PACKAGE", "INSTANCE",
    "TEMPORARY", "PREPARE", "LIBRARY", "JSON",
)  # fmt: skip


def steps(statement: str, dialect: Dialect, session: Session) -> list[Step]:
    """What a DDL statement does, step by step; nothing if it is about no table.

    Raises UnreadableError if it cannot even be told which tables it is about.
    """
    reading = Reading(statement, dialect, session)
    while reading.take("SET", "STATEMENT"):
        while not reading.take("FOR"):
            reading.next()
    verb = reading.take_one("CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE")
    if not verb:
        _refuse(reading)
    return {"CREATE": _create, "ALTER": _alter, "DROP": _drop, "RENAME": _rename, "TRUNCATE": _truncate}[verb](reading)


def _refuse(reading: Reading) -> NoReturn:
    raise reading.refuse()


def _about_no_table(reading: Reading) -> bool:
    """Whether the statement is about an object of another kind; passes what may stand before that kind's name."""
    while True:
        if reading.take("DEFINER", "="):
            reading.next()
            if reading.at("("):
                reading.group()
            if reading.take("@"):
                reading.next()
        elif reading.take("ALGORITHM", "="):
            reading.next()
        elif not reading.take_one("SQL SECURITY DEFINER", "SQL SECURITY INVOKER"):
            return any(reading.at(*words.split()) for words in _NO_TABLES)


def _create(reading: Reading) -> list[Step]:
    replaces = reading.take("OR", "REPLACE")
    if _about_no_table(reading):
        return []
    if reading.take_one("DATABASE", "SCHEMA"):
        return _schema(reading, creates=True)
    if not reading.take("TABLE"):
        return _index(reading)
    lenient = reading.take("IF", "NOT", "EXISTS")
    name = reading.table_name()
    try:
        like, elements = _table_body(reading)
    except UnreadableError as error:
        return [CreateTable(name=name, replaces=replaces, lenient=lenient, unreadable=str(error))]
    return [CreateTable(name=name, replaces=replaces, lenient=lenient, like=like, elements=elements)]


def _table_body(reading: Reading) -> tuple[Name | None, Alteration]:
    elements = Alteration()
    if reading.take("WAIT"):
        reading.number()
    reading.take("NOWAIT")
    if reading.take("LIKE"):
        return reading.table_name(), elements
    reading.need("(")
    if reading.take("LIKE"):
        return reading.table_name(), elements
    read_elements(reading, elements)
    while not reading.ended and not begins_partitions(reading):
        if reading.at("SELECT") or reading.at("AS") or reading.at("("):
            raise UnreadableError("its columns come out of a SELECT that is not in the log")
        read_options(reading, elements)
        reading.take(",")
    return None, elements


def _index(reading: Reading) -> list[Step]:
    """CREATE INDEX and DROP INDEX; only ``DROP INDEX `PRIMARY``` matters."""
    reading.take_one("ONLINE", "OFFLINE")
    reading.take_one("UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR")
    if not reading.take("INDEX"):
        _refuse(reading)
    reading.take_one("IF NOT EXISTS", "IF EXISTS")
    is_primary = reading.name().upper() == "PRIMARY"
    while not reading.take("ON"):
        reading.next()
    return [AlterTable(name=reading.table_name(), alteration=Alteration(drops_key=is_primary))]


def _alter(reading: Reading) -> list[Step]:
    if _about_no_table(reading):
        return []
    if reading.take_one("DATABASE", "SCHEMA"):
        return _schema(reading, creates=False)
    while reading.take_one("ONLINE", "OFFLINE", "IGNORE"):
        pass
    reading.need("TABLE")
    reading.take("IF", "EXISTS")
    name = reading.table_name()
    try:
        return [AlterTable(name=name, alteration=read_alteration(reading))]
    except UnreadableError as error:
        return [AlterTable(name=name, unreadable=str(error))]


def _schema(reading: Reading, *, creates: bool) -> list[Step]:
    if creates:
        reading.take("IF", "NOT", "EXISTS")
    words = ("CHARACTER", "CHARSET", "DEFAULT", "COLLATE", "COMMENT", "ENCRYPTION", "READ", "UPGRADE")
    unnamed = reading.ended or any(reading.at(word) for word in words)  # ALTER DATABASE, of the session's schema
    schema, found = reading.session.schema if unnamed and not creates else reading.name(), None
    while not reading.ended:
        reading.take("DEFAULT")
        if reading.take_one("CHARACTER SET", "CHARSET", "CHAR SET"):
            reading.take("=")
            found = None if reading.take("DEFAULT") else charset(reading)
        elif reading.take("COLLATE"):
            found = collation_charset(reading) or found
        else:
            reading.next()
    return [SetSchema(schema=schema, charset=found, creates=creates)]


def _drop(reading: Reading) -> list[Step]:
    if _about_no_table(reading):
        return []
    if reading.take_one("DATABASE", "SCHEMA"):
        reading.take("IF", "EXISTS")
        return [DropSchema(schema=reading.name())]
    if not reading.take_one("TABLES", "TABLE"):
        return _index(reading)
    reading.take("IF", "EXISTS")
    return [DropTable(name=name) for name in reading.listed(reading.table_name)]


def _rename(reading: Reading) -> list[Step]:
    if reading.take("USER"):
        return []
    if not reading.take_one("TABLES", "TABLE"):
        _refuse(reading)
    reading.take("IF", "EXISTS")
    return list(reading.listed(lambda: _renamed(reading)))


def _renamed(reading: Reading) -> Step:
    old = reading.table_name()
    if reading.take("WAIT"):
        reading.number()
    reading.take("NOWAIT")
    reading.need("TO")
    return RenameTable(old=old, new=reading.table_name())


def _truncate(reading: Reading) -> list[Step]:
    reading.take("TABLE")
    return [TruncateTable(name=reading.table_name())]
