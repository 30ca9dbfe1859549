"""``python -m benches.growth LAKE``: run the declared statements over a log of so many days, and ask what they cost.

LAKE is a kept rehearsal of a stack with ``tablesEveryMinutes``. CPU seconds and bytes read are Trino's own statistics.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

from benches.growth.log import log, records
from benches.growth.page import Figures, picture, table
from model import PipelineError
from model.plan import CatalogPlan, KeptTablePlan
from rehearsal.athena.kept_catalog import open_catalog
from rehearsal.athena.trino.catalog import Endpoints
from rehearsal.athena.trino.server import HEAP, Trino
from rehearsal.runtime.clients import client

TABLE = "dms_sample_ticket"
_KEY = 77
_DAYS = (1, 10, 100)
_TIMES = 3
"""How often a query is asked. The least counts: the JVM compiles what it runs for the first time."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size; the figures are printed, and written as they come."""
    options = parser().parse_args(arguments)
    catalog, lines = open_catalog(options.lake).catalog, records(options.lake / "lake")
    kept = [it for it in catalog.kept_tables if it.name == TABLE] if catalog else []
    if not catalog or not kept:
        raise PipelineError(f"{options.lake} has no table {TABLE}: rehearse the sample with tablesEveryMinutes: 15")
    told: dict[str, Any] = {"days": {}}
    if options.json and options.json.exists():
        told = json.loads(options.json.read_text(encoding="utf-8"))
    told |= {
        "date": str(datetime.now(UTC).date()),
        "machine": f"{os.cpu_count()} cores, Trino 406 with {HEAP} of heap and the JVM's first compiler alone",
        "records": len(lines),
        "table": TABLE,
    }
    with Trino() as trino:
        for days in options.days:
            told["days"][str(days)] = figures = dict[str, Figures]()
            for name, found in _measured(trino.endpoints, catalog, kept[0], lines, days):
                figures[name] = found
                print(f"{days:>4} days  {name:<9}{found['cpu_seconds']:>9.2f} s{found['bytes'] / 1e6:>9.1f} MB")
                if options.json:
                    options.json.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(table(told))
    if options.svg:
        picture(told, options.svg)
    return 0


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    command = argparse.ArgumentParser(prog="python -m benches.growth", description=__doc__)
    command.add_argument("lake", type=Path, metavar="LAKE", help="a kept rehearsal, such as rehearsal-output/dev")
    command.add_argument("--days", type=int, nargs="+", default=_DAYS, help="how many the log has, one run for each")
    command.add_argument("--json", type=Path, metavar="FILE", help="add the figures to those that it has")
    command.add_argument("--svg", type=Path, metavar="FILE", help="draw all figures of the JSON file")
    return command


def _measured(
    endpoints: Endpoints, catalog: CatalogPlan, kept: KeptTablePlan, lines: Sequence[bytes], days: int
) -> Iterator[tuple[str, Figures]]:
    """What each statement costs, by its name. PipelineError where table, fresh view and log do not tell the same."""
    raw = catalog.tables[0]
    *objects, newest = log(lines, days, raw.location.removeprefix(f"s3://{raw.bucket}/"))
    s3 = client("s3", endpoints.aws, endpoints.credentials)
    shown = next(view.columns for view in catalog.views if view.name == f"{TABLE}_current")
    columns = ", ".join(f'"{name}"' for name, _ in shown)
    rows = f"SELECT {columns} FROM {TABLE}"
    with endpoints.open(replace(catalog, kept_tables=()), objects):
        bench = _Bench(_connection(endpoints, catalog), kept)
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
        _same(bench.rows, fresh)
        yield "replayed", bench.ask(f"{rows}_replayed", times=1)
        _same(bench.rows, fresh)


def _same(rows: Sequence[Any], others: Sequence[Any]) -> None:
    if rows != others:
        raise PipelineError(f"{TABLE} does not show what its log says, so its figures mean nothing: rehearse it")


class _Bench:
    """Runs statements on Trino, as who may change tables."""

    def __init__(self, connection: Any, kept: KeptTablePlan) -> None:
        self._connection, self._kept = connection, kept
        self.rows: list[Any] = []
        """Of the last query, sorted."""

    def make(self, s3: Any) -> None:
        """The table, whose DDL is Athena's."""
        statement = sqlglot.parse_one(self._kept.create, read="athena")
        location = statement.find(exp.LocationProperty)
        made = statement.find(exp.Table)
        assert location, "the DDL has one"
        assert made, "the DDL is of one"
        for kind in statement.find_all(exp.DataType):
            if kind.this is exp.DataType.Type.TIMESTAMP:  # of Iceberg, which has microseconds
                kind.set("expressions", [exp.DataTypeParam(this=exp.Literal.number(6))])
        made.set("catalog", exp.to_identifier("iceberg"))
        statement.set("properties", exp.Properties(expressions=[location]))
        s3.create_bucket(Bucket=location.name.split("/")[2])
        self._run(statement.sql("trino"))

    def start(self) -> tuple[str, str, str]:
        """From where on the table says that it is to be merged."""
        self._run(self._kept.start)
        return self.rows[0] if self.rows else ("", "", "")

    def merge(self, start: tuple[str, str, str]) -> Figures:
        """A run."""
        return self._run(self._kept.merge.replace("<from_dt>", start[0]).replace("<from_hr>", start[1]))

    def ask(self, sql: str, times: int = _TIMES) -> Figures:
        """The cheapest of some times."""
        return min((self._run(sql) for _ in range(times)), key=lambda it: it["cpu_seconds"])

    def _run(self, sql: str) -> Figures:
        cursor = self._connection.cursor()
        cursor.execute(sql)
        self.rows = sorted((tuple(row) for row in cursor.fetchall()), key=str)
        return {"cpu_seconds": cursor.stats["cpuTimeMillis"] / 1000, "bytes": cursor.stats["physicalInputBytes"]}


def _connection(endpoints: Endpoints, catalog: CatalogPlan) -> Any:
    import requests  # of the optional requirements
    import trino

    session = requests.Session()
    session.trust_env = False  # a proxy of the user's is not for this machine
    host, _, port = endpoints.trino.removeprefix("http://").partition(":")
    place = {"host": host, "port": int(port), "catalog": "awsdatacatalog", "schema": catalog.database}
    return trino.dbapi.connect(**place, user="keeper", http_session=session)
