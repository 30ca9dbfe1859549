"""The source's side of the audit in SQL, on a real server: its checksums are those of its rows, and so are its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from audit import FindingKind
from audit.expected.table import ExpectedTable
from audit.sql import Answer, Comparison, KeptRows, SqlLake, SqlSource
from audit.sql.ranges import EVERYTHING, FIRST
from database import catalog
from database.queries import ask
from database.server import Server
from mappings.target import Attribute, Condition, Filter, Mask, Target, unchanged
from model import PipelineError, Row, Table
from rehearsal.source.mariadb.mariadb import MariaDB
from tests.audit.sql.lakes import Lake, Told, by_sql, comparison_of, right_rows, view_types

from .conftest import Shop
from .test_types import TYPES

ANY_SESSION = (
    "SET time_zone = '+05:30'",
    "SET sql_mode = 'PAD_CHAR_TO_FULL_LENGTH,ANSI_QUOTES,NO_BACKSLASH_ESCAPES,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
    "STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY'",
    "SET sql_select_limit = 1",
)
"""Settings of a session that change what MySQL shows."""


def asking(shop: Shop) -> Callable[[str], Answer]:
    """Asks the server through the session of ``shop``."""

    def run(sql: str) -> Answer:
        assert not set(sql) & set(":%?"), "a driver may take it for a parameter"
        return Told((), ask(shop.connection, sql))

    return run


def every_type(shop: Shop) -> tuple[Table, list[Row]]:
    """A table with a column of every type, and its rows: each value, and NULLs."""
    shop.sql("SET sql_mode = ''", "SET time_zone = '+00:00'")
    table = shop.create("id INT PRIMARY KEY", *(f"c{number} {kind}" for number, kind in enumerate(TYPES)))
    deepest = max(map(len, TYPES.values()))
    for number in range(deepest):
        picked = [list(values)[number % len(values)] for values in TYPES.values()]
        shop.sql(f"INSERT INTO t VALUES ({number}, {', '.join(picked)})")
    shop.sql(f"INSERT INTO t (id) VALUES ({deepest})")
    return table, shop.rows()


@pytest.mark.parametrize("null_and_empty", [True, False])
def test_every_type_has_the_checksum_of_its_rows_in_any_session(shop: Shop, null_and_empty: bool):
    table, rows = every_type(shop)
    lake = Lake(view_types(table), right_rows(table, rows))
    shop.sql(*ANY_SESSION)
    expected = ExpectedTable(unchanged(table))
    kinds = {column.name: column.column_type for column in table.columns}

    def differing(names: Sequence[str]) -> list[str]:
        """The types that have another text on one of the sides: all columns are asked at once, and then each half."""
        types = [it for it in lake.types if it[0] in ("id", *names)]
        one = Comparison(expected, lake.name, types, null_and_empty=null_and_empty)
        sides = KeptRows(lambda: rows, one), SqlSource(asking(shop), one), SqlLake(lake.ask, one)
        kept, source, seen = (side.digests(FIRST, EVERYTHING) for side in sides)
        if kept == source == seen:
            return []
        half = len(names) // 2
        return [*differing(names[:half]), *differing(names[half:])] if half else [kinds[names[0]]]

    assert differing([name for name in kinds if name != "id"]) == []


def test_every_type_is_read_as_its_rows_are(shop: Shop):
    table, rows = every_type(shop)
    lake = Lake(view_types(table), right_rows(table, rows))
    shop.sql(*ANY_SESSION)
    given = sorted(SqlSource(asking(shop), comparison_of(table, lake)).rows(EVERYTHING))
    for one, other in zip(given, sorted(rows), strict=True):
        assert one == other
        assert list(map(type, one)) == list(map(type, other))


HALF = "2026-01-05 10:00:00.5"
WORDS = ("a", "A", "ä", "a ", "", "b7", None)
FILTERED = {
    "i": ("INT", (-1, 0, 5, 7, None), ("5", "7")),
    "d": ("DECIMAL(8,2)", (-0.5, 0, 7.5, None), ("-0.50", "7.5")),
    "v": ("VARCHAR(9)", WORDS, ("a", "b7")),
    "c": ("CHAR(9)", WORDS, ("a", "b7")),
    "l": ("VARCHAR(9) CHARACTER SET latin1", WORDS, ("ä", "a")),
    "e": ("ENUM('x','X','y')", ("x", "X", "y", None), ("X", "x")),
    "t": ("DATE", ("0000-00-00", "2026-01-05", "2026-01-06", None), ("2026-01-05", "2026-01-06")),
    "m": ("DATETIME(3)", ("0000-00-00", "2026-01-05", HALF, None), ("2026-01-05", HALF)),
    "s": ("TIMESTAMP(3) NULL", ("0000-00-00", "2026-01-05", HALF, None), (HALF, HALF + "00")),
    "y": ("YEAR", (0, 2026, 2027, None), ("2026", "2027")),
}  # fmt: skip
"""Columns by name: type, values, and two values of a filter."""
OPERATORS = {"eq": 1, "noteq": 1, "gte": 1, "lte": 1, "between": 2, "notbetween": 2, "null": 0, "notnull": 0}
"""And how many values each takes."""


@pytest.fixture(scope="module")
def filtered(mariadb: MariaDB, capture: Server) -> Iterator[Shop]:
    shop = Shop(mariadb.root, capture)
    shop.sql("SET sql_mode = ''", "SET time_zone = '+00:00'")
    shop.create("id INT PRIMARY KEY", *(f"{name} {kind}" for name, (kind, _, _) in FILTERED.items()))
    marks = ", ".join(["%s"] * (1 + len(FILTERED)))
    for number in range(7):
        row = [number, *(values[number % len(values)] for _, values, _ in FILTERED.values())]
        shop.sql(f"INSERT INTO t VALUES ({marks})", arguments=row)
    shop.sql(*ANY_SESSION, "SET sql_select_limit = DEFAULT")  # the catalog is read in it
    yield shop
    shop.connection.close()


def wanted(shop: Shop, target: Target, rows: Iterable[Row]) -> None:
    """The server's rows are those that the declaration wants, and so are its checksums."""
    expected = ExpectedTable(target)
    types = [(name.lower(), "varchar") for name in expected.columns]
    comparison = Comparison(expected, "v", types, null_and_empty=True)
    held = list(rows)
    source, kept = SqlSource(asking(shop), comparison), KeptRows(lambda: held, comparison)
    assert sorted(map(repr, source.rows(EVERYTHING))) == sorted(map(repr, kept.rows(EVERYTHING)))
    assert source.digests(FIRST, EVERYTHING) == kept.digests(FIRST, EVERYTHING)


