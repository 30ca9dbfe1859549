"""Random tables of every type with random differences: the audit in SQL says what the comparison of all rows says.

The comparison row by row is the oracle, kept for that. ``EXAMPLES=5000`` draws so many, others each time.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from audit.sql import KeptRows, SqlSource
from database.server import Server
from model import Column, Row
from rehearsal.source.mariadb.mariadb import MariaDB
from tests.audit.sql.lakes import EXPECTED, Lake, by_rows, by_sql, comparison_of, right_rows, said, view_types

from .conftest import Shop
from .test_sql_source import asking
from .test_types import TYPES

_NASTY = {
    "VARCHAR(9) COLLATE utf8mb4_general_ci": {
        repr(it): it for it in ("a", "A", "ä", "a ", "", "N", "0/", "1/a,", ",", "x")
    },
    "VARCHAR(8) CHARACTER SET latin1": {repr(it): it for it in ("é", "e", "E ", "", "N")},
    "CHAR(4)": {"'a'": "a", "'A'": "A", "''": "", "'ä'": "ä"},
    "DOUBLE": {
        repr(it): it
        for it in (0.0, 1.0, -1.0, 8.0, 0.5, math.nextafter(8.0, 0.0), math.nextafter(8.0, 9.0), 1e22, 1e23, 2.0**1000,
                   1.7976931348623157e308, 2.2250738585072014e-308, 5e-324, 1e-310, 0.1, 0.30000000000000004)
    },
    "FLOAT": {repr(it): it for it in (0.0, 1.5, -8.0, 0.1, 16777216.0, 1.1754944e-38)},
    "VARBINARY(6)": {"x''": b"", "x'00'": b"\0", "x'0000'": b"\0\0", "x'4e'": b"N", "x'ff'": b"\xff"},
    "MEDIUMTEXT": {"''": "", "'N'": "N", "'é '": "é ", "REPEAT('ab', 3000)": "ab" * 3000},
    "JSON": {"'[1, 2]'": "[1, 2]", "'[1,2]'": "[1,2]", "'\"a\"'": '"a"', "'{\"a\": 1.0}'": '{"a": 1.0}'},
    "TIMESTAMP(3)": {"'2026-10-25 00:30:00.5'": "2026-10-25 00:30:00.500"},
}  # fmt: skip
KINDS = {kind: values for kind, values in (TYPES | _NASTY).items() if len(kind) < 60 and len(str(values)) < 8000}
KEYS = (
    ("INT", ("0", "1", "2", "3")),
    ("VARCHAR(9) COLLATE utf8mb4_general_ci", ("'a'", "'ä '", "','", "'N'", "'1/a,1/b'")),
    ("VARBINARY(8)", ("x''", "x'00'", "x'0000'", "x'4e'")),
    ("DECIMAL(20,5)", ("0", "0.1", "-0.1", "99999999999999.99999")),
    ("DATETIME(6)", ("'2026-01-01'", "'2026-01-01 00:00:00.000001'", "'9999-12-31 23:59:59.999999'")),
    ("BIGINT UNSIGNED", ("0", "18446744073709551615", "9223372036854775808")),
    ("FLOAT", ("0", "0.1", "-8", "1e30")),
)
"""Types of a key's columns, and values of them."""
_ORDERS = ((0,), (1,), (2, 0), (3, 4), (5, 1), (6,), (4, 2))


@dataclass(repr=False)
class Sides:
    """A table on the server, and a view of it."""

    shop: Shop
    name: str
    key: tuple[int, ...]
    kinds: tuple[str, ...]

    def __post_init__(self) -> None:
        keys = [f"K{place} {KEYS[number][0]}" for place, number in enumerate(self.key)]
        columns = [f"C{place} {kind}" for place, kind in enumerate(self.kinds)]
        primary = ", ".join(f"K{place}" for place, _ in enumerate(self.key))
        self.table = self.shop.create(*keys, *columns, f"PRIMARY KEY ({primary})", name=self.name)
        self.lake = Lake(view_types(self.table), [])

    def put(self, rows: Sequence[Sequence[str]]) -> list[Row]:
        """Let the source have ``rows``, in SQL: what of them it has then."""
        self.shop.sql(f"DELETE FROM {self.name}")
        for row in rows:
            self.shop.sql(f"REPLACE INTO {self.name} VALUES ({', '.join(row)})")
        return self.shop.rows(self.name)


