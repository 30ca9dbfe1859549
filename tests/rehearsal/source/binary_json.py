"""MySQL's binary JSON, written as its format is described: what a test gives to the decoder.

https://dev.mysql.com/doc/dev/mysql-server/latest/json__binary_8h.html
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Opaque:
    """A value of a type that JSON does not know: MySQL's field type and its bytes."""

    kind: int
    data: bytes


def encoded(value: Any, *, large: bool = False) -> bytes:
    """A whole document; ``large`` where MySQL would choose it for its size, and where it is asked for."""
    kind, body = _encoded(value, large=large)
    return bytes([kind]) + body


def _encoded(value: Any, *, large: bool) -> tuple[int, bytes]:
    if isinstance(value, dict | list):
        body = _container(value, large=large)
        if len(body) > 0xFFFF and not large:
            large, body = True, _container(value, large=True)
        return (0 if isinstance(value, dict) else 2) + large, body
    if value is None or isinstance(value, bool):
        return 4, bytes([(None, True, False).index(value)])
    if isinstance(value, int):
        return _number(value)
    if isinstance(value, float):
        return 11, struct.pack("<d", value)
    if isinstance(value, Opaque):
        return 15, bytes([value.kind]) + _sized(value.data)
    return 12, _sized(value.encode())


def _number(value: int) -> tuple[int, bytes]:
    for kind, size in ((5, 2), (7, 4), (9, 8)):
        if -(1 << 8 * size - 1) <= value < 1 << 8 * size - 1:
            return kind, value.to_bytes(size, "little", signed=True)
        if 0 <= value < 1 << 8 * size:
            return kind + 1, value.to_bytes(size, "little")
    raise AssertionError(f"JSON in MySQL has no whole number {value}")


def _sized(data: bytes) -> bytes:
    size, left = b"", len(data)
    while left > 0x7F:
        size, left = size + bytes([left & 0x7F | 0x80]), left >> 7
    return size + bytes([left]) + data


def _container(value: dict[str, Any] | list[Any], *, large: bool) -> bytes:
    width = 4 if large else 2
    members = (
        sorted(value.items(), key=lambda it: (len(it[0].encode()), it[0].encode())) if isinstance(value, dict) else []
    )
    keys = [key.encode() for key, _ in members]
    elements = [element for _, element in members] if isinstance(value, dict) else value
    place = 2 * width + len(keys) * (width + 2) + len(elements) * (width + 1)
    entries = b""
    for key in keys:
        entries += (place % (1 << 8 * width)).to_bytes(width, "little") + struct.pack("<H", len(key))
        place += len(key)
    bodies = b""
    for element in elements:
        kind, body = _encoded(element, large=large)
        if kind in (4, 5, 6) or (kind in (7, 8) and large):
            entries += bytes([kind]) + body.ljust(width, b"\0")
            continue
        entries += bytes([kind]) + (place % (1 << 8 * width)).to_bytes(width, "little")
        bodies += body
        place += len(body)
    numbers = b"".join((number % (1 << 8 * width)).to_bytes(width, "little") for number in (len(elements), place))
    return numbers + entries + b"".join(keys) + bodies
