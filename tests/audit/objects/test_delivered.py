"""What is read of an object: every whole record; and what is said of one that is not in order."""

import gzip
import re

import pytest

from audit import FindingKind
from audit.objects.delivered import Document, Problem, documents
from tests.audit.lakes import ORDERS, Delivered, deliver, findings, judge, shop

SHOP = shop()
LOADS = [s for s in SHOP.sent if s.operation == "load" and s.table is ORDERS]


def audited(*bodies, key="raw/a.json.gz", etag=""):
    """The findings about the delivered objects when the source is `shop`."""
    return findings(judge([Delivered(key, body, etag) for body in bodies], SHOP.rows))


def text_of(sent):
    return "".join(f"{s.line}\n" for s in sent).encode()


def test_an_object_need_not_be_compressed():
    assert audited(text_of(SHOP.sent), key="raw/a.json") == [], "UNCOMPRESSED is a choice of the delivery stream"


def test_gzip_is_recognised_without_its_suffix():
    assert audited(gzip.compress(text_of(SHOP.sent)), key="raw/a") == [], "fileExtension is a choice, too"


def test_gzip_members_one_after_another_are_one_text():
    halves = gzip.compress(text_of(SHOP.sent[:9])) + gzip.compress(text_of(SHOP.sent[9:]))
    assert audited(halves) == [], "RFC 1952 allows several members"


def test_blank_lines_and_carriage_returns_are_nothing():
    lines = text_of(SHOP.sent).replace(b"\n", b"\r\n\n  \n")
    assert audited(lines, key="raw/a.json") == [], "DMS may end its records with a newline, and Firehose adds another"


def test_a_missing_newline_at_the_end_is_nothing():
    assert audited(text_of(SHOP.sent).rstrip(b"\n"), key="raw/a.json") == [], "the last record is whole"


def test_bytes_after_the_gzip_data_are_damage():
    (finding,) = audited(gzip.compress(text_of(SHOP.sent)) + b"abc")
    assert (finding.kind, finding.place) == (FindingKind.DAMAGED, "raw/a.json.gz"), f"{finding}"


def test_an_object_that_is_not_what_its_name_says_is_damaged():
    found = audited(b"\x00" + gzip.compress(text_of(SHOP.sent))[1:])
    assert [f.kind for f in found if f.place == "raw/a.json.gz"] == [FindingKind.DAMAGED], f"{found}"


@pytest.mark.parametrize("place", [0, 1, -150])
def test_what_comes_before_the_damage_is_still_read(place):
    body = bytearray(gzip.compress(text_of(SHOP.sent)))
    body[place] ^= 0xFF
    missing = {f.key for f in audited(bytes(body)) if f.kind is FindingKind.MISSING}
    assert "id=2" not in missing, "its load record stands at the start of the object"


def test_another_etag_than_at_delivery_is_damage_though_the_text_is_the_same():
    whole = deliver(s.line for s in SHOP.sent)
    other = bytearray(whole.body)
    other[9] ^= 1  # the operating system in the GZIP header: no data
    (finding,) = audited(bytes(other), etag=f'"{whole.etag}"')
    assert (finding.kind, finding.place) == (FindingKind.DAMAGED, "raw/a.json.gz"), f"{finding}"


@pytest.mark.parametrize("etag", ["", "d41d8cd98f00b204e9800998ecf8427e-2"])
def test_an_etag_that_is_no_md5_says_nothing(etag):
    assert audited(deliver(s.line for s in SHOP.sent).body, etag=etag) == [], "multipart uploads have another ETag"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "not one JSON document"),
        ('{"data":{"id":1},"meta', "not one JSON document"),
        ("[1]", "a record is a JSON object, not list"),
        ("7", "a record is a JSON object, not int"),
        ('{"data":{"id":1}}', "no metadata object"),
        ('{"data":{"id":NaN},"metadata":{}}', "NaN is not JSON"),
        ("[" * 100_000, "not one JSON document"),
    ],
)
def test_a_line_that_is_no_record_is_named_with_its_start(line, says):
    lake = text_of(SHOP.sent[:2]) + line.encode() + b"\n" + text_of(SHOP.sent[2:])
    (finding,) = audited(lake, key="raw/a.json")
    assert (finding.kind, finding.place) == (FindingKind.UNREADABLE, "raw/a.json:3"), f"{finding}"
    assert says in finding.text, f"the rule is said: {finding.text}"


