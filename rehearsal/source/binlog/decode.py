"""Decode: what a column decoder is, and the error of a table map and a catalog that do not fit. Pure."""

from __future__ import annotations

from collections.abc import Callable

from model import Column, Value

Decode = Callable[[bytes, int], tuple[Value, int]]
"""An event's body and an offset in it, to the value that stands there and the offset behind it."""

Meta = tuple[int, int]
"""Two numbers of a table map that say more of a type (a length, precision and scale); zero where there is none."""

Factory = Callable[[Column, Meta], Decode]
"""Makes the decoder of a column, or raises DefinitionMismatchError."""


class DefinitionMismatchError(Exception):
    """A table map and the catalog do not describe the same table: one of them may merely be out of date."""


def require(column: Column, what: str, catalog: object, binlog: object) -> None:
    """Raise DefinitionMismatchError unless catalog and table map say the same of ``column``."""
    if catalog != binlog:
        raise DefinitionMismatchError(
            f"column {column.name} has {what} {catalog} in the catalog, {binlog} in the binlog"
        )
