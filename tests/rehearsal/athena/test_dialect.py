"""Athena's SQL and nothing more generous: what Athena shows as NULL, or fails on, is no value here."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from rehearsal.athena import Athena, QueryError
from tests.rehearsal.athena.catalogs import NOW, asked, catalog, stored, value, view
from tests.waiting import LIMIT

D = Decimal
SHA1 = "a9993e364706816aba3e25717850c26c9cd0d89d"
"""Of ``abc``, by FIPS 180."""
CASTS: list[tuple[str, str, Any]] = [
    ("integer", "7", 7), ("integer", "-7", -7), ("integer", "+7", 7), ("integer", "7.5", None), ("integer", " 7", None),
    ("integer", "7 ", None), ("integer", "1e3", None), ("integer", "0x10", None), ("integer", "1_0", None),
    ("integer", "", None), ("integer", "2147483648", None), ("bigint", "9223372036854775807", 2**63 - 1),
    ("bigint", "9223372036854775808", None), ("bigint", "1.0", None), ("bigint", "9.007199254740993e15", None),
    ("decimal(10,2)", "7.5", D("7.50")), ("decimal(10,2)", "1.005", D("1.01")), ("decimal(10,2)", "-0.125", D("-0.13")),
    ("decimal(10,2)", "1e3", D("1000.00")), ("decimal(10,2)", ".5", D("0.50")), ("decimal(10,2)", "5.", D("5.00")),
    ("decimal(10,2)", " 7", None), ("decimal(10,2)", "1_0", None), ("decimal(10,2)", "123456789", None),
    ("decimal(20,0)", "18446744073709551615", D("18446744073709551615")),
    ("double", "1.5", 1.5), ("double", " 1.5 ", 1.5), ("double", "-1e400", float("-inf")), ("double", "inf", None),
    ("double", "Infinity", float("inf")), ("double", "nan", None), ("double", "1_0", None), ("double", "", None),
    ("boolean", "true", True), ("boolean", "F", False), ("boolean", "1", True), ("boolean", "yes", None),
    ("boolean", " true", None), ("date", "2026-01-05", date(2026, 1, 5)), ("date", "2026-1-5", date(2026, 1, 5)),
    ("date", "2026/01/05", None), ("date", "2026-02-30", None), ("date", "0000-00-00", None), ("date", "epoch", None),
    ("date", "2026-01-05 00:00:00", None), ("date", "2026-01-05 (BC)", None), ("date", "infinity", None),
    ("timestamp(6)", "2026-01-05 10:11:12.345678", datetime(2026, 1, 5, 10, 11, 12, 345678)),
    ("timestamp(6)", "2026-01-05", datetime(2026, 1, 5)),
    ("timestamp(6)", "2026-01-05 1:2", datetime(2026, 1, 5, 1, 2)),
    ("timestamp(6)", "2026-01-05 24:00:00", None), ("timestamp(6)", "2026-01-05T10:00:00", None),
    ("timestamp(6)", "2026-01-05 10:00:00Z", None), ("timestamp(6)", "2026-01-05 10:00:00+02", None),
    ("timestamp(6)", "epoch", None), ("timestamp(6)", "", None),
]  # fmt: skip


@pytest.fixture(scope="module")
def athena() -> Any:
    with Athena(catalog(), (), now=NOW) as athena:
        yield athena


@pytest.mark.parametrize(("type", "text", "expected"), CASTS)
def test_a_text_is_cast_as_athena_casts_it(athena: Athena, type: str, text: str, expected: Any):
    ((tried,),) = asked(athena, f"SELECT TRY_CAST(x AS {type}) FROM (VALUES ('{text}')) AS t (x)")
    assert tried == expected
    if expected is None:
        with pytest.raises(QueryError, match="Conversion Error"):
            asked(athena, f"SELECT CAST(x AS {type}) FROM (VALUES ('{text}')) AS t (x)")


def test_what_is_no_text_is_cast_by_its_value(athena: Athena):
    assert asked(athena, "SELECT CAST(x AS integer) FROM (VALUES (7.5e0), (NULL)) AS t (x)") == [(8,), (None,)]


def test_a_failing_cast_within_try_is_null(athena: Athena):
    assert asked(athena, "SELECT TRY(CAST(x AS integer)) FROM (VALUES ('7'), ('7.5')) AS t (x)") == [(7,), (None,)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("TRY(from_hex('00FFab'))", b"\x00\xff\xab"),
        ("TRY(from_hex('abc'))", None),
        ("TRY(from_hex('zz'))", None),
        ("TRY(from_hex(''))", b""),
        ("to_hex(from_hex('ab'))", "AB"),
        ("sha1(to_utf8('abc'))", bytes.fromhex(SHA1)),
        ("to_hex(sha1(to_utf8('abc')))", SHA1.upper()),
        ("lower(to_hex(sha1(to_utf8('abc'))))", SHA1),
        ("lower(to_hex(from_hex('AB')))", "ab"),
        ("translate('a1f', 'abcdef', '012345')", "015"),
        ("trim(' \t\u3000x\u00a0 ')", "x\u00a0"),
        ("trim(chr(9) || chr(13))", ""),
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("7e0 / 2", 3.5),
        ("CAST('abcdef' AS varchar(3))", "abc"),
        ("concat_ws(', ', 'a', NULL, 'b')", "a, b"),
        ("regexp_replace('0x0x', '0x', '')", ""),
        ("TRY(json_parse('{} {}')) IS NULL", True),
        ("TRY(json_parse('{\"a\": 1}')) IS NULL", False),
        ("json_extract(json_parse('{\"a\": {\"b\": 1.50}}'), '$.a') = json_parse('{\"b\":1.50}')", True),
        ("current_date", date(2026, 11, 23)),
        ("localtimestamp", datetime(2026, 11, 23, 4)),
        ("CAST(now() AS timestamp(6))", datetime(2026, 11, 23, 4)),
        ("date_format(current_date - INTERVAL '1' DAY, '%Y-%m-%d')", "2026-11-22"),
    ],
)
def test_a_function_gives_what_it_gives_in_athena(sql: str, expected: Any):
    assert value(sql) == expected


def test_null_comes_last_in_both_directions(athena: Athena):
    rows = "(VALUES (1), (NULL), (2)) AS t (x)"
    assert asked(athena, f"SELECT x FROM {rows} ORDER BY x") == [(1,), (2,), (None,)]
    assert asked(athena, f"SELECT x FROM {rows} ORDER BY x DESC") == [(2,), (1,), (None,)]


def test_a_parameter_goes_where_its_question_mark_is(athena: Athena):
    sql = "SELECT x FROM (VALUES (1, 'a'), (2, 'b')) AS t (x, y) WHERE x = ? OR y = ?"
    assert asked(athena, sql, "1", "b") == [(1,), (2,)]
    assert asked(athena, sql, 2, "' OR true --") == [(2,)], "a value is never SQL"


@pytest.mark.parametrize("given", [(), (1, 2)])
def test_each_question_mark_wants_one_parameter(athena: Athena, given: tuple[object, ...]):
    with pytest.raises(QueryError, match=rf"1 places for a parameter \(\?\), and {len(given)} are given"):
        athena.run("SELECT 1 WHERE 1 = ?", given)


def test_columns_have_athenas_names_and_types(athena: Athena):
    sql = """SELECT 1 AS a, 'x', CAST(1 AS decimal(20,0)) AS c, current_date AS d, localtimestamp AS e, true AS f,
        from_hex('00') AS g, 1e0 AS h, CAST(1 AS bigint) AS i"""
    answer = athena.run(sql)
    assert answer.columns == ("a", "_col1", "c", "d", "e", "f", "g", "h", "i")
    assert answer.types == (
        "integer", "varchar", "decimal(20,0)", "date", "timestamp(6)", "boolean", "varbinary", "double", "bigint",
    )  # fmt: skip


def test_a_name_is_found_with_and_without_its_database(athena: Athena):
    for name in ("lines", "LINES", "cdc_lake.lines", '"cdc_lake"."lines"', "awsdatacatalog.cdc_lake.lines"):
        assert asked(athena, f"SELECT count(*) FROM {name}") == [(0,)], name


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE lines", "INSERT INTO lines VALUES ('a', 'b', 'c')", "CREATE TABLE t AS SELECT 1", "SHOW TABLES",
        "SELECT 1; SELECT 2", "COPY lines TO 'x'", "ATTACH 'x'", "SET threads = 1", "UNLOAD (SELECT 1) TO 's3://x'", "",
    ],
)  # fmt: skip
def test_what_is_no_single_select_is_refused(athena: Athena, sql: str):
    with pytest.raises(QueryError):
        athena.run(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM '/etc/passwd'", "SELECT * FROM glob('/*')",
        "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_csv('https://example.com/x.csv')",
        "SELECT * FROM sql",
    ],
)  # fmt: skip
def test_nothing_but_the_lake_can_be_read(athena: Athena, sql: str):
    with pytest.raises(QueryError):
        asked(athena, sql)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELEC 1", "this is no SQL of Athena"),
        ("SELECT * FROM nowhere", "Table with name nowhere does not exist"),
        ("SELECT json_extract_scalar('{}', '$.a[0]')", r"the JSON path .* names of keys"),
        ('SELECT "$path" FROM lines', r'"\$path", which each table has in Athena, is not played: partition columns'),
        ('SELECT l."$path" FROM lines AS l', r'"\$path", which each table has in Athena, is not played'),
        ("SELECT now()", r"timestamp\(6\) with time zone, which is not played: CAST it"),
    ],
)
def test_what_cannot_be_answered_says_why_in_one_line(athena: Athena, sql: str, said: str):
    with pytest.raises(QueryError, match=said) as refused:
        athena.run(sql)
    assert "\x1b" not in str(refused.value), "colours are for a terminal"


def test_an_error_in_a_later_row_is_one_too(athena: Athena):
    numbers = "SELECT CASE WHEN n = 4000 THEN 'x' ELSE '1' END AS x FROM UNNEST(sequence(1, 5000)) AS t (n)"
    sql = f"SELECT CAST(x AS integer) FROM ({numbers})"
    with pytest.raises(QueryError, match="which Athena does not cast"):
        asked(athena, sql)


def test_the_clock_stands_at_the_given_moment():
    with Athena(catalog(), (), now=datetime(2031, 1, 2, 3, 4, 5, 678_900, tzinfo=UTC)) as athena:
        assert asked(athena, "SELECT localtimestamp") == [(datetime(2031, 1, 2, 3, 4, 5, 678_000),)]
        assert asked(athena, "SELECT current_date") == [(date(2031, 1, 2),)]


@pytest.mark.parametrize("text", ["x" * 5000, "9" * 5000, "it's " * 1000, '{"a": "b"}' * 500])
def test_an_error_never_shows_a_whole_record(text: str):
    with Athena(catalog(), [stored(text)], now=NOW) as athena, pytest.raises(QueryError) as refused:
        asked(athena, "SELECT CAST(line AS integer) FROM lines")
    said = str(refused.value)
    assert text[:40] in said, "enough to find it"
    assert text[:100] not in said, "a record may be a megabyte, and nobody's business"


def test_a_failing_view_is_named():
    number = view("number", "SELECT CAST(line AS integer) AS n FROM lines", ("n", "integer"))
    with Athena(catalog(number), [stored("7\nx\n")], now=NOW) as athena:
        with pytest.raises(QueryError, match="a query of number: Conversion Error"):
            asked(athena, "SELECT n FROM NUMBER")
        with pytest.raises(QueryError, match=r"^Binder Error"):
            asked(athena, "SELECT m FROM number")  # whose mistake this is, everybody sees


def test_a_slow_query_shows_no_progress_among_the_rows():
    script = """
