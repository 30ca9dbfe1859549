"""Each kind of damage to the records of a good lake: the audit names the table, the key, the column and both values."""

import itertools
import json
import os
import re
import zlib
from dataclasses import replace
from decimal import Decimal

import pytest

from audit import FindingKind
from tests.audit.lakes import ORDERS, SEATS, Delivered, Task, deliver, findings, judge, objects, shop

SHOP = shop()
DATA = [number for number, sent in enumerate(SHOP.sent) if sent.data]
CHANGES = [number for number in DATA if SHOP.sent[number].commit]


def sent(number):
    return SHOP.sent[number]


def without(number):
    return [s for place, s in enumerate(SHOP.sent) if place != number]


def name(number):
    return f"{number}-{sent(number).operation}-{sent(number).table.name}"


def columns(number):
    return [column.name for column in sent(number).table.columns]


def keys_of(record):
    """The keys that ``record`` is about: both of an update that changes the key."""
    rows = [record.data, *([record.before] if record.before else [])]
    places = record.table.key_positions
    names = record.table.primary_key
    return {", ".join(f"{n}={row[p]}" for n, p in zip(names, places, strict=True)) for row in rows}


@pytest.mark.parametrize("number", DATA, ids=name)
def test_a_lost_record_is_named_by_table_and_key(number):
    result = judge(without(number), SHOP.rows)
    named = {(finding.table, finding.key) for finding in findings(result)}
    wanted = {(str(sent(number).table), key) for key in keys_of(sent(number))}
    assert named & wanted, f"lost {sent(number).line}, found only {findings(result)}"


@pytest.mark.parametrize("number", CHANGES[1:-1], ids=name)
def test_a_lost_change_also_breaks_the_chain_of_transactions(number):
    result = judge(without(number), SHOP.rows)
    transaction, record = sent(number).transaction
    link = f"transaction {transaction} record {record}, which came just before"
    lost = [finding for finding in findings(result) if finding.text.startswith(link)]
    assert [finding.kind for finding in lost] == [FindingKind.LOST_CHANGE], (
        f"the next change names it: {findings(result)}"
    )


def test_a_lost_change_in_between_is_found_though_the_rows_are_right():
    number = next(n for n in CHANGES if sent(n).data[1:2] == ('"sent"',))
    result = judge(without(number), SHOP.rows)
    assert {f.kind for f in findings(result)} == {FindingKind.LOST_CHANGE}, (
        "missing, extra or different would be untrue"
    )
    by_key = next(finding for finding in findings(result) if finding.column)
    assert (by_key.key, by_key.column, by_key.source, by_key.lake) == ("id=1", "status", '"sent"', '"paid"'), (
        "the before image of the next change says what the lost one wrote"
    )


def test_a_lost_load_record_is_a_missing_row():
    number = next(n for n in DATA if sent(n).operation == "load" and sent(n).data[0] == "2")
    (finding,) = findings(judge(without(number), SHOP.rows))
    assert (finding.kind, finding.table, finding.key) == (FindingKind.MISSING, "shop.orders", "id=2"), f"{finding}"


def test_a_lost_delete_is_an_extra_row_with_the_place_of_its_last_record():
    changed = [s for s in SHOP.sent if s.operation != "delete" or s.table is ORDERS][:-1]
    rows = {**SHOP.rows, SEATS: [row for row in SHOP.rows[SEATS] if row[:2] != (1, "A2")]}
    extra = [f for f in findings(judge(changed, rows)) if f.kind is FindingKind.EXTRA]
    assert [(f.table, f.key) for f in extra] == [("shop.seats", 'hall=1, seat="A2"')], f"{extra}"
    assert extra[0].place.endswith("0001.json.gz:5"), "the load record that gave the row"


FALSE_VALUES = {
    "id": "77",
    "hall": "77",
    "seat": '"Z"',
    "status": '"x"',
    "total": "3.33",
    "price": "3.33",
    "note": '"?"',
}
CELLS = [(n, name, False) for n in DATA for name in columns(n)]
CELLS += [(n, name, True) for n in DATA if sent(n).before for name in columns(n)]


@pytest.mark.parametrize(("number", "column", "before"), CELLS)
def test_a_falsified_value_is_found_in_every_cell_of_every_record(number, column, before):
    false = sent(number).saying(before=before, **{column: FALSE_VALUES[column]})
    lake = [false if place == number else s for place, s in enumerate(SHOP.sent)]
    result = judge(lake, SHOP.rows)
    wanted = keys_of(sent(number)) | keys_of(false)
    named = {(f.table, f.key) for f in findings(result)}
    assert {(str(false.table), key) for key in wanted} & named, f"{column} of {false.line}: {findings(result)}"