@pytest.mark.parametrize(("length", "shown"), [(79, "x" * 79), (80, "x" * 80), (81, "x" * 80 + "…")])
def test_of_a_line_that_is_no_record_the_first_80_characters_are_shown(length, shown):
    (problem,) = documents(Delivered("raw/a.json", b"x" * length))
    assert isinstance(problem, Problem)
    assert problem.text.endswith(f": {shown}"), problem.text


def test_a_line_that_is_not_utf_8_is_named_with_the_byte():
    lines = text_of(SHOP.sent).replace("ö".encode(), b"\xf6")
    unreadable = [f for f in audited(lines, key="raw/a.json") if f.kind is FindingKind.UNREADABLE]
    assert len(unreadable) == 1, f"{unreadable}"
    assert "not UTF-8 at byte" in unreadable[0].text, f"{unreadable[0].text}"


def test_pretty_printed_records_are_one_finding_and_are_still_read():
    pretty = "".join(re.sub(r"([{,])(?=\")", r"\1\n\t", s.line)[:-1] + "\n}\n" for s in SHOP.sent)
    found = audited(gzip.compress(pretty.encode()), gzip.compress(b""))
    assert [f.kind for f in found] == [FindingKind.SPANNING], f"one clear finding and no row of it missing: {found}"
    assert "message_format is json" in found[0].text, "it says the cause"


def test_records_run_together_are_one_finding_and_are_still_read():
    together = "".join(s.line for s in SHOP.sent).encode()
    found = audited(gzip.compress(together))
    assert [f.kind for f in found] == [FindingKind.RUN_TOGETHER], f"one clear finding and no row of it missing: {found}"
    assert "AppendDelimiterToRecord" in found[0].text, "it says the cause"


def test_objects_full_of_run_together_records_are_listed_once_and_counted():
    half = len(SHOP.sent) // 2
    bodies = ["".join(s.line for s in part).encode() for part in (SHOP.sent[:half], SHOP.sent[half:])]
    result = judge([Delivered("raw/a.json", bodies[0]), Delivered("raw/b.json", bodies[1])], SHOP.rows)
    assert result.findings.counts[FindingKind.RUN_TOGETHER] == 2, "each object counts"
    assert len(result.findings.listed) == 1, "a wrong declaration says itself once"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a":1}\n{"a":22}\n', [(1, 7), (2, 8)]),
        (b'{\n\t"a":1\n}\n{"a":22}\n', [(1, 10), (4, 8)]),
        (b'{"a":1,\n"b":2\n}', [(1, 15)]),
        (b'{"a":1}{"a":2}\n{"a":22}\n', [(1, 7), (1, 7), (2, 8)]),
    ],
    ids=["a line each", "over lines", "over lines to the end", "run together"],
)
def test_a_document_has_the_size_of_its_own_bytes_however_it_is_framed(body, expected):
    read = [it for it in documents(Delivered("raw/a.json", body)) if isinstance(it, Document)]
    assert [(it.line, it.size) for it in read] == expected, "line and bytes, the last newline left out"


def test_lines_are_counted_on_after_other_framings():
    first = re.sub(r"([{,])(?=\")", r"\1\n\t", SHOP.sent[0].line)[:-1] + "\n}\n"
    second = SHOP.sent[1].line + SHOP.sent[2].line + "\n"
    third = SHOP.sent[3].line + SHOP.sent[4].line + "\n"
    lake = (first + second + third + "{\n").encode() + text_of(SHOP.sent[5:])
    found = audited(lake, key="raw/a.json")
    lines = first.count("\n")
    assert [(f.kind, f.place) for f in found] == [
        (FindingKind.SPANNING, "raw/a.json:1"),
        (FindingKind.RUN_TOGETHER, f"raw/a.json:{lines + 1}"),
        (FindingKind.UNREADABLE, f"raw/a.json:{lines + 3}"),
    ], "each kind once an object, and every place right"
    result = judge([Delivered("raw/a.json", lake)], SHOP.rows)
    assert result.findings.counts[FindingKind.RUN_TOGETHER] == 1, "once an object, not once a line"


def test_a_record_cut_in_the_middle_is_unreadable_and_its_row_is_missing():
    lines = [s.line for s in SHOP.sent]
    lines[5] = lines[5][:40]
    found = findings(judge([deliver(lines)], SHOP.rows))
    assert {f.kind for f in found} >= {FindingKind.UNREADABLE}, f"{found}"
    assert "id=1" in {f.key for f in found}, f"the row that the record carried is named: {found}"


