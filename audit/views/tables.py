"""Tables: whether what the catalog has of a table's rows shows those of the source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from audit.expected.expectations import Expectations
from audit.expected.table import ExpectedTable
from audit.expected.table_report import Places, TableReport
from audit.sql import Ask, Comparison, SqlLake, first_digests
from audit.verdict.findings import FindingKind
from audit.verdict.result import ViewResult
from audit.views.compare import Compared, SourceSide, Way, compare
from audit.views.queries import without_values
from mappings import table_mappings as mappings
from mappings.target import Target, unchanged
from model import PipelineError, Table
from model.plan import CatalogPlan, KeptTablePlan, ViewPlan

CURRENT = "current"
"""The kind of a view that shows the rows of a table as they are now."""
_REPLAYED = "replayed"
"""The kind of a view that shows the same by the whole log, where an Iceberg table is kept for the other."""

Source = Callable[[Comparison], SourceSide]
"""Makes the source's side of a comparison."""


def audit_rows(
    ask: Ask, catalog: CatalogPlan, tables: Iterable[Table], source: Source, expectations: Expectations, way: Way
) -> Mapping[str, ViewResult]:
    """Whether the views of rows that ``catalog`` declares, as ``ask`` answers them in Athena's SQL, show the rows that
    ``tables`` of the source have. By the tables' names in the lake; whatever is wrong is a finding.
    """
    target = _target(expectations)
    return dict(_judged(ask, catalog, ExpectedTable(target(table)), source, expectations, way) for table in tables)


def judge_kept(
    ask: Ask,
    catalog: CatalogPlan,
    tables: Iterable[Table],
    source: Source,
    expectations: Expectations,
    judged: Mapping[str, ViewResult],
) -> Mapping[str, int | None]:
    """The same of the Iceberg tables of ``catalog``; what is wrong is a finding of ``judged``. How many rows they have,
    by the tables' names in the lake: None for one that could not be asked."""
    target = _target(expectations)
    kept = {table.table: table for table in catalog.kept_tables}
    found: dict[str, int | None] = {}
    for table in tables:
        expected = ExpectedTable(target(table))
        if one := kept.get(expected.identity):
            report = TableReport(expected, Places(), judged[expected.name].findings, judged[expected.name].notes)
            asked = _of_kept(one, catalog)
            found[expected.name] = _judge(ask, asked, report, source, expectations, Way()).rows if asked else None
    return found


def questions(catalog: CatalogPlan, table: Table, expectations: Expectations) -> list[str]:
    """What a source can be asked in MySQL's SQL about ``table`` while its rows are read, so that they need not be asked
    later: the checksums of the rows for each view of them."""
    expected = ExpectedTable(_target(expectations)(table))
    asked = [_Asked(view.name, view.columns).comparison(expected, expectations) for view in _of_rows(catalog, expected)]
    return list(dict.fromkeys(first_digests(one) for one in asked if one.comparable))


@dataclass(frozen=True)
class _Asked:
    """What shows the rows of a table."""

    name: str
    columns: tuple[tuple[str, str], ...]
    what: str = "the view"
    where: str = ""

    def __str__(self) -> str:
        return f"{self.what} {self.name}"

    def comparison(self, expected: ExpectedTable, expectations: Expectations) -> Comparison:
        """What of ``expected`` is compared by it."""
        return Comparison(
            expected, self.name, self.columns, null_and_empty=expectations.null_and_empty, where=self.where
        )


def _target(expectations: Expectations) -> Callable[[Table], Target]:
    return mappings.parse(expectations.mappings).target if expectations.mappings else unchanged


def _judged(
    ask: Ask, catalog: CatalogPlan, expected: ExpectedTable, source: Source, expectations: Expectations, way: Way
) -> tuple[str, ViewResult]:
    report = TableReport(expected, Places())
    compared = Compared()
    if not (views := _of_rows(catalog, expected)):
        report.note(FindingKind.NO_VIEW, _why_none(catalog, expected))
    for view in views:
        told = _judge(ask, _Asked(view.name, view.columns), report, source, expectations, way)
        compared = told if view.kind == CURRENT else compared
    return expected.name, ViewResult(
        rows=compared.rows,
        findings=report.findings,
        notes=report.notes,
        unproven=expected.keyed and not compared.whole,
        columns=len(expected.columns),
        uncompared=compared.uncompared,
        changing=compared.changing,
    )


def _judge(
    ask: Ask,
    asked: _Asked,
    report: TableReport[ExpectedTable],
    source: Source,
    expectations: Expectations,
    way: Way,
) -> Compared:
    comparison = asked.comparison(report.expected, expectations)
    try:
        if comparison.comparable:
            return compare(
                report, comparison, source(comparison), SqlLake(ask, comparison), expectations, way, asked.what
            )
        text = f"{asked} lacks a column of the primary key, so it takes several rows for one"
        report.find(FindingKind.STALE, text)
        ((count,),) = ask(f'SELECT count(*) FROM "{asked.name}"').rows
        return Compared(rows=int(count), uncompared=report.expected.columns)
    except PipelineError as error:
        report.find(FindingKind.UNASKED, f"{asked} could not be asked: {without_values(str(error))}")
        return Compared(uncompared=report.expected.columns)


def _of_rows(catalog: CatalogPlan, expected: ExpectedTable) -> list[ViewPlan]:
    """The views of the table's rows."""
    found = {view.kind: view for view in catalog.views if view.table == expected.identity}
    return [found[kind] for kind in (CURRENT, _REPLAYED) if kind in found and CURRENT in found]


def _of_kept(table: KeptTablePlan, catalog: CatalogPlan) -> _Asked | None:
    """An Iceberg table, which has the columns of the view of current rows that reads it."""
    views = [view for view in catalog.views if view.table == table.table and view.kind == CURRENT]
    return _Asked(table.name, views[0].columns, "the table", "NOT cdc_gone") if views else None


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
