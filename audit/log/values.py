"""Values: when a JSON value of the lake and a value of the source say the same.

Both are brought to one form per MySQL type, and only forms are compared. A form loses nothing that the type can hold:
``7.50`` and ``7.5`` are one DECIMAL, but ``"7.5"`` is not a DECIMAL at all. What cannot be read as the column's type
becomes `Unreadable`, which equals nothing that the source can hold.

How DMS writes MySQL types for Kinesis (``https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html``,
data types; observed shapes): numbers as JSON numbers, temporals as ``2026-11-22T09:13:38Z``, TIME as text, BIT as
boolean (a number or ``0x`` hex is understood too), binary as hex with or without ``0x`` (NoHexPrefix).
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from audit.verdict.findings import ABSENT
from model import Column, PipelineError

Form = Hashable
Read = Callable[[Any], Form]


@dataclass(frozen=True)
class Unreadable:
    """A lake value that is no value of its column's type, by its Python form."""

    text: str


class Reader(NamedTuple):
    """How one column's values are brought to their form."""

    lake: Read
    """From the JSON value (exact numbers, `ABSENT` for a key that is not there)."""
    source: Read
    """From the source's value, as model/table.py describes it."""


def reader(column: Column, *, null_and_empty: bool) -> Reader:
    """The reader of ``column``. PipelineError for a type that the audit cannot compare.

    Without ``null_and_empty`` DMS leaves NULL and empty values out: absent, NULL and empty are then one form.
    """
    try:
        lake, source = _FORMS[column.data_type]
    except KeyError:
        raise PipelineError(
            f"column {column.name}: the audit cannot compare values of type {column.column_type}: "
            "teach audit/log/values.py, or leave its table out of the task"
        ) from None
    nothing = (None,) if null_and_empty else (None, "", b"", ABSENT)
    return Reader(_lenient(lake, nothing), _exact(source, nothing))


def _lenient(read: Read, nothing: tuple[object, ...]) -> Read:
    def form(value: Any) -> Form:
        if value is None or value in nothing:
            return None
        if value is ABSENT:
            return value
        try:
            return read(value)
        except (ValueError, TypeError, ArithmeticError, RecursionError):
            return Unreadable(repr(value))

    return form


def _exact(read: Read, nothing: tuple[object, ...]) -> Read:
    if read is _same and nothing == (None,):
        return read  # called for each value of the source

    def form(value: Any) -> Form:
        return None if value is None or value in nothing else read(value)

    return form


def _integer(value: Any) -> Form:
    if type(value) is int:
        return value
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(value)
    if isinstance(value, Decimal) and (value.adjusted() > _DIGITS or value != int(value)):
        raise ValueError(value)
    return int(value)


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(value)
    return Decimal(value)


def _double(value: Any) -> Form:
    return float(_number(value))


def _single(value: float) -> Form:
    """The 32-bit number nearest to ``value``: FLOAT has 24 bits, whatever digits it was printed with."""
    return struct.unpack("<f", struct.pack("<f", value))[0]


def _bits(value: Any) -> Form:
    if isinstance(value, str):
        return int.from_bytes(_bytes(value), "big")
    return int(value) if isinstance(value, bool) else _integer(value)


def _text(value: Any) -> Form:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _bytes(value: Any) -> bytes:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise ValueError(value)
    return bytes.fromhex(value[2:] if value[:2] == "0x" else value)


def _moment(value: Any) -> Form:
    """DATETIME and TIMESTAMP, without the T and Z of ISO 8601 and without fractional zeros at the end."""
    if not _MOMENT.fullmatch(value):
        raise ValueError(value)
    return _unpadded(value.replace("T", " ").removesuffix("Z"))


def _date(value: Any) -> Form:
    """A DATE; as a DMS date-time only if its time is midnight."""
    date = str(_moment(value)).removesuffix(" 00:00:00") if len(value) > 10 else value
    if not _DATE.fullmatch(date):
        raise ValueError(value)
    return date


def _time(value: Any) -> Form:
    if not _TIME.fullmatch(value):
        raise ValueError(value)
    return _unpadded(value)


def _unpadded(value: str) -> str:
    return value.rstrip("0").rstrip(".") if "." in value else value


def _document(value: Any) -> Form:
    return _frozen(_DOCUMENTS.decode(_text(value)))  # pyrefly: ignore[bad-argument-type]


def _frozen(value: Any) -> Form:
    """A JSON document as a hashable form: members in any order, numbers by value, ``true`` never equal to 1."""
    if isinstance(value, dict):
        return "object", frozenset((name, _frozen(member)) for name, member in value.items())
    if isinstance(value, list):
        return "array", tuple(map(_frozen, value))
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return "number", value
    return type(value).__name__, value


def _same(value: Any) -> Form:
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DIGITS = 30
"""More than any integer of MySQL has. 1e999999999 is a number, too, and as an int the machine's whole memory."""
_DOCUMENTS = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)
_HEX = re.compile(r"(?:0x)?(?:[0-9A-Fa-f]{2})*")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?Z?")
_TIME = re.compile(r"-?\d{2,3}:\d\d:\d\d(?:\.\d{1,6})?")

_INTEGER, _TEXT, _BINARY = (_integer, _same), (_text, _same), (_bytes, _same)
_FORMS: dict[str, tuple[Read, Read]] = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint", "year"), _INTEGER),
    **dict.fromkeys(("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"), _TEXT),
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"), _BINARY),
    **dict.fromkeys(("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring"), _BINARY),
    **dict.fromkeys(("multipolygon", "geometrycollection", "geomcollection"), _BINARY),
    **dict.fromkeys(("datetime", "timestamp"), (_moment, _moment)),
    **dict.fromkeys(("uuid", "inet4", "inet6"), _TEXT),  # MariaDB's
    "bit": (_bits, _same),
    "date": (_date, _same),
    "decimal": (_number, _same),
    "double": (_double, _same),
    "float": (lambda value: _single(float(_number(value))), _single),
    "json": (_document, _document),
    "time": (_time, _time),
}
"""MySQL type → (form of the lake's JSON value, form of the source's value)."""
