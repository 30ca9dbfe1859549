"""Engine: what answers queries in Athena's place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from model.plan import CatalogPlan, KeptTablePlan
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

    def change(self, sql: str, values: Mapping[str, str] | None = None, /) -> int:
        """Run ``sql``, a MERGE or DELETE of an Iceberg table: how many rows it inserts, updates and deletes.

        ``values`` are put in the places of the texts by which they go in its literals. QueryError if it fails.
        """
        ...

    def see(self, objects: Iterable[LakeObject], now: datetime, /) -> None:
        """From ``now`` on the lake has ``objects``, and no others. Iceberg tables stay as they are, and the partitions
        that are projected."""
        ...

    @property
    def has_own_clock(self) -> bool:
        """Whether the clock of its SQL is this machine's, whatever the moment at which it is asked."""
        ...


class Open(Protocol):
    """Opens a catalog over the objects of a lake; another process may be handed it."""

    def __call__(
        self, catalog: CatalogPlan, objects: Iterable[LakeObject], *, now: datetime | None = None
    ) -> AbstractContextManager[Queryable]:
        """``catalog`` over ``objects``, asked at the moment ``now``, or at this one."""
        ...


def start_of(athena: Queryable, table: KeptTablePlan) -> dict[str, str]:
    """From where on ``table`` is to be merged: what is put in the places of its statements. QueryError if not told."""
    answer = athena.run(table.start)
    row = next(answer.rows, None) or [""] * len(answer.columns)
    return {f"<{name}>": value for name, value in zip(answer.columns, row, strict=True)}


def placed(sql: str, values: Mapping[str, str] | None) -> str:
    """``sql`` with ``values`` in its literals, in the places of the texts by which they go."""
    for name, value in (values or {}).items():
        sql = sql.replace(name, value.replace("'", "''"))
    return sql
