"""Shape: a table's columns as the audit meets them in records; rows, keys and differences in the lake's own terms.

The one place where the declared mappings meet the audit: the columns are those that the lake must have, and a row of
the source is compared as they want it (projection.py).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from operator import itemgetter
from typing import Any

from audit.expected.rows import projected
from audit.log.values import reader
from audit.verdict.findings import ABSENT, shown
from mappings.target import Target
from model import Column, Row, qualified

LakeRow = tuple[Any, ...]
"""A row's JSON values in the order of the shape's columns; `ABSENT` where the record has no such key."""
Key = tuple[Hashable, ...]
"""The forms (values.py) of the primary key's values, or of all values for a table without one."""


_TEXT = Column(name="", data_type="varchar", column_type="varchar")
HIDDEN = "(masked)"
"""What findings show in place of a value of a masked column that may be a clear one."""
_HASH = re.compile(r"[0-9A-F]{64}")


class Shape:
    """How the records of one table are read. PipelineError if a column has a type that cannot be compared."""

    def __init__(self, target: Target, *, null_and_empty: bool) -> None:
        self._target = target
        self.table = target.table
        """The source's."""
        self.name = qualified(target.schema, target.name)
        """The table's name in the lake, ``schema.table``."""
        self.identity = target.schema, target.name
        self.keyed = bool(target.key)
        columns = [_seen(column.name, column.source, column.as_string or column.mask) for column in target.columns]
        columns += [_seen(attribute.name, _TEXT, True) for attribute in target.attributes]
        self.types = tuple(columns)
        """As which column of MySQL each column of the lake is read."""
        self.spelt = frozenset(place for place, column in enumerate(target.columns) if column.as_string)
        """The columns that the mappings make a text of."""
        self.columns = tuple(column.name for column in columns)
        self.known = frozenset(self.columns)
        self.masked = frozenset(place for place, column in enumerate(target.columns) if column.mask)
        """The columns whose values no finding may show."""
        self.readers = tuple(reader(column, null_and_empty=null_and_empty) for column in columns)
        key = [target.columns.index(column) for column in target.key] or range(len(columns))
        self.key_positions = tuple(key)
        self._keys = tuple((position, *self.readers[position]) for position in key)
        self._pick = itemgetter(*self.columns) if len(self.columns) > 1 else lambda data: (data[self.columns[0]],)

    def wanted(self, rows: Iterable[Row]) -> Iterator[Row]:
        """What of the source's ``rows`` the lake must have, in the shape's columns."""
        return projected(self._target, rows)

    def row(self, data: Mapping[str, Any]) -> LakeRow:
        """The row that a record's ``data`` or before image carries."""
        try:
            return self._pick(data)
        except KeyError:
            return tuple(data.get(name, ABSENT) for name in self.columns)

    def key(self, row: LakeRow) -> Key:
        """The key of a row of the lake."""
        return tuple([lake(row[position]) for position, lake, _ in self._keys])

    def source_key(self, row: Row) -> Key:
        """The key of a `wanted` row."""
        return tuple([source(row[position]) for position, _, source in self._keys])

    def keyless(self, row: LakeRow) -> bool:
        """Whether ``row`` lacks a column of the key."""
        return any(row[position] is ABSENT for position, _, _ in self._keys)

    def shown_key(self, row: LakeRow | Row) -> str:
        """The key of ``row`` for a finding: ``id=7, part=2``."""
        return ", ".join(
            f"{self.columns[position]}={HIDDEN if self.hides(position, row[position]) else shown(row[position])}"
            for position, _, _ in self._keys
        )

    def hides(self, position: int, value: Any) -> bool:
        """Whether ``value`` must not be shown: it stands in a masked column and is no hash, so it may be clear."""
        return position in self.masked and not (isinstance(value, str) and _HASH.fullmatch(value))

    def changed(self, image: LakeRow, row: LakeRow) -> list[int]:
        """The columns in which ``image`` (a before image, a deleted row) contradicts ``row``, which it should repeat.

        A column that the image does not have contradicts nothing: DMS leaves LOBs out of before images
        (https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html, before image), and a column filter
        leaves out more. Nor does NULL contradict a row from before its column was added.
        """
        if image == row:
            return []
        return [
            position
            for position, (then, now) in enumerate(zip(image, row, strict=True))
            if then is not ABSENT and then != now and not self._alike(position, then, now)
        ]

    def _alike(self, position: int, then: Any, now: Any) -> bool:
        read = self.readers[position].lake
        return read(then) == read(now) or (then is None and now is ABSENT)


def _seen(name: str, source: Column, text: object) -> Column:
    """A column of the lake as a column: ``source`` under its name there, a text if that is what it became."""
    return replace(_TEXT if text else source, name=name)
