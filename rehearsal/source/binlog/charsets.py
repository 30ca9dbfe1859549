"""Charsets: MySQL character sets as functions from a column's bytes in the binlog to text. Pure.

The binlog holds text in the column's own character set, while SELECT converts it. A character set that is not here
is refused: guessing would falsify text.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable

Decoder = Callable[[bytes], str]


def _multi_byte(codec: str) -> Decoder:
    return lambda data: data.decode(codec)


def _single_byte(codec: str, undefined: Callable[[int], str] = lambda _byte: "?") -> Decoder:
    """``undefined`` is what SELECT gives for a byte that the character set does not define."""
    characters = [bytes([byte]).decode(codec, "ignore") or undefined(byte) for byte in range(256)]
    table = {byte: ord(character) for byte, character in enumerate(characters)}
    return lambda data: codecs.charmap_decode(data, "strict", table)[0]


DECODERS: dict[str, Decoder] = {
    "ascii": _multi_byte("ascii"),
    "utf8": _multi_byte("utf-8"),
    "utf8mb3": _multi_byte("utf-8"),
    "utf8mb4": _multi_byte("utf-8"),
    "ucs2": _multi_byte("utf-16-be"),
    "utf16": _multi_byte("utf-16-be"),
    "utf16le": _multi_byte("utf-16-le"),
    "utf32": _multi_byte("utf-32-be"),
    "latin1": _single_byte("cp1252", undefined=chr),  # MySQL's latin1 is Windows-1252, its gaps the C1 controls
    "latin2": _single_byte("iso8859-2"),
    "latin5": _single_byte("iso8859-9"),
    "cp1250": _single_byte("cp1250"),
    "cp1251": _single_byte("cp1251"),
    "koi8r": _single_byte("koi8-r"),
}
"""By the character set's name in information_schema."""


def encodable(text: str, charset: str) -> bool:
    """Whether ``text`` can be written in the character set; not, if nobody knows."""
    if charset in ("utf8mb4", "utf16", "utf16le", "utf32"):
        return True
    if charset in ("utf8", "utf8mb3", "ucs2"):
        return all(ord(character) < 0x10000 for character in text)
    decode = DECODERS.get(charset)
    return charset not in ("ascii", "") and decode is not None and set(text) <= set(decode(bytes(range(256))))
