"""Compare: the rows that a keyed table's log leaves against the source's rows, column by column."""

from __future__ import annotations

from collections.abc import Iterable

from audit.expected.table_report import TableReport
from audit.log.fold import Standing
from audit.log.shape import Key, Shape
from audit.verdict.findings import ABSENT, FindingKind
from model import Row


def compare(report: TableReport[Shape], standings: dict[Key, Standing], rows: Iterable[Row]) -> int:
    """Report every row that is missing, extra or different; returns how many rows the source has.

    Takes out of ``standings`` what the source has too: what is left is what the lake has alone.
    """
    count = 0
    for row in rows:
        count += 1
        standing = standings.pop(report.shape.source_key(row), None)
        if standing is None:
            report.find(FindingKind.MISSING, "no record of the lake has this key", row=row)
        elif standing.row is None:
            report.find(
                FindingKind.MISSING, "the last record of this key deletes it", row=row, arrival=standing.arrival
            )
        else:
            _columns(report, row, standing)
    for standing in standings.values():
        if standing.row is not None:
            report.find(FindingKind.EXTRA, "the source has no such row", row=standing.row, arrival=standing.arrival)
    return count


def _columns(report: TableReport[Shape], row: Row, standing: Standing) -> None:
    assert standing.row is not None
    for position, (source, lake) in enumerate(zip(row, standing.row, strict=True)):
        if source == lake and type(source) is type(lake):
            continue
        read = report.shape.readers[position]
        if read.source(source) != read.lake(lake):
            text = "the column's values are not the same" if lake is not ABSENT else "the record has no such column"
            if lake is not ABSENT and position in report.shape.masked:
                text = "the lake does not have the mask of the source's value"
            report.find(
                FindingKind.DIFFERENT, text, row=row, arrival=standing.arrival, column=position, values=(source, lake)
            )
        elif lake is ABSENT:
            text = f"column {report.shape.columns[position]}: includeNullAndEmpty is off"
            report.note(FindingKind.ABSENT, text, row=row, arrival=standing.arrival)
