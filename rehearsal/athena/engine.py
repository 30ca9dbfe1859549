"""Engine: what answers queries in Athena's place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from model.plan import CatalogPlan
from rehearsal.lake import LakeObject


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a query gives."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    """Athena's names of their types."""
    rows: Iterator[tuple[Any, ...]]
    """To be read once."""


class Queryable(Protocol):
    """A catalog over a lake."""

    def run(self, sql: str, parameters: Sequence[object] = (), /) -> Answer:
        """What the query ``sql`` gives; a name without a database is one of the catalog's. QueryError if nothing."""
        ...


class Open(Protocol):
    """Opens a catalog over the objects of a lake; another process may be handed it."""

    def __call__(
        self, catalog: CatalogPlan, objects: Iterable[LakeObject], *, now: datetime | None = None
    ) -> AbstractContextManager[Queryable]:
        """``catalog`` over ``objects``, asked at the moment ``now``, or at this one."""
        ...
