"""When a value that a view gives is the source's, type by type: the type counts too, for users compute with it."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from audit.views.types import reader
from model import Column

SAME = [
    ("tinyint", -128, -128),
    ("bigint unsigned", 18446744073709551615, Decimal(18446744073709551615)),
    ("year", 2026, 2026),
    ("decimal(12,2)", Decimal("7.50"), Decimal("7.50")),
    ("decimal(38,30)", Decimal("12345678.901234567890123456789012345678"),
     Decimal("12345678.901234567890123456789012345678")),
    ("decimal(39,0)", Decimal(10**38), str(10**38)),
    ("decimal(65,30)", Decimal("12345678901234567890123456789012345.100000000000000000000000000000"),
     "12345678901234567890123456789012345.1"),
    ("float", 1.1, 1.1),
    ("float", 1.1, 1.100000023841858),
    ("double", 1e300, 1e300),
    ("bit(1)", 1, True),
    ("bit(1)", 0, False),
    ("bit(12)", 0xABC, b"\x0a\xbc"),
    ("date", "2026-11-22", date(2026, 11, 22)),
    ("date", "0000-00-00", None),
    ("datetime(6)", "2026-11-22 09:13:38.120003", datetime(2026, 11, 22, 9, 13, 38, 120003)),
    ("timestamp(3)", "2026-11-22 09:13:38.120", datetime(2026, 11, 22, 9, 13, 38, 120000)),
    ("datetime", "0000-00-00 00:00:00", None),
    ("time(3)", "-838:59:59.100", "-838:59:59.1"),
    ("char(3)", "größe", "größe"),
    ("enum('a','b')", "b", "b"),
    ("set('a','b')", "a,b", "a,b"),
    ("json", '{"a": [1, true, "x"], "b": 1.0}', '{"b":1,"a":[1e0,true,"x"]}'),
    ("binary(3)", b"\x00\xff\x00", b"\x00\xff\x00"),
    ("blob", b"", b""),
    ("int", None, None),
]  # fmt: skip

DIFFERENT = [
    ("int", 7, "7"),
    ("int", 1, True),
    ("int", 7, 7.0),
    ("int", 7, Decimal("7.0")),
    ("int", 0, None),
    ("int", None, 0),
    ("bigint", 9007199254740993, 9007199254740992),
    ("decimal(12,2)", Decimal("7.50"), Decimal("7.5")),
    ("decimal(12,2)", Decimal("7.50"), 7.5),
    ("decimal(65,30)", Decimal("1.000000000000000000000000000001"), "1"),
    ("decimal(65,30)", Decimal("1"), "one"),
    ("decimal(38,0)", Decimal(7), "7"),
    ("decimal(39,0)", Decimal(7), Decimal(7)),
    ("float", 1.1, 1.1000003),
    ("float", 1.1, 1e300),
    ("double", 0.1, 0.10000000000000002),
    ("double", 1.0, 1),
    ("bit(1)", 1, 1),
    ("bit(12)", 0xABC, 0xABC),
    ("date", "2026-11-22", datetime(2026, 11, 22)),
    ("date", "2026-11-22", "2026-11-22"),
    ("date", "2026-00-15", None),
    ("datetime(6)", "2026-11-22 09:13:38.120003", datetime(2026, 11, 22, 9, 13, 38, 120000)),
    ("datetime", "2026-11-22 00:00:00", date(2026, 11, 22)),
    ("time", "09:13:38", "09:13:39"),
    ("time", "09:13:38", "9h"),
    ("varchar(9)", "a", "A"),
    ("varchar(9)", "7", 7),
    ("varchar(9)", "", None),
    ("json", '{"a": 1}', '{"a": true}'),
    ("json", '{"a": 1}', '{"a": "1"}'),
    ("json", '{"a": 1.00000000000000000001}', '{"a": 1}'),
    ("json", "[1, 2]", "[2, 1]"),
    ("json", "{}", "{"),
    ("blob", b"ab", "ab"),
]  # fmt: skip


def column(column_type: str) -> Column:
    kind, _, sizes = column_type.partition("(")
    precision = int(sizes.split(",")[0].rstrip(")")) if kind in ("bit", "decimal") and sizes else None
    return Column(name="v", data_type=kind.split(" ")[0], column_type=column_type, precision=precision)


@pytest.mark.parametrize(("column_type", "source", "view"), SAME)
def test_a_value_in_its_own_type_is_the_same(column_type, source, view):
    both = reader(column(column_type), null_and_empty=True)
    assert both.source(source) == both.view(view), f"{column_type}: {view!r} is {source!r}"


@pytest.mark.parametrize(("column_type", "source", "view"), DIFFERENT)
def test_another_value_or_another_type_is_different(column_type, source, view):
    both = reader(column(column_type), null_and_empty=True)
    assert both.source(source) != both.view(view), f"{column_type}: {view!r} is not {source!r}"


@pytest.mark.parametrize(
    ("column_type", "source", "view"),
    [("decimal(65,30)", Decimal(1), "sNaN"), ("json", "[]", "[" * 100_000)],
    ids=["sNaN", "deep"],
)
def test_what_cannot_even_be_compared_is_different(column_type, source, view):
    test_another_value_or_another_type_is_different(column_type, source, view)


@pytest.mark.parametrize(("kind", "empty"), [("varchar(9)", ""), ("blob", b"")])
def test_nothing_and_empty_are_one_where_neither_is_written(kind, empty):
    both = reader(column(kind), null_and_empty=False)
    assert both.source(empty) == both.view(None), "DMS left it out, and the view cannot know which it was"
    assert both.source(empty) != both.view(b"x" if kind == "blob" else "x")


def test_a_number_that_the_mappings_make_a_text_may_be_read_as_a_number():
    both = reader(column("varchar(20)"), null_and_empty=True, as_string=True)
    assert both.source("18446744073709551615") == both.view(Decimal(18446744073709551615)), "as its description says"
    assert both.source("18446744073709551615") == both.view("18446744073709551615")
    assert both.source("7.50") != both.view(Decimal("7.5"))