def test_a_falsified_last_value_is_different_with_column_both_values_and_place():
    number = next(n for n in CHANGES if sent(n).data[1:2] == ('"done"',))
    lake = [s.saying(total="10.51") if place == number else s for place, s in enumerate(SHOP.sent)]
    (finding,) = findings(judge(lake, SHOP.rows))
    assert finding.as_json() == {
        "kind": "different",
        "text": "the column's values are not the same",
        "table": "shop.orders",
        "key": "id=1",
        "column": "total",
        "source": "10.50",
        "lake": "10.51",
        "place": f"raw/dt=2026-11-22/hr=10/lake-1-{number // 5:04}.json.gz:{number % 5 + 1}",
    }, "table, key, column, both values and the place of the record"


@pytest.mark.parametrize("operation", ["load", "insert", "delete"])
@pytest.mark.parametrize("number", CHANGES, ids=name)
def test_a_falsified_operation_is_found(number, operation):
    record = sent(number)
    if record.operation == operation:
        return
    false = replace(record, operation=operation, before=None)
    lake = [false if place == number else s for place, s in enumerate(SHOP.sent)]
    assert not judge(lake, SHOP.rows).equal, f"{record.operation} as {operation}: {record.line}"


def test_two_copies_of_a_change_that_differ_are_a_conflict_with_both_values():
    number = next(n for n in CHANGES if sent(n).data[1:2] == ('"sent"',))
    false = sent(number).saying(note='"by mail"')
    conflict = [f for f in findings(judge([*SHOP.sent, false], SHOP.rows)) if f.kind is FindingKind.CONFLICT]
    assert [(f.table, f.key, f.column, f.source, f.lake) for f in conflict] == [
        ("shop.orders", "id=1", "note", '"by post"', '"by mail"')
    ], "one of the two copies is false, and the audit says so although it cannot say which"


def test_a_null_that_became_absent_is_different_where_null_is_declared():
    number = next(n for n in CHANGES if sent(n).data[1:2] == ('"done"',))
    lake = [s.saying(note="") if place == number else s for place, s in enumerate(SHOP.sent)]
    (finding,) = findings(judge(lake, SHOP.rows))
    assert (finding.column, finding.source, finding.lake) == ("note", "NULL", "(absent)"), "includeNullAndEmpty is on"


def test_a_record_of_an_unknown_table_is_found_with_its_place():
    stray = SHOP.sent[-1].line.replace('"table-name":"seats"', '"table-name":"seat"')
    result = judge([*objects(SHOP.sent), deliver([stray], "raw/stray.json.gz")], SHOP.rows)
    unknown = [f for f in findings(result) if f.kind is FindingKind.UNKNOWN_TABLE]
    assert [(f.table, f.place) for f in unknown] == [("shop.seat", "raw/stray.json.gz:1")], f"{findings(result)}"


def test_an_unknown_column_is_found_by_its_name():
    number = DATA[0]
    lines = [s.line.replace('"status"', '"stetus"') if n == number else s.line for n, s in enumerate(SHOP.sent)]
    result = judge([deliver(lines)], SHOP.rows)
    unknown = [f for f in findings(result) if f.kind is FindingKind.UNKNOWN_COLUMN]
    assert [(f.table, f.key, f.column) for f in unknown] == [("shop.orders", "id=1", "stetus")], f"{findings(result)}"


def test_the_findings_of_a_lost_object_are_counted_in_full_and_listed_in_part():
    task = shop()
    task.pause()
    task.commit(*((ORDERS, None, (n, "new", SHOP.rows[ORDERS][0][2], None)) for n in range(100, 160)))
    result = judge(task.sent[:-60], task.rows)
    missing = result.tables["shop.orders"].findings
    assert missing.counts[FindingKind.MISSING] == 60, "every lost row counts"
    assert len(missing.listed) == 20, "and the first twenty of a kind are listed"


def test_an_object_cut_anywhere_is_damaged_and_its_lost_rows_are_named():
    [*others, last] = objects(SHOP.sent, per_object=3)
    for length in range(len(last.body)):
        cut = Delivered(last.key, last.body[:length])
        result = judge([*others, cut], SHOP.rows)
        text = zlib.decompressobj(31).decompress(cut.body)
        lost = [s for s in SHOP.sent[len(others) * 3 :] if f"{s.line}\n" not in text.decode(errors="replace")]
        assert not result.equal, f"cut at {length}"
        about_object = [f.kind for f in findings(result) if f.place.startswith(last.key) and not f.table]
        assert about_object == [FindingKind.DAMAGED], (
            f"cut at {length}: said once, with no word of the piece at the end"
        )
        named = {finding.key for finding in findings(result)}
        assert all(keys_of(s) & named for s in lost), f"cut at {length}: {[s.line for s in lost]} not in {named}"


