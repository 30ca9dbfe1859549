"""Decode: what a column decoder is, and the error of a table map and a definition that do not fit. Pure."""

from __future__ import annotations

from collections.abc import Callable

from model import Column, Value

Decode = Callable[[bytes, int], tuple[Value, int]]
"""An event's body and an offset in it, to the value that stands there and the offset behind it."""

Meta = tuple[int, int]
"""Two numbers of a table map that say more of a type (a length, precision and scale); zero where there is none."""

Factory = Callable[[Column, Meta], Decode]
"""Makes the decoder of a column, or raises DefinitionMismatchError."""


REMEMBERED = 512
"""So many values of a column are not worked out again: after an update most stand there as before it."""


class DefinitionMismatchError(Exception):
    """A table map and a table's definition do not describe the same table."""


def require(column: Column, what: str, defined: object, mapped: object) -> None:
    """Raise DefinitionMismatchError unless definition and table map say the same of ``column``."""
    if defined != mapped:
        raise DefinitionMismatchError(
            f"column {column.name} has {what} {defined} by the statements before it, {mapped} by its table map"
        )
