"""How DMS writes each MySQL type as JSON."""

import json
from decimal import Decimal

import pytest

from mappings.dms_types import dms_type
from model import Column, PipelineError, Table
from rehearsal.replication.settings import kinesis_settings, task_settings
from rehearsal.replication.values import renderer

TABLE = Table(schema="shop", name="orders", columns=())


def rendered(value, column_type, task=None, kinesis=None, **more):
    data_type = column_type.split("(")[0].split(" ")[0]
    column = Column(name="c", data_type=data_type, column_type=column_type, **more)
    return renderer(TABLE, column, task_settings(task or {}), kinesis_settings(kinesis or {}))(value)


@pytest.mark.parametrize(
    ("value", "column_type", "text"),
    [
        (-128, "tinyint(4)", "-128"),
        (4294967295, "int(10) unsigned", "4294967295"),
        (2026, "year(4)", "2026"),
        (Decimal("7405.70"), "decimal(12,2)", "7405.70"),
        (Decimal("0E-10"), "decimal(20,10)", "0.0000000000"),
        (
            Decimal("-12345678901234567890123456789012345.123456789012345678901234567890"),
            "decimal(65,30)",
            "-12345678901234567890123456789012345.123456789012345678901234567890",
        ),
        (1.1, "float", "1.1"),
        (5e-324, "double", "5e-324"),
        ("2026-11-22", "date", '"2026-11-22"'),
        ("2026-11-22 09:13:38", "datetime", '"2026-11-22T09:13:38Z"'),
        ("2026-11-22 09:13:38.123456", "datetime(6)", '"2026-11-22T09:13:38.123456Z"'),
        ("2026-11-22 09:13:38.100", "timestamp(3)", '"2026-11-22T09:13:38.100Z"'),
        ("-838:59:59.000000", "time(6)", '"-838:59:59.000000"'),
        ('say "é" 🎫\n', "varchar(20)", '"say \\"é\\" 🎫\\n"'),
        ("a,b", "set('a','b')", '"a,b"'),
        (b"\x00\xff", "varbinary(2)", '"0x00ff"'),
        (b"", "varbinary(2)", '""'),
        (b"\x01", "longblob", '"0x01"'),
        ('{"a": 1}', "json", '"{\\"a\\": 1}"'),
    ],
)
def test_a_value_is_written_in_the_form_of_its_type(value, column_type, text):
    assert rendered(value, column_type) == text, f"the JSON text of {column_type}"
    json.loads(text)


def test_a_single_bit_is_a_boolean_and_more_bits_are_hexadecimal():
    assert rendered(1, "bit(1)", precision=1) == "true", "BIT maps to BOOLEAN"
    assert rendered(0, "bit(1)", precision=1) == "false", "BIT maps to BOOLEAN"
    assert rendered(5, "bit(12)", precision=12) == '"0x0005"', "BIT(12) is two bytes"


@pytest.mark.parametrize(
    ("value", "plain", "large"),
    [
        (9007199254740991, "9007199254740991", "9007199254740991"),
        (9007199254740992, "9007199254740992", "9007199254740992"),
        (9007199254740993, "9007199254740992", "9007199254740993"),
        (-9007199254740993, "-9007199254740992", "-9007199254740993"),
        (999999999999999999, "1e+18", "999999999999999999"),
        (-999999999999999999, "-1e+18", "-999999999999999999"),
        (1000000000000000000, "1e+18", "1e+18"),
        (-1000000000000000000, "-1e+18", "-1e+18"),
        (1000000000000000001, "1e+18", "1e+18"),
        (18446744073709551615, "1.8446744073709552e+19", "1.8446744073709552e+19"),
    ],
)
def test_a_large_integer_goes_through_a_double_as_the_endpoint_setting_says(value, plain, large):
    assert rendered(value, "bigint(20) unsigned") == plain, "without UseLargeIntegerValue 2^53 is the limit"
    found = rendered(value, "bigint(20) unsigned", kinesis={"useLargeIntegerValue": True})
    assert found == large, "with UseLargeIntegerValue 18 digits are exact, and no more"


@pytest.mark.parametrize("column_type", ["date", "datetime", "timestamp"])
def test_a_zero_date_becomes_null(column_type):
    value = "0000-00-00" if column_type == "date" else "0000-00-00 00:00:00"
    assert rendered(value, column_type) == "null", "the guide: recorded as null where the target has no zero dates"


@pytest.mark.parametrize("value", ["2026-00-15", "2026-11-00"])
def test_a_date_with_a_zero_part_is_refused(value):
    with pytest.raises(PipelineError, match=r"shop\.orders\.c holds .* a date with a zero part"):
        rendered(value, "date")


def test_text_ends_at_an_embedded_nul():
    assert rendered("ab\0cd", "varchar(9)") == '"ab"', "CHAP_Target.Kinesis: NUL truncates"


def test_a_lob_is_cut_at_lob_max_size_and_never_inside_a_character():
    limit = {"TargetMetadata": {"LobMaxSize": 1}}
    assert rendered("é" * 600, "longtext", limit) == '"' + "é" * 512 + '"', "1 KB is 512 two-byte characters"
    assert rendered("x" + "é" * 600, "longtext", limit) == '"x' + "é" * 511 + '"', "half a character is no character"
    assert rendered(b"\xab" * 2000, "longblob", limit) == '"0x' + "ab" * 1024 + '"', "1 KB of bytes"


@pytest.mark.parametrize(
    ("letter", "whole"),
    [("x", 1024), ("é", 512), ("€", 341), ("🎫", 256)],
    ids=["1 byte", "2 bytes", "3 bytes", "4 bytes"],
)
@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_a_lob_of_lob_max_size_is_whole_and_one_character_more_is_cut(letter, whole, beside):
    found = rendered(letter * (whole + beside), "longtext", {"TargetMetadata": {"LobMaxSize": 1}})
    assert json.loads(found) == letter * min(whole, whole + beside)


@pytest.mark.parametrize(("size", "kept"), [(1023, 1023), (1024, 1024), (1025, 1024)])
def test_a_binary_lob_of_lob_max_size_is_whole_and_a_byte_more_is_cut(size, kept):
    found = rendered(bytes(size), "longblob", {"TargetMetadata": {"LobMaxSize": 1}})
    assert json.loads(found) == "0x" + "00" * kept


def test_what_dms_does_not_call_a_lob_is_not_cut():
    limit = {"TargetMetadata": {"LobMaxSize": 1}}
    assert len(rendered("x" * 5000, "text", limit)) == 5002, "TEXT maps to WSTRING(65535)"


def test_no_hex_prefix_leaves_the_digits_alone():
    assert rendered(b"\x0f", "binary(1)", kinesis={"noHexPrefix": True}) == '"0f"', "API_KinesisSettings, NoHexPrefix"


def test_a_type_that_dms_does_not_know_is_refused_by_column():
    with pytest.raises(PipelineError, match=r"shop\.orders\.c is of type inet6, which DMS does not read"):
        rendered("::1", "inet6")


def test_an_unsigned_integer_has_an_unsigned_type():
    column = Column(name="c", data_type="int", column_type="int(10) unsigned")
    assert dms_type(TABLE, column).name == "UINT32"