def whole_lines(body):
    """What can be had of GZIP data, however broken: byte by byte."""
    member, text = zlib.decompressobj(31), b""
    try:
        for place in range(len(body)):
            text += member.decompress(body[place : place + 1])
    except zlib.error:
        pass
    return set(text.split(b"\n"))


def orders():
    """One table alone, small enough to try every byte."""
    task, one = Task(), Decimal("1.00")
    task.load(ORDERS, (1, "new", one, None), (2, "new", Decimal("0.20"), "größer"))
    task.pause()
    task.commit((ORDERS, (1, "new", one, None), (1, "paid", one, None)), (ORDERS, None, (3, "new", one, None)))
    task.commit((ORDERS, (1, "paid", one, None), (1, "sent", one, "x")), (ORDERS, (3, "new", one, None), None))
    return task


ONE = orders()


def told(line):
    """What a line says of a row, whatever else it says; None if it says nothing."""
    try:
        record = json.loads(line, parse_float=Decimal)
        metadata = record["metadata"]
        about = metadata["operation"], metadata["schema-name"], metadata["table-name"], metadata["record-type"]
        return about, record["data"], record.get("before-image")
    except (ValueError, KeyError, TypeError):
        return None


def flips(length: int) -> list[tuple[int, int]]:
    """Each place of an object with one bit of three, in turn; with EXAMPLES set, with all three."""
    masks = (0x01, 0x10, 0x80)
    every = itertools.product(range(length), masks)
    return [(place, mask) for place, mask in every if "EXAMPLES" in os.environ or mask == masks[place % 3]]


@pytest.mark.parametrize("part", [slice(0, 4), slice(4, None)])
def test_one_byte_flipped_anywhere_in_an_object_is_never_equal_and_names_every_row_that_it_changed(part):
    whole = deliver([s.line for s in ONE.sent[part]])
    others = deliver([s.line for s in ONE.sent if s not in ONE.sent[part]], "raw/others.json.gz")
    changed = 0
    for place, mask in flips(len(whole.body)):
        body = bytearray(whole.body)
        body[place] ^= mask
        found = findings(judge([others, Delivered(whole.key, bytes(body), whole.etag)], ONE.rows))
        assert any(f.kind is FindingKind.DAMAGED and f.place == whole.key for f in found), (
            f"byte {place}: object not named"
        )
        left = [told(line) for line in whole_lines(whole.body[:2] + body[2:])]
        lost = [s for s in ONE.sent[part] if told(s.line) not in left]
        changed += bool(lost)
        named = {finding.key for finding in found}
        assert all(keys_of(s) & named for s in lost), f"byte {place}: {[s.line for s in lost]} not among {found}"
    assert changed > len(flips(len(whole.body))) / 2, "most flips change or lose rows"


def test_a_flip_that_changes_no_data_is_found_by_the_etag_and_only_by_it():
    whole = deliver([s.line for s in ONE.sent])
    body = bytearray(whole.body)
    body[4] ^= 1  # the time in the GZIP header
    assert judge([Delivered(whole.key, bytes(body))], ONE.rows).equal, "the records are whole"
    assert not judge([Delivered(whole.key, bytes(body), whole.etag)], ONE.rows).equal, "the object is not"


UNPROVEN = re.compile(
    rb'"(?:timestamp|commit-timestamp|partition-key-type|stream-position)":"[^"]*"'  # when and where, not what
    rb'|"prev-transaction-id"|"prev-transaction-record-id"'  # a change need not name one
    rb'|(?<="prev-transaction-id":)87978110091470|(?<="prev-transaction-record-id":)3'  # the first names an unseen one
    rb'|(?<="transaction-id":)87978110091484(?=,"transaction-record-id":2)'  # the last: no change names it
    rb'|(?<="transaction-id":87978110091484,"transaction-record-id":)2'
)
"""What may be falsified in the text of these records without a finding, where neither GZIP nor an ETag protects it."""


def test_one_byte_flipped_in_the_text_of_a_record_is_found_without_any_checksum():
    lines = [s.line.encode() for s in ONE.sent]
    for number, line in enumerate(lines):
        unproven = {place for match in UNPROVEN.finditer(line) for place in range(*match.span())}
        for place in set(range(len(line))) - unproven:
            false = bytearray(line)
            false[place] ^= 0x04
            text = b"\n".join([*lines[:number], bytes(false), *lines[number + 1 :]])
            found = findings(judge([Delivered("raw/plain.json", text)], ONE.rows))
            assert found, f"byte {place} of {bytes(false)!r}"
            named = {finding.key for finding in found}
            about_row = told(bytes(false)) != told(line)
            assert named & keys_of(ONE.sent[number]) or not about_row, f"byte {place} of {bytes(false)!r}: {found}"
