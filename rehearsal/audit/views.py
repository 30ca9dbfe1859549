"""Views: the second audit. What users would see is compared with the source, and not what the records say.

The declared SQL itself is asked, so it is the program's own statement that is judged, by a reading of types of its own
(typed.py): the fold and the views share no code beyond the declared mappings, and a mistake of one of them is a
contradiction between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rehearsal.audit.expectations import Expectations
from rehearsal.audit.findings import Kind
from rehearsal.audit.objects import DeliveredObject
from rehearsal.audit.report import Places, TableReport
from rehearsal.audit.result import ViewResult, ViewsResult
from rehearsal.audit.shape import Shape
from rehearsal.audit.view_lines import Ask, check_lines
from rehearsal.audit.view_rows import ViewRows
from rehearsal.plan import CatalogPlan, ViewPlan
from rehearsal.replication import mappings
from rehearsal.replication.target import unchanged
from rehearsal.vocabulary import Row, Table

_CURRENT = "current"
"""The kind of a view that shows the rows of a table as they are now."""


def audit_views(
    ask: Ask,
    catalog: CatalogPlan,
    objects: Iterable[DeliveredObject],
    tables: Iterable[Table],
    rows: Callable[[Table], Iterable[Row]],
    expectations: Expectations,
) -> ViewsResult:
    """Whether the declared views of ``catalog``, as ``ask`` answers them, give the source's ``rows`` of ``tables``.

    ``objects`` are what ``ask`` reads, to see whether it reads them all. RehearsalError for a column type that cannot
    be compared; whatever else is wrong is a finding.
    """
    result = ViewsResult()
    check_lines(ask, catalog, objects, expectations.failed, result.findings)
    target = mappings.parse(expectations.mappings).target if expectations.mappings else unchanged
    for table in tables:
        shape = Shape(target(table), null_and_empty=expectations.null_and_empty)
        report = TableReport(shape, Places())
        view = _current(catalog, shape)
        if view is None:
            report.note(Kind.NO_VIEW, _why_none(catalog, shape))
        count = _judge(ask, view, report, rows, expectations) if view else None
        result.tables[shape.name] = ViewResult(rows=count, findings=report.findings, notes=report.notes)
    return result


def _judge(
    ask: Ask,
    view: ViewPlan,
    report: TableReport,
    rows: Callable[[Table], Iterable[Row]],
    expectations: Expectations,
) -> int:
    answer = ask(f'SELECT * FROM "{view.name}"')
    found = ViewRows(report, view.name, answer.columns, null_and_empty=expectations.null_and_empty)
    if not found.comparable:
        text = f"the view {view.name} lacks a column of the primary key, so it takes several rows for one"
        report.find(Kind.STALE, text)
        return sum(1 for _ in answer.rows)
    found.take(answer.rows)
    found.compare(report.shape.wanted(rows(report.shape.table)))
    return found.count


def _current(catalog: CatalogPlan, shape: Shape) -> ViewPlan | None:
    views = (view for view in catalog.views if view.kind == _CURRENT and view.table == shape.identity)
    return next(views, None)


def _why_none(catalog: CatalogPlan, shape: Shape) -> str:
    if not shape.keyed:
        return "the table has no primary key, and without one no query can tell which of its rows a change is of"
    if any(view.table == shape.identity for view in catalog.views):
        return "its description has no primary key: `python -m rehearsal describe` writes it from the source"
    return "nothing describes its columns: `python -m rehearsal describe` writes that from the source"