def test_bytes_that_the_server_does_not_give_are_no_null(shop: Shop):
    table = shop.create("id INT PRIMARY KEY", "v LONGBLOB", "w GEOMETRY")
    path = ", ".join(f"{number} 1" for number in range(2500))
    shop.sql(f"INSERT INTO t VALUES (1, REPEAT('a', 40000), NULL), (2, NULL, ST_GeomFromText('LINESTRING({path})'))")
    lake = Lake(view_types(table), [(1, None, None, None), (2, None, None, None)])
    ((before,),) = ask(shop.connection, "SELECT @@GLOBAL.max_allowed_packet")
    shop.sql("SET GLOBAL max_allowed_packet = 65536")
    try:
        narrow = shop.admin.connect()
    finally:
        shop.sql(f"SET GLOBAL max_allowed_packet = {before}")
    for name in ("v", "w"):
        types = [it for it in lake.types if it[0] in ("id", name)]
        comparison = Comparison(ExpectedTable(unchanged(table)), lake.name, types, null_and_empty=True)
        source = SqlSource(lambda sql: Told((), ask(narrow, sql)), comparison)
        with pytest.raises(PipelineError, match=r"longer than half its max_allowed_packet.*raise max_allowed_packet"):
            by_sql(comparison, source, lake)
    narrow.close()


def read(shop: Shop) -> list[Row]:
    """The rows as a session of ours reads them."""
    with closing(shop.admin.connect()) as connection:
        return list(catalog.read(connection, shop.table()))


@pytest.mark.parametrize("name", FILTERED)
def test_a_filter_lets_the_same_rows_through_in_sql(filtered: Shop, name: str):
    table, rows = filtered.table(), read(filtered)
    _, _, bounds = FILTERED[name]
    conditions = {it: Condition(operator=it, values=bounds[:count]) for it, count in OPERATORS.items()}
    for many in [*((it,) for it in conditions.values()), (conditions["eq"], conditions["null"])]:
        target = replace(unchanged(table), filters=(Filter(rule={}, column=name, conditions=many),))
        wanted(filtered, target, rows)


STAR, QUOTE, SEVEN = (Mask(character=it) for it in "*'7")
MASKS = {"i": Mask(), "d": STAR, "v": QUOTE, "c": Mask(), "l": SEVEN, "e": Mask()}


def test_masks_texts_of_numbers_and_attributes_are_the_same_in_sql(filtered: Shop):
    plain = unchanged(filtered.table())
    columns = tuple(
        replace(it, as_string=it.name in ("i", "d", "y"), mask=MASKS.get(it.name))
        for it in plain.columns
        if it.name in ("id", "y", *MASKS)
    )
    place = {column.name: column.position for column in plain.columns}
    attributes = Attribute(name="both", parts=("ä'\\:", place["i"], "-", place["v"])), Attribute(name="none", parts=())
    wanted(filtered, replace(plain, columns=columns, attributes=attributes), read(filtered))


