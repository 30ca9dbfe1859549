"""Values taken out of JSON: a number's own text, NULL where there is no scalar, and the same together as alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from rehearsal.athena import Athena
from rehearsal.athena.dialect import translated
from rehearsal.athena.json_values import MOST_FIELDS
from tests.rehearsal.athena.catalogs import NOW, asked, catalog, extracted, stored
from tests.waiting import LIMIT


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1.50", "1.50"), ("1e5", "1e5"), ("-0.0", "-0.0"), ("true", "true"), ("null", None), ('""', ""),
        ("123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"),
        ('"a\\u00e9\\n"', "aé\n"), ('"{"', "{"), ('"[1]"', "[1]"), ('{"b": 1}', None), ("[1]", None),
        ('"x\\u0000y"', "x\x00y"), ('"\\ud83d\\ude00"', "😀"),
    ],
)  # fmt: skip
def test_a_scalar_of_json_keeps_its_text(written: str, expected: str | None):
    assert extracted(f'{{"a": {written}, "b": 2}}', "a") == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("[1]", "1"), ('["{"]', "{"), ('["[1]"]', "[1]"), ('[{"b": 1}]', None), ("[[1]]", None), ("[null]", None),
        ("[]", None), ("[1", None), ("[1,]", None), ("[1, NaN]", None), ('["NaN,]"]', "NaN,]"), ("{}", None),
    ],
)  # fmt: skip
def test_an_item_of_an_array_is_a_scalar_of_a_whole_json_or_null(line: str, expected: str | None):
    with Athena(catalog(), [stored(f"{line}\n")], now=NOW) as athena:
        assert asked(athena, "SELECT json_extract_scalar(line, '$[0]') FROM lines") == [(expected,)]


@pytest.mark.parametrize(
    "line", ["", "no JSON", "[1]", '"a"', "7", "{}", '{"A": 1}', '{"b": {"a": 1', 'x {"a": 1}', "}" * 999]
)
def test_what_has_no_such_scalar_is_null(line: str):
    assert extracted(line + "\n", "a") is None, "and never an error, which would take the whole view away"


@pytest.mark.parametrize("line", ['{"a": 1} x', '{"a": 1}{"a": 2}', '{"a": 1, "b": "}{"}{"a": 2}', ' {"a": 1}}'])
def test_what_follows_the_first_json_of_a_line_is_not_looked_at(line: str):
    assert extracted(line + "\n", "a") == "1", "so two records on one line are one for Athena, and a view must ask more"


@pytest.mark.parametrize(("depth", "expected"), [(16, "1"), (17, None)])
def test_the_end_of_the_first_json_is_found_down_to_a_depth(depth: int, expected: str | None):
    nested = '{"b": ' * (depth - 1) + "{}" + "}" * (depth - 1)
    assert extracted('{"a": 1, ' + nested[1:] + "{}\n", "a") == expected, "FIDELITY.md says so"


BROKEN_LINES = {
    "a line that breaks off": """'{"a": {' + '"b": {}, ' * 100_000""",
    "a string that never ends": """'{"a": "' + '}{' * 500_000""",
    "26 lines of a megabyte without a newline": """('{"a": "' + '}{' * 500_000 + '"}') * 26""",
}


MEMORY_OF_EACH = f"""
import os
from resource import RUSAGE_SELF, getrusage
from tests.rehearsal.athena.catalogs import NOW, Athena, asked, catalog, stored
for line in {list(BROKEN_LINES.values())}:
    if not (child := os.fork()):
        with Athena(catalog(), [stored(eval(line))], now=NOW) as athena:
            before = getrusage(RUSAGE_SELF).ru_maxrss
            asked(athena, "SELECT json_extract_scalar(line, '$.a'), json_extract_scalar(line, '$.b') FROM lines")
        print(getrusage(RUSAGE_SELF).ru_maxrss / before, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""
"""By how much the memory of a process grows that looks for values in one of the lines."""


def test_a_large_line_that_is_no_json_costs_little_memory():
    done = subprocess.run([sys.executable, "-c", MEMORY_OF_EACH], capture_output=True, check=True, timeout=LIMIT)
    grown = dict(zip(BROKEN_LINES, map(float, done.stdout.split()), strict=True))
    much = {line: times for line, times in grown.items() if times >= 2}
    assert much == {}, "the memory of the process is so many times what it was: one line must not take gigabytes"


@pytest.mark.parametrize(
    "key", ["a.b", 'q"uote', "back\\slash", '\\"', "sl/ash", "til~de", "it's", "a b", "é", "cdc", "digits", "0"]
)
def test_a_key_may_hold_anything(key: str):
    found: list[object] = ["{found}", {"a": 1}]
    document = "\n".join(json.dumps({"data": {key: value}}, ensure_ascii=False) for value in found)
    with Athena(catalog(), [stored(document)], now=NOW) as athena:
        spelt = "".join("[" + json.dumps(part, ensure_ascii=False) + "]" for part in ("data", key)).replace("'", "''")
        sql = f"SELECT json_extract_scalar(line, '${spelt}') FROM lines"
        assert asked(athena, sql) == [("{found}",), (None,)], "the second is an object"


SOURCES = [
    "lines",
    "lines AS l",
    "(SELECT line FROM lines)",
    "cdc_lake.lines",
    "lines, (VALUES 1)",
    "(SELECT 1 AS n) AS v, lines",
    "lines WHERE cdc_lake.lines.dt <> ''",
]
PATHS = [
    ["$.a", "$.b.c", "$.b.d"],
    ["$.a", "$.A"],
    ["$.b", "$.b.c"],
    ["$.b.c", "$.b"],
    ["$.a", "$.b.c", "$.B.c"],
]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("paths", PATHS)
def test_values_that_are_taken_together_are_those_taken_alone(source: str, paths: list[str]):
    documents = [
        '{"a": 1.10, "A": "x", "b": {"c": "{", "d": {"e": 1}}, "B": {"c": 2}}',
        '{"a": [1], "b": "t"}',
        "no",
        "",
    ]
    taken = [f"json_extract_scalar(line, '{path}')" for path in paths]
    with Athena(catalog(), [stored("\n".join(documents) + "\n")], now=NOW) as athena:
        rows = asked(athena, f"SELECT {', '.join(taken)} FROM {source}")
        alone = [[one for (one,) in asked(athena, f"SELECT {value} FROM lines")] for value in taken]
    assert rows == list(zip(*alone, strict=True))
    assert any(value is not None for value in rows[0]), "something is taken"


def test_a_star_beside_values_shows_the_columns_of_the_table_alone():
    with Athena(catalog(), [stored('{"a": 1, "b": 2}')], now=NOW) as athena:
        sql = "SELECT *, json_extract_scalar(line, '$.a') AS a, json_extract_scalar(line, '$.b') AS b FROM lines"
        answer = athena.run(sql)
        assert answer.columns == ("line", "dt", "hr", "a", "b")
        assert list(answer.rows) == [('{"a": 1, "b": 2}', "2026-11-23", "03", "1", "2")]


def test_fields_that_differ_in_case_alone_are_two():
    with Athena(catalog(), [stored('{"d": {"Id": 1, "id": 2}}')], now=NOW) as athena:
        sql = "SELECT json_extract_scalar(line, '$.d.Id'), json_extract_scalar(line, '$.d.id') FROM lines"
        assert asked(athena, sql) == [("1", "2")]


def test_a_table_of_many_columns_costs_as_its_columns_do_and_not_as_their_square():
    def wide(columns: int) -> tuple[int, list[int]]:
        calls = ", ".join(f"""json_extract_scalar(line, '$["c{place}"]') AS c{place}""" for place in range(columns))
        sql = translated(f"SELECT {calls} FROM lines")
        return len(sql), [shape.count("VARCHAR") for shape in re.findall(r"CDC_STRUCTURE\(.*?\) AS", sql)]

    (length, few), (double_length, many) = wide(100), wide(200)

    assert (sum(few), sum(many)) == (100, 200), "each value is in one structure"
    assert max(few + many) <= MOST_FIELDS, "and of no structure is there more to look through"
    assert double_length < 2.1 * length


def test_a_table_of_many_columns_shows_each_value_in_its_place():
    names = [f"c{place}" for place in range(3 * MOST_FIELDS + 1)]
    calls = ", ".join(f"json_extract_scalar(line, '$[\"{name}\"]') AS {name}" for name in names)
    document = json.dumps({name: place for place, name in enumerate(names)})
    with Athena(catalog(), [stored(document)], now=NOW) as athena:
        assert asked(athena, f"SELECT {calls} FROM lines") == [tuple(map(str, range(len(names))))]
