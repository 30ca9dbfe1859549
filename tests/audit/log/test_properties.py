"""For any history: no order and no copy matters, and no change can be taken out unseen."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.log import spool
from audit.log.spool import MOST
from tests.audit.lakes import ORDERS, Task, findings, judge

STATUSES = ("new", "paid")
FEW = st.sampled_from((0, 700, MOST))
"""Bytes of lines that are held in memory: one object has more than 700, and then all go to shares."""
DRAWS = st.lists(st.tuples(st.integers(1, 3), st.sampled_from(("set", "drop", "move")), st.sampled_from(STATUSES)))


@pytest.fixture(scope="module", autouse=True)
def _few_shares() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "SHARES", 7)
        yield


def row(key, status):
    return (key, status, Decimal("1.00"), None)


@st.composite
def histories(draw):
    """A task that loads some of three orders and then inserts, updates, moves and deletes them in transactions."""
    task, live = Task(), {}
    for key in draw(st.sets(st.integers(1, 3))):
        live[key] = row(key, draw(st.sampled_from(STATUSES)))
        task.load(ORDERS, live[key])
    task.rows.setdefault(ORDERS, [])
    task.pause()
    for transaction in draw(st.lists(DRAWS, max_size=6)):
        changes = [change for step in transaction if (change := _change(live, *step))]
        if changes:
            task.commit(*changes)
        if draw(st.booleans()):
            task.pause(1)
    return task


def _change(live, key, what, status):
    """The change that a drawn step makes to ``live``, or None if it makes none."""
    old = live.pop(key, None)
    if what == "drop":
        return old and (ORDERS, old, None)
    target = key % 3 + 1 if what == "move" and old and key % 3 + 1 not in live else key
    live[target] = row(target, status)
    return None if live[target] == old else (ORDERS, old, live[target])


@settings(max_examples=150, deadline=None)
@given(histories(), st.data())
def test_any_order_and_any_copies_of_the_records_lead_to_the_same_rows(task, data):
    copies = data.draw(st.lists(st.sampled_from(task.sent), max_size=4)) if task.sent else []
    lake = data.draw(st.permutations([*task.sent, *copies]))
    result = judge(lake, task.rows, most=data.draw(FEW))
    assert result.equal, f"delivery is at least once and in any order: {findings(result)}"


@settings(max_examples=150, deadline=None)
@given(histories(), st.data())
def test_no_record_can_be_taken_out_unseen(task, data):
    if not task.sent:
        return
    lost = data.draw(st.sampled_from(task.sent))
    result = judge([s for s in task.sent if s is not lost], task.rows, most=data.draw(FEW))
    assert not result.equal, f"lost {lost.line} from {[s.line for s in task.sent]}"
    named = {finding.key for finding in findings(result)}
    about = {f"id={values[0]}" for values in (lost.data, lost.before) if values}
    after = [s for s in task.sent if s.previous == lost.transaction and s.commit]
    assert named & (about | {f"id={s.data[0]}" for s in after}), f"lost {lost.line}: {findings(result)}"


@settings(max_examples=100, deadline=None)
@given(histories(), st.data())
def test_any_false_value_is_seen(task, data):
    if not task.sent:
        return
    false = data.draw(st.sampled_from(task.sent))
    column = data.draw(st.sampled_from(("id", "status", "total", "note")))
    lie = false.saying(before=bool(false.before) and data.draw(st.booleans()), **{column: '"?"'})
    result = judge([lie if s is false else s for s in task.sent], task.rows, most=data.draw(FEW))
    assert not result.equal, f"{lie.line} instead of {false.line}"
