"""Both audits of one lake, in order and in disorder: by its log, and by the views that are declared over it.

The log is folded twice, as it was delivered and in disorder. Meanwhile a worker asks the views about the lake in
disorder: DuckDB uses little more than one core for a lake of this size, and a small machine has two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from rehearsal.athena import Athena
from rehearsal.athena.kept import KeptCatalog
from rehearsal.athena.projection import Projection
from rehearsal.audit import AuditResult, KeptSource, Ledger, ViewsResult, audit, audit_views
from rehearsal.audit.compression import decompressed
from rehearsal.disorder import disordered
from rehearsal.lake import LakeObject
from rehearsal.worker import Channel, Worker

_LOOK_SECONDS = 1.0

Objects = Callable[[], Iterable[LakeObject]]
"""Reads the objects of the lake, each time anew."""


def both(
    objects: Objects,
    source: KeptSource,
    kept: KeptCatalog | None,
    seed: int,
    progress: Callable[[AuditResult], None],
) -> AuditResult:
    """Audit ``objects`` against ``source``: by the log, as they are and in disorder, and by the views that are kept.

    ``seed`` decides on the disorder. ``kept`` is None for a lake that was kept before there were views.
    """
    beside = Worker("the audit of the views", _asked, objects, source, kept, seed)
    try:
        result = audit(objects(), source.tables, source.rows, source.expectations, progress)
        if result.equal:  # else it is wrong in disorder too, and once said is enough
            mixed = _mixed(objects, kept, seed)
            result.disorder = _in_disorder(audit(mixed, source.tables, source.rows, source.expectations))
        while beside.poll():
            beside.wait(_LOOK_SECONDS)
        result.views = beside.progress
    finally:
        beside.kill()
    return result


def _mixed(objects: Objects, kept: KeptCatalog | None, seed: int) -> list[LakeObject]:
    """The lake in disorder; no object lies where the catalog cannot see it."""
    tables = kept.catalog.tables if kept and kept.catalog else ()
    seen = [Projection(table, kept.at) for table in tables] if kept else []
    return disordered(objects(), seed, lambda key: not seen or any(one.values(key) is not None for one in seen))


def _in_disorder(result: AuditResult) -> Ledger:
    """All that was found in disorder. The objects that it was found in are nowhere, so none is named."""
    every = Ledger()
    for ledger in result.log:
        every.counts += ledger.counts
        every.listed += [replace(one, text=f"in disorder: {one.text}", place="") for one in ledger.listed]
    return every


def _asked(
    channel: Channel, objects: Objects, source: KeptSource, kept: KeptCatalog | None, seed: int
) -> ViewsResult | None:
    """What the views tell; None where none are declared, or were when the lake was kept."""
    if kept is None or kept.catalog is None:
        return None
    # One damaged object fails every query on AWS. Without it, queries can still tell which rows it took.
    mixed = _mixed(objects, kept, seed)
    whole = [one for one in mixed if not decompressed(one.body, named_gzip=one.key.endswith(".gz")).damage]
    with Athena(kept.catalog, whole, now=kept.at) as athena:
        return audit_views(athena.run, kept.catalog, whole, source.tables, source.rows, source.expectations)
