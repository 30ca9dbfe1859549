"""Expected tables: what the lake must have of one table, by the declared mappings, in the lake's own terms.

The one place where the declared mappings meet the audits: the columns are those that the lake must have, and a row of
the source is compared as they want it (rows.py). How a value or a key is read is each audit's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from audit.expected.rows import projected
from audit.verdict.findings import shown
from mappings.target import Target
from model import Column, Row, qualified

LakeRow = tuple[Any, ...]
"""A row's values as the lake gives them, in the order of the table's columns; `ABSENT` where there is none."""

_TEXT = Column(name="", data_type="varchar", column_type="varchar")
HIDDEN = "(masked)"
"""What findings show in place of a value of a masked column that may be a clear one."""
_HASH = re.compile(r"[0-9A-F]{64}")


class ExpectedTable:
    """One table as the lake must have it."""

    def __init__(self, target: Target) -> None:
        self.target = target
        """Its names, columns, filters and masks, by the declaration."""
        self.table = target.table
        """The source's."""
        self.name = qualified(target.schema, target.name)
        """The table's name in the lake, ``schema.table``."""
        self.identity = target.schema, target.name
        self.keyed = bool(target.key)
        """Whether it has a primary key."""
        columns = [_seen(column.name, column.source, column.as_string or column.mask) for column in target.columns]
        columns += [_seen(attribute.name, _TEXT, True) for attribute in target.attributes]
        self.types = tuple(columns)
        """As which column of MySQL each column of the lake is read."""
        self.as_string = frozenset(place for place, column in enumerate(target.columns) if column.as_string)
        """The columns that the mappings make a text of."""
        self.columns = tuple(column.name for column in columns)
        self.masked = frozenset(place for place, column in enumerate(target.columns) if column.mask)
        """The columns whose values no finding may show."""
        self.key_positions = tuple([target.columns.index(column) for column in target.key] or range(len(columns)))
        """Where the columns of the primary key stand; all columns for a table without one."""

    def wanted(self, rows: Iterable[Row]) -> Iterator[Row]:
        """What of the source's ``rows`` the lake must have, in the table's columns."""
        return projected(self.target, rows)

    def shown_key(self, row: LakeRow | Row) -> str:
        """The key of ``row`` for a finding: ``id=7, part=2``."""
        return ", ".join(
            f"{self.columns[position]}={HIDDEN if self.hides(position, row[position]) else shown(row[position])}"
            for position in self.key_positions
        )

    def hides(self, position: int, value: Any) -> bool:
        """Whether ``value`` must not be shown: it stands in a masked column and is no hash, so it may be clear."""
        return position in self.masked and not (isinstance(value, str) and _HASH.fullmatch(value))


def _seen(name: str, source: Column, text: object) -> Column:
    """A column of the lake as a column: ``source`` under its name there, a text if that is what it became."""
    return replace(_TEXT if text else source, name=name)
