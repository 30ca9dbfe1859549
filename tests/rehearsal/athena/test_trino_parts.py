"""What Trino is given, as far as it can be tested without Java: the objects, and the DDL of Iceberg tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rehearsal.athena import QueryError
from rehearsal.athena.trino.iceberg import iceberg_table
from rehearsal.athena.trino.lake import ServedLake
from tests.rehearsal.athena.catalogs import catalog, raw_table, stored

DECLARED = """CREATE TABLE IF NOT EXISTS `lake`.`shop_orders` (
  `cdc_key` string, `id` int, `at` timestamp, `picture` binary, `price` decimal(8,2), `we``ird` double
)
LOCATION 's3://tables/shop_orders/1-abc/'
TBLPROPERTIES ('table_type' = 'ICEBERG', 'format' = 'parquet', 'write_compression' = 'zstd')"""


def test_the_ddl_of_a_table_is_written_as_trino_has_it():
    table = iceberg_table(DECLARED)
    assert table.bucket == "tables"
    assert table.create == (
        'CREATE TABLE IF NOT EXISTS iceberg."lake"."shop_orders" ("cdc_key" VARCHAR, "id" INTEGER, "at" TIMESTAMP(6), '
        '"picture" VARBINARY, "price" DECIMAL(8, 2), "we`ird" DOUBLE) WITH (LOCATION=\'s3://tables/shop_orders/1-abc/\')'
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'zstd'", "'snappy'"),
        ("'format' = 'parquet'", "'format' = 'avro'"),
        ("'zstd')", "'zstd', 'vacuum_max_snapshot_age_seconds' = '60')"),
        (")\nLOCATION", ")\nPARTITIONED BY (bucket(4, `cdc_key`))\nLOCATION"),
        ("LOCATION 's3://tables/shop_orders/1-abc/'\n", ""),
        ("s3://tables/shop_orders/1-abc/", "s3://tables"),
        (DECLARED, "DELETE FROM shop_orders"),
    ],
)
def test_a_table_that_trino_would_make_otherwise_is_refused(old: str, new: str):
    with pytest.raises(QueryError, match="Trino is not told how to make the table of"):
        iceberg_table(DECLARED.replace(old, new))


class Calls:
    """Glue or S3: remembers what it is asked for."""

    def __init__(self) -> None:
        self.told = list[tuple[str, Any]]()

    def __getattr__(self, name: str) -> Any:
        return lambda **given: self.told.append((name, given))

    def pop(self) -> list[tuple[str, Any]]:
        told, self.told = self.told, []
        return told


def test_the_lake_has_what_was_seen_last_and_projects_the_days_that_have_objects():
    s3, glue = Calls(), Calls()
    lake = ServedLake(s3, glue, catalog(table=raw_table()), datetime(2026, 11, 25, tzinfo=UTC))
    old, new, newest = (stored(day, f"raw/dt=2026-11-{day}/hr=03/a.gz") for day in ("21", "22", "23"))
    lake.hold([new, newest])
    assert [(name, given["Key"]) for name, given in s3.pop()] == [("put_object", new.key), ("put_object", newest.key)]
    lake.hold([old, newest])
    deleted, put = s3.pop()
    assert deleted[1]["Delete"]["Objects"] == [{"Key": new.key}]
    assert put[1]["Key"] == old.key, "and what is there already is not put again"
    made, changed = glue.pop()
    assert (made[0], changed[0]) == ("create_table", "update_table")
    days = [given["TableInput"]["Parameters"]["projection.dt.range"] for _, given in (made, changed)]
    assert days == ["2026-11-22,NOW", "2026-11-21,NOW"]
    lake.hold([])
    ((_, given),) = glue.pop()
    begin, _, end = given["TableInput"]["Parameters"]["projection.dt.range"].partition(",")
    assert (begin > "2026-11-21", end) == (True, "NOW"), "of hours without an object none is looked into"
