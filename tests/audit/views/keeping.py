"""Iceberg tables that are kept over a growing lake: runs of the declared statements, by a schedule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from documents.versions import Windows
from model.plan import CatalogPlan, KeptTablePlan
from rehearsal.athena import Athena, Open, Queryable, start_of
from rehearsal.lake import LakeObject
from tests.audit.views.shops import BEGIN, NAMES, kept_catalog

WINDOWS = Windows(again=6, latest=120)
NOW = BEGIN + timedelta(days=5)
Start = tuple[str, str, str]
PLAN = kept_catalog(WINDOWS)
EVERYTHING: Start = ("", "", "")
PLACE = "raw/dt=%Y-%m-%d/hr=%H/"


@dataclass
class Keeper:
    """Keeps the shop's tables. One is used for many lakes: making it costs more than what it does."""

    plan: CatalogPlan
    athena: Queryable
    now: datetime

    @contextmanager
    def keeping(self, tables: Sequence[KeptTablePlan]) -> Iterator[None]:
        """For a while, with other statements."""
        declared, self.plan = self.plan, replace(self.plan, kept_tables=tuple(tables))
        try:
            yield
        finally:
            self.plan = declared

    def begin(self) -> None:
        """An empty lake, and empty tables."""
        for name in NAMES:
            rows = f"SELECT cdc_key FROM shop_{name}"  # of a plain DELETE Trino may not tell the rows
            self.athena.change(
                f"MERGE INTO shop_{name} AS old USING ({rows}) AS every ON old.cdc_key = every.cdc_key "
                "WHEN MATCHED THEN DELETE"
            )
        self.see(())

    def see(self, objects: Sequence[LakeObject]) -> None:
        """The lake has these objects."""
        self.athena.see(objects, self.now)

    def start(self, table: KeptTablePlan) -> Start:
        """From where on the table is to read."""
        answer = start_of(self.athena, table)
        return answer["<from_dt>"], answer["<from_hr>"], answer["<before>"]

    def merge(self, table: KeptTablePlan, begin: Start | None = None) -> int:
        """A run: how many rows it changes."""
        day, hour, _ = begin or self.start(table)
        return self.athena.change(table.merge, {"<from_dt>": day, "<from_hr>": hour})

    def sweep(self, table: KeptTablePlan) -> int:
        """The sweep: how many tombstones go."""
        return self.athena.change(table.sweep, {"<before>": self.start(table)[2]})

    def differences(self, table: KeptTablePlan, *, merged: bool = True) -> list[str]:
        """Which of what shows the table's rows does not show what the whole log says; a table only if it was merged."""
        name = table.name
        columns = next(view.columns for view in self.plan.views if view.name == f"{name}_current")
        names = ", ".join(f'"{column}"' for column, _ in columns)
        wanted = Counter(self.athena.run(f"SELECT {names} FROM {name}_replayed").rows)
        shows = [f"{name}_current", *([f"{name} WHERE NOT cdc_gone"] if merged else [])]
        return [it for it in shows if Counter(self.athena.run(f"SELECT {names} FROM {it}").rows) != wanted]


@contextmanager
def keeping(opened: Open = Athena, plan: CatalogPlan = PLAN, now: datetime = NOW) -> Iterator[Keeper]:
    """A keeper of the tables of ``plan``, asked at ``now``."""
    with opened(plan, (), now=now) as athena:
        yield Keeper(plan, athena, now)


def arrivals(objects: Sequence[LakeObject], dice: Random, steps: int) -> list[list[LakeObject]]:
    """What the lake has at each step: an object is there at the latest ``WINDOWS.again`` hours after its own."""
    times = {it.key: hour(it.key) + timedelta(hours=dice.randint(0, WINDOWS.again)) for it in objects}
    known = sorted(set(times.values()))
    ends = sorted(dice.sample(known, min(steps, len(known))))
    return [*([it for it in objects if times[it.key] <= end] for end in ends), list(objects)]


def hour(key: str) -> datetime:
    """The hour in whose folder an object lies."""
    return datetime.strptime(key[: len("raw/dt=2026-11-22/hr=10/")], PLACE).replace(tzinfo=BEGIN.tzinfo)


def keep(keeper: Keeper, lakes: Iterable[Sequence[LakeObject]], dice: Random) -> list[str]:
    """Run over the growing lake as badly as a schedule may: runs are missed, repeated and begin with an old answer.
    The differences that are seen on the way, and at the end."""
    found, old = list[str](), {table.name: EVERYTHING for table in keeper.plan.kept_tables}
    keeper.begin()
    last = len(lakes := list(lakes)) - 1
    for step, lake in enumerate(lakes):
        keeper.see(lake)
        for table in keeper.plan.kept_tables:
            merged = step == last or dice.random() < 0.7
            start = keeper.start(table)
            if merged:
                keeper.merge(table, old[table.name] if dice.random() < 0.2 else start)
                again = keeper.merge(table) if dice.random() < 0.4 else 0
                found += [f"{table.name}: a run that is repeated changes {again} rows"] if again else []
                old[table.name] = start
            found += [f"step {step}: {it}" for it in keeper.differences(table, merged=merged)]
    return found
