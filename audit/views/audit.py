"""Audit of the views, the second audit. What users would see is compared with the source, and not what the records say.

The declared SQL itself is asked, so it is the program's own statement that is judged, by a reading of types of its own
(sql/forms.py and types.py). A mistake in how one of the two audits reads records is a contradiction between them. What
they share is what the lake must have (expected/: the columns, filters, masks and texts of the declared mappings) and
how an object is unpacked (compression.py): a mistake there is one of both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from audit.expected.expectations import Expectations
from audit.sql import Ask, Comparison, KeptRows, digest_of, first_digests
from audit.verdict.findings import Finding, FindingKind, Findings
from audit.verdict.result import ViewsResult
from audit.views.compare import Way
from audit.views.counts import ask_counts
from audit.views.lines import DeliveredLines, check_lines
from audit.views.queries import not_answered
from audit.views.tables import CURRENT, Source, audit_rows, judge_kept
from model import Row, Table
from model.plan import CatalogPlan

Told = Callable[[Table, str], Iterable[tuple[Any, ...]] | None]
"""What the source itself answered to a query about a table when its rows were read; None if it was not asked."""


def audit_views(
    ask: Ask,
    catalog: CatalogPlan,
    delivered: DeliveredLines,
    tables: Iterable[Table],
    rows: Callable[[Table], Iterable[Row]],
    expectations: Expectations,
    lines: Findings | None = None,
    told: Told = lambda table, sql: None,
) -> ViewsResult:
    """Whether the declared views of ``catalog``, as ``ask`` answers them, give the source's ``rows`` of ``tables``.

    ``delivered`` has counted what ``ask`` reads, to see whether it reads all of it; ``lines`` is what was found of it
    before it was put in disorder: if there is any, that once is enough. Whatever is wrong is a finding.
    """
    result = ViewsResult(findings=lines or Findings())
    if not result.findings.total:
        check_lines(ask, catalog, delivered, result.findings)
    ask_counts(ask, catalog, result)
    result.tables.update(audit_rows(ask, catalog, tables, _kept(rows, told), expectations, Way()))
    declared = [view.name for view in catalog.views if view.kind == CURRENT]
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
    told: Told = lambda table, sql: None,
) -> None:
    """Whether the Iceberg tables of ``catalog`` have the source's ``rows``, now that the whole log is merged.

    What is wrong is a finding of ``result``, in which the views of ``tables`` have been judged.
    """
    counts = judge_kept(ask, catalog, tables, _kept(rows, told), expectations, result.tables)
    for name, count in counts.items():
        result.tables[name] = replace(result.tables[name], kept=count)


def unanswered(error: Exception, lines: Findings | None = None) -> ViewsResult:
    """The second audit, when what asks the views has failed; ``lines`` is what it had found until then."""
    result = ViewsResult(findings=lines or Findings())
    result.findings.put(not_answered("the views", error))
    return result


def _kept(rows: Callable[[Table], Iterable[Row]], told: Told) -> Source:
    """A source whose rows are kept."""

    def side(comparison: Comparison) -> KeptRows:
        table = comparison.expected.table
        answered = told(table, first_digests(comparison))
        digests = None if answered is None else dict(map(digest_of, answered))
        return KeptRows(lambda: rows(table), comparison, digests)

    return side
