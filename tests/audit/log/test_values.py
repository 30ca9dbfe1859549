"""When a value of the lake says the same as a value of the source, type by type."""

from dataclasses import replace
from decimal import Decimal

import pytest

from audit import FindingKind
from model import PipelineError, Table
from tests.audit.lakes import DECLARED, Sent, Task, column, deliver, findings, judge

SAME = [
    ("tinyint(4)", -128, "-128"),
    ("int(11)", 7, "7.0"),
    ("bigint(20)", -9223372036854775808, "-9223372036854775808"),
    ("bigint(20) unsigned", 18446744073709551615, "18446744073709551615"),
    ("bigint(20)", 100000000000000000, "1E17"),
    ("year(4)", 2026, "2026"),
    ("decimal(65,30)", Decimal("1234567890123456789012345.678901234567890123456789012345"),
     "1234567890123456789012345.678901234567890123456789012345"),
    ("decimal(12,2)", Decimal("7.50"), "7.5"),
    ("float", 1.1, "1.100000023841858"),
    ("float", 1.1, "1.1"),
    ("double", 0.1, "0.1"),
    ("double", 1e300, "1e300"),
    ("bit(1)", 1, "true"),
    ("bit(1)", 0, "0"),
    ("bit(8)", 165, '"0xa5"'),
    ("bit(64)", 18446744073709551615, "18446744073709551615"),
    ("date", "2026-11-22", '"2026-11-22"'),
    ("date", "2026-11-22", '"2026-11-22T00:00:00Z"'),
    ("datetime(6)", "2026-11-22 09:13:38.120000", '"2026-11-22T09:13:38.12Z"'),
    ("datetime", "2026-11-22 09:13:38", '"2026-11-22T09:13:38Z"'),
    ("datetime", "0000-00-00 00:00:00", '"0000-00-00 00:00:00"'),
    ("timestamp(3)", "2026-11-22 09:13:38.000", '"2026-11-22T09:13:38.000000Z"'),
    ("time(3)", "-838:59:59.000", '"-838:59:59"'),
    ("varchar(9)", "größe 🎟\u2028", '"gr\\u00f6\\u00dfe \\ud83c\\udf9f\u2028"'),
    ("char(3)", "", '""'),
    ("enum('a','b')", "b", '"b"'),
    ("set('a','b')", "a,b", '"a,b"'),
    ("json", '{"a": [1, true], "b": 1.0}', r'"{\"b\":1,\"a\":[1.0,true]}"'),
    ("binary(3)", b"\x00\xff\x00", '"0x00ff00"'),
    ("varbinary(3)", b"\x00\xff", '"00FF"'),
    ("blob", b"", '"0x"'),
    ("int(11)", None, "null"),
]  # fmt: skip

DIFFERENT = [
    ("int(11)", 1, "true"),
    ("int(11)", 7, '"7"'),
    ("int(11)", 7, "7.5"),
    ("int(11)", 0, "null"),
    ("int(11)", None, "0"),
    ("bigint(20) unsigned", 18446744073709551615, "18446744073709552000"),
    ("bigint(20)", 9007199254740993, "9007199254740992"),
    ("decimal(30,10)", Decimal("12345678901234567890.0123456789"), "12345678901234567890.0123456788"),
    ("decimal(12,2)", Decimal("7.50"), '"7.50"'),
    ("float", 1.1, "1.10000015"),
    ("double", 0.1, "0.10000000000000002"),
    ("bit(1)", 0, "true"),
    ("bit(8)", 165, "true"),
    ("date", "2026-11-22", '"2026-11-22T00:00:01Z"'),
    ("date", "2026-11-22", '"2026-11-2"'),
    ("date", "2026-11-22", "20261122"),
    ("datetime(6)", "2026-11-22 09:13:38.120000", '"2026-11-22T09:13:38Z"'),
    ("datetime", "2026-11-22 09:13:38", '"2026-11-22T09:13:38+01:00"'),
    ("time", "09:13:38", '"09:13:39"'),
    ("varchar(9)", "a", '"A"'),
    ("varchar(9)", "a", '"a "'),
    ("varchar(9)", "", "null"),
    ("varchar(9)", None, '""'),
    ("varchar(9)", None, '"(absent)"'),
    ("varchar(9)", "1", "1"),
    ("json", '{"a": 1}', r'"{\"a\": true}"'),
    ("json", '{"a": 1.00000000000000000001}', r'"{\"a\": 1}"'),
    ("json", "[1, 2]", '"[2, 1]"'),
    ("json", '{"a": null}', '"{}"'),
    ("json", "{}", '"{"'),
    ("json", "{}", "{}"),
    ("binary(3)", b"\x00\xff\x00", '"0x00ff"'),
    ("blob", b"ab", '"YWI="'),
    ("blob", b"\x0a", '"0xa"'),
]