import duckdb
made, connect = [], duckdb.connect
duckdb.connect = lambda *a, **k: made.append(connect(*a, **k)) or made[-1]
from tests.rehearsal.athena.catalogs import NOW, Athena, catalog
with Athena(catalog(), (), now=NOW):
    print(connect().execute("SELECT current_setting('enable_progress_bar')").fetchone()[0])
    print(made[0].execute("SELECT current_setting('enable_progress_bar')").fetchone()[0])"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True, timeout=LIMIT)
    assert done.stdout.split() == ["True", "False"], "DuckDB has it on where Python runs no file"


@pytest.mark.parametrize(
    "sql", ["SELECT 1", "DROP TABLE lines", "INSERT INTO lines VALUES (1)", "DELETE FROM a; DELETE FROM b"]
)
def test_what_changes_no_iceberg_table_as_a_statement_does_is_refused(athena: Athena, sql: str):
    with pytest.raises(QueryError, match="CREATE TABLE, MERGE and DELETE are played"):
        athena.change(sql)


@pytest.mark.parametrize("sql", ["DELETE FROM lines", "MERGE INTO a USING b ON a.c = b.c WHEN MATCHED THEN DELETE"])
def test_a_query_of_a_user_changes_nothing(athena: Athena, sql: str):
    with pytest.raises(QueryError, match="one SELECT is answered"):
        athena.run(sql)
