"""Temporals: how dates and times stand in a row image of the binlog. Pure.

All but DATE are big-endian with the fractional second behind, in the form of MySQL 5.6 and later.
https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html
"""

from __future__ import annotations

import datetime as calendar
from collections.abc import Callable
from functools import lru_cache

from model import Column, Value
from rehearsal.source.binlog.decode import REMEMBERED, Decode, Meta, require

TIMESTAMP2, DATETIME2, TIME2 = 17, 18, 19
"""Their field type numbers, which PyMySQL does not name."""


def date(_column: Column, _meta: Meta) -> Decode:
    """Three bytes, little-endian: 15 bits of year, 4 of month, 5 of day."""

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        packed = int.from_bytes(data[offset : offset + 3], "little")
        return f"{packed >> 9:04d}-{packed >> 5 & 15:02d}-{packed & 31:02d}", offset + 3

    return decode


def _fraction_text(column: Column, meta: Meta) -> tuple[int, Callable[[int], str]]:
    """Bytes that hold the fractional second, and its text with the column's digits (0 to 6)."""
    digits = meta[0]
    require(column, "fractional digits", column.precision or 0, digits)
    size = (digits + 1) // 2
    return size, (lambda fraction: f".{fraction:0{2 * size}d}"[: digits + 1]) if digits else (lambda _fraction: "")


def datetime(column: Column, meta: Meta) -> Decode:
    """Forty bits: a sign, 17 of year * 13 + month, 5 of day, 5 of hour, 6 of minute, 6 of second."""
    size, text = _fraction_text(column, meta)
    width = 5 + size

    @lru_cache(maxsize=REMEMBERED)
    def moment(raw: bytes) -> str:
        packed = int.from_bytes(raw[:5], "big") - 0x8000000000
        year, month = divmod(packed >> 22, 13)
        day = f"{year:04d}-{month:02d}-{packed >> 17 & 31:02d}"
        time = f"{packed >> 12 & 31:02d}:{packed >> 6 & 63:02d}:{packed & 63:02d}"
        return f"{day} {time}{text(int.from_bytes(raw[5:], 'big'))}"

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        end = offset + width
        return moment(data[offset:end]), end

    return decode


_EPOCH = calendar.date(1970, 1, 1)


@lru_cache(maxsize=4096)
def _day(number: int) -> str:
    return str(_EPOCH + calendar.timedelta(days=number))


def timestamp(column: Column, meta: Meta) -> Decode:
    """Seconds since the epoch, hence UTC; zero is MySQL's zero date."""
    size, text = _fraction_text(column, meta)
    zero_date = f"0000-00-00 00:00:00{text(0)}"

    @lru_cache(maxsize=REMEMBERED)
    def moment(raw: bytes) -> str:
        seconds, fraction = int.from_bytes(raw[:4], "big"), int.from_bytes(raw[4:], "big")
        if not seconds and not fraction:
            return zero_date
        day, second = divmod(seconds, 86400)
        return f"{_day(day)} {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}{text(fraction)}"

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        end = offset + 4 + size
        return moment(data[offset:end]), end

    return decode


def time(column: Column, meta: Meta) -> Decode:
    """Seconds and fraction are one signed number, so that a negative TIME sorts before a positive one."""
    size, text = _fraction_text(column, meta)
    zero = 0x800000 << (8 * size)

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        end = offset + 3 + size
        signed = int.from_bytes(data[offset:end], "big") - zero
        sign, packed = ("-", -signed) if signed < 0 else ("", signed)
        fraction = packed & ((1 << 8 * size) - 1)
        packed >>= 8 * size
        return f"{sign}{packed >> 12 & 0x3FF:02d}:{packed >> 6 & 63:02d}:{packed & 63:02d}{text(fraction)}", end

    return decode
