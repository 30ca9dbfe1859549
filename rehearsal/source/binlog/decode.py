"""Row decode: the words that all column decoders share. Pure."""

from __future__ import annotations

from collections.abc import Callable

from model import Column, Value

Decode = Callable[[bytes, int], tuple[Value, int]]
"""An event's body and an offset in it, to the value that stands there and the offset behind it."""

Meta = tuple[int, int]
"""Two numbers of a table map that say more of a type (a length, precision and scale); zero where there is none."""


class Disagreement(Exception):  # noqa: N818 not an error yet: the catalog may merely be out of date
    """A table map and the catalog do not describe the same table."""


def require(column: Column, what: str, catalog: object, binlog: object) -> None:
    """Raise Disagreement unless catalog and table map say the same of ``column``."""
    if catalog != binlog:
        raise Disagreement(f"column {column.name} has {what} {catalog} in the catalog, {binlog} in the binlog")
