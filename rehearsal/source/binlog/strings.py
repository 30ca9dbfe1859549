"""Strings: how texts, bytes and labels stand in a row image of the binlog. Pure.

https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import lru_cache
from uuid import UUID

from model import Column, PipelineError, Value
from rehearsal.source.binlog.charsets import DECODERS
from rehearsal.source.binlog.decode import Decode, Factory, Meta, require


def _prefixed(length_bytes: int, convert: Callable[[bytes], Value] | None) -> Decode:
    """A length in ``length_bytes`` bytes, then the bytes; as they are without ``convert``."""

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        start = offset + length_bytes
        end = start + int.from_bytes(data[offset:start], "little")
        raw = data[start:end]
        return (convert(raw) if convert else raw), end

    def short(data: bytes, offset: int) -> tuple[Value, int]:
        start = offset + 1
        end = start + data[offset]
        raw = data[start:end]
        return (convert(raw) if convert else raw), end

    return short if length_bytes == 1 else decode


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


def text(column: Column, meta: Meta) -> Decode:
    """CHAR and VARCHAR: bytes in the column's character set behind their length."""
    return _prefixed(_length_bytes(meta[0]), _text_of(column))


def varbinary(column: Column, meta: Meta) -> Decode:
    """Bytes behind their length."""
    require(column, "length", column.length, meta[0])
    return _prefixed(_length_bytes(meta[0]), None)


def binary(column: Column, meta: Meta) -> Decode:
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


uuid = _address(16, lambda raw: str(UUID(bytes=raw)))
inet4 = _address(4, lambda raw: str(ipaddress.IPv4Address(raw)))
inet6 = _address(16, _inet6)


def long_text(column: Column, meta: Meta) -> Decode:
    """TEXT and JSON: the table map says how many bytes the length takes."""
    return _prefixed(meta[0], _text_of(column))


def blob(_column: Column, meta: Meta) -> Decode:
    """BLOB and GEOMETRY: the table map says how many bytes the length takes."""
    return _prefixed(meta[0], None)


def enum(column: Column, meta: Meta) -> Decode:
    """1-based number of the label; 0 is the empty string that MySQL stores for an invalid value."""
    size = meta[1]
    require(column, "bytes", 1 if len(column.labels) < 256 else 2, size)
    labels = ("", *column.labels)

    def decode(data: bytes, offset: int) -> tuple[Value, int]:
        end = offset + size
        return labels[int.from_bytes(data[offset:end], "little")], end

    return decode


def label_set(column: Column, meta: Meta) -> Decode:
    """One bit a label, in the order of their declaration."""
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
