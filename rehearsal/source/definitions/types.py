"""Types: how the catalog tells of a column that a statement has defined.

https://mariadb.com/kb/en/data-types/, https://dev.mysql.com/doc/refman/8.0/en/data-types.html
"""

from __future__ import annotations

from dataclasses import replace

from model import Column
from rehearsal.source.binlog.charsets import encodable
from rehearsal.source.definitions.dialect import Dialect, UnreadableError
from rehearsal.source.definitions.written_types import WrittenType

_INTEGERS = {"tinyint": (4, 3), "smallint": (6, 5), "mediumint": (9, 8), "int": (11, 10), "bigint": (20, 20)}
"""Display widths, signed and unsigned."""
_SIZES = {"tiny": 255, "": 65535, "medium": 16777215, "long": 4294967295}
_TEXTS = {f"{size}text": (f"{size}blob", room) for size, room in _SIZES.items()}
"""What it is in the character set binary, and how many bytes it holds."""
_BLOBS = dict(_TEXTS.values())
_BINARY = {"char": "binary", "varchar": "varbinary", **{text: blob for text, (blob, _) in _TEXTS.items()}}
_LONGEST_VARCHAR, _LONGEST_CHAR = 65535, 255  # bytes, characters
_TEMPORAL = ("time", "datetime", "timestamp")


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
    if base == "json":  # MariaDB's checked LONGTEXT
        made = column_of(column.name, WrittenType(base="longtext"), charset, dialect, nullable=column.nullable)
        return replace(made, data_type="json") if made.charset else made
    if labels and not _labels_stay(column, charset, dialect):
        raise UnreadableError(f"what the server makes of the labels of {column.name} in {charset} is not known")
    if base in _TEXTS:
        most = dialect.charsets[charset][1]
        written = WrittenType(base=_fitting(_characters(column, dialect) * most, "text"))
    else:
        numbers = () if labels else (column.length or 0,)
        written = WrittenType(base=base, labels=labels, numbers=numbers, compressed="COMPRESSED" in column.column_type)
    return column_of(column.name, written, charset, dialect, nullable=column.nullable)


def _labels_stay(column: Column, charset: str, dialect: Dialect) -> bool:
    """Whether labels survive a conversion: MariaDB does not convert their bytes."""
    if {column.charset, charset} <= {"utf8", "utf8mb3", "utf8mb4"}:
        return True
    narrow = all(dialect.charsets[one or ""][0] == 1 for one in (column.charset, charset))
    return narrow and all(label.isascii() for label in column.labels)


def _characters(column: Column, dialect: Dialect) -> int:
    """How many characters of its present character set a text is sure to hold."""
    return _TEXTS[column.data_type][1] // dialect.charsets[column.charset or ""][1]
