"""Columns: a column as CREATE TABLE and ALTER TABLE define it.

https://mariadb.com/kb/en/create-table/#column-definitions
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from database.definition import DefinedColumn
from rehearsal.source.definitions.dialect import Dialect
from rehearsal.source.definitions.reading import EQUALS, Reading
from rehearsal.source.definitions.tokens import Kind
from rehearsal.source.definitions.types import column_of
from rehearsal.source.definitions.written_types import WrittenType, read_type


@dataclass(frozen=True, kw_only=True)
class WrittenColumn:
    """A column as a statement defines it."""

    name: str
    type: WrittenType
    nullable: bool | None = None
    """None if the statement does not say."""
    left_out: bool = False
    """Whether it is generated or invisible."""
    key: bool = False
    """Whether it is the primary key by itself."""
    json: bool | None = None
    """Whether MariaDB checks that it is JSON; None without a check. Another check takes the place of JSON's own."""
    default: bool = False
    """Whether it has a default other than NULL."""

    def defined(self, charset: str, dialect: Dialect) -> DefinedColumn:
        """The column as the catalog tells it, in a table of this character set."""
        nullable = self.nullable is not False
        column = column_of(self.name, self.type, charset, dialect, nullable=nullable)
        if self.json is not None and column.column_type == "longtext":
            column = replace(column, data_type="json" if self.json else "longtext")
        return DefinedColumn(column, self.left_out)


def read_column(reading: Reading) -> WrittenColumn:
    """Name, type and attributes, up to the comma, the parenthesis or the place (FIRST, AFTER) behind them."""
    name = reading.name()
    serial = reading.at("SERIAL")
    column = WrittenColumn(name=name, type=read_type(reading), nullable=False if serial else None)
    while not (reading.ended or reading.at(",") or reading.at(")") or reading.at("FIRST") or reading.at("AFTER")):
        column = _with_attribute(reading, column)
    if column.type.base == "timestamp" and column.nullable is None and not column.left_out and not _explicit(reading):
        column = replace(column, nullable=False)
    return column


def _explicit(reading: Reading) -> bool:
    said = reading.session.explicit_timestamps
    return reading.dialect.explicit_timestamps if said is None else said


def _with_attribute(reading: Reading, column: WrittenColumn) -> WrittenColumn:
    """``column`` with the attribute that comes next. UnreadableError for one that nobody knows."""
    for words, change in _SIMPLE.items():
        if reading.take(*words.split()):
            return replace(column, **change)
    if reading.take("DEFAULT"):
        return replace(column, default=not _pass_default(reading))
    for words, change in _OF_TYPE.items():
        if reading.take(*words.split()):
            return replace(column, type=replace(column.type, **change))
    if reading.take_one("CHARACTER SET", "CHAR SET", "CHARSET"):
        return _with_charset(column, None if reading.take("DEFAULT") else charset(reading))
    if reading.take("COLLATE"):
        reading.take("=")
        collation = _word(reading)
        found = None if collation.upper() == "DEFAULT" else reading.dialect.charset_of_collation(collation)
        return _with_charset(column, found or column.type.charset)
    if reading.take_one("GENERATED ALWAYS AS", "AS"):
        if reading.at("("):
            reading.group()
        else:
            reading.need("ROW")
            reading.next()
        return replace(column, left_out=True)
    if reading.at("CHECK") or reading.at("CONSTRAINT"):
        return _with_check(reading, column)
    _pass_other(reading)
    return column


_SIMPLE: dict[str, dict[str, Any]] = {
    "NOT NULL": {"nullable": False},
    "NULL": {"nullable": True},
    "NOT INVISIBLE": {},
    "INVISIBLE": {"left_out": True},
    "VISIBLE": {},
    "PRIMARY KEY": {"key": True, "nullable": False},
    "PRIMARY": {"key": True, "nullable": False},
    "UNIQUE KEY": {},
    "UNIQUE": {},
    "KEY": {"key": True, "nullable": False},
    "AUTO_INCREMENT": {"nullable": False},
    "SERIAL DEFAULT VALUE": {"nullable": False},
    "VIRTUAL": {},
    "STORED": {},
    "PERSISTENT": {},
    "WITH SYSTEM VERSIONING": {},
    "WITHOUT SYSTEM VERSIONING": {},
    "NOT ENFORCED": {},
    "ENFORCED": {},
    "NOT SECONDARY": {},
}
_OF_TYPE: dict[str, dict[str, Any]] = {
    "UNSIGNED": {"unsigned": True},
    "SIGNED": {},
    "ZEROFILL": {"zerofill": True},
    "BINARY": {},
    "ASCII": {"charset": "latin1"},
    "UNICODE": {"charset": "ucs2"},
}


def _with_charset(column: WrittenColumn, name: str | None) -> WrittenColumn:
    return replace(column, type=replace(column.type, charset=name))


def charset(reading: Reading) -> str:
    """``[=] utf8mb4``, by the catalog's name."""
    reading.take("=")
    return reading.dialect.charset_named(_word(reading))


def collation_charset(reading: Reading) -> str | None:
    """``[=] utf8mb4_bin``: the collation's character set; None for one that goes with any."""
    reading.take("=")
    return reading.dialect.charset_of_collation(_word(reading))


def _word(reading: Reading) -> str:
    return reading.string() if reading.peek().kind is Kind.STRING else reading.name()


def _pass_default(reading: Reading) -> bool:
    """Pass the value of a DEFAULT; whether it is NULL."""
    if reading.take("NULL"):
        return True
    if reading.at("("):
        reading.group()
        return False
    if reading.take("NEXT", "VALUE", "FOR"):
        reading.table_name()
        return False
    reading.take_one("+", "-")
    first = reading.next()
    while reading.take("."):
        reading.next()
    if first.kind is not Kind.STRING and reading.at("("):
        reading.group()
    while reading.peek().kind is Kind.STRING:  # 'a' 'b', and what stands behind _utf8mb4, x, DATE
        reading.next()
    return False


def _with_check(reading: Reading, column: WrittenColumn) -> WrittenColumn:
    if reading.take("CONSTRAINT") and not reading.at("CHECK"):
        reading.name()
    if not reading.take("CHECK"):
        return column
    words = [token.text.lower() for token in reading.group()]
    is_json = words == ["json_valid", "(", column.name.lower(), ")"]
    return replace(column, json=is_json) if reading.dialect.mariadb else column


def _pass_other(reading: Reading) -> None:
    if reading.take("COMMENT"):
        reading.string()
    elif reading.take("ON", "UPDATE"):
        reading.next()
        if reading.at("("):
            reading.group()
    elif reading.take("REFERENCES"):
        _pass_reference(reading)
    elif reading.take_one("COLUMN_FORMAT", "STORAGE"):
        reading.next()
    elif reading.take_one("ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"):
        reading.take("=")
        reading.string()
    elif reading.take("SRID"):
        reading.number()
    elif reading.take("REF_SYSTEM_ID"):
        reading.need("=")
        reading.number()
    elif reading.peek(1) == EQUALS:  # an attribute of the storage engine
        for _ in ["name", "=", "value"]:
            reading.next()
    else:
        raise reading.refuse()


def _pass_reference(reading: Reading) -> None:
    reading.table_name()
    if reading.at("("):
        reading.group()
    while True:
        if reading.take("MATCH"):
            reading.next()
        elif reading.take_one("ON DELETE", "ON UPDATE"):
            if not reading.take_one("SET NULL", "SET DEFAULT", "NO ACTION", "CASCADE", "RESTRICT"):
                raise reading.refuse()
        else:
            return
