"""Whatever a task may write, and however it is delivered and merged, the Iceberg tables have what the views have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rehearsal.lake import LakeObject
from tests.audit.views.histories import histories
from tests.audit.views.keeping import NOW, PLACE, WINDOWS, Keeper, arrivals, keep, keeping
from tests.audit.views.shops import BEGIN, NAMES, Shop, jumbled
from tests.rehearsal.athena.catalogs import stored

PROPERTY = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
ONE = Decimal("1.00")


@pytest.fixture(scope="module")
def keeper() -> Iterator[Keeper]:
    with keeping() as keeper:
        yield keeper


@settings(PROPERTY, max_examples=4)
@given(shop=histories(), seed=st.integers(0, 999))
def test_the_tables_have_what_the_source_has(keeper: Keeper, shop: Shop, seed: int):
    dice = Random(seed)
    found = keep(keeper, arrivals(jumbled(shop.lines, seed), dice, 2), dice)
    assert not found, shop.lines
    for table, names in NAMES.items():
        shown = keeper.athena.run(f"SELECT {', '.join(names)} FROM shop_{table} WHERE NOT cdc_gone").rows
        assert sorted(shown, key=repr) == sorted(shop.rows[table].values(), key=repr)


def at(hours: int, *lines: str) -> LakeObject:
    """An object of the hour that lies so long after the beginning."""
    return stored("".join(f"{line}\n" for line in lines), f"{BEGIN + timedelta(hours=hours):{PLACE}}{hours}.json.gz")


def late_lake() -> list[list[LakeObject]]:
    """A lake step by step: rows; changes of all kinds; the rows once more, hours too late; and what came late, too."""
    shop, hall = Shop(), (1, "A", ONE)
    for table in NAMES:
        shop.prepare(table)
    for row in ((1, "a", ONE), (2, "b", ONE), (3, "c", ONE)):
        shop.rows["orders"][row[:1]] = row
        shop.load("orders", row)
    shop.rows["seats"][hall[:2]] = hall
    shop.load("seats", hall)
    loaded = len(shop.lines)
    shop.commit()
    shop.change("orders", (1, "a", ONE), (1, "z", ONE))
    shop.change("orders", (2, "b", ONE), None)
    shop.change("orders", (3, "c", ONE), (4, "c", ONE))
    shop.truncate("seats")
    shop.capture()
    changed = len(shop.lines)
    shop.change("orders", None, (7, "late", ONE))
    shop.change("seats", None, (2, "B", ONE))
    shop.capture()
    lake = [at(0, *shop.lines[:loaded]), at(2, *shop.lines[loaded:changed])]
    lake += [at(10, *shop.lines[4:loaded]), at(7, *shop.lines[changed:])]
    return [lake[:1], lake[:2], lake[:3], lake]


def run(keeper: Keeper, lakes: Sequence[Sequence[LakeObject]]) -> list[str]:
    """Merge at each step, and at the last one twice; the differences at the end."""
    keeper.begin()
    for lake in (*lakes, lakes[-1]):
        keeper.see(lake)
        for table in keeper.plan.kept_tables:
            keeper.merge(table)
    return [found for table in keeper.plan.kept_tables for found in keeper.differences(table)]


def test_records_that_come_late_and_twice_change_nothing(keeper: Keeper):
    assert run(keeper, late_lake()) == []
    assert [keeper.merge(table) for table in keeper.plan.kept_tables] == [0, 0], "what was read is read again"


MUTANTS: Mapping[str, tuple[int, str, Mapping[str, str]]] = {
    "no version guard": (
        0,
        "merge",
        {"merged.cdc_version > kept.cdc_version": "merged.cdc_version <> kept.cdc_version"},
    ),
    "no tombstones": (
        0,
        "merge",
        {
            "MATCHED AND merged.cdc_from = 'kept'": "MATCHED AND (merged.cdc_from = 'kept' OR kept.cdc_key <> '' "
            "AND merged.cdc_gone AND merged.cdc_version > kept.cdc_version)",
            "NOT MATCHED AND merged.cdc_from <> 'kept'": "NOT MATCHED AND merged.cdc_from <> 'kept' "
            "AND (merged.cdc_key = '' OR NOT merged.cdc_gone)",
        },
    ),
    "no mark of a new beginning": (
        1,
        "merge",
        {"SELECT cdc_message_time, cdc_hour, NULL": "SELECT NULL, cdc_hour, NULL"},
    ),
    "a key is never left": (0, "merge", {"ARRAY[false, true]": "ARRAY[false]"}),
    "what was there stays": (1, "merge", {"WHEN 'kept' THEN cdc_message_time < cdc_since": "WHEN 'kept' THEN false"}),
    "a window without overlap": (0, "start", {"INTERVAL '6' HOUR": "INTERVAL '0' HOUR"}),
    "a window of one hour": (0, "merge", {"cdc_dt > '<from_dt>' OR cdc_hr >= '<from_hr>'": "cdc_hr = '<from_hr>'"}),
}


"""By what they lack: the table where it shows, the statement, and what is written otherwise in it."""


def lacking(keeper: Keeper, name: str) -> list[str]:
    """What is wrong where a table is kept by a statement that lacks one thing."""
    place, statement, changes = MUTANTS[name]
    table = keeper.plan.kept_tables[place]
    text = getattr(table, statement)
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    with keeper.keeping([replace(table, **{statement: text})]):
        return run(keeper, late_lake())


@pytest.mark.parametrize("name", MUTANTS)
def test_a_merge_that_lacks_one_thing_is_noticed(keeper: Keeper, name: str):
    assert lacking(keeper, name)


def test_a_schedule_that_was_paused_catches_up(keeper: Keeper):
    first, *_, last = late_lake()
    assert run(keeper, [first, last]) == []
    starts = [keeper.start(table)[:2] for table in keeper.plan.kept_tables]
    assert starts == [("2026-11-22", "14")] * 2, "six hours before the newest that was read"


def test_a_window_that_begins_too_late_does_not_move_the_mark(keeper: Keeper):
    first, *_, last = late_lake()
    assert run(keeper, [first]) == []
    keeper.see(last)
    for table in keeper.plan.kept_tables:
        keeper.merge(table, ("2026-11-23", "00", ""))
        keeper.athena.change(table.merge)  # as somebody would who runs the saved query as it is
        assert keeper.start(table)[:2] == ("2026-11-22", "04")
        keeper.merge(table)
        assert keeper.differences(table) == []


def test_the_mark_follows_the_clock_where_nothing_comes():
    with keeping(now=NOW + timedelta(days=300)) as idle:
        assert run(idle, late_lake()[:1]) == []
        after = NOW + timedelta(days=300) - timedelta(hours=WINDOWS.latest + WINDOWS.again)
        assert {idle.start(table)[:2] for table in idle.plan.kept_tables} == {(f"{after:%Y-%m-%d}", f"{after:%H}")}


def test_what_came_too_late_for_every_run_is_merged_at_night(keeper: Keeper):
    *_, (*lake, late) = late_lake()
    lake.append(at(20, "{}"))
    assert run(keeper, [lake]) == []
    orders, _ = keeper.plan.kept_tables
    keeper.see([*lake, late])
    keeper.merge(orders)
    assert keeper.differences(orders) == ["shop_orders_current", "shop_orders WHERE NOT cdc_gone"], "not in the window"
    assert keeper.start(orders)[2][:10] == "2026-11-18", "126 hours before the newest that was read"
    keeper.merge(orders, ("2026-11-18", "", ""))
    assert keeper.differences(orders) == []
    assert keeper.start(orders)[:2] == ("2026-11-23", "00"), "the mark stays where it was"


def test_tombstones_go_when_nothing_older_can_come(keeper: Keeper):
    *_, lake = late_lake()
    assert run(keeper, [lake]) == []
    orders, _ = keeper.plan.kept_tables
    assert keeper.sweep(orders) == 0, "an older image may still come"
    keeper.see([*lake, at(WINDOWS.latest + WINDOWS.again + 1, "{}")])
    keeper.merge(orders)
    assert keeper.sweep(orders) == 2, "the key that was deleted, and the one that was left"
    assert keeper.differences(orders) == []
    assert (keeper.merge(orders), keeper.sweep(orders)) == (0, 0)
