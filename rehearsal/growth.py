"""``python -m rehearsal.growth LAKE``: what a table costs as its log grows, by Trino's own statistics.

LAKE is a kept rehearsal. Its records are one day of the log, and each further day has them again at that day's times:
the log grows, the table does not. A day's records are spread over 24 hours, an object each, and the log ends with the
hour that is. Views and statements are those that the program declares.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

from declaration import declare
from model import PipelineError
from model.plan import CatalogPlan, KeptTablePlan
from rehearsal.athena.trino.catalog import Endpoints
from rehearsal.athena.trino.server import HEAP, Trino
from rehearsal.lake import LakeObject, open_kept
from rehearsal.plan.pipeline import read_plan
from rehearsal.runtime.clients import client

TABLE = "dms_sample_ticket"
_KEY = 77
_DAYS = (1, 10, 100)
_HOURS = 24
_TIMES = 3
"""How often a query is asked. The least counts: the JVM compiles what it runs for the first time."""
_TIME = re.compile(rb'"((?:commit-)?timestamp)":"[^"]*"')
_Figures = dict[str, float]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size; the figures are printed, and written as they come."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.growth", description=__doc__)
    parser.add_argument("lake", type=Path, metavar="LAKE", help="a kept rehearsal, such as rehearsal-output/dev")
    parser.add_argument("--days", type=int, nargs="+", default=_DAYS, help="how many the log has, one run for each")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures for machines")
    options = parser.parse_args(arguments)
    records = _records(options.lake / "lake")
    told: dict[str, Any] = {
        "date": str(datetime.now(UTC).date()),
        "machine": f"{os.cpu_count()} cores, Trino 406 with {HEAP} of heap and the JVM's first compiler alone",
        "records": len(records),
        "table": TABLE,
        "days": {},
    }
    with Trino() as trino:
        for days in options.days:
            told["days"][str(days)] = figures = dict[str, _Figures]()
            for name, found in _measured(trino.endpoints, records, days):
                figures[name] = found
                print(
                    f"{days:>4} days  {name:<10}{found['cpu_seconds']:>9.2f} s{found['bytes'] / 1e6:>9.1f} MB",
                    flush=True,
                )
                if options.json:
                    options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 0


def _records(lake: Path) -> list[bytes]:
    """Every line of the kept lake, in the order of its records' times."""
    lines = [line for it in open_kept(lake).objects() for line in gzip.decompress(it.body).splitlines()]
    if not lines:
        raise PipelineError(f"{lake} has no records: rehearse again")
    return sorted(lines, key=lambda line: json.loads(line)["metadata"]["timestamp"])


