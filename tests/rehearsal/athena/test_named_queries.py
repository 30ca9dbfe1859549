"""Named queries: each one's answer, row by row, of a small lake whose days lie on both sides of the query's window."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from rehearsal.athena import Athena
from tests.rehearsal.athena.catalogs import NOW, asked, declared, described, record, stored

CATALOG = declared(
    described("shop.orders", "id", id="int", note="varchar(20)", total="decimal(8,2)"),
    described("shop.seats", "hall", "seat", hall="int", seat="varchar(4)"),
    **{"projection.dt.range": "2026-01-01,NOW"},
)


def order(operation: str, time: str, id: int, total: str, number: int) -> str:
    """A record of an order that was committed three seconds before its message."""
    commit = f"{time[:17]}{int(time[17:19]) - 3:02}Z"
    place = {"commit_timestamp": commit, "transaction_id": 7, "transaction_record_id": number}
    return record(operation, "shop.orders", time, {"id": id, "note": "new", "total": total}, **place)


def seat(time: str, hall: object, operation: str = "load") -> str:
    return record(operation, "shop.seats", time, {"hall": hall, "seat": "A"})


EIGHT_DAYS_AGO = order("insert", "2026-11-15T10:00:05.000000Z", 1, "seven", 1)
SEVEN_DAYS_AGO = seat("2026-11-16T23:00:00.000000Z", "first")
TWO_DAYS_AGO = seat("2026-11-21T23:00:00.000000Z", 1)
BEFORE_A_DAY = seat("2026-11-22T03:59:59.000000Z", 1)
YESTERDAY = order("update", "2026-11-22T05:00:05.000000Z", 1, "7.50", 2)
TWICE = order("insert", "2026-11-23T03:00:05.000001Z", 2, "free", 3)
AFTER = order("insert", "2026-11-23T03:10:05.000000Z", 3, "gift", 4)
LAST = order("delete", "2026-11-23T03:30:05.000000Z", 1, "7.50", 5)
EMPTIED = record("truncate-table", "shop.seats", "2026-11-22T01:00:00.000000Z")
DROPPED = record("drop-table", "shop.orders", "2026-10-24T01:00:00.000000Z")
CREATED = record("create-table", "shop.orders", "2026-10-23T01:00:00.000000Z")
STATUS = record("insert", ".awsdms_status", "2026-11-23T03:00:00.000000Z", {"task_name": "T"})
LAKE = {
    "2026-10-23/hr=01": [CREATED],
    "2026-10-24/hr=01": [DROPPED],
    "2026-11-15/hr=10": [EIGHT_DAYS_AGO, "too old"],
    "2026-11-16/hr=23": [SEVEN_DAYS_AGO, "old"],
    "2026-11-21/hr=23": [TWO_DAYS_AGO],
    "2026-11-22/hr=03": [BEFORE_A_DAY, EMPTIED],
    "2026-11-22/hr=05": [YESTERDAY],
    "2026-11-23/hr=03": [TWICE, STATUS, " \t ", LAST, "no record", TWICE, "", AFTER],
}
"""What lies in each hour; it is asked on 2026-11-23 at four o'clock."""


def time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def whole(
    id: int, total: Any, operation: str, message: str, number: int, unreadable: Any, text: str
) -> tuple[Any, ...]:
    """A row of shop_orders_changes."""
    at = time(message)
    log = (operation, at, at.replace(second=2, microsecond=0), 7, number)
    return (id, "new", total, *log, unreadable, text, f"{at:%Y-%m-%d}", f"{at:%H}")


ORDERS, SEATS = ("shop", "orders"), ("shop", "seats")
FREE_AT, GIFT_AT = time("2026-11-23 03:00:05.000001"), time("2026-11-23 03:10:05")
EXPECTED: dict[str, list[tuple[Any, ...]]] = {
    "latest-changes": [
        (time("2026-11-23 03:30:05"), *ORDERS, "delete", time("2026-11-23 03:30:02"), LAST),
        (GIFT_AT, *ORDERS, "insert", time("2026-11-23 03:10:02"), AFTER),
        *[(FREE_AT, *ORDERS, "insert", time("2026-11-23 03:00:02"), TWICE)] * 2,
        (time("2026-11-22 05:00:05"), *ORDERS, "update", time("2026-11-22 05:00:02"), YESTERDAY),
        (time("2026-11-22 03:59:59"), *SEATS, "load", None, BEFORE_A_DAY),
    ],
    "operations-per-hour": [
        (time("2026-11-23 03:00"), *ORDERS, "delete", 1),
        (time("2026-11-23 03:00"), *ORDERS, "insert", 3),
        (time("2026-11-22 05:00"), *ORDERS, "update", 1),
    ],
    "freshness": [
        (*SEATS, time("2026-11-22 03:59:59"), None, 86_401, None),
        (*ORDERS, time("2026-11-23 03:30:05"), time("2026-11-23 03:30:02"), 1795, 1798),
    ],
    "control-records": [
        (time("2026-11-22 01:00"), *SEATS, "truncate-table", EMPTIED),
        (time("2026-10-24 01:00"), *ORDERS, "drop-table", DROPPED),
    ],
    "unread-lines": [("2026-11-23", "03", "no record"), ("2026-11-16", "23", "old")],
    "changes-of-one-row-shop_orders": [
        whole(1, Decimal("7.50"), "delete", "2026-11-23 03:30:05", 5, None, LAST),
        whole(1, Decimal("7.50"), "update", "2026-11-22 05:00:05", 2, None, YESTERDAY),
        whole(1, None, "insert", "2026-11-15 10:00:05", 1, "total", EIGHT_DAYS_AGO),
    ],
    "unreadable-values-shop_orders": [("total", 3, FREE_AT, GIFT_AT, max(TWICE, AFTER))],
    "changes-of-one-row-shop_seats": [
        (1, "A", "load", time(at), None, None, None, None, text, *place)
        for at, text, *place in (
            ("2026-11-22 03:59:59", BEFORE_A_DAY, "2026-11-22", "03"),
            ("2026-11-21 23:00:00", TWO_DAYS_AGO, "2026-11-21", "23"),
        )
    ],
    "unreadable-values-shop_seats": [
        ("hall", 1, time("2026-11-16 23:00"), time("2026-11-16 23:00"), SEVEN_DAYS_AGO),
    ],
}
PARAMETERS = {"changes-of-one-row-shop_orders": (1,), "changes-of-one-row-shop_seats": (1, "A")}


@pytest.fixture(scope="module")
def athena() -> Iterator[Athena]:
    objects = [stored("\n".join(lines), f"raw/dt={hour}/a.gz") for hour, lines in LAKE.items()]
    with Athena(CATALOG, objects, now=NOW) as athena:
        yield athena


def test_every_named_query_is_asked_here():
    assert [query.name for query in CATALOG.queries] == list(EXPECTED), "an answer that nobody looks at may be wrong"


@pytest.mark.parametrize("name", EXPECTED)
def test_a_named_query_answers_with_what_lies_within_its_days(athena: Athena, name: str):
    (sql,) = (query.sql for query in CATALOG.queries if query.name == name)
    assert asked(athena, sql, *PARAMETERS.get(name, ())) == EXPECTED[name]