def audited(column_type, source, text, expectations=DECLARED):
    table = Table(
        schema="s", name="t", columns=(column("id", "int(11)"), column("v", column_type)), primary_key=("id",)
    )
    task = Task()
    task.load(table, (1, source), written=lambda row: ("1", text))
    return judge(task.sent, task.rows, expectations)


@pytest.mark.parametrize(("column_type", "source", "text"), SAME)
def test_a_value_is_equal_however_it_is_written(column_type, source, text):
    result = audited(column_type, source, text)
    assert result.equal, f"{column_type}: {source!r} is what {text} says: {findings(result)}"


@pytest.mark.parametrize(("column_type", "source", "text"), DIFFERENT)
def test_another_value_is_different_however_near(column_type, source, text):
    found = findings(audited(column_type, source, text))
    assert [(f.kind, f.key, f.column) for f in found] == [(FindingKind.DIFFERENT, "id=1", "v")], (
        f"{column_type}: {source!r} is not what {text} says: {found}"
    )


def test_absent_is_not_empty_where_empty_is_declared():
    (finding,) = findings(audited("varchar(9)", "", ""))
    assert (finding.source, finding.lake) == ('""', "(absent)"), "includeNullAndEmpty would have written it"


def test_absent_is_not_a_value_where_only_null_and_empty_may_be_left_out():
    (finding,) = findings(audited("varchar(9)", "x", "", replace(DECLARED, null_and_empty=False)))
    assert (finding.source, finding.lake) == ('"x"', "(absent)"), "only NULL and empty are ever left out"


def test_long_values_are_cut_around_the_place_where_they_differ():
    (finding,) = findings(audited("text", "a" * 5000 + "X" + "b" * 5000, '"' + "a" * 5000 + "Y" + "b" * 5000 + '"'))
    assert "aaX" in finding.source, f"the difference can be seen: {finding.source}"
    assert "aaY" in finding.lake, f"the difference can be seen: {finding.lake}"
    assert len(finding.source) < 130, "and nothing is flooded"


def test_a_type_that_cannot_be_compared_is_refused_by_name():
    with pytest.raises(PipelineError, match=r"column v: .* type vector\(3\)"):
        audited("vector(3)", "x", '"x"')


def test_a_key_is_found_whatever_type_it_has():
    table = Table(
        schema="s", name="t", columns=(column("id", "binary(2)"), column("at", "datetime")), primary_key=("id", "at")
    )
    task = Task()
    task.load(table, (b"\x01\x02", "2026-11-22 09:13:38"), written=lambda _: ('"0x0102"', '"2026-11-22T09:13:38Z"'))
    task.rows[table].append((b"\x01\x03", "2026-11-22 09:13:38"))
    (finding,) = findings(judge(task.sent, task.rows))
    assert finding.key == 'id=0x0103, at="2026-11-22 09:13:38"', "the key is shown as MySQL would write it"


def test_a_column_that_dms_does_not_replicate_must_not_be_in_a_record():
    hidden = (1, column("twice", "int(11)"))
    table = Table(schema="s", name="t", columns=(column("id", "int(11)"),), primary_key=("id",), left_out=(hidden,))
    line = Sent("load", table, "2026-11-22T10:00:00.000001Z", ("1",)).line.replace('"id":1', '"id":1,"twice":2')
    (finding,) = findings(judge([deliver([line])], {table: [(1,)]}))
    assert (finding.kind, finding.column) == (FindingKind.UNKNOWN_COLUMN, "twice"), f"{finding}"
