"""JSON documents: MySQL's binary JSON in a row image, to the text that MySQL prints of it. Pure.

A document is a type and a value. Objects and arrays begin with their number of elements and their size, and refer to
keys and values by offsets from there; numbers that are small enough stand in the place of an offset. What JSON knows
no type for, such as DECIMAL and DATETIME, is opaque: a field type and its bytes.
https://dev.mysql.com/doc/dev/mysql-server/latest/json__binary_8h.html
"""

from __future__ import annotations

import struct
from base64 import encodebytes
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring

from pymysql.constants import FIELD_TYPE

from model import Column, Value
from rehearsal.source.binlog import numerics
from rehearsal.source.binlog.decode import Decode, Meta

_SMALL_OBJECT, _LARGE_OBJECT, _SMALL_ARRAY, _LARGE_ARRAY, _LITERAL = range(5)
_INT16, _UINT16, _INT32, _UINT32, _INT64, _UINT64, _DOUBLE, _STRING = range(5, 13)
_OPAQUE = 15
_LITERALS = ("null", "true", "false")
_NUMBERS: Mapping[int, tuple[int, bool]] = {
    _INT16: (2, True), _UINT16: (2, False), _INT32: (4, True), _UINT32: (4, False), _INT64: (8, True),
    _UINT64: (8, False),
}  # fmt: skip
"""Bytes of a whole number, and whether it has a sign."""
_MOST_IN_FULL = 15  # digits before the point, or zeros behind it, beyond which MySQL prints an exponent


def json_document(_column: Column, meta: Meta) -> Decode:
    """A length, in as many bytes as the table map says, then the document."""
    length_bytes = meta[0]

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        start = offset + length_bytes
        end = start + int.from_bytes(data[offset:start], "little")
        return text(data[start:end]), end

    return decode


def text(document: bytes) -> str:
    """``document`` as SELECT gives it. ValueError for one that is damaged."""
    if not document:
        return "null"  # what MySQL reads in a column that was given no value
    return _value(document[0], document, 1)


def _value(kind: int, data: bytes, at: int) -> str:
    if kind in _CONTAINERS:
        return _container(*_CONTAINERS[kind], data[at:])
    if kind == _LITERAL:
        return _LITERALS[_bytes(data, at, 1)[0]]
    if kind in _NUMBERS:
        size, signed = _NUMBERS[kind]
        return str(int.from_bytes(_bytes(data, at, size), "little", signed=signed))
    if kind == _DOUBLE:
        return double(struct.unpack("<d", _bytes(data, at, 8))[0])
    if kind == _STRING:
        size, at = _size(data, at)
        return encode_basestring(_bytes(data, at, size).decode())
    if kind == _OPAQUE:
        size, start = _size(data, at + 1)
        return _opaque(data[at], _bytes(data, start, size))
    raise ValueError(f"JSON of the unknown type {kind}")


_CONTAINERS: Mapping[int, tuple[bool, int]] = {
    _SMALL_OBJECT: (True, 2), _LARGE_OBJECT: (True, 4), _SMALL_ARRAY: (False, 2), _LARGE_ARRAY: (False, 4),
}  # fmt: skip
"""Whether it has keys, and bytes of its numbers."""


def _container(has_keys: bool, width: int, data: bytes) -> str:
    count, size = (int.from_bytes(_bytes(data, at, width), "little") for at in (0, width))
    if size > len(data):
        raise ValueError(f"a JSON value of {size} bytes has {len(data)}")
    data = data[:size]
    keys = [_key(data, 2 * width + place * (width + 2), width) for place in range(count)] if has_keys else []
    first = 2 * width + len(keys) * (width + 2)
    values = [_element(data, first + place * (width + 1), width) for place in range(count)]
    if has_keys:
        return f"{{{', '.join(f'{key}: {value}' for key, value in zip(keys, values, strict=True))}}}"
    return f"[{', '.join(values)}]"


