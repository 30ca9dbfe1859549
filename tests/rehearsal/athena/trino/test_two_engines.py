"""DuckDB and Trino on the same lake of nasty values: the same answer, or a difference that is listed here.

What is listed is told in rehearsal/FIDELITY.md. Answers are compared by their ``repr``: -0.0 is not 0.0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest

from rehearsal.athena import Athena, Open
from tests.rehearsal.athena.trino.corpus import (
    CATALOG,
    LARGE,
    LINES,
    NOW,
    OBJECTS,
    TYPES,
    VALUES,
    hour_of,
    of_value,
    put,
)

Answers = dict[Any, str]
NO_ROW = "no row"
"""What is said of a value whose line is no change."""


def of_values(opened: Open) -> Answers:
    """What each value becomes in each column, and whether it is named as unreadable."""
    asked = [(value, column) for value in VALUES for column in TYPES]
    records = [of_value(place, column, value) for place, (value, column) in enumerate(asked)]
    lines = [line for line in records if not {"\n", "\r"} & {*line}]
    sql = f"SELECT cdc_record, cdc_unreadable, {', '.join(TYPES)} FROM shop_nasty_changes"
    with opened(CATALOG, [put(0, "\n".join(lines).encode())], now=NOW) as athena:
        found = {row[0]: row[1:] for row in athena.run(sql).rows}
    columns = list(TYPES)
    answers = {}
    for one, line in zip(asked, records, strict=True):
        row = found.get(line)
        answers[one] = NO_ROW if row is None else repr((row[1 + columns.index(one[1])], row[0]))
    return answers


def by_hour(opened: Open, bodies: Iterable[bytes], sql: str) -> list[str]:
    """For each of ``bodies``, an object in an hour of its own, the rows that ``sql`` gives behind day and hour."""
    rows: dict[tuple[str, str], list[str]] = defaultdict(list)
    with opened(CATALOG, [put(place, body) for place, body in enumerate(bodies)], now=NOW) as athena:
        for day, hour, *values in athena.run(sql).rows:
            rows[day, hour].append(repr([it if len(str(it)) < 100 else len(it) for it in values]))
    return [" ".join(sorted(rows[hour_of(place)])) for place, _ in enumerate(bodies)]


KINDS = """SELECT cdc_dt, cdc_hr, cdc_kind, cdc_table, cdc_operation, cdc_message_time, cdc_record FROM records"""
TYPED = "SELECT cdc_dt, cdc_hr, id, v, cdc_unreadable FROM shop_nasty_changes"
RAW = "SELECT dt, hr, line FROM lines"


NO_JSON_FOR_DUCKDB = {r'"\ud800"', r'"\udc00"', r'"\ud83d\u0041"', r'"\ude00\ud83d"'}
"""Lone surrogates: Trino reads the line, with ``?`` in their places."""
VALUES_THAT_DIFFER = {
    ('"1.5d"', "f"): ("(None, 'f')", "(1.5, None)"),
    ('"1.5f"', "f"): ("(None, 'f')", "(1.5, None)"),
    (r'"\u0661"', "i"): ("(None, 'i')", "(1, None)"),
    (r'"\u0661"', "b"): ("(None, 'b')", "(Decimal('1'), None)"),
    (r'"\u0661"', "d"): ("(None, 'd')", "(Decimal('1.00'), None)"),
    ('"2026-01-05T10:00:00.1234567Z"', "t"): (
        "(datetime.datetime(2026, 1, 5, 10, 0, 0, 123456), None)",
        "(datetime.datetime(2026, 1, 5, 10, 0, 0, 123457), None)",
    ),
    ('"2026-01-05T10:00:00.9999999Z"', "t"): (
        "(datetime.datetime(2026, 1, 5, 10, 0, 0, 999999), None)",
        "(datetime.datetime(2026, 1, 5, 10, 0, 1), None)",
    ),
}
CHANGE = "'nasty', 'insert', datetime.datetime(2026, 1, 5, 3, 0, 0, 1)"
KINDS_THAT_DIFFER = {
    "comma at the end": (f"['unread', {CHANGE}, 183]", "['unread', None, None, None, 183]"),
    "half a record": (
        "['unread', None, None, None, 173]",
        "['unread', None, 'insert', datetime.datetime(2026, 1, 5, 3, 0, 0, 1), 173]",
    ),
    "mark before": ("['unread', None, None, None, 183]", f"['change', {CHANGE}, 182]"),
    "surrogate in utf-8": (f"['change', {CHANGE}, 185]", f"['change', {CHANGE}, 183]"),
}
GOOD = "[1, 'good', None]"
TYPED_THAT_DIFFER = {
    "mark before": ("", GOOD),
    "surrogate in utf-8": ("[1, 'go\ufffd\ufffd\ufffdod', None]", "[1, 'go\ufffdod', None]"),
}
OBJECTS_THAT_DIFFER = {
    "mark": (r"['\ufeffa']", "['a']"),
    "no utf-8": ("['\ufffd'] ['\ufffd\ufffd'] ['\ufffd\ufffd\ufffd']", "['\ufffd'] ['\ufffd'] ['\ufffd\ufffd']"),
}


def differences(names: Iterable[Any], duckdb: Iterable[str], trino: Iterable[str]) -> dict[Any, tuple[str, str]]:
    return {name: (one, other) for name, one, other in zip(names, duckdb, trino, strict=True) if one != other}


def test_values_are_the_same_or_listed(trino: Open):
    duckdb, answers = of_values(Athena), of_values(trino)
    found = differences(duckdb, duckdb.values(), answers.values())
    assert {value for (value, _), (one, _) in found.items() if one == NO_ROW} == NO_JSON_FOR_DUCKDB
    assert {value for (value, _), (_, other) in found.items() if other == NO_ROW} == set()
    assert {of: pair for of, pair in found.items() if NO_ROW not in pair} == VALUES_THAT_DIFFER


@pytest.mark.parametrize(("sql", "listed"), [(KINDS, KINDS_THAT_DIFFER), (TYPED, TYPED_THAT_DIFFER)])
def test_lines_are_the_same_or_listed(sql: str, listed: dict[str, tuple[str, str]], trino: Open):
    lines = {name: line for name, line in LINES.items() if name not in LARGE}
    duckdb, answers = (by_hour(opened, lines.values(), sql) for opened in (Athena, trino))
    assert differences(lines, duckdb, answers) == listed


def test_lines_that_are_large_are_the_same(trino: Open):
    duckdb, answers = (by_hour(opened, [LINES[name] for name in LARGE], TYPED) for opened in (Athena, trino))
    assert differences(LARGE, duckdb, answers) == {}


def test_lines_of_objects_are_the_same_or_listed(trino: Open):
    duckdb, answers = (by_hour(opened, OBJECTS.values(), RAW) for opened in (Athena, trino))
    assert differences(OBJECTS, duckdb, answers) == OBJECTS_THAT_DIFFER
