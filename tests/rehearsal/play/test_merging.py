"""Which objects the lake has when while tables are merged; what the statements make of them is tested elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from documents.versions import Windows
from rehearsal.athena import Answer, QueryError
from rehearsal.lake import LakeObject
from rehearsal.play.merging import grow
from tests.audit.views.shops import kept_catalog
from tests.rehearsal.athena.catalogs import stored

CATALOG = kept_catalog(Windows(again=3, latest=48))
NOW = datetime.now(UTC)
OLD, NEW = (
    [stored("{}", f"{NOW - timedelta(hours=ago):raw/dt=%Y-%m-%d/hr=%H/}{ago}.gz") for ago in hours]
    for hours in (range(60, 50, -1), range(30, 0, -1))
)


class Engine:
    """Answers nothing, and remembers what it has seen. The change with the number ``fails`` fails."""

    def __init__(self, *, has_own_clock: bool, fails: int = 0) -> None:
        self.has_own_clock, self._fails = has_own_clock, fails
        self.seen = list[list[LakeObject]]()
        self._changes = 0

    def run(self, sql: str, parameters: object = ()) -> Answer:
        return Answer(columns=("from_dt",), types=("varchar",), rows=iter(()))

    def change(self, sql: str, values: object = None) -> int:
        self._changes += 1
        if self._changes == self._fails:
            raise QueryError("no room")
        return 0

    def see(self, objects: Iterable[LakeObject], now: datetime) -> None:
        self.seen.append(list(objects))


@pytest.mark.parametrize("seed", range(5))
def test_what_is_too_old_for_the_clock_of_the_engine_is_there_at_once(seed: int):
    engine = Engine(has_own_clock=True)
    grow(engine, CATALOG, [*NEW, *OLD], seed, NOW)
    first, *_, last = engine.seen
    assert {it.key for it in first} >= {it.key for it in OLD}, "the mark would go by the clock, and never come to them"
    assert len(first) < len(last) == len(OLD) + len(NEW), "the others come later"


def test_where_the_clock_stands_where_it_is_told_old_objects_come_one_by_one():
    firsts = []
    for seed in range(5):
        grow(engine := Engine(has_own_clock=False), CATALOG, [*NEW, *OLD], seed, NOW)
        firsts.append(len(engine.seen[0]))
    assert min(firsts) < len(OLD)


def test_what_a_run_that_failed_did_not_merge_is_in_the_lake_for_the_next():
    engine = Engine(has_own_clock=False, fails=1)
    merges, (finding,) = grow(engine, CATALOG, NEW, 1, NOW)
    *steps, _ = engine.seen
    assert [len(lake) for lake in steps] == sorted(len(lake) for lake in steps)
    assert {it.key for it in steps[0]} < {it.key for it in steps[1]} < {it.key for it in steps[2]}
    assert (merges, finding.table) == (6, "shop.orders"), "each table at each step, and what failed is told once"
