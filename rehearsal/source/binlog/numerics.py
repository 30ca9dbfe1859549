"""Numerics: how numbers and bits stand in a row image of the binlog. Pure.

https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html
"""

from __future__ import annotations

import struct
from decimal import Decimal
from functools import lru_cache

from database.floats import shortest_float32
from model import Column, Value
from rehearsal.source.binlog.decode import REMEMBERED, Decode, Factory, Meta, require

_STRUCTS = {1: "b", 2: "h", 4: "i", 8: "q"}


def integer(size: int) -> Factory:
    """``size`` bytes, little-endian."""

    def factory(column: Column, _meta: Meta) -> Decode:
        signed = not column.unsigned

        def odd(data: bytes, offset: int) -> tuple[Value, int]:
            end = offset + size
            return int.from_bytes(data[offset:end], "little", signed=signed), end

        if size not in _STRUCTS:
            return odd
        unpack = struct.Struct("<" + (_STRUCTS[size] if signed else _STRUCTS[size].upper())).unpack_from
        return lambda data, offset: (unpack(data, offset)[0], offset + size)

    return factory


def year(_column: Column, _meta: Meta) -> Decode:
    """One byte: years since 1900; 0 is the year 0000."""

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        return data[offset] and data[offset] + 1900, offset + 1

    return decode


def float32(_column: Column, _meta: Meta) -> Decode:
    """Four bytes, IEEE 754."""
    unpack = struct.Struct("<f").unpack_from

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        return shortest_float32(unpack(data, offset)[0]), offset + 4

    return decode


def float64(_column: Column, _meta: Meta) -> Decode:
    """Eight bytes, IEEE 754."""
    unpack = struct.Struct("<d").unpack_from

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        return unpack(data, offset)[0], offset + 8

    return decode


_DECIMAL_BYTES = (0, 1, 1, 2, 2, 3, 3, 4, 4, 4)
"""Bytes that hold so many decimal digits; nine digits are one group."""


def decimal(column: Column, meta: Meta) -> Decode:
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

    @lru_cache(maxsize=REMEMBERED)
    def number(raw: bytes) -> Decimal:
        packed = int.from_bytes(raw, "big")
        negative = not packed & sign_bit
        raw = ((packed ^ all_bits if negative else packed) ^ sign_bit).to_bytes(size, "big")
        unscaled, place = 0, 0
        for count, width in groups:
            unscaled = unscaled * 10**count + int.from_bytes(raw[place : place + width], "big")
            place += width
        text = f"{unscaled:0{precision}d}"
        return Decimal(f"{'-' if negative else ''}{text[: precision - scale] or '0'}.{text[precision - scale :]}")

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        end = offset + size
        return number(data[offset:end]), end

    return decode


def bit(column: Column, meta: Meta) -> Decode:
    """As many whole bytes as hold the bits, big-endian."""
    odd_bits, whole_bytes = meta
    require(column, "bits", column.precision, whole_bytes * 8 + odd_bits)
    size = whole_bytes + (odd_bits > 0)

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        end = offset + size
        return int.from_bytes(data[offset:end], "big"), end

    return decode
