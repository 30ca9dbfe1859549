"""JSON from outside: read, or refused with a ValueError, whatever it is."""

from __future__ import annotations

import json
from typing import Any, NoReturn

_DEEPEST = 32
"""Levels of lists and objects. A rule of DMS has less than ten."""


def read_json(text: str) -> Any:
    """What ``text`` says. ValueError for what is no JSON, is too deep to walk through, or holds no text of Unicode."""
    try:
        value = json.loads(text, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate is a ValueError here
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not _is_shallow(value, _DEEPEST):
        raise ValueError("too deep")
    return value


def _refuse(constant: str) -> NoReturn:
    """NaN and Infinity are Python's, not JSON's."""
    raise ValueError(constant)


def _is_shallow(value: Any, levels: int) -> bool:
    if not isinstance(value, list | dict):
        return True
    return levels > 0 and all(
        _is_shallow(it, levels - 1) for it in (value.values() if isinstance(value, dict) else value)
    )
