"""Row types: how each column type stands in a row image of the binlog. Pure.

Decoders are built once per table; what a row event needs to know of a column is then in its closure.
https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html and
https://dev.mysql.com/doc/dev/mysql-server/latest/classbinary__log_1_1Table__map__event.html
"""

from __future__ import annotations

import ipaddress
import struct
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from pymysql.constants import FIELD_TYPE

from model import Column, PipelineError, Value
from rehearsal.source.binlog import temporals as row_temporals
from rehearsal.source.binlog.charsets import DECODERS
from rehearsal.source.binlog.decode import Decode, Disagreement, Meta, require
from rehearsal.source.binlog.temporals import DATETIME2, TIME2, TIMESTAMP2
from rehearsal.source.connection.floats import shortest_float32

Factory = Callable[[Column, Meta], Decode]


class Type(NamedTuple):
    """One column of a table map."""

    code: int
    """MySQL's field type number; a STRING's real type (ENUM, SET) where it hides one."""
    meta: Meta


def decoder(column: Column, type_: Type) -> Decode:
    """The decoder of ``column``, which stands in the table map as ``type_``.

    Raises Disagreement when they cannot be the same column, PipelineError for a type that cannot be decoded.
    """
    if type_.code in _REFUSED:
        raise PipelineError(f"column {column.name} ({column.column_type}): {_REFUSED[type_.code]}")
    factories = _FACTORIES.get(type_.code, {})
    factory = factories.get(column.data_type)
    if factory is None:
        raise Disagreement(
            f"column {column.name} is {column.column_type} in the catalog, type {type_.code} in the binlog"
        )
    return factory(column, type_.meta)


def _integer(size: int) -> Factory:
    def factory(column: Column, _meta: Meta) -> Decode:
        signed = not column.unsigned

        def decode(data: bytes, offset: int) -> tuple[Value, int]:
            end = offset + size
            return int.from_bytes(data[offset:end], "little", signed=signed), end

        return decode

    return factory


def _year(_column: Column, _meta: Meta) -> Decode:
    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        return data[offset] and data[offset] + 1900, offset + 1

    return decode


def _float(_column: Column, _meta: Meta) -> Decode:
    unpack = struct.Struct("<f").unpack_from

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        return shortest_float32(unpack(data, offset)[0]), offset + 4

    return decode


def _double(_column: Column, _meta: Meta) -> Decode:
    unpack = struct.Struct("<d").unpack_from

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        return unpack(data, offset)[0], offset + 8

    return decode


_DECIMAL_BYTES = (0, 1, 1, 2, 2, 3, 3, 4, 4, 4)
"""Bytes that hold so many decimal digits; nine digits are one group."""


def _decimal(column: Column, meta: Meta) -> Decode:
    """Groups of nine digits, big-endian, the odd ones at both ends; the first bit is the sign, inverted.

    https://dev.mysql.com/doc/refman/8.0/en/precision-math-decimal-characteristics.html
    """
    precision, scale = meta
    require(column, "DECIMAL digits", (column.precision, column.scale), meta)
    whole, fraction = divmod(precision - scale, 9), divmod(scale, 9)
    digits = [whole[1], *[9] * (whole[0] + fraction[0]), fraction[1]]
    groups = [(count, _DECIMAL_BYTES[count]) for count in digits if count]
    size = sum(width for _, width in groups)
    sign_bit = 1 << (8 * size - 1)
    all_bits = (1 << (8 * size)) - 1

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        end = offset + size
        number = int.from_bytes(data[offset:end], "big")
        negative = not number & sign_bit
        raw = ((number ^ all_bits if negative else number) ^ sign_bit).to_bytes(size, "big")
        unscaled, place = 0, 0
        for count, width in groups:
            unscaled = unscaled * 10**count + int.from_bytes(raw[place : place + width], "big")
            place += width
        text = f"{unscaled:0{precision}d}"
        return Decimal(f"{'-' if negative else ''}{text[: precision - scale] or '0'}.{text[precision - scale :]}"), end

    return decode


def _bit(column: Column, meta: Meta) -> Decode:
    odd_bits, whole_bytes = meta
    require(column, "bits", column.precision, whole_bytes * 8 + odd_bits)
    size = whole_bytes + (odd_bits > 0)

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        end = offset + size
        return int.from_bytes(data[offset:end], "big"), end

    return decode


def _prefixed(length_bytes: int, convert: Callable[[bytes], Value] | None) -> Decode:
    """A length in ``length_bytes`` bytes, then the bytes; as they are without ``convert``."""

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        start = offset + length_bytes
        end = start + int.from_bytes(data[offset:start], "little")
        raw = data[start:end]
        return (convert(raw) if convert else raw), end

    return decode


def _length_bytes(limit: int) -> int:
    return 2 if limit > 255 else 1


def _text_of(column: Column) -> Callable[[bytes], str]:
    convert = DECODERS.get(column.charset or "")
    if convert is None:
        raise PipelineError(
            f"column {column.name} has character set {column.charset}, which the rehearsal cannot decode: "
            "exclude its table, or convert the column to utf8mb4"
        )
    return convert


def _text(column: Column, meta: Meta) -> Decode:
    return _prefixed(_length_bytes(meta[0]), _text_of(column))


