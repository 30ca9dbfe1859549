"""Both audits of one lake, in order and in disorder: by its log, and by the views that are declared over it.

The log is folded twice, as it was delivered and in disorder. Meanwhile a worker asks whether queries see every line as
delivered, and asks the views about the lake in disorder: DuckDB uses little more than one core for a lake of this size,
and a small machine has two.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace

import duckdb

from audit import (
    AuditResult,
    DeliveredLines,
    Findings,
    KeptSource,
    Latencies,
    ViewsResult,
    audit,
    audit_kept,
    audit_views,
    check_counts,
    check_lines,
    unanswered,
)
from audit.views.lines import RECORDS
from model import PipelineError
from model.plan import CatalogPlan
from rehearsal.athena import DUCKDB, Open, Queryable, started
from rehearsal.athena.kept_catalog import KeptCatalog
from rehearsal.athena.projection import Projection
from rehearsal.lake import LakeObject
from rehearsal.play.disorder import disordered
from rehearsal.play.merging import finish, grow
from rehearsal.runtime.worker import Channel, Worker

_LOOK_SECONDS = 1.0

Objects = Mapping[str, LakeObject]
"""The objects of the lake by their keys, each read whenever it is asked for."""


def run_audits(
    objects: Objects,
    source: KeptSource,
    kept: KeptCatalog | None,
    seed: int,
    progress: Callable[[AuditResult], None],
    engine: str = DUCKDB,
    latencies: Latencies | None = None,
) -> AuditResult:
    """Audit ``objects`` against ``source``: by the log, as they are and in disorder, and by the views that are kept.

    ``seed`` decides on the disorder, ``engine`` answers the views' SQL, ``latencies`` takes in the records as they are.
    ``kept`` is None for a lake that was kept before there were views.
    """
    catalog = kept.catalog if kept else None
    with ExitStack() as stack:
        beside = None
        if catalog:
            sizes, level = ((True, False), 0) if engine == DUCKDB else ((False,), 1)  # Trino's S3 holds the objects
            opens = [stack.enter_context(started(engine, small=small)) for small in sizes]
            beside = Worker("the audit of the views", _ask_views, objects, source, kept, seed, opens, level)
            stack.callback(beside.kill)
        result = audit(objects.values(), source.tables, source.rows, source.expectations, progress, latencies)
        mixed = None
        if result.equal:  # else it is wrong in disorder too, and once said is enough
            mixed = audit(_mixed(objects, kept, seed), source.tables, source.rows, source.expectations)
            result.disorder = _in_disorder(mixed)
        if beside and catalog:
            result.views = _views(beside)
            result.views.engine = engine
            if mixed:
                check_counts(catalog, result.views, mixed)
    return result


def _views(beside: Worker) -> ViewsResult:
    """What the worker comes to. If it fails, that is its result: what the log tells must not be lost with it."""
    try:
        while beside.poll():
            beside.wait(_LOOK_SECONDS)
    except PipelineError as error:
        return unanswered(error)
    if not isinstance(beside.progress, ViewsResult):
        return unanswered(PipelineError(f"{beside.name} ended and said nothing"))
    return beside.progress


def _mixed(
    objects: Objects, kept: KeptCatalog | None, seed: int, but: Container[str] = (), level: int = 0
) -> Iterator[LakeObject]:
    """The lake in disorder, without the objects ``but``; none lies where the catalog cannot see it."""
    try:
        seen = [Projection(table, kept.at) for table in kept.catalog.tables] if kept and kept.catalog else []
    except PipelineError:
        seen = []  # who asks the views says so; here it must not take the log's audit along

    def may_lie(key: str) -> bool:
        return not seen or any(one.values(key) is not None for one in seen)

    return disordered(objects, seed, may_lie, but, level)


def _in_disorder(result: AuditResult) -> Findings:
    """All that was found in disorder. The objects that it was found in are nowhere, so none is named."""
    every = Findings()
    for found in result.log:
        every.counts += found.counts
        every.listed += [replace(one, text=f"in disorder: {one.text}", place="") for one in found.listed]
    return every


def _ask_views(
    _: Channel,
    objects: Objects,
    source: KeptSource,
    kept: KeptCatalog,
    seed: int,
    opens: Sequence[Open],
    level: int = 0,
) -> ViewsResult:
    """What the views tell. A query, a view or a table that fails is a finding; what was found before it stays.

    The first of ``opens`` is asked; where its memory is too little, as for rows of hundreds of columns, all is asked
    again of the next. ``level`` is GZIP's of the lake in disorder, where that is not held as it is packed.
    """
    error: Exception = PipelineError("there is no engine")
    for opened in opens:
        try:
            return _answers(objects, source, kept, seed, opened, level)
        except MemoryError as too_little:
            error = too_little
    return unanswered(error)


def _answers(
    objects: Objects, source: KeptSource, kept: KeptCatalog, seed: int, opened: Open, level: int
) -> ViewsResult:
    """What the views tell when ``opened`` is asked. MemoryError if it has too little."""
    catalog, lines = kept.catalog, Findings()
    assert catalog, "the parent asks only where there is one"
    try:
        if catalog.kept_tables:
            damaged = _check_delivered(opened, catalog, objects, kept, source, lines)
            with opened(catalog, (), now=kept.at) as athena:
                held = list(_mixed(objects, kept, seed, damaged, level=1))
                return _ask_grown(athena, kept, held, source, seed, lines)
        damaged = _check_delivered(opened, replace(catalog, views=()), objects, kept, source, lines)
        mixed = DeliveredLines(source.expectations.failed)
        with opened(catalog, mixed.passing(_mixed(objects, kept, seed, damaged, level)), now=kept.at) as asked:
            if not _all_kinds_known(asked, catalog):  # asked again of the lake as delivered, to name the places there
                lines = Findings()
                _check_delivered(opened, catalog, objects, kept, source, lines)
            return audit_views(
                asked.run, catalog, mixed, source.tables, source.rows, source.expectations, lines, source.answer
            )
    except (PipelineError, duckdb.Error) as error:
        return unanswered(error, lines)


def _all_kinds_known(asked: Queryable, catalog: CatalogPlan) -> bool:
    """Whether the view of all records tells the kind of every line: disorder leaves each line as it is."""
    if not any(view.name == RECORDS for view in catalog.views):
        return True
    try:
        ((count,),) = asked.run(f"SELECT count(*) FROM {RECORDS} WHERE cdc_kind = 'unread'").rows
    except PipelineError:
        return False
    return count == 0


def _ask_grown(
    athena: Queryable, kept: KeptCatalog, objects: list[LakeObject], source: KeptSource, seed: int, lines: Findings
) -> ViewsResult:
    """What the views tell of a lake that was merged as it grew, and then the tables, when all of it is merged."""
    catalog = kept.catalog
    assert catalog, "the parent asks only where there is one"
    merges, failed = grow(athena, catalog, objects, seed, kept.at)
    of_source = source.tables, source.rows, source.expectations
    delivered = DeliveredLines.of(objects, source.expectations.failed)
    result = audit_views(athena.run, catalog, delivered, *of_source, lines, source.answer)
    more, found = finish(athena, catalog)
    for finding in (*failed, *found):
        result.findings.put(finding)
    audit_kept(athena.run, catalog, *of_source, result, source.answer)
    result.merges = merges + more
    return result


def _check_delivered(
    opened: Open,
    catalog: CatalogPlan,
    objects: Objects,
    kept: KeptCatalog,
    source: KeptSource,
    lines: Findings,
) -> Container[str]:
    """Whether queries see every line where it was delivered, and as it was packed; which objects are damaged, and so
    left out. Other views than that of all records would only cost time."""
    views = tuple(view for view in catalog.views if view.name == RECORDS)
    delivered = DeliveredLines(source.expectations.failed, whole=True)
    passing = delivered.passing(objects.values())
    with opened(replace(catalog, views=views, kept_tables=()), passing, now=kept.at) as athena:
        check_lines(athena.run, catalog, delivered, lines)
    return delivered.damaged
