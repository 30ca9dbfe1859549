"""A lake that holds two logs: the database was restored, its log counts from the start again, the task loaded anew."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from audit import FindingKind
from tests.audit.lakes import ORDERS, SEATS, Task, findings, judge

NEW = (1, "new", Decimal("10.50"), None)
PAID = (1, "paid", Decimal("10.50"), None)
OTHER = (2, "new", Decimal("3.00"), None)
SEAT = (1, "A1", Decimal("1.00"))


def restored(*changes: tuple) -> Task:
    """One order was loaded and paid; then the database, in which it is new, was loaded again and ``changes`` made."""
    task = Task()
    task.control("create-table", ORDERS)
    task.load(ORDERS, NEW)
    task.pause()
    task.commit((ORDERS, NEW, PAID))
    first = task.transaction
    task.pause()
    task.rows = {}
    task.control("create-table", ORDERS)
    task.control("create-table", SEATS)
    task.load(ORDERS, NEW)
    task.pause()
    task.transaction, task.previous = first - 7, (0, 0)  # the next change gets the place of the old log's
    task.commit(*changes)
    return task


@pytest.mark.parametrize("backwards", [False, True])
def test_changes_of_two_logs_may_have_one_place(backwards: bool):
    task = restored((ORDERS, None, OTHER))
    lake = task.sent[::-1] if backwards else task.sent
    assert findings(judge(lake, task.rows)) == [], "the task began anew between them"


def test_changes_of_two_logs_and_two_tables_may_have_one_place():
    task = restored((SEATS, None, SEAT))
    assert findings(judge(task.sent, task.rows)) == [], "the task began anew between them"


def test_two_contents_of_one_place_in_the_second_log_cannot_both_be_true():
    task = restored((ORDERS, None, OTHER))
    lake = [*task.sent, task.sent[-1].saying(status='"paid"')]
    assert FindingKind.CONFLICT in {finding.kind for finding in findings(judge(lake, task.rows))}


def test_a_table_that_is_empty_when_it_is_loaded_again_is_empty():
    task = Task()
    task.control("create-table", ORDERS)
    task.load(ORDERS, NEW)
    task.rows[ORDERS] = []
    task.pause()
    task.control("create-table", ORDERS)
    assert findings(judge(task.sent, task.rows)) == [], "no load record says so, the control record does"
    lost = replace(task.sent[-1], operation="add-column")
    found = findings(judge([*task.sent[:-1], lost], task.rows))
    assert [finding.kind for finding in found] == [FindingKind.EXTRA], "another control record does not"
