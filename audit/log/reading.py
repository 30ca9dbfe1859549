"""Reading: from delivered objects to the entries of each table, and what is wrong with objects and lines on the way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from audit.expected.expectations import Expectations
from audit.expected.table_report import Places, TableReport
from audit.log.latency import Latencies
from audit.log.records import Control, NotARecordError, Record, parse_record
from audit.log.spool import AT_ONCE, Spool, share_of
from audit.log.table_log import Entry, Position, TableLog
from audit.log.table_reader import TableReader
from audit.objects.delivered import DeliveredObject, Document, Problem, documents
from audit.verdict.findings import Finding, FindingKind
from audit.verdict.result import AuditResult
from mappings import table_mappings as mappings
from mappings.target import unchanged
from model import PipelineError, Table, qualified

_PREPARES, _EMPTIES = frozenset({"create-table", "drop-table"}), "truncate-table"
_INTERNAL = "awsdms_"
"""What the names of DMS's own tables begin with."""


class Reading:
    """Reads the lake's objects once."""

    def __init__(
        self, tables: Iterable[Table], expectations: Expectations, latencies: Latencies | None, most: int
    ) -> None:
        """See `audit`."""
        self._expectations, self._most = expectations, most
        self._latencies = latencies
        self._numbers: dict[tuple[str, str], int] = {}
        self.places = Places()
        self.result = AuditResult()
        self.elsewhere: set[Position] = set()
        """Places in the source's log of control records, and of records of tables that are gone."""
        self.beginnings: list[str] = []
        """Times of the control records that prepare any table: a task that begins anew, perhaps from another log."""
        self.logs: list[TableLog] = []
        self.entries = Spool[Entry](self._belongs, Entry._make)
        """Every entry; those of one place in the source's log, or load records of one key, are in one share."""
        self._waiting: list[Entry] = []
        """Those that are put aside next."""
        self._size = self._waiting_size = 0
        """Bytes of the lines of all data records, and of those that wait."""
        target = mappings.parse(expectations.mappings).target if expectations.mappings else unchanged
        for table in tables:
            expected = TableReader(target(table), null_and_empty=expectations.null_and_empty)
            number = self._numbers.setdefault(expected.identity, len(self.logs))
            self.logs.append(TableLog(len(self.logs), TableReport(expected, self.places)))
            if (other := self.logs[number].report.expected) is not expected:
                raise PipelineError(
                    f"{other.table} and {expected.table} are both {expected.name} in the lake: what is of which, no "
                    "audit can tell. Give them two names, or capture one"
                )

    def read(self, delivered: DeliveredObject) -> None:
        """Take in an object's records."""
        start = self.places.open(delivered.key)
        self.result.objects += 1
        self.result.bytes += len(delivered.body)
        self._check_place(delivered.key, start)
        last, same = 0, 0
        for document in documents(delivered):
            if isinstance(document, Problem):
                self._problem(document, start)
                continue
            try:
                record = parse_record(document.value, self._expectations)
            except NotARecordError as rule:
                self._problem(Problem(FindingKind.UNREADABLE, document.line, f"not a DMS record: {rule}"), start)
                continue
            self.result.records += 1
            if isinstance(record, Control):
                self._control(record)
            else:
                last, same = document.line, same + 1 if document.line == last else 0
                self._record(record, start + (document.line << 32) + same, document)
                if self._waiting_size > AT_ONCE:
                    self.put_aside()

    def put_aside(self) -> None:
        """Put into ``entries`` what waits; to be called when all objects are read."""
        self._size += self._waiting_size
        if self._size > self._most and not self.entries.is_split:
            self.entries.split()
        self.entries.put(self._waiting)
        self._waiting.clear()
        self._waiting_size = 0

    def _check_place(self, key: str, start: int) -> None:
        placed, failed = self._expectations.placed, self._expectations.failed
        if placed and not re.fullmatch(placed, key, re.DOTALL):
            text = "it is not where the delivery stream was declared to put it: who reads there does not get it"
            if failed and re.fullmatch(failed, key, re.DOTALL):
                text = "it lies below the error prefix: what it holds could not be processed or delivered"
            self._problem(Problem(FindingKind.MISPLACED, 0, text), start)

    def _problem(self, problem: Problem, start: int) -> None:
        place = self.places[start + (problem.line << 32)] if problem.line else self.places.key(start)
        self.result.findings.add(problem.kind, lambda: Finding(kind=problem.kind, text=problem.text, place=place))

    def _control(self, control: Control) -> None:
        self.result.control_records += 1
        self.result.internal_control_records += control.table[1].startswith(_INTERNAL)
        if control.position:
            self.elsewhere.add(control.position)
        if control.operation in _PREPARES:
            self.beginnings.append(control.timestamp)
        number = self._numbers.get(control.table)
        if number is None:
            return
        if control.operation in _PREPARES:
            self.logs[number].prepared.append(control.timestamp)
        elif control.operation == _EMPTIES:
            self.logs[number].emptied.append(control.timestamp)

    def _record(self, record: Record, arrival: int, document: Document) -> None:
        number = self._numbers.get(record.table)
        if number is not None:
            entry = self.logs[number].read(record, arrival, document.size, suspect=document.suspect)
            if entry:
                self._waiting.append(entry)
                self._waiting_size += document.size
                return
        if self._latencies:  # of an entry they count when its copies are known
            self._latencies.add((*record[:1], *record[3:6]), self.places.key(arrival))
        if number is not None:
            return
        if record.table[1].startswith(_INTERNAL):
            self.result.internal_records += 1
        elif (name := qualified(*record.table)) in self._expectations.gone:
            self.result.gone.setdefault(name, Counter())[record.operation] += 1
            self.elsewhere.add((record.transaction, record.number))
        else:
            text = "a data record of a table that is not among the audited"
            self.result.findings.add(
                FindingKind.UNKNOWN_TABLE,
                lambda: Finding(
                    kind=FindingKind.UNKNOWN_TABLE,
                    text=text,
                    table=qualified(*record.table),
                    place=self.places[arrival],
                ),
            )

    def _belongs(self, entry: Entry) -> tuple[int]:
        if entry.number < 0:
            return (share_of((entry.table, self.logs[entry.table].report.expected.key(entry.row))),)
        return (share_of(entry.position),)