def log(records: Sequence[bytes], days: int, prefix: str) -> Iterator[LakeObject]:
    """The objects of a log of so many days that ends with this hour."""
    later = [line for line in records if b'"record-type":"control"' not in line]  # tables are created on the first day
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for number in range(days * _HOURS):
        given = records if number < _HOURS else later
        begin, to = (len(given) * it // _HOURS for it in (number % _HOURS, number % _HOURS + 1))
        yield _hour(end - timedelta(hours=days * _HOURS - 1 - number), given[begin:to], prefix)


def _hour(begin: datetime, records: Sequence[bytes], prefix: str) -> LakeObject:
    step = timedelta(hours=1) / max(1, len(records))
    times = [f'"\\1":"{begin + step * place:%Y-%m-%dT%H:%M:%S.%fZ}"'.encode() for place in range(len(records))]
    lines = [_TIME.sub(time, line) for time, line in zip(times, records, strict=True)]
    return LakeObject(
        key=f"{prefix}dt={begin:%Y-%m-%d}/hr={begin:%H}/growth.json.gz",
        body=gzip.compress(b"\n".join(lines), 6),
        etag="",
        last_modified=begin,
    )


def _measured(endpoints: Endpoints, records: Sequence[bytes], days: int) -> Iterator[tuple[str, _Figures]]:
    """What each statement costs, by its name. PipelineError where table, fresh view and log do not tell the same."""
    catalog = read_plan(declare("dev", config={"tablesEveryMinutes": 15})).catalog
    assert catalog, "the program declares one"
    raw, table = catalog.tables[0], next(it for it in catalog.kept_tables if it.name == TABLE)
    *objects, newest = log(records, days, raw.location.removeprefix(f"s3://{raw.bucket}/"))
    s3 = client("s3", endpoints.aws, endpoints.credentials)
    columns = ", ".join(
        f'"{name}"' for view in catalog.views if view.name == f"{TABLE}_current" for name, _ in view.columns
    )
    rows = f"SELECT {columns} FROM {TABLE}"
    with endpoints.open(replace(catalog, kept_tables=()), objects):
        bench = _Bench(_connection(endpoints, catalog), table)
        bench.make(s3)
        yield "first", bench.merge(bench.start())
        yield "table", bench.ask(f"{rows} WHERE NOT cdc_gone")
        yield "key", bench.ask(f"{rows} WHERE NOT cdc_gone AND id = {_KEY}")
        s3.put_object(Bucket=raw.bucket, Key=newest.key, Body=newest.body)
        yield "current", bench.ask(f"{rows}_current")
        fresh, start = bench.rows, bench.start()
        yield "hour", bench.merge(start)
        yield "again", bench.merge(start)
        yield "night", bench.merge((start[2][:10], "", ""))
        bench.ask(f"{rows} WHERE NOT cdc_gone", times=1)
        merged = bench.rows
        yield "replayed", bench.ask(f"{rows}_replayed", times=1)
        if not bench.rows == merged == fresh:
            raise PipelineError(f"{TABLE} does not show what its log says: tables are broken, see rehearsals of them")


class _Bench:
    """Runs statements on Trino, as who may change tables."""

    def __init__(self, connection: Any, table: KeptTablePlan) -> None:
        self._connection, self._table = connection, table
        self.rows: list[Any] = []
        """Of the last query, sorted."""

    def make(self, s3: Any) -> None:
        """The table, whose DDL is Athena's."""
        statement = sqlglot.parse_one(self._table.create, read="athena")
        location = statement.find(exp.LocationProperty)
        made = statement.find(exp.Table)
        assert location
        assert made
        for kind in statement.find_all(exp.DataType):
            if kind.this is exp.DataType.Type.TIMESTAMP:  # of Iceberg, which has microseconds
                kind.set("expressions", [exp.DataTypeParam(this=exp.Literal.number(6))])
        made.set("catalog", exp.to_identifier("iceberg"))
        statement.set("properties", exp.Properties(expressions=[location]))
        s3.create_bucket(Bucket=location.name.split("/")[2])
        self._run(statement.sql("trino"))

    def start(self) -> tuple[str, str, str]:
        self._run(self._table.start)
        return self.rows[0] if self.rows else ("", "", "")

    def merge(self, start: tuple[str, str, str]) -> _Figures:
        return self._run(self._table.merge.replace("<from_dt>", start[0]).replace("<from_hr>", start[1]))

    def ask(self, sql: str, times: int = _TIMES) -> _Figures:
        return min((self._run(sql) for _ in range(times)), key=lambda it: it["cpu_seconds"])

    def _run(self, sql: str) -> _Figures:
        cursor = self._connection.cursor()
        cursor.execute(sql)
        self.rows = sorted((tuple(row) for row in cursor.fetchall()), key=str)
        return {"cpu_seconds": cursor.stats["cpuTimeMillis"] / 1000, "bytes": cursor.stats["physicalInputBytes"]}


def _connection(endpoints: Endpoints, catalog: CatalogPlan) -> Any:
    import requests  # of the optional requirements
    import trino

    session = requests.Session()
    session.trust_env = False
    host, _, port = endpoints.trino.removeprefix("http://").partition(":")
    return trino.dbapi.connect(
        host=host,
        port=int(port),
        user="keeper",
        catalog="awsdatacatalog",
        schema=catalog.database,
        http_session=session,
    )


if __name__ == "__main__":
    sys.exit(main())
