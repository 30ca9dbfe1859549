"""Delivered objects: from the bytes of a delivered object to its records' JSON documents, as much as can be had.

Nothing raises here: an object that is damaged or not what a reader by lines can read says so as a `Problem`, and what
is whole is still read, so that the audit can name the rows that the damage took.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from audit.objects.compression import decompressed
from audit.verdict.findings import FindingKind


class DeliveredObject(Protocol):
    """An object as the delivery stream left it in the bucket."""

    @property
    def key(self) -> str:
        """Its name in the bucket."""
        ...

    @property
    def body(self) -> bytes:
        """Its bytes, compressed as delivered."""
        ...

    @property
    def etag(self) -> str:
        """What S3 answered when it was delivered; empty if unknown. 32 hex digits are taken as the MD5 of the body. (On
        AWS that holds for plaintext and SSE-S3; of an object under SSE-KMS leave the ETag out:
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html)."""
        ...


class Document(NamedTuple):
    """One JSON value and where it stands."""

    line: int
    """Line in the decompressed object, from 1."""
    size: int
    """Its bytes there."""
    value: Any
    suspect: bool
    """Its object is damaged, and nothing vouches for this part of it."""


class Problem(NamedTuple):
    """What is wrong with the object, or with one line of it."""

    kind: FindingKind
    line: int
    """From 1; 0 when it is about the whole object."""
    text: str


def documents(delivered: DeliveredObject) -> Iterator[Document | Problem]:
    """Every JSON document of ``delivered`` in order, and every problem met on the way."""
    digest = delivered.etag.strip('"').lower()
    changed = bool(_MD5.fullmatch(digest)) and hashlib.md5(delivered.body, usedforsecurity=False).hexdigest() != digest
    if changed:
        yield Problem(
            FindingKind.DAMAGED, 0, f"its MD5 is not the ETag {digest} that S3 gave at delivery: bytes were changed"
        )
    text = decompressed(delivered.body, named_gzip=delivered.key.endswith(".gz"))
    body = text.body[: text.body.rfind(b"\n") + 1] if text.cut else text.body  # the last line is a piece
    if text.damage:
        yield Problem(FindingKind.DAMAGED, 0, f"{text.damage}; {len(body.splitlines())} lines of it could be read")
    yield from _lines(body, suspect=not text.verified and (changed or bool(text.damage)))


def _lines(body: bytes, *, suspect: bool) -> Iterator[Document | Problem]:
    number, start, announced = 0, 0, set[FindingKind]()
    while start < len(body):
        end = body.find(b"\n", start)
        end = len(body) if end < 0 else end
        line, number = body[start:end], number + 1
        start = end + 1
        if not line or line.isspace():
            continue
        try:
            yield Document(number, len(line), _decoded(line.decode()), suspect)
            continue
        except _BROKEN as error:
            problem = Problem(FindingKind.UNREADABLE, number, f"{_reason(error)}: {_start(line)}")
        found, consumed = _other_framing(line, body, end)
        if not found:
            yield problem
            continue
        kind = FindingKind.SPANNING if consumed else FindingKind.RUN_TOGETHER
        if kind not in announced:
            announced.add(kind)
            yield Problem(kind, number, _FRAMING[kind])
        yield from (Document(number, size, value, suspect) for size, value in found)
        number += body.count(b"\n", end, end + consumed)
        start = end + consumed + 1


def _decoded(text: str) -> Any:
    value, end = _DECODER.raw_decode(text)  # spares a line without white space around it the search for that
    return _checked(text, value if end == len(text) else _DECODER.decode(text))


def _checked(text: str, value: Any) -> Any:
    """``value``, which ``text`` says. ValueError if it is nested so deep that it could neither be shown nor kept."""
    if text.count("[") + text.count("{") > _DEEPEST and _depth(value) > _DEEPEST:
        raise ValueError(f"it is nested deeper than {_DEEPEST} levels")
    return value


def _depth(value: Any) -> int:
    """Levels of objects and arrays."""
    depth, level = 0, [value]
    while level := [it for it in level if isinstance(it, dict | list)]:
        depth += 1
        level = [it for one in level for it in (one.values() if isinstance(one, dict) else one)]
    return depth


def _other_framing(line: bytes, body: bytes, end: int) -> tuple[list[tuple[int, Any]], int]:
    """Records that a reader by lines does not get: (size, value) of those that begin in ``line``, and how many bytes of
    ``body`` from ``end`` (the line's newline) on belong to them. Nothing if ``line`` is simply broken."""
    try:
        values = _checked(line.decode(), _sequence(line.decode()))
        if values is not None:
            return [(len(line) // len(values), value) for value in values], 0
        if not line.rstrip().endswith((b"{", b",")):  # what a pretty-printed record breaks its lines after
            return [], 0
        value, consumed = _spanning(line, body, end)
    except _BROKEN:
        return [], 0
    return [(len(line) + consumed, value)], consumed


def _sequence(text: str) -> list[Any] | None:
    """The JSON objects that stand in ``text`` one after another; None if anything else does."""
    values, place = [], 0
    while place < len(text):
        try:
            value, place = _DECODER.raw_decode(text, place)
        except ValueError:
            return None
        if not isinstance(value, dict):
            return None
        values.append(value)
        while place < len(text) and text[place].isspace():
            place += 1
    return values


def _spanning(line: bytes, body: bytes, end: int) -> tuple[Any, int]:
    """The document that starts in ``line`` and goes on in ``body`` from ``end``; ValueError without one. It ends with
    the first line that is only its closing brace: a pretty-printed record has no other at its left margin."""
    closing = _CLOSING.search(body, end)
    if not closing:
        raise ValueError("no closing line")
    return _decoded((line + body[end : closing.end()]).decode()), closing.end() - end


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 at byte {error.start}"
    return f"not one JSON document ({error})"


def _start(line: bytes) -> str:
    return line[:80].decode(errors="backslashreplace") + ("…" if len(line) > 80 else "")


_BROKEN = (ValueError, ArithmeticError, RecursionError)
"""What reading a line may raise: ArithmeticError for a number whose exponent no Decimal has."""
_DEEPEST = 100
"""Levels of objects and arrays in a record. DMS writes two."""
_MD5 = re.compile(r"[0-9a-f]{32}")
_CLOSING = re.compile(rb"\n\}[ \t\r]*(?=\n|$)")
_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)
_FRAMING = {
    FindingKind.SPANNING: (
        "message_format is json, not json-unformatted: every reader by lines (Athena, Glue) gets pieces"
    ),
    FindingKind.RUN_TOGETHER: (
        "no delimiter between records (AppendDelimiterToRecord): a reader by lines sees one of them"
    ),
}
