from __future__ import annotations

import re

import pytest

from documents.athena_types import VARCHAR, athena_type

TIME = "timestamp(6)"


@pytest.mark.parametrize(
    ("mysql", "sql", "hive"),
    [
        ("tinyint", "integer", "int"),
        ("tinyint(1)", "integer", "int"),
        ("tinyint unsigned", "integer", "int"),
        ("smallint unsigned", "integer", "int"),
        ("mediumint unsigned", "integer", "int"),
        ("int", "integer", "int"),
        ("int unsigned", "bigint", "bigint"),
        ("int(10) unsigned zerofill", "bigint", "bigint"),
        ("bigint", "bigint", "bigint"),
        ("bigint unsigned", "decimal(20,0)", "decimal(20,0)"),
        ("year", "integer", "int"),
        ("decimal(10,2)", "decimal(10,2)", "decimal(10,2)"),
        ("decimal(10, 2) unsigned", "decimal(10,2)", "decimal(10,2)"),
        ("decimal(8)", "decimal(8,0)", "decimal(8,0)"),
        ("decimal", "decimal(10,0)", "decimal(10,0)"),
        ("decimal(38,30)", "decimal(38,30)", "decimal(38,30)"),
        ("decimal(39,0)", "varchar", "string"),
        ("decimal(65,30)", "varchar", "string"),
        ("float", "double", "double"),
        ("double(10,2)", "double", "double"),
        ("bit", "boolean", "boolean"),
        ("bit(1)", "boolean", "boolean"),
        ("bit(8)", "varbinary", "binary"),
        ("date", "date", "date"),
        ("datetime", TIME, "timestamp"),
        ("datetime(6)", TIME, "timestamp"),
        ("timestamp(3)", TIME, "timestamp"),
        ("time(6)", "varchar", "string"),
        ("binary(16)", "varbinary", "binary"),
        ("varbinary(255)", "varbinary", "binary"),
        ("longblob", "varbinary", "binary"),
        ("point", "varbinary", "binary"),
        ("char(3)", "varchar", "string"),
        ("varchar(64)", "varchar", "string"),
        ("longtext", "varchar", "string"),
        ("json", "varchar", "string"),
        ("enum('bit(1)','int')", "varchar", "string"),
        ("set('a','b')", "varchar", "string"),
        ("BIGINT UNSIGNED", "decimal(20,0)", "decimal(20,0)"),
        ("vector(3)", "varchar", "string"),
        ("", "varchar", "string"),
    ],
)
def test_a_type_of_mysql_has_a_name_in_queries_and_one_in_the_catalog(mysql: str, sql: str, hive: str):
    assert (athena_type(mysql).sql, athena_type(mysql).hive) == (sql, hive)


@pytest.mark.parametrize(("mysql", "digits"), [("decimal(10,2)", 2), ("decimal(8)", 0), ("bigint unsigned", 0)])
def test_a_decimal_with_more_digits_than_described_is_not_rounded(mysql: str, digits: int):
    assert f"[0-9]{{0,{digits}}}0*" in athena_type(mysql).read, "a rounded key would make one row of several"


def test_a_binary_value_is_told_by_its_0x():
    assert "starts_with(x, '0x')" in athena_type("bit(8)").of("x"), "the text 12 may be a number or two digits"


def test_text_is_read_as_it_is():
    assert VARCHAR.of('"column"') == '"column"'


@pytest.mark.parametrize("zone", ["+00:00", "+02", "-05:30", " UTC", " Europe/Berlin", "z", " Z"])
@pytest.mark.parametrize("time", ["2026-01-05", "2026-01-05T10:11:12", "2026-01-05 10:11:12.345678"])
def test_a_moment_with_another_zone_than_z_is_not_read(time: str, zone: str):
    said = re.search(r"regexp_extract\(x, '(.*)', 1\)", athena_type("datetime(6)").of("x"))
    assert said, "a cast would drop the zone without a word"
    assert re.match(said[1], time + zone) is None
    assert all((found := re.match(said[1], time + end)) and found[1] == time for end in ("", "Z"))
