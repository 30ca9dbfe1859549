"""View counts: whether the views of changes have every record, and no other.

The rows as they are now can be right where the history that users ask for is not: a view that leaves deletes out, or
all but the last change of a key. The log's audit has counted the records of the same objects.
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.sql import Ask
from audit.verdict.findings import Finding, FindingKind
from audit.verdict.result import AuditResult, ViewsResult
from audit.views.lines import RECORDS
from audit.views.queries import not_answered
from model import PipelineError, qualified
from model.plan import CatalogPlan, ViewPlan

CHANGES, CONTROL = "changes", "control_records"
"""The views of all tables' changes, and of what was told of tables themselves."""
_OF_TABLE = "changes"
"""The kind of a view that shows the changes of one table."""

Counts = dict[str, dict[str, int]]
"""Records by table and operation."""


def ask_counts(ask: Ask, catalog: CatalogPlan, result: ViewsResult) -> None:
    """Let each view of ``catalog`` that shows records count them; report those of all tables that are not there."""
    for name in sorted({RECORDS, CHANGES, CONTROL} - {view.name for view in catalog.views}):
        text = f"the catalog has no view {name}: what it would show cannot be told from what is lost"
        result.findings.put(Finding(kind=FindingKind.NO_VIEW, text=text))
    for view in catalog.views:
        try:
            if view.name in (CHANGES, CONTROL):
                result.counts[view.name] = _by_table(ask, view)
            elif view.kind == _OF_TABLE and view.table:
                sql = f'SELECT cdc_operation, count(*) FROM "{view.name}" GROUP BY 1'
                result.counts[view.name] = {qualified(*view.table): {str(name): count for name, count in ask(sql).rows}}
        except PipelineError as error:
            result.findings.put(not_answered(f"the view {view.name}", error))


def check_counts(catalog: CatalogPlan, result: ViewsResult, log: AuditResult) -> None:
    """Report each count of ``result`` that is not that of ``log``, the audit of the same objects."""
    there: Counts = {name: dict(table.operations) for name, table in log.tables.items()}
    there |= {name: dict(operations) for name, operations in log.gone.items()}
    for view in catalog.views:
        if view.name not in result.counts:
            continue
        counted = result.counts[view.name]
        if view.name == CONTROL:
            of_all = {"": {"control": sum(sum(of.values()) for of in counted.values())}}
            wanted: Counts = {"": {"control": log.control_records - log.internal_control_records}}
            findings = _differences(view, of_all, wanted)
        elif view.table:
            name = qualified(*view.table)
            findings = _differences(view, counted, {name: there.get(name, {})})
        else:
            findings = _differences(view, counted, there)
        for finding in findings:
            result.findings.put(finding)


def _by_table(ask: Ask, view: ViewPlan) -> Counts:
    counts: Counts = {}
    sql = f'SELECT cdc_schema, cdc_table, cdc_operation, count(*) FROM "{view.name}" GROUP BY 1, 2, 3'
    for schema, table, operation, count in ask(sql).rows:
        counts.setdefault(qualified(str(schema), str(table)), {})[str(operation)] = count
    return counts


def _differences(view: ViewPlan, counted: Counts, there: Counts) -> Iterator[Finding]:
    for table in sorted(counted.keys() | there.keys()):
        of_view, of_log = counted.get(table, {}), there.get(table, {})
        for operation in sorted(of_view.keys() | of_log.keys()):
            shown, had = of_view.get(operation, 0), of_log.get(operation, 0)
            if shown != had:
                text = f"the view {view.name} has {shown:,} {operation} records, by the log there are {had:,}"
                yield Finding(kind=FindingKind.COUNTED, text=text, table=table)
