"""The canonical text of a value: the same on both sides exactly where the values are equal."""

from __future__ import annotations

from dataclasses import replace
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
WHAT_A_VIEW_GIVES = {"decimal(38,30)": "decimal(38,30)", "float": "double", "decimal(12,2)": "decimal(12,2)"}


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
