"""Audit of the log, the first audit: delivered objects and source rows in, `AuditResult` out. No other I/O."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

from audit.expected.expectations import Expectations
from audit.expected.table_report import Places, TableReport
from audit.log.acknowledged import check_acknowledged
from audit.log.compare import compare
from audit.log.fold import fold
from audit.log.history import History, check_chain
from audit.log.keyless import KeylessRows
from audit.log.latency import Latencies
from audit.log.records import Control, NotARecordError, Record, parse_record
from audit.log.table_log import Position, TableLog
from audit.log.table_reader import TableReader
from audit.objects.delivered import DeliveredObject, Document, Problem, documents
from audit.verdict.findings import Finding, FindingKind
from audit.verdict.result import AuditResult, TableResult
from mappings import table_mappings as mappings
from mappings.target import unchanged
from model import PipelineError, Row, Table, qualified

_PREPARES, _EMPTIES = frozenset({"create-table", "drop-table"}), "truncate-table"
_INTERNAL = "awsdms_"
"""What the names of DMS's own tables begin with."""


def audit(
    objects: Iterable[DeliveredObject],
    tables: Iterable[Table],
    rows: Callable[[Table], Iterable[Row]],
    expectations: Expectations,
    progress: Callable[[AuditResult], None] = lambda _: None,
    latencies: Latencies | None = None,
) -> AuditResult:
    """Whether the records in ``objects`` lead to the source's ``rows`` of each of ``tables``, and tell of every change.

    Under declared mappings: to those rows that pass the filters, in the names, columns and forms that the rules give.

    ``rows`` is asked once per table, after all objects are read, in the value forms of model/table.py;
    ``progress`` gets the result in the making after each object and each table, ``latencies`` each data record that has
    a place in the log. PipelineError for a column type that
    cannot be compared; whatever is wrong with the lake is a finding.
    """
    audited = _LogAudit(tables, expectations, latencies)
    for delivered in objects:
        audited.read(delivered)
        progress(audited.result)
    for log in audited.logs.values():
        log.settle(audited.beginnings)
    logs = audited.logs.values()
    check_chain(logs, audited.elsewhere, audited.beginnings, from_start=expectations.from_start)
    check_acknowledged(logs, audited.elsewhere, audited.result.control_records, expectations, audited.result.findings)
    for log in audited.logs.values():
        expected = log.report.expected
        audited.judge(log, expected.wanted(rows(expected.table)))
        progress(audited.result)
    return audited.result


class _LogAudit:
    """The first audit in the making."""

    def __init__(self, tables: Iterable[Table], expectations: Expectations, latencies: Latencies | None) -> None:
        self._expectations = expectations
        self._latencies = latencies
        self._places = Places()
        self.result = AuditResult()
        self.elsewhere: set[Position] = set()
        """Places in the source's log of control records, and of records of tables that are gone."""
        self.beginnings: list[str] = []
        """Times of the control records that prepare any table: a task that begins anew, perhaps from another log."""
        self.logs: dict[tuple[str, str], TableLog] = {}
        target = mappings.parse(expectations.mappings).target if expectations.mappings else unchanged
        for table in tables:
            expected = TableReader(target(table), null_and_empty=expectations.null_and_empty)
            log = TableLog(TableReport(expected, self._places))
            other = self.logs.setdefault(expected.identity, log).report.expected
            if other is not expected:
                raise PipelineError(
                    f"{other.table} and {expected.table} are both {expected.name} in the lake: what is of which, no "
                    "audit can tell. Give them two names, or capture one"
                )

    def read(self, delivered: DeliveredObject) -> None:
        """Take in an object's records."""
        start = self._places.open(delivered.key)
        self.result.objects += 1
        self.result.bytes += len(delivered.body)
        self._check_place(delivered.key, start)
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
                self._record(record, start + document.line, document)
                if self._latencies:
                    self._latencies.add(record, delivered.key)

    def _check_place(self, key: str, start: int) -> None:
        placed, failed = self._expectations.placed, self._expectations.failed
        if placed and not re.fullmatch(placed, key, re.DOTALL):
            text = "it is not where the delivery stream was declared to put it: who reads there does not get it"
            if failed and re.fullmatch(failed, key, re.DOTALL):
                text = "it lies below the error prefix: what it holds could not be processed or delivered"
            self._problem(Problem(FindingKind.MISPLACED, 0, text), start)

    def _problem(self, problem: Problem, start: int) -> None:
        place = self._places[start + problem.line] if problem.line else self._places.key(start)
        self.result.findings.add(problem.kind, lambda: Finding(kind=problem.kind, text=problem.text, place=place))

    def _control(self, control: Control) -> None:
        self.result.control_records += 1
        self.result.internal_control_records += control.table[1].startswith(_INTERNAL)
        if control.position:
            self.elsewhere.add(control.position)
        if control.operation in _PREPARES:
            self.beginnings.append(control.timestamp)
        log = self.logs.get(control.table)
        if log and control.operation in _PREPARES:
            log.prepared.append(control.timestamp)
        elif log and control.operation == _EMPTIES:
            log.emptied.append(control.timestamp)

    def _record(self, record: Record, arrival: int, document: Document) -> None:
        log = self.logs.get(record.table)
        if log:
            log.add(record, arrival, document.size, suspect=document.suspect)
        elif record.table[1].startswith(_INTERNAL):
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
                    place=self._places[arrival],
                ),
            )

    @property
    def _load_end(self) -> str:
        """Until when a table was loaded that had no row: as long as the others, and at least until it was prepared."""
        ends = max((log.load_end for log in self.logs.values()), default="")
        return ends or max((time for log in self.logs.values() for time in log.prepared), default="")

    def judge(self, log: TableLog, rows: Iterable[Row]) -> None:
        """Fold a table's log and compare."""
        report, expectations = log.report, self._expectations
        if not expectations.transaction_details and log.operations.keys() - {"load"}:
            text = "whether a change is lost in between: includeTransactionDetails is off"
            report.note(FindingKind.UNPROVABLE, text)
        if report.expected.keyed:
            states = fold(log, History(report, expectations, log.load_end or self._load_end))
            rows_lake = sum(state.row is not None for state in states.values())
            rows_source = compare(report, states, rows, expectations.lob_bytes)
        else:
            keyless = KeylessRows(log, expectations)
            rows_lake, rows_source = keyless.rows, keyless.compare(rows)
        self.result.tables[report.expected.name] = TableResult(
            rows_source=rows_source,
            rows_lake=rows_lake,
            operations=dict(log.operations),
            objects=len(log.objects),
            bytes=log.bytes,
            findings=report.findings,
            notes=report.notes,
        )
