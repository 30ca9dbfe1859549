"""Audit of the log, the first audit: delivered objects and source rows in, `AuditResult` out. No other I/O.

Three steps, each of which takes one share (spool.py) after the other, so that a lake may be larger than memory: objects
are read; by their places in the source's log copies are settled and the chain is checked; by their keys entries are
folded and compared. A small lake is one share.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from heapq import merge

from audit.expected.expectations import Expectations
from audit.log.acknowledged import check_acknowledged
from audit.log.chain import Chain
from audit.log.compare import compare
from audit.log.fold import fold, steps
from audit.log.history import History
from audit.log.keyless import KeylessRows
from audit.log.latency import Latencies
from audit.log.reading import Reading
from audit.log.records import LOAD, UPDATE
from audit.log.resets import Mark, Reset, ordered, resets
from audit.log.settling import Settling
from audit.log.spool import AT_ONCE, MOST, Spool, share_of
from audit.log.table_log import Entry, TableLog, order
from audit.log.table_reader import Key
from audit.objects.delivered import DeliveredObject
from audit.verdict.findings import FindingKind
from audit.verdict.result import AuditResult
from model import Row, Table

_MARKS = 500
"""How many marks are put aside in one piece: of each share one piece is in memory when all are merged."""
_Numbered = tuple[int, Row]
"""A row of the source and the number of its table."""


def audit(
    objects: Iterable[DeliveredObject],
    tables: Iterable[Table],
    rows: Callable[[Table], Iterable[Row]],
    expectations: Expectations,
    progress: Callable[[AuditResult], None] = lambda _: None,
    latencies: Latencies | None = None,
    most: int = MOST,
) -> AuditResult:
    """Whether the records in ``objects`` lead to the source's ``rows`` of each of ``tables``, and tell of every change.

    Under declared mappings: to those rows that pass the filters, in the names, columns and forms that the rules give.

    ``rows`` is asked once per table, after all objects are read, in the value forms of model/table.py;
    ``progress`` gets the result in the making after each object, and as tables are judged, ``latencies`` each data
    record that has a place in the log. If the lake has more than ``most`` bytes of lines, records wait in files below
    ``TMPDIR``. PipelineError for a column type that cannot be compared, OSError if there is no room; whatever is wrong
    with the lake is a finding.
    """
    read = Reading(tables, expectations, latencies, most)
    with _uncollected():
        for delivered in objects:
            read.read(delivered)
            progress(read.result)
        read.put_aside()
        audited = _LogAudit(read, expectations, latencies)
        audited.settle()
        audited.judge(rows, progress)
    return read.result


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector: it would look through all entries again and again, a seventh of the time, and no
    entry is part of a cycle."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _pieces(rows: Iterable[_Numbered]) -> Iterator[list[_Numbered]]:
    """``rows``, no more at once than are put aside in one piece."""
    piece, size = list[_Numbered](), 0
    for numbered in rows:
        piece.append(numbered)
        size += sum(map(sys.getsizeof, numbered[1]))
        if size > AT_ONCE:
            yield piece
            piece, size = [], 0
    yield piece


class _LogAudit:
    """The first audit of what was read."""

    def __init__(self, read: Reading, expectations: Expectations, latencies: Latencies | None) -> None:
        self._read, self._logs = read, read.logs
        self._expectations = expectations
        self._latencies = latencies
        self._split = read.entries.is_split
        self._entries = Spool[Entry](self._entry_belongs, Entry._make, split=self._split)
        """What counts, by its keys."""
        self._resets: list[list[Reset]] = []
        """By the number of the table."""

    def settle(self) -> None:
        """Settle copies; judge all that needs no rows of the source."""
        chain, marks = Chain(self._logs, split=self._split), Spool[Mark](lambda mark: mark[3:], split=self._split)
        for share in self._read.entries.shares:
            settled = self._settled(share)
            chain.add(settled, self._read.beginnings)
            entries = [entry for of_table in settled for entry in sorted(of_table, key=order)]
            for begin in range(0, len(entries), _MARKS):
                some = entries[begin : begin + _MARKS]
                marks.put([(entry.table, order(entry), entry.operation == LOAD, share) for entry in some])
            self._entries.put(entries)
        self._read.entries.close()
        self._resets = resets(self._logs, merge(*map(marks.take, marks.shares)))
        marks.close()
        result, expectations = self._read.result, self._expectations
        last, elsewhere = expectations.last_change, self._read.elsewhere
        there = chain.check(elsewhere, last, from_start=expectations.from_start) or last in elsewhere
        check_acknowledged(self._logs, result.control_records, expectations, result.findings, last=there)

    def _settled(self, share: int) -> list[Settling]:
        """The entries of a share, by the number of their table."""
        settled = [Settling(log) for log in self._logs]
        for entry in self._read.entries.take(share):
            settled[entry.table].add(entry)
            if self._latencies:
                change = self._logs[entry.table].report.expected.identity, entry.commit, *entry.position
                self._latencies.add(change, self._read.places.key(entry.arrival))
        for one in settled:
            one.settle(self._read.beginnings)
        if self._latencies:
            self._latencies.close()
        return settled

    def judge(self, rows: Callable[[Table], Iterable[Row]], progress: Callable[[AuditResult], None]) -> None:
        """Fold each table's log and compare."""
        wanted = Spool[_Numbered](self._row_belongs, split=self._split)
        for number, log in enumerate(self._logs):
            if not self._expectations.transaction_details and log.operations.keys() - {LOAD}:
                text = "whether a change is lost in between: includeTransactionDetails is off"
                log.report.note(FindingKind.UNPROVABLE, text)
            if self._split:
                for some in _pieces((number, row) for row in self._wanted(log, rows)):
                    wanted.put(some)
        for share in self._entries.shares:
            entries: list[list[Entry]] = [[] for _ in self._logs]
            for entry in self._entries.take(share):
                entries[entry.table].append(entry)
            kept: list[list[Row]] = [[] for _ in self._logs]
            for number, row in wanted.take(share):
                kept[number].append(row)
            for number, log in enumerate(self._logs):
                of_table = kept[number] if self._split else self._wanted(log, rows)
                self._judge(number, share, entries[number], of_table)
                progress(self._read.result)
        wanted.close()
        self._entries.close()

    def _wanted(self, log: TableLog, rows: Callable[[Table], Iterable[Row]]) -> Iterable[Row]:
        return log.report.expected.wanted(rows(log.report.expected.table))

    def _judge(self, number: int, share: int, entries: Iterable[Entry], rows: Iterable[Row]) -> None:
        """Fold the ``entries`` of a table in a share and compare what they leave with its ``rows`` there."""

        def mine(key: Key) -> bool:
            return not self._split or share_of((number, key)) == share

        log, expectations = self._logs[number], self._expectations
        of_log = ordered(entries, self._resets[number])
        if log.report.expected.keyed:
            states = fold(log, of_log, History(log.report, expectations, log.load_end or self._load_end), mine)
            log.rows_lake += sum(state.row is not None for state in states.values())
            log.rows_source += compare(log.report, states, rows, expectations.lob_bytes)
        else:
            keyless = KeylessRows(log, of_log, expectations)
            log.rows_lake += keyless.rows
            log.rows_source += keyless.compare(rows)
        self._read.result.tables[log.report.expected.name] = log.result()

    def _entry_belongs(self, entry: Entry) -> Collection[int]:
        """Where the keys are that an entry is about; a table without a primary key is in one share."""
        number, expected = entry.table, self._logs[entry.table].report.expected
        if not expected.keyed:
            return (share_of(number),)
        if entry.operation == UPDATE:
            return {share_of((number, step.key)) for step in steps(expected, entry)}
        return (share_of((number, expected.key(entry.row))),)

    def _row_belongs(self, numbered: _Numbered) -> tuple[int]:
        """Where a row of the source is, by the number of its table."""
        number, expected = numbered[0], self._logs[numbered[0]].report.expected
        return (share_of((number, expected.source_key(numbered[1])) if expected.keyed else number),)

    @property
    def _load_end(self) -> str:
        """Until when a table was loaded that had no row: as long as the others, and at least until it was prepared."""
        ends = max((log.load_end for log in self._logs), default="")
        return ends or max((time for log in self._logs for time in log.prepared), default="")
