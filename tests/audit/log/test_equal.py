"""A lake as DMS, Kinesis and Firehose may legally leave it is equal, and what is unusual in it is noted."""

import random
from dataclasses import replace
from decimal import Decimal

from audit import FindingKind
from tests.audit.lakes import (
    DECLARED,
    ORDERS,
    SEATS,
    Sent,
    Task,
    deliver,
    findings,
    judge,
    notes,
    objects,
    shop,
)


def test_an_untouched_lake_is_equal_and_gives_nothing_to_note():
    task = shop()
    result = judge(task.sent, task.rows)
    assert result.equal, f"nothing was changed, yet: {findings(result)}"
    assert notes(result) == [], "a lake in order has nothing unusual"


def test_records_rows_objects_and_bytes_are_counted():
    task = shop()
    result = judge(task.sent, task.rows)
    orders = result.tables["shop.orders"]
    assert orders.operations == {"load": 3, "insert": 2, "update": 3, "delete": 2}, "as shop() wrote them"
    assert (orders.rows_source, orders.rows_lake) == (3, 3), "rows 1, 2 and 4 are left"
    assert result.objects == len(objects(task.sent)), "every object was read"
    assert result.bytes == sum(len(delivered.body) for delivered in objects(task.sent)), "compressed, as delivered"
    assert result.control_records == 5, "one of DMS's own table, two per table"
    assert result.records == len(task.sent), "each line is one record"
    of_orders = [s.line for s in task.sent if s.table is ORDERS and s.data]
    assert orders.bytes == sum(len(line.encode()) for line in of_orders), "decompressed bytes of its records' lines"


def test_a_record_delivered_twice_is_a_note_that_names_it():
    task = shop()
    twice = task.sent[-1]
    result = judge([*task.sent, twice], task.rows)
    (note,) = notes(result)
    assert result.equal, "at-least-once delivery is legal"
    assert (note.kind, note.table, note.key) == (FindingKind.TWICE, "shop.seats", 'hall=1, seat="A2"'), f"{note}"


def test_a_load_record_delivered_twice_is_a_note_that_names_it():
    task = shop()
    twice = next(s for s in task.sent if s.operation == "load")
    result = judge([*task.sent, twice], task.rows)
    assert result.equal, "at-least-once delivery is legal, also for the load"
    assert {(note.kind, note.key) for note in notes(result)} >= {(FindingKind.TWICE, "id=1")}, f"{notes(result)}"


def test_order_of_arrival_changes_no_verdict_and_is_noted():
    task = shop()
    shuffled = random.Random(7).sample(task.sent, len(task.sent))
    result = judge(shuffled, task.rows)
    assert result.equal, f"the order is in the records, not in the objects: {findings(result)}"
    assert result.tables["shop.orders"].notes.counts[FindingKind.LATE] > 0, (
        "that they arrived out of order is worth a note"
    )


def test_changes_sent_again_after_a_resume_change_no_verdict():
    task = shop()
    changes = [s for s in task.sent if s.commit]
    kept = [s for s in task.sent if s is not changes[-2]]  # not acknowledged before the crash, so only sent after it
    again = [replace(s, timestamp=s.timestamp.replace("10:01", "11:01")) for s in changes[-5:]]
    result = judge([*kept, *again], task.rows)
    assert result.equal, f"DMS resumes from a checkpoint and sends what came after it again: {findings(result)}"
    assert result.note_counts[FindingKind.TWICE] == 4, "four of the five were there already"


def test_a_reload_forgets_rows_that_were_deleted_unseen():
    task = shop()
    task.rows[ORDERS] = [(2, "paid", Decimal("7.00"), None)]
    task.control("create-table", ORDERS)
    task.sent.append(Sent("load", ORDERS, task._tick(), ("2", '"paid"', "7.00", "null")))
    result = judge(task.sent, task.rows)
    assert result.equal, f"only what the last load has counts: {findings(result)}"
    assert result.tables["shop.orders"].notes.counts[FindingKind.RESET] == 1, "a reload is worth a note"


def test_a_truncated_table_is_empty_afterwards():
    task = shop()
    task.control("truncate-table", SEATS)
    result = judge(task.sent, {**task.rows, SEATS: []})
    assert result.equal, f"truncate-table empties the table: {findings(result)}"


