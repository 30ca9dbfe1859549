"""Types: how a statement writes the type of a column, and how the catalog then tells it.

https://mariadb.com/kb/en/data-types/, https://dev.mysql.com/doc/refman/8.0/en/data-types.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from model import Column
from rehearsal.source.binlog.charsets import encodable
from rehearsal.source.definitions.dialect import Dialect, UnreadableError
from rehearsal.source.definitions.reading import Reading

_INTEGERS = {"tinyint": (4, 3), "smallint": (6, 5), "mediumint": (9, 8), "int": (11, 10), "bigint": (20, 20)}
"""Display widths, signed and unsigned."""
_SIZES = {"tiny": 255, "": 65535, "medium": 16777215, "long": 4294967295}
_TEXTS = {f"{size}text": (f"{size}blob", room) for size, room in _SIZES.items()}
"""What it is in the character set binary, and how many bytes it holds."""
_BLOBS = dict(_TEXTS.values())
_BINARY = {"char": "binary", "varchar": "varbinary", **{text: blob for text, (blob, _) in _TEXTS.items()}}
_LONGEST_VARCHAR, _LONGEST_CHAR = 65535, 255  # bytes, characters
_TEMPORAL = ("time", "datetime", "timestamp")
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
        *_INTEGERS, *_TEMPORAL, *_BLOBS, *_TEXTS, "decimal", "float", "double", "bit", "year", "char", "varchar",
        "binary", "varbinary", "vector",
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
    word = reading.peek().text.lower()
    if word in ("enum", "set"):
        reading.next()
        return WrittenType(base=word, labels=_labels(reading))
    if word in _WITH_NUMBERS and not reading.session.oracle:
        reading.next()
        return WrittenType(base=word, numbers=_numbers(reading))
    if word in _PLAIN and not reading.session.oracle:
        reading.next()
        return WrittenType(base=word)
    raise UnreadableError(f"{word or 'nothing'} is no type of a column that the rehearsal knows")


def _numbers(reading: Reading) -> tuple[int, ...]:
    if not reading.take("("):
        return ()
    found = [reading.number()]
    while reading.take(","):
        found.append(reading.number())
    reading.need(")")
    return tuple(found)


def _labels(reading: Reading) -> tuple[str, ...]:
    reading.need("(")
    found = [reading.string()]
    while reading.take(","):
        found.append(reading.string())
    reading.need(")")
    return tuple(found)


def column_of(name: str, written: WrittenType, charset: str, dialect: Dialect, *, nullable: bool) -> Column:
    """The column as the catalog tells it. ``charset`` is that of a text without one of its own."""
    made = (
        _of_json(name, written, dialect)
        or _of_text(name, written, charset, dialect)
        or _of_other(name, written, dialect)
    )
    return replace(made, nullable=nullable)


def _of_json(name: str, written: WrittenType, dialect: Dialect) -> Column | None:
    if written.base != "json":
        return None
    if not dialect.mariadb:
        return Column(name=name, data_type="json", column_type="json")
    return Column(name=name, data_type="json", column_type="longtext", charset="utf8mb4", length=_SIZES["long"])


def _of_text(name: str, written: WrittenType, default: str, dialect: Dialect) -> Column | None:
    if not written.is_text:
        return None
    charset = written.charset or default
    if charset == "binary" and written.base in _BINARY:
        return _of_other(name, replace(written, base=_BINARY[written.base]), dialect)
    if charset not in dialect.charsets:
        raise UnreadableError(f"character set {charset} of column {name} is not known")
    least, most = dialect.charsets[charset]
    if written.labels:
        labels = written.labels if charset == "binary" else tuple(label.rstrip(" ") for label in written.labels)
        for label in labels:
            if not label.isascii() and not encodable(label, charset):
                raise UnreadableError(f"the label {label!r} of {name} cannot be written in {charset}")
        lengths = [len(label) for label in labels]
        length = max(lengths) if written.base == "enum" else sum(lengths) + len(lengths) - 1
        shown = f"{written.base}({','.join(map(_shown, labels))})"
        return Column(
            name=name, data_type=written.base, column_type=shown, charset=charset, length=length, labels=labels
        )
    base, length = _text_length(written, most)
    if base in _TEXTS:
        shown, length = base, _TEXTS[base][1] // least
    else:
        shown = f"{base}({length})"
    return Column(name=name, data_type=base, column_type=shown + _suffix(written), charset=charset, length=length)


def _text_length(written: WrittenType, most: int) -> tuple[str, int]:
    """The type that has room for the characters that are asked for, and their number."""
    if written.base in _TEXTS:
        return (_fitting(written.numbers[0] * most, "text") if any(written.numbers) else written.base), 0
    if written.base == "varchar" and not written.numbers:
        raise UnreadableError("VARCHAR has no length")
    length = written.numbers[0] if written.numbers else 1
    if written.base == "char" and length > _LONGEST_CHAR:
        raise UnreadableError(f"CHAR({length}) is longer than {_LONGEST_CHAR}")
    if length * most > _LONGEST_VARCHAR:
        return _fitting(length * most, "text"), 0
    return written.base, length


def _fitting(size: int, family: str) -> str:
    return next((f"{prefix}{family}" for prefix, room in _SIZES.items() if size <= room), f"long{family}")


def _of_other(name: str, written: WrittenType, dialect: Dialect) -> Column:
    base, numbers = written.base, written.numbers
    if base in _INTEGERS:
        return Column(name=name, data_type=base, column_type=_integer(written, dialect))
    if base == "decimal":
        precision, scale = (*numbers, 0, 0)[:2]
        precision = precision or 10
        shown = f"decimal({precision},{scale})" + _sign(written)
        return Column(name=name, data_type=base, column_type=shown, precision=precision, scale=scale)
    if base in ("float", "double"):
        if base == "float" and len(numbers) == 1:
            base, numbers = ("float" if numbers[0] <= 24 else "double"), ()
        shown = f"{base}({numbers[0]},{numbers[1]})" if len(numbers) == 2 else base
        return Column(name=name, data_type=base, column_type=shown + _sign(written))
    if base == "bit":
        bits = (numbers[0] if numbers else 1) or 1
        return Column(name=name, data_type=base, column_type=f"bit({bits})", precision=bits)
    if base in _TEMPORAL:
        digits = numbers[0] if numbers else 0
        shown = f"{base}({digits})" if digits else base
        return Column(name=name, data_type=base, column_type=shown, precision=digits)
    if base == "year":
        width = 2 if numbers == (2,) else 4
        return Column(name=name, data_type=base, column_type=f"year({width})" if dialect.widths else "year")
    return _of_bytes(name, written)


def _of_bytes(name: str, written: WrittenType) -> Column:
    base, numbers = written.base, written.numbers
    if base in ("binary", "varbinary"):
        length = numbers[0] if numbers else 1
        if length > _LONGEST_VARCHAR:
            base = _fitting(length, "blob")
            return Column(name=name, data_type=base, column_type=base, length=_BLOBS[base])
        return Column(name=name, data_type=base, column_type=f"{base}({length})" + _suffix(written), length=length)
    if base in _BLOBS:
        base = _fitting(numbers[0], "blob") if any(numbers) else base
        return Column(name=name, data_type=base, column_type=base + _suffix(written), length=_BLOBS[base])
    shown = f"{base}({numbers[0]})" if numbers else base
    return Column(name=name, data_type=base, column_type=shown)


def _integer(written: WrittenType, dialect: Dialect) -> str:
    unsigned = written.unsigned or written.zerofill
    width = (written.numbers[0] if written.numbers else 0) or _INTEGERS[written.base][unsigned]
    shown = dialect.widths or written.zerofill or (written.base == "tinyint" and width == 1 and not unsigned)
    return (f"{written.base}({width})" if shown else written.base) + _sign(written)


def _sign(written: WrittenType) -> str:
    return (" unsigned" if written.unsigned or written.zerofill else "") + (" zerofill" if written.zerofill else "")


def _suffix(written: WrittenType) -> str:
    return " /*M!100301 COMPRESSED*/" if written.compressed else ""


_ESCAPES = str.maketrans({"\\": "\\\\", "\0": "\\0", "\n": "\\n", "\r": "\\r", "'": "''"})


def _shown(label: str) -> str:
    """As the catalog shows a label."""
    return f"'{label.translate(_ESCAPES)}'"


def converted(column: Column, charset: str, dialect: Dialect) -> Column:
    """``column`` after CONVERT TO CHARACTER SET: a text that might not have room any more gets a larger type."""
    if column.charset in (None, "binary", charset):
        return column
    base, labels = column.data_type, column.labels
    least, _ = dialect.charsets[charset]
    if base == "json":  # MariaDB's checked LONGTEXT
        return replace(column, charset=charset, length=_SIZES["long"] // least)
    if labels and (least > 1 or dialect.charsets[column.charset][0] > 1):
        raise UnreadableError(f"what the server makes of the labels of {column.name} in {charset} is not known")
    if base in _TEXTS:
        most = dialect.charsets[charset][1]
        written = WrittenType(base=_fitting(_characters(column, dialect) * most, "text"))
    else:
        numbers = () if labels else (column.length or 0,)
        written = WrittenType(base=base, labels=labels, numbers=numbers, compressed="COMPRESSED" in column.column_type)
    return column_of(column.name, written, charset, dialect, nullable=column.nullable)


def _characters(column: Column, dialect: Dialect) -> int:
    """How many characters of its present character set a text is sure to hold."""
    return _TEXTS[column.data_type][1] // dialect.charsets[column.charset or ""][1]
