"""Tables without a primary key: rows are counted by content, and what cannot be known is a note and not a verdict."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from audit import FindingKind
from model import Table
from tests.audit.lakes import DECLARED, TICK, VISITS, Task, column, deliver, findings, fragments, judge, notes

HOME, CART = ("/", 5), ("/cart", 7)


def visits():
    task = Task()
    task.load(VISITS, HOME, HOME, CART)
    task.pause()
    task.commit((VISITS, None, HOME), (VISITS, None, HOME), (VISITS, CART, ("/cart", 8)))
    task.commit((VISITS, HOME, None))
    return task


def test_equal_rows_are_counted():
    task = visits()
    result = judge(task.sent, task.rows)
    assert result.equal, f"three times / and once /cart: {findings(result)}"
    assert result.tables["shop.visits"].rows_lake == 4, "equal rows are rows of their own"


def test_arrival_order_and_copies_change_no_verdict():
    task = visits()
    changes = [s for s in task.sent if s.commit]
    assert judge([*changes, *reversed(task.sent)], task.rows).equal, "each change counts once"


@pytest.mark.parametrize("number", range(3, 7))
def test_a_lost_change_is_found(number):
    task = visits()
    result = judge([s for n, s in enumerate(task.sent) if n != number], task.rows)
    assert not result.equal, f"lost {task.sent[number].line}"
    assert {f.table for f in findings(result)} == {"shop.visits"}, f"{findings(result)}"


def test_a_lost_load_record_is_a_missing_row_with_both_counts():
    task = visits()
    (finding,) = findings(judge(task.sent[1:], task.rows))
    assert (finding.kind, finding.key) == (FindingKind.MISSING, 'page="/", ms=5'), f"{finding}"
    assert finding.text == "the source has 3 such rows, the lake 2", finding.text


def test_a_row_that_the_source_does_not_have_is_extra_with_its_place():
    task = visits()
    task.rows[VISITS].remove(HOME)
    (finding,) = findings(judge(task.sent, task.rows))
    assert finding.kind is FindingKind.EXTRA, f"{finding}"
    assert finding.place, "the record that it came from"


def test_a_delete_of_a_row_that_is_not_there_is_a_lost_change():
    task = visits()
    task.commit((VISITS, ("/lost", 1), None), source=False)
    (finding,) = findings(judge(task.sent, task.rows))
    assert (finding.kind, finding.key) == (FindingKind.LOST_CHANGE, 'page="/lost", ms=1'), f"{finding}"


def test_a_change_beside_the_load_leaves_the_count_open_and_that_is_noted():
    task = Task()
    task.load(VISITS, HOME, CART)
    task.commit((VISITS, None, HOME), at=task.now - timedelta(seconds=1), source=False)
    for rows in ([HOME, CART], [HOME, HOME, CART]):
        result = judge(task.sent, {VISITS: rows})
        assert result.equal, f"the load may have had the row or not: {findings(result)}"
    assert not judge(task.sent, {VISITS: [CART]}).equal, "none at all is out of the question"
    assert judge(task.sent, {VISITS: [HOME, CART]}).note_counts == {FindingKind.UNPROVABLE: 1}, "what is open is said"


def test_a_row_that_a_change_beside_the_load_may_have_taken_already_can_still_change():
    task = Task()
    task.load(VISITS, HOME)  # one of two equal rows was gone when they were loaded, and is taken away again
    task.commit((VISITS, HOME, None), at=task.now - timedelta(seconds=1), source=False)
    task.pause()
    task.commit((VISITS, HOME, ("/", 6)))
    result = judge(task.sent, task.rows)
    assert result.equal, f"{findings(result)}"
    assert result.unproven == ("shop.visits",), "no reader can tell it from a lost change"
    task.commit((VISITS, HOME, None), source=False)
    (finding,) = findings(judge(task.sent, task.rows))
    assert finding.kind is FindingKind.LOST_CHANGE, "there can be one such row and not two"


def without_ms(row):
    return (fragments(row)[0], "")


def test_rows_that_differ_only_in_what_images_leave_out_are_not_provable():
    task = Task()
    task.load(VISITS, HOME, ("/", 6), CART)
    task.pause()
    task.commit((VISITS, ("/", 6), None), written=without_ms)  # as a delete that has no LOB
    result = judge(task.sent, task.rows)
    assert result.equal, f"which of the two is gone, the record does not say: {findings(result)}"
    assert result.unproven == ("shop.visits",)
    assert not judge(task.sent, {VISITS: [CART]}).equal, "one of them is left"
    assert not judge(task.sent, {VISITS: [HOME, ("/", 6), CART]}).equal, "and one is gone"


def test_what_is_beside_the_load_goes_by_places_in_the_log_where_the_task_told_them():
    task = Task()
    task.load(VISITS, HOME)
    ahead = task.now + timedelta(hours=1)
    task.commit((VISITS, HOME, CART), (VISITS, CART, HOME), (VISITS, None, HOME), at=ahead, source=False)
    end = task.transaction + 1
    known = replace(DECLARED, load_ends={"shop.visits": end})
    assert judge(task.sent, task.rows, known).equal, "the load may have had the row, whatever the source's clock says"
    assert not judge(task.sent, task.rows, replace(known, load_ends={"shop.visits": end - 1})).equal, "it began there"
    assert not judge(task.sent, task.rows).equal, "without places the clock is all there is"


def test_an_insert_beside_the_load_of_a_row_that_was_not_loaded_leaves_nothing_open():
    task = Task()
    task.load(VISITS, HOME)
    task.commit((VISITS, None, CART), at=task.now - timedelta(seconds=1), source=False)
    assert judge(task.sent, {VISITS: [HOME, CART]}).equal, "inserted after the load had passed"
    assert not judge(task.sent, {VISITS: [HOME]}).equal, "it was inserted for certain"


@pytest.mark.parametrize(("microseconds", "beside"), [(-1, False), (0, True), (1, True)])
def test_a_change_of_the_very_time_of_the_last_load_record_is_still_beside_the_load(microseconds: int, beside: bool):
    task = Task()
    committed = task.now + timedelta(seconds=1)
    task.load(VISITS, HOME)
    task.now = committed + timedelta(microseconds=microseconds) - TICK
    task.load(VISITS, CART)
    task.commit((VISITS, None, HOME), at=committed, source=False)
    assert judge(task.sent, {VISITS: [HOME, HOME, CART]}).equal, "the load may not have had it"
    assert judge(task.sent, {VISITS: [HOME, CART]}).equal is beside, (
        f"committed {-microseconds} microseconds after the last row was read: may the load have had it?"
    )


def test_only_load_records_say_when_the_load_ended():
    task = Task()
    task.load(VISITS, HOME)
    task.pause()
    task.commit((VISITS, None, HOME), source=False)
    line = re.sub(r'"transaction-id":\d+,"transaction-record-id":\d+,', "", task.sent[-1].line)
    lake = [deliver([task.sent[0].line, line])]
    declared = replace(DECLARED, transaction_details=False)
    assert judge(lake, {VISITS: [HOME, HOME]}, declared).equal, "inserted after the load"
    assert not judge(lake, {VISITS: [HOME]}, declared).equal, "a change without its place in the log ends no load"


def test_a_delete_beside_the_load_leaves_the_count_open():
    task = Task()
    task.load(VISITS, HOME, CART)
    task.commit((VISITS, HOME, None), (VISITS, ("/gone", 1), None), at=task.now - timedelta(seconds=1), source=False)
    assert judge(task.sent, {VISITS: [CART]}).equal, "the load had it before the delete"
    assert judge(task.sent, {VISITS: [HOME, CART]}).equal, "or it had another one like it, after the delete"
    assert not judge(task.sent, {VISITS: [HOME, HOME, CART]}).equal, "two are out of the question"


def test_equal_load_records_of_one_microsecond_leave_the_count_open():
    task = Task()
    task.load(VISITS, HOME)
    lake = [*task.sent, task.sent[0]]
    assert judge(lake, {VISITS: [HOME]}).equal, "one row delivered twice"
    assert judge(lake, {VISITS: [HOME, HOME]}).equal, "or two equal rows"
    assert not judge(lake, {VISITS: [HOME] * 3}).equal, "but not three"


def test_equal_load_records_of_one_microsecond_are_noted_with_their_row_and_the_second_place():
    task = Task()
    task.load(VISITS, HOME)
    (note,) = notes(judge([*task.sent, task.sent[0]], {VISITS: [HOME]}))
    assert (note.kind, note.text) == (FindingKind.TWICE, "or two equal rows"), "a reader must know what is not certain"
    assert (note.key, note.place[-2:]) == ('page="/", ms=5', ":2"), f"{note}"


def test_a_reload_counts_anew():
    task = visits()
    task.rows[VISITS] = []
    task.load(VISITS, CART)
    assert judge(task.sent, task.rows).equal, "what was before the reload is forgotten"


def test_an_update_without_before_image_is_refused_by_place():
    task = visits()
    lake = [replace(s, before=None) for s in task.sent]
    found = findings(judge(lake, task.rows, replace(DECLARED, before_image="")))
    assert FindingKind.UNREADABLE in {f.kind for f in found}, f"no reader knows which row it changed: {found}"


def test_an_image_that_leaves_a_column_out_finds_its_row():
    table = Table(schema="s", name="t", columns=(column("a", "int(11)"), column("big", "text")))
    task = Task()
    task.load(table, (1, "x"), (2, "y"))
    task.pause()
    task.commit((table, (2, "y"), (2, "z")))
    lake = [s.saying(before=True, big="") if s.before else s for s in task.sent]
    assert judge(lake, task.rows).equal, "DMS leaves LOBs out of before images"


def test_numbers_written_otherwise_are_the_same_row():
    table = Table(schema="s", name="t", columns=(column("price", "decimal(5,2)"), column("at", "datetime")))
    task = Task()
    task.load(table, (Decimal("7.50"), "2026-11-22 09:13:38"), written=lambda _: ("7.5", '"2026-11-22T09:13:38Z"'))
    assert judge(task.sent, task.rows).equal, "rows are the same by the forms of their values"
