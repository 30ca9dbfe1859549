"""Audit of the views, the second audit. What users would see is compared with the source, and not what the records say.

The declared SQL itself is asked, so it is the program's own statement that is judged, by a reading of types of its own
(types.py). A mistake in how one of the two audits reads records is a contradiction between them. What they share is
what the lake must have (expected/: the columns, filters, masks and texts of the declared mappings) and
how an object is unpacked (compression.py): a mistake there is one of both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

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
        view = _current(catalog, expected)
        if view is None:
            report.note(FindingKind.NO_VIEW, _why_none(catalog, expected))
        count, whole = _judge(ask, view, report, rows, expectations) if view else (None, False)
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


def unanswered(error: Exception, lines: Findings | None = None) -> ViewsResult:
    """The second audit, when what asks the views has failed; ``lines`` is what it had found until then."""
    result = ViewsResult(findings=lines or Findings())
    result.findings.put(not_answered("the views", error))
    return result


def _judge(
    ask: Ask,
    view: ViewPlan,
    report: TableReport[ExpectedTable],
    rows: Callable[[Table], Iterable[Row]],
    expectations: Expectations,
) -> tuple[int | None, bool]:
    """How many rows the view gives, None if it cannot be asked; and whether it has every column of the table."""
    try:
        answer = ask(f'SELECT * FROM "{view.name}"')
        given = list(answer.rows)
    except PipelineError as error:
        report.find(FindingKind.UNASKED, f"the view {view.name} could not be asked: {without_values(str(error))}")
        return None, False
    found = ViewRows(report, view.name, answer.columns, expectations)
    if not found.comparable:
        text = f"the view {view.name} lacks a column of the primary key, so it takes several rows for one"
        report.find(FindingKind.STALE, text)
        return len(given), False
    found.take(given)
    found.compare(report.expected.wanted(rows(report.expected.table)))
    return found.count, found.whole


def _current(catalog: CatalogPlan, expected: ExpectedTable) -> ViewPlan | None:
    views = (view for view in catalog.views if view.kind == _CURRENT and view.table == expected.identity)
    return next(views, None)


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
