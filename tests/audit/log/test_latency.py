"""Latency: which records count, from when to when, and what a percentile is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from audit import Expectations, Latencies, audit, percentile
from tests.audit.lakes import DECLARED, ORDERS, Task, deliver

NOON = datetime(2026, 11, 22, 12)
FIRST, SECOND = "raw/first.json.gz", "raw/second.json.gz"
ROW = (1, "new", 1, None)


def at(seconds: float) -> float:
    """So many seconds behind noon, since the epoch."""
    return 1_795_348_800.0 + seconds


def latencies(task: Task, times: dict[str, float], again: bool = False, expected: Expectations = DECLARED):
    lines = [sent.line for sent in task.sent]
    objects = [deliver(lines, SECOND), *([deliver(lines, FIRST)] if again else [])]
    found = Latencies(times)
    audit(objects, task.rows, task.rows.__getitem__, expected, latencies=found)
    return found.ordered()


@pytest.fixture
def task() -> Task:
    """A row is loaded, and two are inserted in one transaction, half a second behind noon."""
    task = Task()
    task.load(ORDERS, ROW)  # pyrefly: ignore[bad-argument-type]
    task.now = NOON + timedelta(seconds=0.5)
    task.commit((ORDERS, None, (2, "new", 1, None)), (ORDERS, None, (3, "new", 1, None)))
    return task


def test_each_change_counts_from_the_second_of_its_commit_to_its_object_and_no_load_record_does(task: Task):
    assert latencies(task, {SECOND: at(7.25)}) == [7.25, 7.25], "half a second too much, and never too little"


@pytest.mark.parametrize(("first", "second"), [(3, 7), (7, 3)])
def test_of_a_change_that_came_twice_the_first_copy_counts_in_whichever_order_they_are_read(
    task: Task, first: float, second: float
):
    assert latencies(task, {FIRST: at(first), SECOND: at(second)}, again=True) == [3, 3]


def test_a_change_at_the_same_place_of_another_log_is_another_change(task: Task):
    other = Task(now=NOON + timedelta(seconds=60))
    other.commit((ORDERS, None, (4, "new", 1, None)))
    task.sent += other.sent
    assert task.sent[-1].transaction == (*task.sent[-2].transaction[:1], 1), "the places must be the same"
    assert latencies(task, {SECOND: at(70)}) == [10, 70, 70]


def test_an_object_of_which_nobody_knows_when_it_came_tells_nothing(task: Task):
    assert latencies(task, {FIRST: at(7)}) == []


def test_a_percentile_is_a_latency_that_occurred():
    hundred = [float(number) for number in range(1, 101)]
    assert [percentile(hundred, percent) for percent in (50, 95, 99, 100)] == [50, 95, 99, 100]
    assert [percentile([3.0], percent) for percent in (0, 50, 100)] == [3, 3, 3]
    assert percentile([1.0, 2.0], 51) == 2, "so many percent are not above it"


def test_a_change_of_which_nobody_can_tell_the_row_counts_all_the_same(task: Task):
    task.sent[-1] = task.sent[-1].saying(id="")
    assert latencies(task, {SECOND: at(7.25)}) == [7.25, 7.25]