@pytest.fixture(scope="module")
def tables(mariadb: MariaDB, capture: Server) -> Iterator[list[Sides]]:
    """Tables with keys of each kind; together they have each type many times."""
    shop = Shop(mariadb.root, capture)
    shop.sql("SET sql_mode = ''", "SET time_zone = '+00:00'")
    kinds, width = list(KINDS), 12
    shares = [tuple(kinds[first : first + width]) for first in range(0, len(kinds), width)]
    yield [Sides(shop, f"t{n}", _ORDERS[n % len(_ORDERS)], share) for n, share in enumerate(shares)]
    shop.connection.close()


def near(value: Any) -> list[Any]:
    """Values of the same type that are easily taken for ``value``."""
    match value:
        case bool():
            return [not value]
        case str():
            return [value + " ", value.upper(), value.lower(), value[:-1], value + "0", value + ",1/a", ""]
        case bytes():
            return [value + b"\0", value[:-1], value[1:], b""]
        case int():
            return [value + 1 if value < 2**31 - 1 else value - 1, 0]
        case float():
            return [math.nextafter(value, 0.0), -value, value * 2 if abs(value) < 1e308 else 0.0]
        case Decimal():
            return [value.copy_negate(), value.next_plus() if len(value.as_tuple().digits) > 28 else -value]
        case datetime():
            shifts = (timedelta(microseconds=1), timedelta(hours=-5, minutes=-30), timedelta(days=-1))
            return [value - abs(shift) for shift in shifts]
        case date():
            return [value - timedelta(days=1)]
        case _:
            return []


_WAYS = ("value", "value", "null", "lose", "twice", "swap", "unread")


@st.composite
def differences(draw: Any, rows: list[tuple[Any, ...]], columns: Sequence[Column]) -> list[tuple[Any, ...]]:
    """What a lake may have instead of ``rows``."""
    lake = list(rows)
    for what in draw(
        st.lists(st.sampled_from(("value", "value", "null", "lose", "twice", "swap", "unread")), max_size=4)
    ):
        if not lake:
            break
        place = draw(st.integers(0, len(lake) - 1))
        row = list(lake[place])
        column = draw(st.integers(0, len(columns) - 1))
        if what == "lose":
            del lake[place]
            continue
        if what == "twice":
            lake.append(tuple(row))
            continue
        if what == "null":
            row[column] = None
        if what == "unread":
            row[column], row[-1] = None, columns[column].name.lower()
        if what == "swap":
            row[column] = draw(st.sampled_from(lake))[column]
        if what == "value" and (others := near(row[column])):
            row[column] = draw(st.sampled_from(others))
        lake[place] = tuple(row)
    return lake


def _values(kind: str) -> st.SearchStrategy[str]:
    return st.sampled_from(["NULL", *KINDS[kind]])


@settings(
    max_examples=int(os.environ.get("EXAMPLES", "20")),
    derandomize="EXAMPLES" not in os.environ,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data(), null_and_empty=st.booleans())
def test_the_audit_in_sql_says_what_the_comparison_of_all_rows_says(
    tables: list[Sides], data: st.DataObject, null_and_empty: bool
):
    sides = data.draw(st.sampled_from(tables))
    keys = [st.sampled_from(KEYS[number][1]) for number in sides.key]
    rows = sides.put(data.draw(st.lists(st.tuples(*keys, *map(_values, sides.kinds)), max_size=4)))
    sides.lake.put(data.draw(differences(right_rows(sides.table, rows), sides.table.columns)))
    expectations = replace(EXPECTED, null_and_empty=null_and_empty)
    comparison = comparison_of(sides.table, sides.lake, expectations)
    wanted = said(by_rows(comparison, rows, sides.lake, expectations))
    for source in (SqlSource(asking(sides.shop), comparison), KeptRows(lambda: rows, comparison)):
        report, compared = by_sql(comparison, source, sides.lake, expectations)
        assert said(report) == wanted, type(source).__name__
        assert compared.whole