def test_a_row_inserted_after_a_truncation_is_all_there_is():
    task, row = shop(), (9, "A1", Decimal("1.00"))
    task.control("truncate-table", SEATS)
    task.commit((SEATS, None, row), source=False)
    result = judge(task.sent, {**task.rows, SEATS: [row]})
    assert result.equal, f"what was before is forgotten: {findings(result)}"


def test_a_load_that_started_over_forgets_what_the_first_attempt_loaded():
    task = shop()
    again = Task(now=task.now)
    for table, rows in task.rows.items():
        again.load(table, rows[0])
    first = [s for s in task.sent if not s.commit]
    prepared = [replace(s, timestamp=task.sent[-1].timestamp) for s in first if not s.data]
    result = judge([*first, *prepared, *again.sent], again.rows)
    assert result.equal, f"create-table says that the load starts anew: {findings(result)}"


def test_a_row_that_was_gone_when_its_table_was_read_is_no_lost_change_though_nothing_was_loaded_at_all():
    task = Task(rows={ORDERS: []})
    before = task.now
    task.pause(5)
    task.control("create-table", ORDERS)
    task.commit((ORDERS, (1, "new", Decimal("1.00"), None), None), at=before, source=False)
    result = judge(task.sent, task.rows)
    assert result.equal, f"the delete was captured before the load began: {findings(result)}"


def test_a_before_image_that_leaves_out_what_did_not_change_of_a_key_tells_where_the_row_was():
    task, price = Task(), Decimal("9.00")
    task.load(SEATS, (1, "A", price))
    task.commit((SEATS, (1, "A", price), (2, "A", price)))
    *others, moved = task.sent
    result = judge([*others, moved.saying(before=True, seat="")], task.rows)
    assert result.equal, f"the seat is what it is after the change: {findings(result)}"


def test_metadata_that_no_documented_record_has_is_a_note():
    task = shop()
    lines = [s.line.replace('"metadata":{', '"metadata":{"shard":1,') for s in task.sent]
    result = judge([deliver(lines)], task.rows)
    assert result.equal, "a later DMS may say more"
    assert result.note_counts[FindingKind.UNKNOWN_METADATA] == len([s for s in task.sent if s.data]), "but it is noted"


def test_changes_of_one_message_time_are_ordered_by_their_place_in_the_log():
    task = shop()
    changes = [s for s in task.sent if s.commit]
    loads = [s for s in task.sent if not s.commit]
    same = [replace(s, timestamp=changes[-1].timestamp) for s in changes]
    result = judge([*loads, *reversed(same)], task.rows)
    assert result.equal, f"commit time, transaction and record number order them: {findings(result)}"


def test_records_of_dms_own_tables_are_counted_and_left_alone():
    task = shop()
    own = task.sent[-1].line.replace('"table-name":"seats"', '"table-name":"awsdms_status"')
    result = judge([*objects(task.sent), deliver([own], "raw/own.json.gz")], task.rows)
    assert result.equal, "awsdms_* tables are DMS's own"
    assert result.internal_records == 1, "they are counted"


def test_without_include_null_and_empty_an_absent_column_stands_for_null_or_empty():
    task = shop()
    sparse = [s.saying(note="") if s.table is ORDERS and s.data[3:] in (("null",), ('""',)) else s for s in task.sent]
    result = judge(sparse, task.rows, replace(DECLARED, null_and_empty=False))
    assert result.equal, f"DMS leaves NULL and empty columns out by default: {findings(result)}"
    assert result.tables["shop.orders"].notes.counts[FindingKind.ABSENT] == 1, (
        "the ambiguity is noted: order 1 has NULL"
    )


def test_without_transaction_details_the_history_is_noted_as_not_provable():
    task = shop()
    bare = [replace(s, commit="") if s.data else s for s in task.sent]
    result = judge(bare, task.rows, replace(DECLARED, transaction_details=False))
    assert result.equal, f"the rows can still be proven: {findings(result)}"
    assert result.tables["shop.orders"].notes.counts[FindingKind.UNPROVABLE] == 1, "what is not checked is said"