def _key(data: bytes, at: int, width: int) -> str:
    start, size = (int.from_bytes(_bytes(data, *place), "little") for place in ((at, width), (at + width, 2)))
    return encode_basestring(_bytes(data, start, size).decode())


def _element(data: bytes, at: int, width: int) -> str:
    kind = _bytes(data, at, 1)[0]
    is_here = kind == _LITERAL or (kind in _NUMBERS and _NUMBERS[kind][0] <= width)
    place = at + 1 if is_here else int.from_bytes(_bytes(data, at + 1, width), "little")
    return _value(kind, data, place)


def _bytes(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise ValueError("a JSON value ends behind its document")
    return data[at : at + size]


def _size(data: bytes, at: int) -> tuple[int, int]:
    """Seven bits a byte, the least first; the eighth says that another follows. And the offset behind it."""
    size = shift = 0
    while True:
        byte = _bytes(data, at, 1)[0]
        size |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return size, at


def double(number: float) -> str:
    """The fewest digits that name ``number``, in full or with an exponent, as MySQL prints it."""
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    assert isinstance(exponent, int), "JSON has no NaN"
    shown, before = "".join(map(str, digits)), len(digits) + exponent
    if number == 0:
        plain = "0.0"
    elif before <= -_MOST_IN_FULL or before > max(_MOST_IN_FULL, len(digits) - 1):
        plain = f"{shown[0]}{'.' if shown[1:] else ''}{shown[1:]}e{before - 1}"
    elif before <= 0:
        plain = f"0.{'0' * -before}{shown}"
    else:
        plain = f"{shown[:before]:0<{before}}.{shown[before:] or '0'}"
    return "-" * sign + plain


def _opaque(kind: int, data: bytes) -> str:
    shown = _OPAQUES.get(kind)
    if shown:
        return shown(data)
    return encode_basestring(f"base64:type{kind}:{encodebytes(data).decode().rstrip()}")


def _decimal(data: bytes) -> str:
    value, end = _decimal_decoder(data[0], data[1])(data, 2)
    if end != len(data):
        raise ValueError(f"a DECIMAL({data[0]},{data[1]}) in JSON has {len(data) - 2} bytes")
    return f"{value:f}"


@lru_cache(maxsize=64)
def _decimal_decoder(precision: int, scale: int) -> Decode:
    column = Column(name="", data_type="decimal", column_type="decimal", precision=precision, scale=scale)
    return numerics.decimal(column, (precision, scale))


def _parts(data: bytes) -> tuple[str, int, str]:
    """The sign, what counts the days, and the time of a packed temporal, whose hours have ten bits."""
    (packed,) = struct.unpack("<q", data)
    sign, packed = "-" * (packed < 0), abs(packed)
    seconds, fraction = packed >> 24, packed & 0xFFFFFF
    return sign, seconds, f"{seconds >> 6 & 63:02d}:{seconds & 63:02d}.{fraction:06d}"


def _date(data: bytes) -> str:
    year, month = divmod(_parts(data)[1] >> 22, 13)
    return f'"{year:04d}-{month:02d}-{_parts(data)[1] >> 17 & 31:02d}"'


def _datetime(data: bytes) -> str:
    _, seconds, rest = _parts(data)
    return f'{_date(data)[:-1]} {seconds >> 12 & 31:02d}:{rest}"'


def _time(data: bytes) -> str:
    sign, seconds, rest = _parts(data)
    return f'"{sign}{seconds >> 12 & 0x3FF:02d}:{rest}"'


_OPAQUES: Mapping[int, Callable[[bytes], str]] = {
    FIELD_TYPE.NEWDECIMAL: _decimal,
    FIELD_TYPE.DATE: _date,
    FIELD_TYPE.DATETIME: _datetime,
    FIELD_TYPE.TIMESTAMP: _datetime,
    FIELD_TYPE.TIME: _time,
}
