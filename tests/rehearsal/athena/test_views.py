"""Views: the declared SQL, in the order in which they need each other, and only if Athena would take them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from declaration import Declaration
from documents.table_descriptions import TableDescription
from model import PipelineError
from model.plan import CatalogPlan, ViewPlan
from rehearsal.athena import Athena
from rehearsal.athena.dialect import parameters_of, translated
from rehearsal.plan.pipeline import read_plan
from tests.rehearsal.athena.catalogs import NOW, asked, catalog, declared, described, record, stored, view

LINES = view("a_lines", "SELECT line FROM cdc_lake.lines", ("line", "varchar"))
ORDERS = described("shop.orders", "id", id="int", total="decimal(8,2)")
SEATS = described("shop.seats", "hall", "seat", hall="int", seat="varchar(4)", price="decimal(8,2)")


def row(table: str, second: int, operation: str, **data: object) -> str:
    """One record of the sample, as DMS writes it."""
    return record(operation, f"dms_sample.{table}", at(second), data) + "\n"


def at(second: int) -> str:
    return f"2026-11-23T03:00:{second:02}.000000Z"


def shown(table: TableDescription, select: str, *records: str) -> list[tuple[Any, ...]]:
    """What the query ``select`` gives of ``records``, through the views of the table."""
    with Athena(declared(table), [stored("\n".join(records))], now=NOW) as athena:
        return asked(athena, select)


@pytest.fixture(scope="module")
def program(dev: Declaration) -> CatalogPlan:
    plan = read_plan(dev).catalog
    assert plan, "the dev stack declares a catalog"
    return plan


def test_a_view_may_read_a_view_that_comes_later():
    first = view("a", "SELECT line FROM b", ("line", "varchar"))
    second = view("b", "SELECT line FROM cdc_lake.lines WHERE line <> 'x'", ("line", "varchar"))
    with Athena(catalog(first, second), [stored("x\ny\n")], now=NOW) as athena:
        assert list(athena.run("SELECT * FROM a").rows) == [("y",)]


def test_a_view_that_several_read_gives_what_it_gave_before():
    views = [view(name, "SELECT line FROM a_lines", ("line", "varchar")) for name in ("b", "c")]
    with Athena(catalog(LINES, *views), [stored("x\ny\n")], now=NOW) as athena:
        for name in ("a_lines", "b", "c"):
            assert sorted(athena.run(f"SELECT * FROM {name}").rows) == [("x",), ("y",)]


def test_a_name_of_a_with_is_no_view():
    own = view("n", "WITH v AS (SELECT line FROM lines) SELECT count(*) AS n FROM v", ("n", "bigint"))
    with Athena(catalog(own), [stored("x\ny\n")], now=NOW) as athena:
        assert list(athena.run("SELECT n FROM n").rows) == [(2,)]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ([("n", "integer")], "n integer where the SQL gives n bigint"),
        ([("m", "bigint")], "m bigint where the SQL gives n bigint"),
        ([("n", "bigint"), ("o", "bigint")], "o bigint where the SQL gives nothing"),
        ([], "nothing where the SQL gives n bigint"),
    ],
)
def test_a_stale_view_is_refused_with_the_columns_that_differ(columns: list[tuple[str, str]], said: str):
    stale = view("v", "SELECT count(*) AS n FROM lines", *columns)
    with pytest.raises(PipelineError, match="stale view") as refused:
        Athena(catalog(stale), (), now=NOW)
    assert str(refused.value).startswith("view v ")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("views", "said"),
    [
        (
            [view("v", "SELECT 1 AS a FROM nowhere")],
            "view v reads cdc_lake.nowhere, which the program does not declare",
        ),
        ([view("v", "SELECT 1 AS a FROM other.lines")], "view v reads other.lines"),
        ([view("v", "SELECT nothing FROM lines")], 'view v: Binder Error: .*"nothing"'),
        ([view("v", "SELEC 1")], "view v: this is no SQL of Athena"),
        ([view("v", "SELECT 1 AS a FROM w"), view("w", "SELECT 1 AS a FROM v")], "in a circle: (v, w, v|w, v, w)"),
        ([view("v", "SELECT 1 AS a FROM v")], "in a circle: v, v"),
    ],
)
def test_a_view_that_athena_could_not_read_is_named(views: list[ViewPlan], said: str):
    with pytest.raises(PipelineError, match=said):
        Athena(catalog(*views), (), now=NOW)


def test_the_declared_views_show_what_the_records_say(program: CatalogPlan):
    template = program.tables[0].parameters["storage.location.template"]
    folder = template.split("/", 3)[3].replace("${dt}", "2026-11-23").replace("${hr}", "03")
    records = [
        row("venue", 1, "load", id=1, name="Hall", seats=100),
        row("venue", 2, "insert", id=2, name="Arena", seats="x"),
        row("venue", 3, "update", id=1, name="Hall", seats=120),
        row("performer", 4, "load", id=1, name="Band"),
        row("performer", 5, "delete", id=1, name="Band"),
        "no record\n",
    ]
    with Athena(program, [stored("".join(records), folder + "a.gz")], now=NOW) as athena:
        rows = athena.run("SELECT id, name, seats, cdc_unreadable FROM dms_sample_venue_current ORDER BY id").rows
        assert list(rows) == [(1, "Hall", 120, None), (2, "Arena", None, "seats")]
        assert list(athena.run("SELECT * FROM dms_sample_performer_current").rows) == []
        assert list(athena.run("SELECT cdc_record FROM records WHERE cdc_kind = 'unread'").rows) == [("no record",)]


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("change", record("load", "shop.orders", at(1), {"id": 1})),
        ("change", record("load", "shop.orders", at(1), {})),
        ("control", record("create-table", "shop.orders", at(1))),
        ("control", record("create-table", ".orders", at(1))),
        ("control", record("create-table", "shop.orders", at(1), schema_name=None)),
        ("control", record("create-table", "shop.orders", at(1), table_name=None)),
        ("dms", record("create-table", ".awsdms_apply_exceptions", at(1))),
        ("dms", record("insert", ".awsdms_status", at(1), {"task_name": "T"})),
        ("unread", record("replace", "shop.orders", at(1), {"id": 1})),
        ("unread", record("load", "shop.orders", "now", {"id": 1})),
        ("unread", record("load", "shop.orders", at(1), {"id": 1}) * 2),
        ("unread", record("load", "shop.orders", at(1), {"id": 1}) + ',"x":1'),
        ("unread", record("load", "shop.orders", at(1), {"id": 1}) + ',"x"'),
        ("unread", record("load", "shop.orders", at(1), {"id": 1})[:-1]),
        ("unread", record("load", "shop.orders", at(1), {"id": float("nan")})),
        ("unread", record("load", "shop.orders", at(1), {"id": 1})[:-1] + ", }"),
        ("change", record("load", "shop.orders", at(1), {"note": ",}NaN,]"})),
        ("change", record("load", "shop.orders", at(1), {"note": "x" * 2**20})),
        ("change", record("load", "shop.orders", at(1), {"id": "@"}).replace('"@"', "[" * 9999 + "]" * 9999)),
        ("unread", "[" * 9999 + "]" * 9999),
        ("unread", "null"),
        ("unread", "."),
    ],
)
def test_a_line_is_of_one_kind(kind: str, line: str):
    assert shown(ORDERS, "SELECT cdc_kind FROM records", line) == [(kind,)]


@pytest.mark.parametrize("blank", ["", " ", "   \t ", "\u3000", "\r"])
def test_a_line_of_blanks_is_no_record(blank: str):
    assert shown(ORDERS, "SELECT cdc_record FROM records", blank, "x", blank) == [("x",)]


@pytest.mark.parametrize("what", ["current", "changes"])
def test_a_table_of_another_schema_may_have_the_same_name(what: str):
    records = [
        record("load", f"{schema}.orders", at(1), {"id": 1, "total": schema[4:]}) for schema in ("shop2", "shop")
    ]
    records.append(record("insert", "shop3.orders", at(2), {"id": 3}))
    assert shown(ORDERS, f"SELECT id, total FROM shop_orders_{what}", *records) == [(1, None)]


@pytest.mark.parametrize("table", ["shop2.orders", "shop.order", "orders.shop", ".orders"])
def test_a_table_begins_anew_by_its_own_control_records_alone(table: str):
    records = [record("load", "shop.orders", at(1), {"id": 1}), record("truncate-table", table, at(2))]
    assert shown(ORDERS, "SELECT id FROM shop_orders_current", *records) == [(1,)]


@pytest.mark.parametrize("before", [{"hall": 1}, {"hall": 1, "seat": "A"}, {"hall": 1, "seat": "A", "price": "5.00"}])
def test_a_changed_key_leaves_no_row_behind_whatever_the_before_image_leaves_out(before: dict[str, object]):
    records = [
        record("load", "shop.seats", at(1), {"hall": 1, "seat": "A", "price": "5.00"}),
        record("update", "shop.seats", at(2), {"hall": 2, "seat": "A", "price": "5.00"}, before),
    ]
    assert shown(SEATS, "SELECT hall, seat FROM shop_seats_current", *records) == [(2, "A")]


def test_records_without_their_key_stay_rows_of_their_own():
    records = [record("insert", "shop.orders", at(2), {"total": total}) for total in ("1.00", "2.00", "2.00")]
    records.append(record("insert", "shop.orders", at(3), {"id": None, "total": "3.00"}))
    found = shown(ORDERS, "SELECT id, total, cdc_unreadable FROM shop_orders_current ORDER BY total", *records)
    assert found == [(None, Decimal(total), "id") for total in (1, 2, 3)], "only what came twice is one row"


def test_records_without_a_part_of_their_key_stay_rows_of_their_own():
    records = [record("load", "shop.seats", at(1), {"seat": "A", "price": price}) for price in ("1.00", "2.00")]
    records += [record("load", "shop.seats", at(1), {"hall": 1, "price": price}) for price in ("3.00", "4.00")]
    found = shown(SEATS, "SELECT hall, seat, price, cdc_unreadable FROM shop_seats_current ORDER BY price", *records)
    assert found == [
        (None, "A", 1, "hall"), (None, "A", 2, "hall"), (1, None, 3, "seat"), (1, None, 4, "seat")
    ]  # fmt: skip


def test_a_key_with_more_digits_than_described_is_not_rounded_to_another():
    table = described("shop.prices", "price", price="decimal(10,2)")
    records = [record("load", "shop.prices", at(1), {"price": f"1.00{digit}"}) for digit in range(1, 5)]
    found = shown(table, "SELECT price, cdc_unreadable FROM shop_prices_current", *records)
    assert found == [(None, "price")] * 4, "rounded, they would be one row"


def test_a_key_is_one_key_however_many_zeros_it_is_written_with():
    table = described("shop.prices", "price", price="decimal(10,2)")
    records = [record("load", "shop.prices", at(1), {"price": text}) for text in ("1.5", "1.50", "1.500", 1.5)]
    assert shown(table, "SELECT * FROM shop_prices_current", *records)[0][0] == Decimal("1.50")
    assert shown(table, "SELECT count(*) FROM shop_prices_current", *records) == [(1,)]


VALUES = [
    ("decimal(10,2)", "7.125", None), ("decimal(10,2)", '"7.125"', None), ("decimal(10,2)", "-0.001", None),
    ("decimal(10,2)", "7.1200", Decimal("7.12")), ("decimal(10,2)", '"-7.5"', Decimal("-7.50")),
    ("decimal(10,2)", "7", Decimal("7.00")), ("decimal(10,2)", "7.000", Decimal("7.00")),
    ("decimal(10,2)", "1e-3", None), ("decimal(10,2)", '"1E-3"', None), ("decimal(10,2)", "7.125e0", None),
    ("decimal(10,0)", "7.5", None), ("decimal(10,0)", "7.0", Decimal(7)), ("bigint unsigned", "7.5", None),
    ("bigint unsigned", "18446744073709551615", Decimal(2**64 - 1)),
    ("bit(8)", "10", None), ("bit(8)", '"10"', None), ("bit(8)", '"0x0a"', b"\x0a"), ("bit(8)", '""', b""),
    ("varbinary(4)", '"abcd"', None), ("varbinary(4)", '"0xabcd"', b"\xab\xcd"), ("varbinary(4)", '""', b""),
    ("blob", '"00"', None), ("blob", '"0xabc"', None), ("blob", '"x0ab"', None), ("blob", '"0xzz"', None),
    ("blob", '"ab0xcd"', None), ("blob", '"0x"', b""), ("point", '"0101"', None),
    ("datetime(6)", '"2026-01-05T10:11:12.345678Z"', datetime(2026, 1, 5, 10, 11, 12, 345678)),
    ("datetime(6)", '"2026-01-05 10:11:12"', datetime(2026, 1, 5, 10, 11, 12)),
    ("datetime(6)", '"2026-01-05"', datetime(2026, 1, 5)), ("datetime(6)", '"2026-01-05T10:11:12+00:00"', None),
    ("datetime(6)", '"2026-01-05T10:11:12.5-05:00"', None),
    ("datetime(6)", '"2026-01-05 10:11:12 Europe/Berlin"', None), ("datetime(6)", '"2026-01-05T10:11:12 UTC"', None),
    *((type, nested, None) for type in ("int", "varchar(9)", "blob") for nested in ("{}", '{"x": 1}', "[]", "[1]")),
    ("varchar(9)", '"{}"', "{}"), ("varchar(9)", '"[1]"', "[1]"),
]  # fmt: skip
TYPES = sorted({type for type, _, _ in VALUES})


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[int, list[Any]]]:
    """What the views show of all ``VALUES``, by the kind of view and the place in the list: a table for each type."""
    tables = [described(f"shop.things{number}", "id", id="int", thing=type) for number, type in enumerate(TYPES)]
    lines = [
        record("load", f"shop.things{TYPES.index(type)}", at(1), {"id": place, "thing": "@"}).replace('"@"', text)
        for place, (type, text, _) in enumerate(VALUES)
    ]
    with Athena(declared(*tables), [stored("\n".join(lines))], now=NOW) as athena:
        return {
            what: {
                place: log
                for number, _ in enumerate(TYPES)
                for place, *log in asked(athena, f"SELECT * FROM shop_things{number}_{what}")
            }
            for what in ("current", "changes")
        }


@pytest.mark.parametrize(("place", "expected"), [(place, expected) for place, (*_, expected) in enumerate(VALUES)])
@pytest.mark.parametrize("what", ["current", "changes"])
def test_a_value_is_what_is_written_or_null_and_named(
    what: str, place: int, expected: object, answers: dict[str, dict[int, list[Any]]]
):
    value, *log = answers[what][place]
    assert value == expected, f"{VALUES[place]}"
    assert ("thing" in log) == (expected is None), "never silently"
    assert len(answers[what]) == len(VALUES), "each is a row"


KEYS = [
    ("bigint unsigned", "18446744073709551615", "18446744073709551615"), ("int", "7", "7"), ("bigint", "7", 7),
    ("decimal(10,2)", "7.5", "7.50"), ("datetime(6)", "2026-01-05T10:11:12.5Z", "2026-01-05 10:11:12.500000"),
    ("date", "2026-01-05", "2026-01-05"), ("varchar(9)", "7", "7"), ("binary(2)", "0x00ff", "00ff"),
    ("bit(1)", "1", "true"),
]  # fmt: skip


def test_the_changes_of_one_row_are_found_by_a_key_of_any_type():
    tables = [described(f"shop.k{number}", "k", k=type) for number, (type, *_) in enumerate(KEYS)]
    lines = [
        record("load", f"shop.k{number}", at(1), {"k": text})
        for number, (_, value, _) in enumerate(KEYS)
        for text in (value, value.replace("1", "0").replace("7", "8").replace("ff", "fe"))
    ]
    declared_ = declared(*tables)
    asked_ = {it.name: it.sql for it in declared_.queries}
    with Athena(declared_, [stored("\n".join(lines))], now=NOW) as athena:
        for number, (type, _, given) in enumerate(KEYS):
            rows = asked(athena, asked_[f"changes-of-one-row-shop_k{number}"], given)
            assert len(rows) == 1, f"{type}: {rows}"


def test_a_look_up_of_one_key_leaves_the_others_out_before_the_ranking():
    lines = [record("load", "shop.seats", at(1), {"hall": hall, "seat": "A", "price": "1.00"}) for hall in range(9)]
    with Athena(declared(SEATS), [stored("\n".join(lines))], now=NOW) as athena:
        sql = translated("SELECT price FROM shop_seats_current WHERE hall = 5 AND seat = 'A'")
        ((_, plan),) = athena._connection.execute(f"EXPLAIN (FORMAT json) {sql}").fetchall()
        assert asked(athena, "SELECT hall FROM shop_seats_current WHERE hall = 5 AND seat = 'A'") == [(5,)]
    steps = re.findall(r'"name": "(\w+)"', plan)
    below = steps[steps.index("WINDOW") + 1 :]
    assert below[:2] == ["PROJECTION", "FILTER"], "else a look-up takes the memory of all keys"


def test_every_declared_named_query_is_answered(program: CatalogPlan):
    with Athena(program, (), now=NOW) as athena:
        for query in program.queries:
            answer = athena.run(query.sql, ["11"] * parameters_of(query.sql))
            assert list(answer.rows) == [], f"{query.name}: of an empty lake nothing"
    assert program.queries


def test_a_stale_declared_view_would_be_seen(program: CatalogPlan):
    first, *others = program.views
    stale = replace(program, views=(replace(first, columns=first.columns[1:]), *others))
    with pytest.raises(PipelineError, match=f"view {first.name} declares other columns"):
        Athena(stale, (), now=NOW)
