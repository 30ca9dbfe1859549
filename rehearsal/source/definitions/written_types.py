"""Written types: how a statement writes the type of a column.

https://mariadb.com/kb/en/data-types/, https://dev.mysql.com/doc/refman/8.0/en/data-types.html
"""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.source.definitions.dialect import UnreadableError
from rehearsal.source.definitions.reading import Reading

_SIZES = ("tiny", "", "medium", "long")
_TEXTS, _BLOBS = ({f"{size}{family}" for size in _SIZES} for family in ("text", "blob"))
_PLAIN = frozenset(
    {
        "date", "json", "uuid", "inet4", "inet6", "geometry", "point", "linestring", "polygon", "multipoint",
        "multilinestring", "multipolygon", "geometrycollection", "geomcollection",
    }
)  # fmt: skip
_SYNONYMS = {
    "INTEGER": "int", "INT1": "tinyint", "INT2": "smallint", "INT3": "mediumint", "MIDDLEINT": "mediumint",
    "INT4": "int", "INT8": "bigint", "DEC": "decimal", "NUMERIC": "decimal", "FIXED": "decimal",
    "DOUBLE PRECISION": "double", "FLOAT4": "float", "FLOAT8": "double",
    "CHARACTER VARYING": "varchar", "CHAR VARYING": "varchar", "VARCHARACTER": "varchar", "CHARACTER": "char",
    "CHAR BYTE": "binary",
    "LONG CHARACTER VARYING": "mediumtext", "LONG CHAR VARYING": "mediumtext", "LONG VARCHARACTER": "mediumtext",
    "LONG VARCHAR": "mediumtext", "LONG VARBINARY": "mediumblob", "LONG": "mediumtext",
}  # fmt: skip
_NATIONAL = {
    "NATIONAL CHARACTER VARYING": "varchar", "NATIONAL CHAR VARYING": "varchar", "NATIONAL VARCHARACTER": "varchar",
    "NATIONAL VARCHAR": "varchar", "NATIONAL CHARACTER": "char", "NATIONAL CHAR": "char",
    "NCHAR VARYING": "varchar", "NCHAR VARCHARACTER": "varchar", "NCHAR VARCHAR": "varchar", "NVARCHAR": "varchar",
    "NCHAR": "char",
}  # fmt: skip
_WITH_NUMBERS = frozenset(
    {
        *_BLOBS, *_TEXTS, "tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "bit",
        "time", "datetime", "timestamp", "year", "char", "varchar", "binary", "varbinary", "vector",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class WrittenType:
    """A type as a statement writes it, before the character set is known."""

    base: str
    """The catalog's name of the type, as far as the numbers let it be."""
    numbers: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    unsigned: bool = False
    zerofill: bool = False
    charset: str | None = None
    """None: the table's."""
    compressed: bool = False

    @property
    def is_text(self) -> bool:
        """Whether it may have a character set."""
        return self.base in ("char", "varchar", "enum", "set") or self.base in _TEXTS


def read_type(reading: Reading) -> WrittenType:
    """The type that comes next; what may follow it (UNSIGNED, CHARACTER SET …) is not read."""
    if national := reading.take_one(*_NATIONAL):
        charset = reading.dialect.charset_named("utf8")
        return WrittenType(base=_NATIONAL[national], numbers=_numbers(reading), charset=charset)
    if reading.take_one("BOOLEAN", "BOOL"):
        return WrittenType(base="tinyint", numbers=(1,))
    if reading.take("SERIAL"):
        return WrittenType(base="bigint", unsigned=True)
    if reading.take("REAL"):
        return WrittenType(base="float" if reading.session.real_as_float else "double", numbers=_numbers(reading))
    if synonym := reading.take_one(*_SYNONYMS):
        return WrittenType(base=_SYNONYMS[synonym], numbers=_numbers(reading))
    word = reading.word().lower()
    if word in ("enum", "set"):
        reading.next()
        return WrittenType(base=word, labels=reading.enclosed(reading.string))
    if word in _WITH_NUMBERS and not reading.session.oracle:
        reading.next()
        return WrittenType(base=word, numbers=_numbers(reading))
    if word in _PLAIN and not reading.session.oracle:
        reading.next()
        return WrittenType(base=word)
    raise UnreadableError(f"{word or 'nothing'} is no type of a column that the rehearsal knows")


def _numbers(reading: Reading) -> tuple[int, ...]:
    return reading.enclosed(reading.number) if reading.at("(") else ()
