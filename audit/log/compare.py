"""Compare: the rows that a keyed table's log leaves against the source's rows, column by column."""

from __future__ import annotations

from collections.abc import Iterable

from audit.expected.table_report import TableReport
from audit.log.fold import KeyState
from audit.log.table_reader import Key, TableReader
from audit.verdict.causes import likely_cause
from audit.verdict.findings import ABSENT, FindingKind
from model import Row


def compare(
    report: TableReport[TableReader], states: dict[Key, KeyState], rows: Iterable[Row], lob_bytes: int | None = None
) -> int:
    """Report every row that is missing, extra or different; returns how many rows the source has. ``lob_bytes`` is the
    length at which LOBs are cut.

    Takes out of ``states`` what the source has too: what is left is what the lake has alone.
    """
    count = 0
    for row in rows:
        count += 1
        state = states.pop(report.expected.source_key(row), None)
        if state is None:
            report.find(FindingKind.MISSING, "no record of the lake has this key", row=row)
        elif state.row is None:
            report.find(FindingKind.MISSING, "the last record of this key deletes it", row=row, arrival=state.arrival)
        else:
            _columns(report, row, state, lob_bytes)
    for state in states.values():
        if state.row is not None:
            report.find(FindingKind.EXTRA, "the source has no such row", row=state.row, arrival=state.arrival)
    return count


def _columns(report: TableReport[TableReader], row: Row, state: KeyState, lob_bytes: int | None) -> None:
    assert state.row is not None
    for position, (source, lake) in enumerate(zip(row, state.row, strict=True)):
        if source == lake and type(source) is type(lake):
            continue
        read = report.expected.readers[position]
        if read.source(source) != read.lake(lake):
            text = "the column's values are not the same" if lake is not ABSENT else "the record has no such column"
            if lake is not ABSENT and position in report.expected.masked:
                text = "the lake does not have the mask of the source's value"
            elif cause := likely_cause(source, lake, lob_bytes):
                text += f"; {cause}"
            report.find(
                FindingKind.DIFFERENT, text, row=row, arrival=state.arrival, column=position, values=(source, lake)
            )
        elif lake is ABSENT:
            text = f"column {report.expected.columns[position]}: includeNullAndEmpty is off"
            report.note(FindingKind.ABSENT, text, row=row, arrival=state.arrival)