def _varbinary(column: Column, meta: Meta) -> Decode:
    require(column, "length", column.length, meta[0])
    return _prefixed(_length_bytes(meta[0]), None)


def _binary(column: Column, meta: Meta) -> Decode:
    """The log leaves out the zero bytes at the end of a BINARY."""
    require(column, "length", column.length, meta[0])
    return _prefixed(_length_bytes(meta[0]), lambda raw: raw.ljust(meta[0], b"\0"))


def _address(size: int, convert: Callable[[bytes], str]) -> Factory:
    """MariaDB's UUID and INET types: a BINARY that SELECT prints as text."""

    def factory(column: Column, meta: Meta) -> Decode:
        require(column, "length", size, meta[0])
        return _prefixed(1, lambda raw: convert(raw.ljust(size, b"\0")))

    return factory


def _inet6(raw: bytes) -> str:
    """As MariaDB prints it: an embedded IPv4 address in dotted form."""
    address = ipaddress.IPv6Address(raw)
    return f"::ffff:{address.ipv4_mapped}" if address.ipv4_mapped else str(address)


def _long_text(column: Column, meta: Meta) -> Decode:
    return _prefixed(meta[0], _text_of(column))


def _blob(_column: Column, meta: Meta) -> Decode:
    return _prefixed(meta[0], None)


def _enum(column: Column, meta: Meta) -> Decode:
    """1-based number of the label; 0 is the empty string that MySQL stores for an invalid value."""
    size = meta[1]
    require(column, "bytes", 1 if len(column.labels) < 256 else 2, size)
    labels = ("", *column.labels)

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        end = offset + size
        return labels[int.from_bytes(data[offset:end], "little")], end

    return decode


def _set(column: Column, meta: Meta) -> Decode:
    size = meta[1]
    members = len(column.labels)
    require(column, "bytes", 8 if members > 32 else (members + 7) // 8, size)

    @lru_cache(maxsize=1024)
    def chosen(bits: int) -> str:
        if bits >> members:
            raise ValueError(f"SET value {bits:#x} has more members than column {column.name} has labels")
        return ",".join(label for place, label in enumerate(column.labels) if bits >> place & 1)

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        end = offset + size
        return chosen(int.from_bytes(data[offset:end], "little")), end

    return decode


_GEOMETRIES = (
    "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
    "geometrycollection", "geomcollection",
)  # fmt: skip

_FACTORIES: Mapping[int, Mapping[str, Factory]] = {
    FIELD_TYPE.TINY: {"tinyint": _integer(1)},
    FIELD_TYPE.SHORT: {"smallint": _integer(2)},
    FIELD_TYPE.INT24: {"mediumint": _integer(3)},
    FIELD_TYPE.LONG: {"int": _integer(4)},
    FIELD_TYPE.LONGLONG: {"bigint": _integer(8)},
    FIELD_TYPE.YEAR: {"year": _year},
    FIELD_TYPE.FLOAT: {"float": _float},
    FIELD_TYPE.DOUBLE: {"double": _double},
    FIELD_TYPE.NEWDECIMAL: {"decimal": _decimal},
    FIELD_TYPE.BIT: {"bit": _bit},
    FIELD_TYPE.DATE: {"date": row_temporals.date},
    FIELD_TYPE.NEWDATE: {"date": row_temporals.date},
    DATETIME2: {"datetime": row_temporals.datetime},
    TIMESTAMP2: {"timestamp": row_temporals.timestamp},
    TIME2: {"time": row_temporals.time},
    FIELD_TYPE.VARCHAR: {"varchar": _text, "varbinary": _varbinary},
    FIELD_TYPE.STRING: {
        "char": _text,
        "binary": _binary,
        "uuid": _address(16, lambda raw: str(uuid.UUID(bytes=raw))),
        "inet6": _address(16, _inet6),
        "inet4": _address(4, lambda raw: str(ipaddress.IPv4Address(raw))),
    },
    FIELD_TYPE.BLOB: {
        **dict.fromkeys(("tinytext", "text", "mediumtext", "longtext", "json"), _long_text),
        **dict.fromkeys(("tinyblob", "blob", "mediumblob", "longblob"), _blob),
    },
    FIELD_TYPE.GEOMETRY: dict.fromkeys(_GEOMETRIES, _blob),
    FIELD_TYPE.ENUM: {"enum": _enum},
    FIELD_TYPE.SET: {"set": _set},
}
"""Field type in the table map → type in the catalog → how to build the decoder."""

_BEFORE_5_6 = "stored in the form of MySQL before 5.6: run ALTER TABLE … FORCE on its table, or exclude it"
_COMPRESSED = "a COMPRESSED column of MariaDB: the rehearsal does not decode it; exclude its table"
_REFUSED: Mapping[int, str] = {
    FIELD_TYPE.TIMESTAMP: _BEFORE_5_6,
    FIELD_TYPE.DATETIME: _BEFORE_5_6,
    FIELD_TYPE.TIME: _BEFORE_5_6,
    140: _COMPRESSED,
    141: _COMPRESSED,
    242: "VECTOR: the rehearsal does not decode it; exclude its table",
    FIELD_TYPE.JSON: "MySQL's binary JSON: the rehearsal does not decode it; exclude its table",
}
