"""Compare: one table of the source with what shows its rows in the lake, by checksums, then by the rows that differ.

Either side may change meanwhile. Each query is one statement, and so sees one state of its side; a range that is equal
is proven then and there, and never looked at again. A row that differs is asked again, as often as `Patience` says:
it is a finding if the lake has the same of it at the last two readings, a promise of freshness apart: by then it must
show what the source had at the first, whatever the source has had since. One that moves in the lake, too, is named.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from audit.expected.expectations import Expectations
from audit.expected.table import ExpectedTable
from audit.expected.table_report import TableReport
from audit.sql import Answer, Comparison, Side, unlike
from audit.verdict.findings import FindingKind
from audit.views.rows import Difference, Key, ViewRows
from model import Row

Patience = Callable[[], bool]
"""Waits until it is worth asking again; False, at once, when it is not any more."""


class SourceSide(Side, Protocol):
    """The source of a comparison."""

    def rows(self, within: Collection[str]) -> Iterable[Row]:
        """The rows in the ranges ``within`` (all if there are none), as the lake must have them."""
        ...


class LakeSide(Side, Protocol):
    """The lake of a comparison."""

    def rows(self, within: Collection[str]) -> Answer:
        """The rows in the ranges ``within`` (all if there are none), in the comparison's ``lake_columns``."""
        ...


@dataclass(frozen=True, kw_only=True)
class Way:
    """How far a comparison goes."""

    most_rows: int | None = None
    """Rows of ranges that differ, which are read of one table at most; None for all that there are."""
    patience: Patience | None = None
    """None: neither side changes."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What a comparison comes to, beside findings and notes."""

    rows: int | None = None
    """Rows that the lake has; None if it could not be told."""
    whole: bool = False
    """Whether every column of every row was compared."""
    uncompared: tuple[str, ...] = ()
    """Columns of which some values, or all, were not."""
    changing: int = 0
    """Rows that changed while they were compared, and differed whenever they were looked at."""


def compare(
    report: TableReport[ExpectedTable],
    comparison: Comparison,
    source: SourceSide,
    lake: LakeSide,
    expectations: Expectations,
    way: Way,
    what: str = "the view",
) -> Compared:
    """Report each row that ``source`` and ``lake`` have otherwise, with its key, its column and both values.

    ``comparison`` must be ``comparable``. PipelineError if a side cannot be asked.
    """

    def view(report: TableReport[ExpectedTable]) -> ViewRows:
        return ViewRows(report, comparison.name, comparison.lake_columns, expectations, what)

    found, before = view(report), report.findings.total
    told = unlike(source, lake, way.most_rows)
    changing = 0
    if told.ranges:
        within = told.ranges
        if way.patience is None:
            found.take(lake.rows(within).rows)
            found.compare(source.rows(within))
            if told.strict and report.findings.total == before:
                text = f"{found} spells {told.strict:,} ranges of keys otherwise than the source, with equal values"
                report.note(FindingKind.RESPELLED, text)
        else:
            changing = _settle(found, source, lake, within, way.patience)
    if told.unread:
        few = f"{told.unread_rows[0]:,} rows in the source and {told.unread_rows[1]:,} in the lake"
        text = f"{found} has {told.unread:,} more ranges of keys otherwise, {few}; they were not read"
        report.find(FindingKind.UNREAD, text)
    unread = comparison.documents if told.documents_unread else ()
    compared = {one.position for one in comparison.columns if one not in unread}
    uncompared = tuple(name for place, name in enumerate(report.expected.columns) if place not in compared)
    return Compared(
        rows=told.lake_rows,
        whole=not uncompared and not changing,
        uncompared=uncompared,
        changing=changing,
    )


def _settle(found: ViewRows, source: SourceSide, lake: LakeSide, within: Collection[str], patience: Patience) -> int:
    """Report the rows in ``within`` that differ and stand still in the lake: how many go on changing there."""

    def look() -> dict[Key, Difference]:
        return found.differences(lake.rows(within).rows, source.rows(within))

    last, steady = look(), dict[Key, Difference]()
    while last and patience():
        now = look()
        steady = {key: one for key, one in now.items() if key in last and one.told == last[key].told}
        last = {key: one for key, one in now.items() if key in last}  # any other row was equal once
    found.take(row for one in steady.values() for row in one.given)
    found.compare(row for one in steady.values() for row in one.wanted)
    for key in last.keys() - steady.keys():
        found.changed(last[key])
    return len(last) - len(steady)
