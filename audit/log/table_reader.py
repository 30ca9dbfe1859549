"""Table reader: how the first audit reads the records of one table: rows, keys and differences, by values.py."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from operator import itemgetter
from typing import Any

from audit.expected.table import ExpectedTable, LakeRow
from audit.log.values import reader
from audit.verdict.findings import ABSENT
from mappings.target import Target
from model import Row

Key = tuple[Hashable, ...]
"""The forms (values.py) of the primary key's values, or of all values for a table without one."""


class TableReader(ExpectedTable):
    """A table and how its records are read. PipelineError if a column has a type that cannot be compared."""

    def __init__(self, target: Target, *, null_and_empty: bool) -> None:
        super().__init__(target)
        self.known = frozenset(self.columns)
        self.readers = tuple(reader(column, null_and_empty=null_and_empty) for column in self.types)
        self._keys = tuple((position, *self.readers[position]) for position in self.key_positions)
        self._pick = itemgetter(*self.columns) if len(self.columns) > 1 else lambda data: (data[self.columns[0]],)

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
