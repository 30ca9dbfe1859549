"""``make bench``: how fast each stage of the rehearsal is alone, on this machine. Figures, no verdict."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import toolchain
from audit import DeliveredLines, Expectations, audit, audit_views
from benches import checksums, stages
from database import catalog
from declaration import declare
from model import Row, Table
from rehearsal.athena import Athena
from rehearsal.delivery.prefixes import compile_prefixes
from rehearsal.lake import LakeObject
from rehearsal.plan.pipeline import read_plan
from rehearsal.play.rehearse import PRELOADED
from rehearsal.runtime.worker import preload
from rehearsal.source.mariadb.mariadb import MariaDB

CHANGES = 50_000
"""Of the sample, which has as many rows."""
_STAGES = (
    "source: rows inserted",
    "source: changes committed",
    "full load: rows read",
    "decode",
    "records",
    "put",
    "audit: records folded and compared",
    "audit: records seen by the views",
)


def main() -> None:
    """Print one line a stage."""
    bench = stages.Bench(read_plan(declare("dev")), CHANGES)
    preload(*PRELOADED)
    with ExitStack() as stack:
        folder, start = Path(stack.enter_context(tempfile.TemporaryDirectory())), time.perf_counter()
        mariadb = stack.enter_context(MariaDB(folder, bench.plan.database.parameters, toolchain.ensure_mariadbd()))
        _say("MariaDB from nothing to ready", 1, time.perf_counter() - start)
        server, begin, _ = stages.source_stages(bench, mariadb)
        with closing(server.connect()) as connection:
            tables = list(catalog.tables(connection))
            bench.measure(
                "full load: rows read", lambda: sum(sum(1 for _ in catalog.read(connection, t)) for t in tables)
            )
            rows = {str(table): list(catalog.read(connection, table)) for table in tables}
        records = stages.written(bench, stages.decoded(bench, server, begin))
        with ExitStack() as parts:
            stages.put(bench, parts, records)
        _audits(bench, tables, rows, [record.data for record in records])
        for name in _STAGES:
            _say(name, int(bench.figures[name]["count"]), bench.figures[name]["seconds"])
        checksums.measure(mariadb.root, folder)


def _audits(bench: stages.Bench, tables: list[Table], rows: dict[str, list[Row]], records: list[bytes]) -> None:
    """The changes alone are no whole lake, so both audits find much; they read and compare all the same."""
    plan, now = bench.plan, datetime.now(UTC)
    expectations = Expectations.of(plan.replication)
    prefix, _ = compile_prefixes(plan.delivery.prefix, plan.delivery.error_prefix)
    delivered = LakeObject(
        key=f"{prefix.evaluate(now)}bench.json", body=b"\n".join(records), etag="", last_modified=now
    )
    bench.measure(
        "audit: records folded and compared",
        lambda: audit([delivered], tables, lambda t: rows[str(t)], expectations).records,
    )

    def ask() -> int:
        assert plan.catalog
        with Athena(plan.catalog, [delivered], now=now) as athena:
            lines = DeliveredLines.of([delivered])
            audit_views(athena.run, plan.catalog, lines, tables, lambda t: rows[str(t)], expectations)
        return len(records)

    bench.measure("audit: records seen by the views", ask)


def _say(name: str, count: int, seconds: float) -> None:
    rate = f"{count / seconds:>12,.0f}/s" if count > 1 else " " * 14
    print(f"{name:<36}{count:>9,}{seconds:>8.2f} s{rate}", flush=True)


if __name__ == "__main__":
    main()
