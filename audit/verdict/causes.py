"""Causes: what DMS is known to do with a value, where that explains what a lake has in its place.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html,
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html
"""

from __future__ import annotations

import re
from typing import Any

_ZERO = re.compile(r"0000-|\d{4}-00|\d{4}-\d\d-00")
_LONGEST_CHARACTER = 4  # bytes in UTF-8: what a cut may leave out before its limit


def likely_cause(source: Any, lake: Any, lob_bytes: int | None) -> str:
    """Why the lake has ``lake`` where the source has ``source``; empty if nothing that DMS is known to do explains it.

    ``lob_bytes`` is the length at which LOBs are cut, None for no limit.
    """
    if lake is None:
        return _no_day(source)
    if isinstance(source, bytes):
        lake = _bytes(lake)
        return _cut(lob_bytes) if lake is not None and source.startswith(lake) and len(lake) == lob_bytes else ""
    if not isinstance(source, str) or not isinstance(lake, str) or source == lake or not source.startswith(lake):
        return ""
    if source[len(lake)] == "\0":
        return "DMS ends a text at its first NUL character: take it out of the value"
    near = lob_bytes is not None and lob_bytes - _LONGEST_CHARACTER < len(lake.encode()) <= lob_bytes
    return _cut(lob_bytes) if near else ""


def _no_day(source: Any) -> str:
    if not isinstance(source, str) or not _ZERO.match(source):
        return ""
    return "DMS writes null for a zero date: give the row NULL or a day, or leave the column out of the mappings"


def _cut(lob_bytes: int | None) -> str:
    return f"the LOB is longer and cut at {(lob_bytes or 0) // 1024} KB (LobMaxSize): raise maxLobKb"


def _bytes(lake: Any) -> bytes | None:
    """Bytes, or the hexadecimal digits of them, with or without ``0x``."""
    if isinstance(lake, bytes):
        return lake
    try:
        return bytes.fromhex(lake.removeprefix("0x"))
    except (AttributeError, ValueError):
        return None
