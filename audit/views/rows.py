"""View rows: what a declared view of a table's rows gives, or what is kept of them, against what the lake must have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from audit.expected.expectations import Expectations
from audit.expected.table import ExpectedTable, LakeRow
from audit.expected.table_report import TableReport
from audit.verdict.causes import likely_cause
from audit.verdict.findings import ABSENT, FindingKind
from audit.views.types import Other, Reader, reader
from model import Row

Answered = tuple[Any, ...]
"""A row that the view gives."""

Key = tuple[Any, ...]
"""A primary key, in the forms in which values are compared."""

_LOG = "cdc_"
"""What the names of a view's own columns begin with: they are about the record and not of the table."""
_UNREADABLE = "cdc_unreadable"
_DESCRIBE = "describe the table again: `python -m rehearsal describe`"


class Difference(NamedTuple):
    """The rows of one key, where source and view have them otherwise."""

    wanted: tuple[Row, ...]
    given: tuple[Answered, ...]
    told: tuple[str, ...]
    """What is given, as text (NaN is no NaN's equal), in an order that is no query's."""


class ViewRows:
    """The rows of one view, or of what else is called ``what``, by the key of the table whose rows it shows."""

    def __init__(
        self,
        report: TableReport[ExpectedTable],
        view: str,
        columns: Sequence[str],
        expectations: Expectations,
        what: str = "the view",
    ) -> None:
        self._lob_bytes = expectations.lob_bytes
        self._report, self._view, self._expected = report, f"{what} {view}", report.expected
        expected = report.expected
        places = {name: place for place, name in enumerate(columns)}
        self._places = tuple(places.get(name.lower()) for name in expected.columns)  # Athena knows lower case only
        self._unreadable = places.get(_UNREADABLE)
        self._readers: tuple[Reader, ...] = tuple(
            reader(column, null_and_empty=expectations.null_and_empty, as_string=position in expected.as_string)
            for position, column in enumerate(expected.types)
        )
        self._rows: dict[Key, Answered] = {}
        self.count = 0
        """Rows that the view gives."""
        self.whole = None not in self._places
        """Whether the view has every column of the table."""
        self._check_columns(columns)

    def __str__(self) -> str:
        return self._view

    @property
    def comparable(self) -> bool:
        """Whether the view has the whole key, without which no row can be read from another."""
        return all(self._places[position] is not None for position in self._expected.key_positions)

    def _check_columns(self, columns: Sequence[str]) -> None:
        known = {name.lower() for name in self._expected.columns}
        for name in self._expected.columns:
            if name.lower() not in columns:
                self._report.note(FindingKind.STALE, f"{self._view} has no column {name}: {_DESCRIBE}")
        for name in columns:
            if not name.startswith(_LOG) and name not in known:
                text = f"{self._view} has a column {name}, and the table has none: {_DESCRIBE}"
                self._report.note(FindingKind.STALE, text)

    def take(self, answered: Iterable[Answered]) -> None:
        """Take in what the view gives."""
        keys = [(self._places[position], self._readers[position].view) for position in self._expected.key_positions]
        for row in answered:
            self.count += 1
            key = tuple([view(row[place]) for place, view in keys if place is not None])
            if key in self._rows:
                self._find(FindingKind.EXTRA, "gives this key twice", self._lake_row(row))
            self._rows[key] = row
            for name in self._unread(row):
                text = f"could not read the lake's value as the type that is declared: {_DESCRIBE}"
                self._find(FindingKind.UNREADABLE, text, self._lake_row(row), column=name)

    def compare(self, rows: Iterable[Row]) -> None:
        """Report every row that is missing, extra or different. ``rows`` are what the lake must have."""
        keys = [(position, self._readers[position].source) for position in self._expected.key_positions]
        forms = [
            (position, place, *self._readers[position])
            for position, place in enumerate(self._places)
            if place is not None
        ]
        for row in rows:
            answer = self._rows.pop(tuple([source(row[position]) for position, source in keys]), None)
            if answer is None:
                self._find(FindingKind.MISSING, "has no such row", row)
                continue
            for position, place, source, view in forms:
                if (given := view(answer[place])) != source(row[position]):
                    self._different(row, answer, position, answer[place], given)
        for answer in self._rows.values():
            self._find(FindingKind.EXTRA, "has this row, and the source has not", self._lake_row(answer))

    def differences(self, answered: Iterable[Answered], rows: Iterable[Row]) -> dict[Key, Difference]:
        """What differs between what the view gives and the ``rows`` that the lake must have. Nothing is reported."""
        places = [(n, place, *self._readers[n]) for n, place in enumerate(self._places) if place is not None]
        key = [one for one in places if one[0] in self._expected.key_positions]
        given: dict[Key, list[Answered]] = {}
        wanted: dict[Key, list[Row]] = {}
        for answer in answered:
            given.setdefault(tuple([view(answer[place]) for _, place, _, view in key]), []).append(answer)
        for row in rows:
            wanted.setdefault(tuple([source(row[n]) for n, _, source, _ in key]), []).append(row)
        found: dict[Key, Difference] = {}
        for identity in wanted.keys() | given.keys():
            mine, others = wanted.get(identity, []), given.get(identity, [])
            wanted_forms = [tuple(source(row[n]) for n, _, source, _ in places) for row in mine]
            given_forms = [tuple(view(row[place]) for _, place, _, view in places) for row in others]
            if wanted_forms != given_forms or any(map(self._unread, others)):
                found[identity] = Difference(tuple(mine), tuple(others), tuple(sorted(map(repr, given_forms))))
        return found

    def changed(self, one: Difference) -> None:
        """Note that a row changed while it was compared."""
        row = one.wanted[0] if one.wanted else self._lake_row(one.given[0])
        text = f"{self._view} had another row whenever it was asked, and so had the source: neither equal nor different"
        self._report.note(FindingKind.CHANGED, text, row=row)

    def _different(self, row: Row, answer: Answered, position: int, value: Any, given: Any) -> None:
        column = self._expected.columns[position]
        if column.lower() in self._unread(answer):
            return  # said when it was read
        text = "gives another value"
        if position in self._expected.masked:
            text = "does not give the mask of the source's value"
        elif cause := likely_cause(row[position], value, self._lob_bytes):
            text += f"; {cause}"
        elif isinstance(given, Other):
            text = f"gives a value that is no {self._expected.types[position].column_type}: {_DESCRIBE}"
        self._find(FindingKind.DIFFERENT, text, row, column=position, values=(row[position], _as_mysql(value)))

    def _find(
        self,
        kind: FindingKind,
        text: str,
        row: Row | LakeRow,
        *,
        column: int | str = "",
        values: tuple[Any, Any] | None = None,
    ) -> None:
        self._report.find(kind, f"{self._view} {text}", row=row, column=column, values=values)

    def _unread(self, row: Answered) -> list[str]:
        """The columns whose values the view could not read."""
        names = None if self._unreadable is None else row[self._unreadable]
        return names.split(", ") if names else []

    def _lake_row(self, row: Answered) -> LakeRow:
        return tuple(ABSENT if place is None else _as_mysql(row[place]) for place in self._places)


def _as_mysql(value: Any) -> Any:
    """A value of the view as the source would have it, to be shown beside it."""
    return str(value) if isinstance(value, date) else value
