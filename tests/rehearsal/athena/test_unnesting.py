"""Arrays beside their rows: the same answer as by a join, without holding the rows."""

from __future__ import annotations

import re

import pytest

from rehearsal.athena import Athena, QueryError
from rehearsal.athena.dialect import translated
from tests.rehearsal.athena.catalogs import NOW, asked, catalog, stored


def beside(array: str) -> str:
    return f"CROSS JOIN UNNEST({array}) AS image (cdc_n)"


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        ("ARRAY[1, 2]", [("a", 1), ("a", 2), ("b", 1), ("b", 2)]),
        ("CASE WHEN line = 'a' THEN ARRAY[1, 2] ELSE ARRAY[3] END", [("a", 1), ("a", 2), ("b", 3)]),
        ("IF(line = 'a', ARRAY[1])", [("a", 1)]),
        ("IF(line = 'a', ARRAY[1], CAST(ARRAY[] AS array(integer)))", [("a", 1)]),
        ("ARRAY[NULL, 1]", [("a", 1), ("a", None), ("b", 1), ("b", None)]),
        ("sequence(1, 1)", [("a", 1), ("b", 1)]),
    ],
)
def test_each_row_is_there_once_for_each_element_beside_it(array: str, expected: list[tuple[str, int | None]]):
    with Athena(catalog(), [stored("a\nb\n")], now=NOW) as athena:
        assert (
            asked(athena, f"SELECT line, cdc_n FROM lines {beside(array)} ORDER BY line, cdc_n NULLS LAST") == expected
        )


def test_what_is_asked_of_the_rows_is_asked_of_each_element_too():
    with Athena(catalog(), [stored("a\nb\n")], now=NOW) as athena:
        numbers = f"FROM lines {beside('ARRAY[1, 2, 3]')} WHERE cdc_n < 3"
        of_some = f"SELECT line, max(cdc_n) AS most {numbers} GROUP BY line ORDER BY 1"
        assert asked(athena, of_some) == [("a", 2), ("b", 2)]
        other = f"SELECT line, x, cdc_n FROM lines CROSS JOIN (VALUES 7) AS v (x) {beside('ARRAY[x, 8]')}"
        assert asked(athena, f"{other} ORDER BY 1, 3") == [("a", 7, 7), ("a", 7, 8), ("b", 7, 7), ("b", 7, 8)]


@pytest.mark.parametrize(
    "source",
    [
        "lines CROSS JOIN UNNEST(ARRAY[1]) WITH ORDINALITY AS image (cdc_n, place)",
        "lines AS l CROSS JOIN UNNEST(ARRAY[1]) AS image (cdc_n) WHERE l.line = 'a'",
        "UNNEST(ARRAY[1]) AS image (cdc_n) CROSS JOIN lines",
    ],
)
def test_what_is_no_single_array_at_the_end_stays_a_join(source: str):
    with Athena(catalog(), [stored("a\n")], now=NOW) as athena:
        assert asked(athena, f"SELECT line, cdc_n FROM {source}") == [("a", 1)]


def test_a_column_of_both_sides_is_refused_as_athena_refuses_it():
    with Athena(catalog(), [stored("a\n")], now=NOW) as athena, pytest.raises(QueryError, match="Ambiguous"):
        asked(athena, "SELECT dt FROM lines CROSS JOIN UNNEST(ARRAY['x']) AS image (dt)")


def test_no_row_is_held_for_the_array_beside_it():
    array = "IF(line = 'a', ARRAY[1])"
    sql = translated(f"SELECT line, cdc_n FROM lines {beside(array)}")
    with Athena(catalog(), [stored("a\n")], now=NOW) as athena:
        plan = str(athena._connection.execute(f"EXPLAIN {sql}").fetchall()).lower()
    assert "unnest" in plan
    assert not {"join", "delim"} & set(re.findall("[a-z]+", plan)), "a join holds all rows, in memory that cannot spill"


def test_a_user_s_query_is_refused_where_athena_finds_a_name_ambiguous():
    sql = "SELECT cdc_x FROM (SELECT line AS cdc_x FROM lines) CROSS JOIN UNNEST(ARRAY['mine']) AS u (cdc_x)"
    with Athena(catalog(), [stored("a\n")], now=NOW) as athena, pytest.raises(QueryError, match="mbiguous"):
        asked(athena, sql)
