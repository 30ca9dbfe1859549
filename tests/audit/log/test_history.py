"""Changes against a load that ran beside them, against each other, and along the chain of transactions."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from audit import FindingKind
from tests.audit.lakes import DECLARED, ORDERS, SEATS, Task, deliver, findings, judge, objects

NEW, PAID, SENT = ((1, status, Decimal("1.00"), None) for status in ("new", "paid", "sent"))
OTHER = (2, "new", Decimal("2.00"), None)


def loading(*rows):
    """A task that has loaded ``rows`` of orders, and two last ones."""
    task = Task()
    task.load(ORDERS, *rows, OTHER, (3, "new", Decimal("2.00"), None))
    return task


def beside(task, *changes):
    """Changes that were made while the load ran: applied after it, and perhaps already in what it read."""
    task.commit(*changes, at=task.now - timedelta(seconds=1), source=False)


def test_a_change_that_the_load_had_already_is_a_note_with_its_key():
    task = loading(PAID)
    beside(task, (ORDERS, NEW, PAID))
    result = judge(task.sent, task.rows)
    assert result.equal, f"the row was read after the change and before it was applied: {findings(result)}"
    (note,) = result.tables["shop.orders"].notes.listed
    assert (note.kind, note.key) == (FindingKind.OVERLAP, "id=1"), f"{note}"


def test_an_insert_of_a_row_that_the_load_had_already_is_a_note():
    task = loading(NEW)
    beside(task, (ORDERS, None, NEW))
    assert judge(task.sent, task.rows).equal, "inserted while the load ran"


def test_a_delete_of_a_row_that_the_load_no_longer_found_is_a_note():
    task = loading()
    beside(task, (ORDERS, NEW, None))
    assert judge(task.sent, task.rows).equal, "deleted while the load ran"


def test_several_changes_that_the_load_had_already_are_one_note():
    task = loading(SENT)
    beside(task, (ORDERS, None, NEW), (ORDERS, NEW, PAID), (ORDERS, PAID, SENT))
    result = judge(task.sent, task.rows)
    assert result.equal, f"the load read the last of three states: {findings(result)}"
    assert result.note_counts == {FindingKind.OVERLAP: 1}, "one row, one note"


def test_a_load_between_two_changes_is_a_note():
    task = loading(PAID)
    beside(task, (ORDERS, NEW, PAID), (ORDERS, PAID, SENT))
    assert judge(task.sent, {ORDERS: [SENT, *task.rows[ORDERS][1:]]}).equal, "the load read the state in between"


def test_a_loaded_row_that_no_change_beside_the_load_ever_wrote_is_a_lost_change():
    task = loading((1, "lost", Decimal("1.00"), None))
    beside(task, (ORDERS, NEW, PAID))
    (finding,) = findings(judge(task.sent, {ORDERS: [PAID, *task.rows[ORDERS][1:]]}))
    assert (finding.kind, finding.key, finding.column) == (FindingKind.LOST_CHANGE, "id=1", "status"), f"{finding}"
    assert (finding.source, finding.lake) == ('"new"', '"lost"'), "the before image's value and the loaded one"


def test_a_reload_ends_what_the_first_load_left_unexplained():
    task = loading((1, "lost", Decimal("1.00"), None))
    beside(task, (ORDERS, NEW, PAID))
    task.rows[ORDERS] = []
    task.load(ORDERS, PAID)
    (finding,) = findings(judge(task.sent, task.rows))
    assert (finding.kind, finding.key) == (FindingKind.LOST_CHANGE, "id=1"), (
        f"said once, though the rows are right: {finding}"
    )
    beside(task, (ORDERS, SENT, NEW), (ORDERS, NEW, SENT))
    found = findings(judge(task.sent, {ORDERS: [SENT]}))
    assert len(found) == 2, f"the second load leaves something unexplained of its own: {found}"


def test_one_load_record_with_two_contents_is_a_conflict():
    task = loading(NEW)
    false = task.sent[0].saying(status='"paid"')
    for lake in ([*task.sent, false], [false, *task.sent]):
        found = findings(judge(lake, task.rows))
        assert (FindingKind.CONFLICT, "id=1") in {(f.kind, f.key) for f in found}, f"only one can be true: {found}"


def test_a_change_after_the_load_cannot_have_been_in_it():
    task = loading(PAID)
    task.pause()
    task.commit((ORDERS, NEW, PAID), source=False)
    (finding,) = findings(judge(task.sent, task.rows))
    assert (finding.kind, finding.key) == (FindingKind.LOST_CHANGE, "id=1"), (
        "paid became new before, and that is not told"
    )


def test_a_change_after_its_row_was_read_cannot_have_been_in_it_though_the_load_went_on():
    task = loading(PAID)
    task.pause()
    task.load(ORDERS, (4, "new", Decimal("1.00"), None))
    task.commit((ORDERS, NEW, PAID), at=task.now - timedelta(seconds=30), source=False)
    (finding,) = findings(judge(task.sent, task.rows))
    assert (finding.kind, finding.key) == (FindingKind.LOST_CHANGE, "id=1"), "row 1 had been read long before"


def test_a_deleted_row_that_was_never_loaded_is_a_lost_change():
    task = loading()
    task.pause()
    task.commit((ORDERS, NEW, None), source=False)
    (finding,) = findings(judge(task.sent, task.rows))
    assert (finding.kind, finding.key) == (FindingKind.LOST_CHANGE, "id=1"), (
        "its load record or its insert is not there"
    )
    assert "it found a row, the load, and no change up to its time, gave no row" in finding.text, finding.text


def test_an_insert_where_a_row_lives_is_a_lost_change():
    task = loading(NEW)
    task.pause()
    task.commit((ORDERS, NEW, PAID), source=False)
    task.commit((ORDERS, None, SENT), source=False)
    (finding,) = findings(judge(task.sent, {ORDERS: [SENT, *task.rows[ORDERS][1:]]}))
    assert "it found no row, the change before it in the lake left a row" in finding.text, finding.text


def test_other_columns_that_changed_unseen_are_named_too():
    task = loading(NEW)
    task.pause()
    task.commit((ORDERS, (1, "paid", Decimal("9.00"), "x"), SENT), source=False)
    (finding,) = findings(judge(task.sent, {ORDERS: [SENT, *task.rows[ORDERS][1:]]}))
    assert finding.text.endswith("(also total, note)"), finding.text


def test_a_before_image_without_a_column_contradicts_nothing():
    task = loading(NEW)
    task.pause()
    task.commit((ORDERS, NEW, PAID))
    lake = [s.saying(before=True, note="") if s.before else s for s in task.sent]
    assert judge(lake, task.rows).equal, "DMS leaves LOBs out of before images"


def test_a_before_image_without_its_key_means_that_the_key_stays():
    task = loading(NEW)
    task.pause()
    task.commit((ORDERS, NEW, PAID))
    lake = [s.saying(before=True, id="") if s.before else s for s in task.sent]
    assert judge(lake, task.rows).equal, "ColumnFilter may leave out what did not change"


def test_a_column_added_later_was_null_in_the_rows_from_before_it():
    task = loading(NEW)
    loaded = [s.saying(note="") for s in task.sent[:1]]
    task.pause()
    task.commit((ORDERS, NEW, PAID))
    assert judge([*loaded, *task.sent[1:]], task.rows).equal, "ADD COLUMN … NULL writes no row events"


def test_a_default_that_a_later_column_gave_to_old_rows_is_a_lost_change():
    task = loading(NEW)
    loaded = [s.saying(note="") for s in task.sent[:1]]
    task.pause()
    task.commit((ORDERS, (*NEW[:3], "default"), PAID), source=False)
    (finding,) = findings(judge([*loaded, *task.sent[1:]], {ORDERS: [PAID, *task.rows[ORDERS][1:]]}))
    assert (finding.column, finding.source, finding.lake) == ("note", '"default"', "(absent)"), "no record tells of it"


def test_without_before_images_an_update_must_still_find_a_row():
    blind = replace(DECLARED, before_image="")
    task = loading(NEW)
    task.pause()
    task.commit((ORDERS, NEW, PAID))
    task.commit((ORDERS, (9, "new", Decimal("1.00"), None), (9, "paid", Decimal("1.00"), None)), source=False)
    lake = [replace(s, before=None) for s in task.sent]
    result = judge(lake, task.rows, blind)
    lost = [f for f in findings(result) if f.kind is FindingKind.LOST_CHANGE]
    assert [f.key for f in lost] == ["id=9"], f"order 9 was never loaded nor inserted: {findings(result)}"


def test_a_task_without_full_load_owes_nothing_of_the_rows_from_before_it():
    task = Task()
    task.commit((ORDERS, NEW, PAID), source=False)
    task.commit((ORDERS, PAID, SENT), source=False)
    capture = replace(DECLARED, full_load=False)
    assert judge(task.sent, {ORDERS: [SENT]}, capture).equal, "its first change starts from a row that it never sent"
    assert not judge(task.sent, {ORDERS: [SENT]}).equal, "with a full load that row must be there"


def test_rows_from_before_a_task_without_full_load_are_missing():
    task = Task()
    task.commit((ORDERS, NEW, PAID), source=False)
    (finding,) = findings(judge(task.sent, {ORDERS: [PAID, OTHER]}, replace(DECLARED, full_load=False)))
    assert (finding.kind, finding.key) == (FindingKind.MISSING, "id=2"), "the lake is not the source, by declaration"


def test_the_chain_may_begin_anywhere_and_nowhere_else():
    task = loading(NEW)
    task.pause()
    task.commit((ORDERS, NEW, PAID))
    task.previous = (5, 5)
    task.commit((ORDERS, PAID, SENT))
    (finding,) = findings(judge(task.sent, task.rows))
    assert (finding.kind, finding.key) == (FindingKind.LOST_CHANGE, "id=1"), f"{finding}"
    assert finding.text.startswith("transaction 5 record 5, which came just before transaction"), finding.text


def test_a_change_that_names_zero_as_its_predecessor_names_none():
    task = loading(NEW)
    task.pause()
    task.commit((ORDERS, NEW, PAID))
    task.commit((ORDERS, PAID, SENT))
    first, second = task.sent[-2:]
    zero = second.line.replace(f'"prev-transaction-id":{first.transaction[0]}', '"prev-transaction-id":0')
    assert '"prev-transaction-id":0,' in zero, "as DMS may print at the start of a log"
    assert judge([*objects(task.sent[:-1]), deliver([zero], "raw/zero.json.gz")], task.rows).equal, "no change is 0"


def test_a_copy_by_a_task_that_began_there_does_not_hide_what_the_first_one_named():
    task = loading(NEW)
    task.pause()
    task.commit((ORDERS, NEW, PAID))
    task.previous = (5, 5)
    task.commit((ORDERS, PAID, SENT))
    task.pause()
    again = replace(task.sent[-1], timestamp=task._tick(), previous=(0, 0))
    for lake in ([*task.sent, again], [again, *task.sent]):
        (finding,) = findings(judge(lake, task.rows))
        assert finding.text.startswith("transaction 5 record 5, which came just before transaction"), finding.text


def test_times_are_compared_by_time_and_not_by_their_digits():
    task = loading(PAID)
    beside(task, (ORDERS, NEW, PAID))
    at = replace(task.sent[0], timestamp="2026-11-22T09:59:59Z")
    assert judge([at, *task.sent[1:]], task.rows).equal, "09:59:59Z is not before 09:59:59.000000Z"


def test_a_row_that_an_empty_table_loses_beside_the_load_of_others_is_legal():
    task = loading(NEW)
    seat = (1, "A1", Decimal("1.00"))
    task.rows[SEATS] = []
    beside(task, (SEATS, seat, None))
    assert judge(task.sent, task.rows).equal, "deleted before its table was read, while the load ran"
    task.pause()
    task.commit((SEATS, seat, None), source=False)
    assert not judge(task.sent, task.rows).equal, "deleted after all loads, and where was it then?"


def test_the_chain_runs_through_control_records_that_have_a_position():
    task = loading(NEW)
    task.pause()
    task.commit((ORDERS, NEW, PAID))
    control = replace(task.sent[-1], operation="add-column", data=(), before=None, transaction=(6, 1))
    task.sent.append(control)
    task.previous = (6, 1)
    task.commit((ORDERS, PAID, SENT))
    assert judge(task.sent, task.rows).equal, "the change before may have been one of the table itself"


def test_a_change_that_appears_in_two_tables_is_a_conflict():
    task = loading(NEW)
    task.load(SEATS, (1, "A1", Decimal("1.00")))
    task.pause()
    task.commit((ORDERS, NEW, PAID))
    task.commit((SEATS, (1, "A1", Decimal("1.00")), (1, "A1", Decimal("2.00"))))
    lake = [*task.sent[:-1], replace(task.sent[-1], transaction=task.sent[-2].transaction)]
    found = findings(judge(lake, task.rows))
    assert (FindingKind.CONFLICT, "shop.seats") in {(f.kind, f.table) for f in found}, f"{found}"


def test_a_broken_history_is_said_once_and_not_for_every_later_change():
    task = loading(NEW)
    task.pause()
    states = [(1, f"s{n}", Decimal("1.00"), None) for n in range(6)]
    task.commit((ORDERS, NEW, states[0]))
    for old, new in pairwise(states):
        task.commit((ORDERS, old, new))
    lost = task.sent[-4]
    found = findings(judge([s for s in task.sent if s is not lost], task.rows))
    assert len(found) == 2, f"the key's next change and the chain: {found}"
