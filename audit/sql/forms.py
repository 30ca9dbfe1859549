"""Forms: the canonical text of a value, by MySQL's type of its column, from a value of model/table.py.

Two texts are equal exactly where types.py of the views' audit calls the values equal, but for `Form.DOCUMENT`:

=============  =====================================================================================================
INTEGER        decimal digits; BIT(1) is ``0`` or ``1``
DECIMAL        all digits of the column's scale
SINGLE, DOUBLE ``<mantissa>p<exponent>``: the bits of the number and no digits, so nothing is rounded; FLOAT as 32 bits
DATE           ``2026-01-31``; a zero date is NULL
MOMENT         ``2026-01-31 10:00:00.500000`` in UTC
TIME           ``-12:30:00.500000``
BITS, BYTES    hexadecimal digits in upper case
TEXT           characters, a slash, the text: no text can look like two columns
LONG_…         SHA-1 of the bytes (UTF-8 for text), so that the canonical text of a row stays short
DOCUMENT       the same of a JSON text: equal texts are equal documents, and different ones may be
=============  =====================================================================================================

NULL is ``N``. Without `null_and_empty` of the declaration an empty text or binary is NULL, too. ``x`` is a value of the
lake that is of another type than its column: no value of the source has this text.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from model import Column, Value

NULL, WRONG, SEPARATOR = "N", "x", ","
LETTERS, INSTEAD = "abcdef", "012345"
"""What makes decimal digits of hexadecimal ones: the one way to a long number in one step that both engines have."""
DIGITS = 32
"""Digits of the number of a row. Two numbers are equal by chance once in 2^102 times, for 3.19 bits of a hexadecimal
digit's 4 are left; a hundred thousand of them make no sum that is too long for Athena's decimals."""
_DECIMAL = str.maketrans(LETTERS, INSTEAD)
_NO_BYTES = hashlib.sha1(b"").hexdigest()


class Form(StrEnum):
    """How the values of a column become canonical texts."""

    INTEGER = "integer"
    FLAG = "flag"
    DECIMAL = "decimal"
    LONG_DECIMAL = "long decimal"
    SINGLE = "single"
    DOUBLE = "double"
    DATE = "date"
    MOMENT = "moment"
    TIME = "time"
    BITS = "bits"
    BYTES = "bytes"
    TEXT = "text"
    LONG_BYTES = "long bytes"
    LONG_TEXT = "long text"
    DOCUMENT = "document"


EMPTY: dict[Form, str] = {
    Form.TEXT: "0/",
    Form.BYTES: "",
    Form.LONG_BYTES: _NO_BYTES,
    Form.LONG_TEXT: _NO_BYTES,
    Form.DOCUMENT: _NO_BYTES,
}
"""The canonical text of an empty value."""
_MOST_DIGITS = 38  # of a decimal in Athena; one with more is text in the lake's views
_GEOMETRIES = ("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon")
_FORMS: dict[str, Form] = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint", "year"), Form.INTEGER),
    "float": Form.SINGLE,
    "double": Form.DOUBLE,
    "date": Form.DATE,
    **dict.fromkeys(("datetime", "timestamp"), Form.MOMENT),
    "time": Form.TIME,
    **dict.fromkeys(("binary", "varbinary", "geometrycollection", "geomcollection", *_GEOMETRIES), Form.BYTES),
    **dict.fromkeys(("tinyblob", "blob", "mediumblob", "longblob"), Form.LONG_BYTES),
    **dict.fromkeys(("tinytext", "text", "mediumtext", "longtext"), Form.LONG_TEXT),
    "json": Form.DOCUMENT,
}


def form_of(column: Column) -> Form:
    """The form of ``column``."""
    if column.data_type == "decimal":
        return Form.LONG_DECIMAL if (column.precision or 1) > _MOST_DIGITS else Form.DECIMAL
    if column.data_type == "bit":
        return Form.FLAG if (column.precision or 1) == 1 else Form.BITS
    return _FORMS.get(column.data_type, Form.TEXT)


def number(text: str) -> int:
    """The number of a row with this canonical text, which is summed up over a range."""
    return int(sha1(text)[:DIGITS].translate(_DECIMAL))


def sha1(text: str) -> str:
    """SHA-1 of a canonical text, in hexadecimal digits."""
    return hashlib.sha1(text.encode("utf-8", "surrogatepass")).hexdigest()


def byte_length(column: Column) -> int:
    """Bytes of a BIT."""
    return ((column.precision or 1) + 7) // 8


def canonical(column: Column, *, null_and_empty: bool) -> Callable[[Value], str]:
    """What makes the canonical text of a value of ``column``."""
    form = form_of(column)
    read = _bits(column) if form is Form.BITS else _READS[form]
    empty = None if null_and_empty else EMPTY.get(form)

    def text(value: Value) -> str:
        if value is None:
            return NULL
        given = read(value)
        return NULL if given == empty or given is None else given

    return text


def _bits(column: Column) -> Callable[[Any], str]:
    digits = 2 * byte_length(column)
    return lambda value: f"{value:0{digits}X}"


def _single(value: float) -> str:
    return _double(struct.unpack("f", struct.pack("f", value))[0])


def _double(value: float) -> str:
    """``m p e`` of a number that is m * 2^(e - 53), with a whole m.

    The exponent is that of the next smaller power of 2, but for numbers that are less than a billionth below a power:
    theirs is that power's, for the engines round a logarithm as they like. No bit is lost either way.
    """
    if value == 0:
        return "0"
    exponent = max(min(math.floor(math.log2(abs(value)) + 1e-9), 1023), -1074)
    return f"{'-' if value < 0 else ''}{int(abs(value) / 2.0**exponent * 2.0**53)}p{exponent}"


def _date(value: str) -> str | None:
    return None if value.startswith("0000-00-00") else value


def _moment(value: str) -> str | None:
    return None if value.startswith("0000-00-00") else _fraction(value)


def _fraction(value: str) -> str:
    """With six digits behind the point."""
    whole, _, fraction = value.partition(".")
    return f"{whole}.{fraction:0<6}"


def _hex(value: bytes) -> str:
    return value.hex().upper()


_READS: dict[Form, Callable[[Any], str | None]] = {
    Form.INTEGER: str,
    Form.FLAG: str,
    Form.DECIMAL: lambda value: format(value, "f"),
    Form.LONG_DECIMAL: lambda value: format(value, "f"),
    Form.SINGLE: _single,
    Form.DOUBLE: _double,
    Form.DATE: _date,
    Form.MOMENT: _moment,
    Form.TIME: _fraction,
    Form.BYTES: _hex,
    Form.TEXT: lambda value: f"{len(value)}/{value}",
    Form.LONG_BYTES: lambda value: hashlib.sha1(value).hexdigest(),
    Form.LONG_TEXT: sha1,
    Form.DOCUMENT: sha1,
}
