"""Types: when what a view gives is the source's value, by MySQL's type of the column.

The second audit's own reading of types, and no line of it shared with the first audit's (values.py), which reads JSON:
two readings that are wrong in the same way would agree. A view gives values and not text, so there is nothing to parse
on its side: it has the right type or it is not the value. What it gives for each type is declared by the program
(documents/athena_types.py) and said again here: integers, exact decimals with their scale, doubles, days, moments to
the microsecond, bytes, true and false for BIT(1), and text for everything else.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from model import Column

Read = Callable[[Any], Any]
"""From a value that is not NULL to what is compared."""

_MOST_DIGITS = 38  # of a decimal in Athena; MySQL's has up to 65, and is text where it has more


class Other(NamedTuple):
    """A view's value of another type than the column's, by its Python form. It equals nothing of the source."""

    text: str


class Reader(NamedTuple):
    """How the two sides of one column are compared."""

    source: Read
    """From the source's value, as model/table.py describes it."""
    view: Read
    """From the view's value; `Other` for one of another type."""


def reader(column: Column, *, null_and_empty: bool, as_string: bool = False) -> Reader:
    """How ``column`` is compared.

    Without ``null_and_empty`` DMS leaves both out, and nobody can tell them apart. ``as_string``: the declared mappings
    make a text of a number; a view may read the number in it.
    """
    source, view = _reads(column)
    if as_string:
        view = _spelling
    nothing = (None,) if null_and_empty else (None, "", b"")
    return Reader(_nullable(source, nothing), _nullable(_or_other(view), nothing))


def _nullable(read: Read, nothing: tuple[object, ...]) -> Read:
    return lambda value: None if value in nothing else read(value)


def _or_other(read: Read) -> Read:
    def form(value: Any) -> Any:
        try:
            return read(value)
        except (ValueError, ArithmeticError, RecursionError):
            return Other(repr(value))

    return form


def _reads(column: Column) -> tuple[Read, Read]:
    kind, precision = column.data_type, column.precision or 1
    if kind == "decimal" and precision > _MOST_DIGITS:
        return _same, _long_decimal
    if kind == "bit" and precision == 1:
        return bool, lambda value: _only(value, bool)
    return _READS.get(kind, _TEXT)


def _only(value: Any, kind: type) -> Any:
    """``value``, which must have this type and no other: a datetime is also a date to Python, and True also 1."""
    if type(value) is not kind:
        raise ValueError(value)
    return value


def _same(value: Any) -> Any:
    return value


def _whole(value: Any) -> int:
    """An integer; BIGINT UNSIGNED is beyond Athena's integers and comes as a decimal without fractional digits."""
    if type(value) is Decimal and value.as_tuple().exponent == 0:
        return int(value)
    return _only(value, int)


def _scaled(value: Any) -> tuple[Decimal, object]:
    """A decimal and its scale: 7.5 is not what a DECIMAL(10,2) gives."""
    return _only(value, Decimal), value.as_tuple().exponent


def _long_decimal(value: Any) -> Decimal:
    """A decimal that is text in the lake. A signalling NaN cannot even be compared."""
    if not (number := Decimal(_only(value, str))).is_finite():
        raise ValueError(value)
    return number


def _single(value: Any) -> float:
    """FLOAT has 24 bits, whatever digits it was written with; a view has the double that was written."""
    return struct.unpack("f", struct.pack("f", _only(value, float)))[0]


def _dated(read: Callable[[str], Any]) -> Read:
    """MySQL's zero dates become NULL in the lake, for there is no such day in Athena; nor is there one of month 0."""

    def form(value: str) -> Any:
        try:
            return None if value.startswith("0000-00-00") else read(value)
        except ValueError:
            return value

    return form


def _duration(value: Any) -> int:
    """A TIME in microseconds: the fractional digits of a column may be written or left out."""
    match = _DURATION.fullmatch(_only(value, str))
    if not match:
        raise ValueError(value)
    hours, minutes, seconds = map(int, match.group(2, 3, 4))
    microseconds = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + int((match[5] or "").ljust(6, "0"))
    return -microseconds if match[1] else microseconds


def _document(value: Any) -> Any:
    """A JSON document, whatever the order of its members and the spelling of its numbers."""
    return json.loads(_only(value, str), parse_int=_number, parse_float=_number)


def _number(text: str) -> tuple[str, Decimal]:
    """No tuple comes out of JSON otherwise, so a number never equals true, as it does in Python."""
    return "number", Decimal(text)


def _spelling(value: Any) -> str:
    return format(value, "f") if type(value) in (int, Decimal) else _only(value, str)


_DURATION = re.compile(r"(-?)(\d{2,3}):(\d\d):(\d\d)(?:\.(\d{1,6}))?")

_WHOLE, _TEXT, _BYTES = (_same, _whole), (_same, lambda it: _only(it, str)), (_same, lambda it: _only(it, bytes))
_MOMENT = _dated(datetime.fromisoformat), lambda it: _only(it, datetime)
_READS: dict[str, tuple[Read, Read]] = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint", "year"), _WHOLE),
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"), _BYTES),
    **dict.fromkeys(("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring"), _BYTES),
    **dict.fromkeys(("multipolygon", "geometrycollection", "geomcollection"), _BYTES),
    **dict.fromkeys(("datetime", "timestamp"), _MOMENT),
    "bit": (_same, lambda it: int.from_bytes(_only(it, bytes), "big")),
    "date": (_dated(date.fromisoformat), lambda it: _only(it, date)),
    "decimal": (_scaled, _scaled),
    "double": (_same, lambda it: _only(it, float)),
    "float": (_single, _single),
    "json": (_document, _document),
    "time": (_duration, _duration),
}
"""MySQL type → (from the source's value, from the view's); every other type is text."""