ENVELOPES = [
    ('"record-type":"data"', '"record-type":"date"', "record-type is 'date'"),
    ('"operation":"load"', '"operation":"lood"', "operation is 'lood'"),
    ('"data":{', '"dota":{', "no data object"),
    ('"schema-name":"shop"', '"schema-name":null', "no schema-name"),
    ('"metadata":{', '"extra":1,"metadata":{', "unknown field among"),
    ('"timestamp":"2026', '"timestamp":"26', "timestamp is"),
    ('"timestamp":"2026', '"timestamp":2026,"x":"', "timestamp is 2026"),
    ('"operation":"load"', '"operation":"load","transaction-record-id":1', "only changes belong to a transaction"),
    ('"id":1,', "", "lacks a column of the primary key"),
]


@pytest.mark.parametrize(("part", "false", "says"), ENVELOPES)
def test_a_record_of_unknown_shape_is_named_with_the_rule(part, false, says):
    lines = [s.line.replace(part, false) if s is LOADS[0] else s.line for s in SHOP.sent]
    found = [f for f in findings(judge([deliver(lines)], SHOP.rows)) if f.kind is FindingKind.UNREADABLE]
    assert len(found) == 1, f"{found}"
    assert says in found[0].text, f"{found[0].text}"


CHANGES = [
    ('"operation":"update"', '"operation":"insert"', "insert with a before-image"),
    ('"before-image":{', '"before_image":{', "unknown field among"),
    ('"before-image":{', '"before-image":7,"x":{', "unknown field among"),
    ('"before-image":{"id":1,"status":"new","total":10.50,"note":null},', '"before-image":7,', "is not an object"),
    ('"before-image":{"id":1,"status":"new","total":10.50,"note":null},', "", "an update without the declared"),
    ('"transaction-record-id":1,', "", "transaction-record-id is None"),
    ('"transaction-id":', '"transaction-id":0.', "transaction-id is Decimal"),
    ('"commit-timestamp":"', '"commit-time":"', "commit-timestamp is None"),
]


@pytest.mark.parametrize(("part", "false", "says"), CHANGES)
def test_a_change_of_unknown_shape_is_named_with_the_rule(part, false, says):
    chosen = next(s for s in SHOP.sent if s.operation == "update")
    lines = [s.line.replace(part, false, 1) if s is chosen else s.line for s in SHOP.sent]
    found = [f for f in findings(judge([deliver(lines)], SHOP.rows)) if f.kind is FindingKind.UNREADABLE]
    assert len(found) == 1, f"{found}"
    assert says in found[0].text, f"{found[0].text}"


def test_a_control_record_with_an_unknown_field_is_named():
    lines = [s.line.replace("{", '{"extra":1,', 1) if s is SHOP.sent[0] else s.line for s in SHOP.sent]
    (finding,) = findings(judge([deliver(lines)], SHOP.rows))
    assert finding.text == "not a DMS record: unknown field among extra, metadata", finding.text


def test_a_control_record_of_unknown_operation_is_named():
    lines = [s.line.replace("create-table", "creat-table") for s in SHOP.sent]
    found = findings(judge([deliver(lines)], SHOP.rows))
    assert [f.kind for f in found] == [FindingKind.UNREADABLE] * 3, f"two tables and DMS's own: {found}"


@pytest.mark.parametrize("most", [0, 10**9])
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("[" * 700 + "]" * 700, FindingKind.UNREADABLE),
        ("[" * 99_000 + "]" * 99_000, FindingKind.UNREADABLE),
        ("1e99999999999999999999", FindingKind.UNREADABLE),
        ("1e999999999", FindingKind.DIFFERENT),
        ("[[1]]", FindingKind.DIFFERENT),
    ],
    ids=["deep", "deeper", "no number", "no integer", "an array"],
)
def test_a_value_that_no_database_has_is_a_finding(value: str, kind: FindingKind, most: int):
    false = LOADS[1].saying(**{"status" if "[" in value else "total": value})
    lines = [false if sent is LOADS[1] else sent for sent in SHOP.sent]
    assert kind in {finding.kind for finding in findings(judge(lines, SHOP.rows, most=most))}


def test_an_integer_with_a_thousand_million_digits_is_a_finding():
    lines = [LOADS[1].saying(id="1e999999999") if sent is LOADS[1] else sent for sent in SHOP.sent]
    assert not judge(lines, SHOP.rows).equal
