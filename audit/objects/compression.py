"""Compression: the text of an object, also of a damaged one, and how far it can be relied on."""

from __future__ import annotations

import zlib
from typing import NamedTuple

GZIP_MAGIC = b"\x1f\x8b"
"""How GZIP data begins."""


class Text(NamedTuple):
    """What decompression gives."""

    body: bytes
    damage: str = ""
    """What is wrong with the compressed data; empty if nothing."""
    cut: bool = False
    """The end is missing."""
    verified: bool = False
    """GZIP's checksum vouches for ``body``."""


def decompressed(body: bytes, *, named_gzip: bool) -> Text:
    """The text of an object; ``named_gzip`` if its name promises GZIP, which is otherwise known by its first bytes."""
    if body[:2] != GZIP_MAGIC:
        if not named_gzip:
            return Text(body)
        text = body if body.startswith(b"{") else _salvaged(GZIP_MAGIC + body[2:])
        return Text(text, "its name says GZIP and its first bytes do not")
    parts: list[bytes] = []
    while body:
        if body[:2] != GZIP_MAGIC:
            return Text(b"".join(parts), f"{len(body)} bytes after the end of its GZIP data", verified=True)
        member = zlib.decompressobj(wbits=31)
        try:
            parts.append(member.decompress(body))
        except zlib.error as error:
            text = b"".join(parts) + _salvaged(body)
            if "incorrect data check" in str(error) or "incorrect length check" in str(error):
                return Text(text, "its GZIP checksum does not match")
            return Text(text, f"its GZIP data is broken ({error})", cut=True)
        if not member.eof:
            return Text(b"".join(parts), "its GZIP data is cut off", cut=True)
        body = member.unused_data
    return Text(b"".join(parts), verified=True)


def _salvaged(body: bytes) -> bytes:
    """Everything that broken GZIP data gives before it breaks: byte by byte, for a failing call gives nothing."""
    member, parts = zlib.decompressobj(wbits=31), []
    try:
        for place in range(len(body)):
            parts.append(member.decompress(body[place : place + 1]))
    except zlib.error:
        pass
    return b"".join(parts)
