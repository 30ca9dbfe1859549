"""Engines: which there are, and how one is started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from rehearsal.athena.athena import Athena
from rehearsal.athena.engine import Open
from rehearsal.athena.trino import Trino
from rehearsal.runtime.scratch import scratch

DUCKDB, TRINO = "duckdb", "trino"
ENGINES = (DUCKDB, TRINO)
"""By name: the one that needs nothing beside the rehearsal's packages, and the one that Athena is made of."""


@contextmanager
def started(engine: str, *, small: bool = False) -> Iterator[Open]:
    """``engine``, ready to open catalogs during the block; DuckDB with little memory if it is to be ``small``.

    PipelineError or SetUpError if it cannot be started.
    """
    if engine == TRINO:
        with Trino() as trino:
            yield trino.endpoints.open
    else:
        with scratch() as folder:
            yield partial(Athena, spill=folder / "spill", small=small)
