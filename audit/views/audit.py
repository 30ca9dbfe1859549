"""Audit of the views, the second audit. What users would see is compared with the source, and not what the records say.

The declared SQL itself is asked, so it is the program's own statement that is judged, by a reading of types of its own
(types.py). A mistake in how one of the two audits reads records is a contradiction between them. What they share is
what the lake must have (expected/: the columns, filters, masks and texts of the declared mappings) and
how an object is unpacked (compression.py): a mistake there is one of both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from audit.expected.expectations import Expectations
from audit.expected.table import ExpectedTable
from audit.expected.table_report import Places, TableReport
from audit.objects.delivered import DeliveredObject
from audit.verdict.findings import Finding, FindingKind, Findings
from audit.verdict.result import ViewResult, ViewsResult
from audit.views.counts import ask_counts
from audit.views.lines import check_lines
from audit.views.queries import Ask, not_answered, without_values
from audit.views.rows import ViewRows
from mappings import table_mappings as mappings
from mappings.target import unchanged
from model import PipelineError, Row, Table
from model.plan import CatalogPlan, ViewPlan

_CURRENT = "current"
"""The kind of a view that shows the rows of a table as they are now."""
_REPLAYED = "replayed"
"""The kind of a view that shows the same by the whole log, where an Iceberg table is kept for the other."""


def audit_views(
    ask: Ask,
    catalog: CatalogPlan,
    objects: Iterable[DeliveredObject],
    tables: Iterable[Table],
    rows: Callable[[Table], Iterable[Row]],
    expectations: Expectations,
    lines: Findings | None = None,
) -> ViewsResult:
    """Whether the declared views of ``catalog``, as ``ask`` answers them, give the source's ``rows`` of ``tables``.

    ``objects`` are what ``ask`` reads, to see whether it reads them all; ``lines`` is what was found of them before
    they were put in disorder: if there is any, that once is enough. Whatever is wrong is a finding.
    """
    result = ViewsResult(findings=lines or Findings())
    if not result.findings.total:
        check_lines(ask, catalog, objects, expectations.failed, result.findings)
    ask_counts(ask, catalog, result)
    target = mappings.parse(expectations.mappings).target if expectations.mappings else unchanged
    for table in tables:
        expected = ExpectedTable(target(table))
        report = TableReport(expected, Places())
        count, whole = None, False
        if not (views := _of_rows(catalog, expected)):
            report.note(FindingKind.NO_VIEW, _why_none(catalog, expected))
        for view in views:
            asked = _judge(ask, _Asked(view.name), report, rows, expectations)
            count, whole = asked if view.kind == _CURRENT else (count, whole)
        result.tables[expected.name] = ViewResult(
            rows=count, findings=report.findings, notes=report.notes, unproven=expected.keyed and not whole
        )
    declared = [view.name for view in catalog.views if view.kind == _CURRENT]
    if (
        declared
        and any(it.unproven for it in result.tables.values())
        and not any(it.asked for it in result.tables.values())
    ):
        text = f"none of the declared views of rows is of a captured table, {declared[0]} for one: see the notes"
        result.findings.put(Finding(kind=FindingKind.NO_VIEW, text=text))
    return result


def audit_kept(
    ask: Ask,
    catalog: CatalogPlan,
    tables: Iterable[Table],
    rows: Callable[[Table], Iterable[Row]],
    expectations: Expectations,
    result: ViewsResult,
) -> None:
    """Whether the Iceberg tables of ``catalog`` have the source's ``rows``, now that the whole log is merged.

    What is wrong is a finding of ``result``, in which the views of ``tables`` have been judged.
    """
    target = mappings.parse(expectations.mappings).target if expectations.mappings else unchanged
    kept = {table.table: table for table in catalog.kept_tables}
    for table in tables:
        expected = ExpectedTable(target(table))
        if one := kept.get(expected.identity):
            judged = result.tables[expected.name]
            report = TableReport(expected, Places(), judged.findings, judged.notes)
            asked = _Asked(one.name, what="the table", where=" WHERE NOT cdc_gone")
            count, _ = _judge(ask, asked, report, rows, expectations)
            result.tables[expected.name] = replace(judged, kept=count)


def unanswered(error: Exception, lines: Findings | None = None) -> ViewsResult:
    """The second audit, when what asks the views has failed; ``lines`` is what it had found until then."""
    result = ViewsResult(findings=lines or Findings())
    result.findings.put(not_answered("the views", error))
    return result


@dataclass(frozen=True)
class _Asked:
    """What shows the rows of a table."""

    name: str
    what: str = "the view"
    where: str = ""

    def __str__(self) -> str:
        return f"{self.what} {self.name}"


def _judge(
    ask: Ask,
    asked: _Asked,
    report: TableReport[ExpectedTable],
    rows: Callable[[Table], Iterable[Row]],
    expectations: Expectations,
) -> tuple[int | None, bool]:
    """How many rows it gives, None if it cannot be asked; and whether it has every column of the table."""
    try:
        answer = ask(f'SELECT * FROM "{asked.name}"{asked.where}')
        given = list(answer.rows)
    except PipelineError as error:
        report.find(FindingKind.UNASKED, f"{asked} could not be asked: {without_values(str(error))}")
        return None, False
    found = ViewRows(report, asked.name, answer.columns, expectations, asked.what)
    if not found.comparable:
        text = f"{asked} lacks a column of the primary key, so it takes several rows for one"
        report.find(FindingKind.STALE, text)
        return len(given), False
    found.take(given)
    found.compare(report.expected.wanted(rows(report.expected.table)))
    return found.count, found.whole


def _of_rows(catalog: CatalogPlan, expected: ExpectedTable) -> list[ViewPlan]:
    """The views of the table's rows."""
    found = {view.kind: view for view in catalog.views if view.table == expected.identity}
    return [found[kind] for kind in (_CURRENT, _REPLAYED) if kind in found and _CURRENT in found]


def _why_none(catalog: CatalogPlan, expected: ExpectedTable) -> str:
    source = expected.table
    if not expected.keyed:
        return "the table has no primary key, and without one no query can tell which of its rows a change is of"
    if views := [view.name for view in catalog.views if view.table == expected.identity]:
        return (
            f"of it only {', '.join(views)} is declared, as for a description without a primary key: "
            "`python -m rehearsal describe` writes it from the source"
        )
    if any(view.table == (source.schema, source.name) for view in catalog.views):
        return f"the mappings name {source} so, and the views that are declared are of {source}"
    return "no view of it is declared: `python -m rehearsal describe` writes what the program makes them of"
