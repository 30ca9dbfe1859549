"""Engines: which there are, and how one is started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from model import PipelineError
from model.plan import CatalogPlan
from rehearsal.athena.athena import Athena
from rehearsal.athena.engine import Open
from rehearsal.athena.trino import Trino

DUCKDB, TRINO = "duckdb", "trino"
ENGINES = (DUCKDB, TRINO)
"""By name: the one that needs nothing beside the rehearsal's packages, and the one that Athena is made of."""


def check(engine: str, catalog: CatalogPlan | None) -> None:
    """PipelineError for a ``catalog`` that ``engine`` cannot play."""
    if engine == TRINO and catalog and catalog.kept_tables:
        raise PipelineError(
            f"--engine {engine}: the Iceberg tables that tablesEveryMinutes keeps are played by {DUCKDB} alone; take "
            "--engine away (ENGINE of make), or set tablesEveryMinutes to 0"
        )


@contextmanager
def started(engine: str, catalog: CatalogPlan) -> Iterator[Open]:
    """``engine``, ready to open ``catalog`` and parts of it during the block.

    PipelineError or SetUpError if it cannot be started, or cannot play the catalog.
    """
    check(engine, catalog)
    if engine == TRINO:
        with Trino() as trino:
            yield trino.endpoints.open
    else:
        yield Athena
