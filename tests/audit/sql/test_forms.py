"""The canonical text of a value: the same on both sides exactly where the values are equal."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from audit.sql import KeptRows, SqlLake
from audit.sql.ranges import EVERYTHING, FIRST
from model import Table
from tests.audit.lakes import column as named
from tests.audit.sql.lakes import EXPECTED, Lake, comparison_of, presto_type
from tests.audit.views.test_types import DIFFERENT, SAME, column

RESPELLED = (
    "12345678901234567890123456789012345.1",  # text, of a decimal that is too long for Athena
    '{"b":1,"a":[1e0,true,"x"]}',
)
"""Values that are equal and have other canonical texts, so that their rows are read."""


def digests(column_type: str, source: Any, view: Any, *, null_and_empty: bool = True):
    """Of a table with one row, by the source's rows and by the lake."""
    table = Table(
        schema="shop",
        name="t",
        columns=(named("id", "int"), column(column_type)),
        primary_key=("id",),
    )
    lake = Lake([("id", "integer"), ("v", presto_type(view))], [(1, view)])
    comparison = comparison_of(table, lake, replace(EXPECTED, null_and_empty=null_and_empty))
    sides = KeptRows(lambda: [(1, source)], comparison), SqlLake(lake.ask, comparison)
    return tuple(side.digests(FIRST, EVERYTHING) for side in sides)


@pytest.mark.parametrize(("column_type", "source", "view"), DIFFERENT)
def test_values_that_differ_have_other_texts(column_type: str, source: Any, view: Any):
    one, other = digests(column_type, source, view)
    assert one != other, f"{column_type}: {view!r} is not {source!r}, and no row would be read"


@pytest.mark.parametrize(("column_type", "source", "view"), SAME)
def test_values_that_are_equal_have_one_text(column_type: str, source: Any, view: Any):
    one, other = digests(column_type, source, view)
    assert (one == other) == (view not in RESPELLED), f"{column_type}: {view!r} is {source!r}"


ALIKE = [
    ("varchar(9)", ("a", "bc"), ("ab", "c")),
    ("varchar(9)", ("", "1/a,"), ("1/a,", "")),
    ("varchar(9)", (None, ""), ("", None)),
    ("varchar(9)", ("N", "N"), (None, None)),
    ("text", (None, ""), ("", None)),
    ("int", (1, 23), (12, 3)),
    ("int", (None, 1), (1, None)),
    ("varbinary(9)", (b"", None), (None, b"")),
    ("varbinary(9)", (b"\1\2", b"\3"), (b"\1", b"\2\3")),
    ("datetime(6)", ("2026-01-01 00:00:00.000001", None), (datetime(2026, 1, 1), None)),
    ("datetime(6)", ("2026-01-01 00:00:00.120000", None), (datetime(2026, 1, 1, 0, 0, 0, 12), None)),
    ("time(6)", ("-01:00:00.500000", None), ("01:00:00.500000", None)),
    ("time(6)", ("01:00:00.500000", None), ("01:00:00.400000", None)),
]
"""Two columns of a type: what the source has, and what a view gives that is easily taken for it."""


@pytest.mark.parametrize(("column_type", "source", "view"), ALIKE)
def test_no_two_columns_have_the_text_of_two_others(column_type: str, source: tuple[Any, ...], view: tuple[Any, ...]):
    columns = [replace(column(column_type), name=name, precision=6) for name in ("v", "w")]
    table = Table(schema="shop", name="t", columns=(named("id", "int"), *columns), primary_key=("id",))
    given = presto_type(next((value for value in view if value is not None), ""))
    lake = Lake([("id", "integer"), ("v", given), ("w", given)], [(1, *view)])
    comparison = comparison_of(table, lake)
    kept = KeptRows(lambda: [(1, *source)], comparison).digests(FIRST, EVERYTHING)
    assert SqlLake(lake.ask, comparison).digests(FIRST, EVERYTHING) != kept


def test_a_value_that_the_view_could_not_read_is_no_null():
    table = Table(schema="shop", name="t", columns=(named("id", "int"), named("v", "int")), primary_key=("id",))
    lake = Lake([("id", "integer"), ("v", "integer"), ("cdc_unreadable", "varchar")], [(1, None, "v")])
    comparison = comparison_of(table, lake)
    kept = KeptRows(lambda: [(1, None)], comparison).digests(FIRST, EVERYTHING)
    assert SqlLake(lake.ask, comparison).digests(FIRST, EVERYTHING) != kept


def test_values_that_two_rows_of_a_range_have_exchanged_are_no_equal_range():
    rows = [(1, "a", '{"v": 1}'), (2, "b", '{"v": 2}')]
    columns = (named("id", "int"), named("v", "varchar(9)"), column("json"))
    table = Table(
        schema="shop", name="t", columns=(columns[0], columns[1], replace(columns[2], name="w")), primary_key=("id",)
    )
    types = [("id", "integer"), ("v", "varchar"), ("w", "varchar")]
    exchanged = [(1, "b", '{"v": 1}'), (2, "a", '{"v": 2}')], [(1, "a", '{"v": 2}'), (2, "b", '{"v": 1}')]
    for lake in (Lake(types, rows), *(Lake(types, given) for given in exchanged)):
        comparison = comparison_of(table, lake)
        sides = KeptRows(lambda: rows, comparison), SqlLake(lake.ask, comparison)
        one, other = (side.digests(0, EVERYTHING) for side in sides)
        assert (one == other) == (lake.all() == rows)