SEATS = ("id INT PRIMARY KEY", "seat VARCHAR(9)", "price DECIMAL(8,2)", "sold_at TIMESTAMP(3) NULL")
SABOTAGES: dict[str, tuple[Callable[[list[Any]], Any], set[tuple[FindingKind, str, str]]]] = {
    "lose": (lambda it: it.pop(3), {(FindingKind.MISSING, "id=3", "")}),
    "twice": (lambda it: it.append(it[3]), {(FindingKind.EXTRA, "id=3", "")}),
    "left over": (lambda it: it.append((99, *it[3][1:])), {(FindingKind.EXTRA, "id=99", "")}),
    "corrupt": (
        lambda it: it.__setitem__(3, (3, it[3][1], Decimal("9.99"), *it[3][3:])),
        {(FindingKind.DIFFERENT, "id=3", "price")},
    ),
    "swap": (
        lambda it: (it.__setitem__(3, (3, *it[4][1:])), it.__setitem__(4, (4, "K-3", *it[4][2:]))),
        {(FindingKind.DIFFERENT, "id=3", "seat"), (FindingKind.DIFFERENT, "id=4", "seat")},
    ),
    "cut": (lambda it: it.__setitem__(3, (3, "K", *it[3][2:])), {(FindingKind.DIFFERENT, "id=3", "seat")}),
    "null": (lambda it: it.__setitem__(3, (3, None, *it[3][2:])), {(FindingKind.DIFFERENT, "id=3", "seat")}),
    "another time zone": (
        lambda it: it.__setitem__(3, (*it[3][:3], it[3][3] + timedelta(hours=5, minutes=30), None)),
        {(FindingKind.DIFFERENT, "id=3", "sold_at")},
    ),
    "another millisecond": (
        lambda it: it.__setitem__(3, (*it[3][:3], it[3][3] + timedelta(milliseconds=1), None)),
        {(FindingKind.DIFFERENT, "id=3", "sold_at")},
    ),
}
"""What happens to a lake, and what is found."""


@pytest.fixture(scope="module")
def seats(mariadb: MariaDB, capture: Server) -> Iterator[tuple[Shop, Table, list[Row]]]:
    shop = Shop(mariadb.root, capture)
    table = shop.create(*SEATS)
    for number in range(20):
        shop.sql(f"INSERT INTO t VALUES ({number}, 'K-{number}', 20.00, '2026-03-29 01:30:00.5')")
    rows = shop.rows()
    shop.sql(*ANY_SESSION)
    yield shop, table, rows
    shop.connection.close()


@pytest.mark.parametrize("what", SABOTAGES)
def test_each_sabotage_is_found_and_its_row_named(seats: tuple[Shop, Table, list[Row]], what: str):
    shop, table, rows = seats
    sabotage, expected = SABOTAGES[what]
    lake_rows: list[Any] = right_rows(table, rows)
    sabotage(lake_rows)
    lake = Lake(view_types(table), lake_rows)
    comparison = comparison_of(table, lake)
    report, _ = by_sql(comparison, SqlSource(asking(shop), comparison), lake)
    assert {(it.kind, it.key, it.column) for it in report.findings.listed} == expected
    assert len(lake.asked) == 2, "one query of checksums, and one of the rows that differ"


def test_every_side_divides_the_ranges_that_it_is_asked_about_and_no_others(seats: tuple[Shop, Table, list[Row]]):
    shop, table, rows = seats
    lake = Lake(view_types(table), right_rows(table, rows))
    comparison = comparison_of(table, lake)
    kept = KeptRows(lambda: rows, comparison)
    some = frozenset(sorted(kept.digests(1, EVERYTHING))[:2])
    wanted = {key: digest for key, digest in kept.digests(3, EVERYTHING).items() if key[:1] in some}
    assert 0 < len(wanted) < len(rows)
    for side in (kept, SqlSource(asking(shop), comparison), SqlLake(lake.ask, comparison)):
        assert side.digests(3, some) == wanted, type(side).__name__


def test_a_right_lake_is_equal_after_one_query_of_each_side(seats: tuple[Shop, Table, list[Row]]):
    shop, table, rows = seats
    lake = Lake(view_types(table), right_rows(table, rows))
    comparison = comparison_of(table, lake)
    report, compared = by_sql(comparison, SqlSource(asking(shop), comparison), lake)
    assert (report.findings.total, report.notes.total, compared.rows, len(lake.asked)) == (0, 0, 20, 1)
