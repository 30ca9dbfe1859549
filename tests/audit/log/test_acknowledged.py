"""What the task counted must be in the lake: losses that leave no trace in the rows nor between the changes."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from audit import FindingKind
from tests.audit.lakes import DECLARED, ORDERS, SEATS, VISITS, Task, findings, judge, shop


def during_the_load():
    """Changes of which each is in the loaded rows already: the rows show the loss of none of them."""
    task, start = Task(previous=(0, 0)), Task().now
    task.control("create-table", ORDERS)
    task.control("create-table", VISITS)
    task.pause()
    rows = [(number, "paid", Decimal(number), None) for number in range(120)]
    task.load(ORDERS, *rows)
    task.load(VISITS, ("/", 7), ("/", 7), ("/cart", 8))
    task.pause()
    for row in rows:
        task.commit((ORDERS, (row[0], "new", *row[2:]), row), at=start, source=False)
    return task


def promised(task, **more):
    """What is expected of the records of ``task``."""
    counts: dict[str, Counter[str]] = {}
    for sent in task.sent:
        if sent.data:
            counts.setdefault(str(sent.table), Counter())[sent.operation] += 1
    last = [sent.transaction for sent in task.sent if sent.commit][-1]
    usual: dict[str, Any] = {"from_start": True, "acknowledged": counts, "last_change": last}
    return replace(DECLARED, **usual | more)


def without_changes(task, places):
    """The records without the changes at ``places``, a slice of all changes."""
    gone = [sent for sent in task.sent if sent.commit][places]
    return [sent for sent in task.sent if sent not in gone]


TASK = during_the_load()
PROMISED = promised(TASK)
LOADS = [number for number, sent in enumerate(TASK.sent) if sent.operation == "load"]


def test_a_lake_with_all_that_was_counted_is_equal():
    assert findings(judge(TASK.sent, TASK.rows, PROMISED)) == [], "nothing is lost"


def test_copies_do_not_make_up_for_what_is_lost_nor_harm_where_nothing_is():
    assert findings(judge([*TASK.sent, *TASK.sent[2:40]], TASK.rows, PROMISED)) == [], "delivery is at least once"
    lake = without_changes(TASK, slice(0, 10))
    lost = findings(judge([*lake, *lake[-10:]], TASK.rows, replace(PROMISED, from_start=False)))
    assert [(f.kind, f.table) for f in lost] == [(FindingKind.LOST_CHANGE, "shop.orders")], (
        f"ten copies, ten lost: {lost}"
    )


@pytest.mark.parametrize("count", [1, 10, 100, 119])
def test_the_first_changes_of_the_task_are_missed_by_the_one_that_names_them(count):
    expected = replace(PROMISED, acknowledged=None)
    lost = findings(judge(without_changes(TASK, slice(0, count)), TASK.rows, expected))
    assert [(f.kind, f.table, f.key) for f in lost] == [(FindingKind.LOST_CHANGE, "shop.orders", f"id={count}")], (
        f"{lost}"
    )


@pytest.mark.parametrize("count", [1, 10, 100, 120])
def test_the_first_changes_of_the_task_are_missed_by_their_number(count):
    expected = replace(PROMISED, from_start=False, last_change=None)
    (finding,) = findings(judge(without_changes(TASK, slice(0, count)), TASK.rows, expected))
    assert (finding.kind, finding.table) == (FindingKind.LOST_CHANGE, "shop.orders")
    assert f"120 update records, {count} of them are not in the lake" in finding.text


@pytest.mark.parametrize("count", [1, 10, 100])
def test_a_tail_without_net_effect_is_missed(count):
    task = shop()
    task.previous, first = (0, 0), len(task.sent)
    row = (9, "new", Decimal(1), None)
    for _ in range(count):
        task.commit((ORDERS, None, row), (ORDERS, row, None))
    task.sent[first] = replace(task.sent[first], previous=(0, 0))
    expected = promised(task, from_start=False)
    assert findings(judge(task.sent, task.rows, expected)) == [], "all is there"
    lost = findings(judge(task.sent[:first], task.rows, expected))
    assert {f.kind for f in lost} == {FindingKind.LOST_CHANGE}, "the rows are right, so nothing else is true"
    assert [f.table for f in lost if f.table] == ["shop.orders"] * 2, "the inserts and the deletes"
    assert any(f"transaction {task.transaction} record 2, the last" in f.text for f in lost), f"{lost}"
    counted_by_nobody = replace(expected, acknowledged=None)
    assert len(findings(judge(task.sent[:first], task.rows, counted_by_nobody))) == 1, "the last change is known"


@pytest.mark.parametrize("number", LOADS)
def test_each_lost_load_record_is_missed(number):
    lake = [sent for place, sent in enumerate(TASK.sent) if place != number]
    counted = [f for f in findings(judge(lake, TASK.rows, PROMISED)) if "load records" in f.text]
    assert [(f.kind, f.table) for f in counted] == [(FindingKind.LOST_CHANGE, str(TASK.sent[number].table))], (
        f"{counted}"
    )


def test_a_lost_load_record_of_a_row_that_is_gone_by_now_is_missed():
    task, row = Task(previous=(0, 0)), (1, "new", Decimal(1), None)
    start = task.now
    task.pause()
    task.load(ORDERS, row, (2, *row[1:]))
    task.commit((ORDERS, row, None), at=start)
    (finding,) = findings(judge(task.sent[1:], task.rows, promised(task)))
    assert (finding.kind, finding.table) == (FindingKind.LOST_CHANGE, "shop.orders"), "its delete alone explains itself"


def test_a_load_that_started_over_is_counted_once():
    task, seat = Task(), (1, "A1", Decimal(1))
    task.control("create-table", SEATS)
    task.load(SEATS, seat)
    task.control("create-table", SEATS)
    task.load(SEATS, (1, "A2", Decimal(1)), (1, "A3", Decimal(1)))
    task.rows[SEATS].remove(seat)
    counts = {"shop.seats": {"load": 2}}
    expected = replace(DECLARED, from_start=True, acknowledged=counts)
    assert findings(judge(task.sent, task.rows, expected)) == [], "the row of the broken load is gone since"
    counted = [f for f in findings(judge(task.sent[:-1], task.rows, expected)) if "load records" in f.text]
    assert len(counted) == 1, "a row of the broken load does not make up for a lost one"


def test_a_count_of_a_table_that_is_not_audited_asks_for_nothing():
    expected = replace(PROMISED, acknowledged={"shop.dropped": {"load": 7}})
    assert findings(judge(TASK.sent, TASK.rows, expected)) == [], "it was captured once and is gone"


def test_records_of_a_table_that_the_task_saw_go_are_told_and_no_findings():
    staging = replace(ORDERS, name="staging")
    task = during_the_load()
    task.commit((staging, None, (1, "new", Decimal(1), None)), source=False)
    task.commit((ORDERS, None, (999, "new", Decimal(1), None)))
    task.commit((staging, (1, "new", Decimal(1), None), None), source=False)
    expected = promised(task, gone=("shop.staging",))
    result = judge(task.sent, task.rows, expected)
    assert findings(result) == [], "the change behind it names it, and the last change of all is one of its"
    assert result.gone == {"shop.staging": {"insert": 1, "delete": 1}}
    assert {f.kind for f in findings(judge(task.sent, task.rows, replace(expected, gone=())))} == {
        FindingKind.UNKNOWN_TABLE,
        FindingKind.LOST_CHANGE,
    }, "if the task does not know of it, somebody else has written it"


def test_control_records_that_vanished_are_missed_by_their_number():
    expected = replace(PROMISED, control=2)
    assert findings(judge(TASK.sent, TASK.rows, expected)) == [], "all are there"
    (finding,) = findings(judge(TASK.sent[1:], TASK.rows, expected))
    assert finding.kind == FindingKind.LOST_CHANGE
    assert "2 control records, 1 of them are not in the lake" in finding.text
