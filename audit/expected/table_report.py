"""Table report: findings and notes about one table, in terms of its rows, columns and the places of its records."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from audit.expected.table import HIDDEN, ExpectedTable, LakeRow
from audit.verdict.findings import Finding, FindingKind, Findings, shown_pair
from model import Row

Expected = TypeVar("Expected", bound=ExpectedTable)


class Places:
    """Where records lie. An *arrival* is one integer that grows in the order of reading, and that no two records have:
    object number, line, and which record of its line it is."""

    def __init__(self) -> None:
        self._objects: list[str] = []

    def open(self, key: str) -> int:
        """The arrival of line 0 of the next object."""
        self._objects.append(key)
        return len(self._objects) - 1 << 64

    def key(self, arrival: int) -> str:
        """The object."""
        return self._objects[arrival >> 64]

    def __getitem__(self, arrival: int) -> str:
        """``object:line``."""
        return f"{self.key(arrival)}:{arrival >> 32 & 0xFFFFFFFF}"


class TableReport(Generic[Expected]):
    """What is said about one table. ``expected`` is the table as the audit that reports it reads it."""

    def __init__(
        self, expected: Expected, places: Places, findings: Findings | None = None, notes: Findings | None = None
    ) -> None:
        self.expected, self._places = expected, places
        self.place = places.__getitem__
        self.findings, self.notes = findings or Findings(), notes or Findings()

    def find(
        self,
        kind: FindingKind,
        text: str,
        *,
        row: LakeRow | Row | None = None,
        arrival: int | None = None,
        column: int | str = "",
        values: tuple[Any, Any] | None = None,
    ) -> None:
        """A finding about ``row`` (its key is shown), the record at ``arrival``, the column (its position or name) and
        its (source, lake) values."""
        self.findings.add(kind, lambda: self._finding(kind, text, row, arrival, column, values))

    def note(
        self, kind: FindingKind, text: str, *, row: LakeRow | Row | None = None, arrival: int | None = None
    ) -> None:
        """A note about ``row``, from the record at ``arrival``."""
        self.notes.add(kind, lambda: self._finding(kind, text, row, arrival, "", None))

    def _finding(
        self,
        kind: FindingKind,
        text: str,
        row: LakeRow | Row | None,
        arrival: int | None,
        column: int | str,
        values: tuple[Any, Any] | None,
    ) -> Finding:
        source, lake = self._shown(column, values) if values else ("", "")
        return Finding(
            kind=kind,
            text=text,
            table=self.expected.name,
            key="" if row is None else self.expected.shown_key(row),
            column=self.expected.columns[column] if isinstance(column, int) else column,
            source=source,
            lake=lake,
            place="" if arrival is None else self._places[arrival],
        )

    def _shown(self, column: int | str, values: tuple[Any, Any]) -> tuple[str, str]:
        """Both values; of a masked column only what is a hash, for a clear value may stand where its mask should."""
        if isinstance(column, int) and any(self.expected.hides(column, value) for value in values):
            return HIDDEN, HIDDEN
        return shown_pair(*values)
