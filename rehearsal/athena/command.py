"""``python -m rehearsal query``: ask a kept lake in Athena's SQL, with the views and named queries of its stack.

Exit code 0: answered; 2: not. Rows go to the standard output, their number to the standard error.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from model import PipelineError
from model.plan import CatalogPlan
from rehearsal.athena.dialect import parameters_of, tables_of
from rehearsal.athena.engine import Queryable, start_of
from rehearsal.athena.engines import ENGINES, started
from rehearsal.athena.formats import FORMATS
from rehearsal.athena.kept_catalog import open_catalog
from rehearsal.lake import open_kept


def add_query(command: argparse.ArgumentParser, output: Path) -> None:
    """The options of the command; ``output`` is where rehearsals of stacks are kept."""
    command.set_defaults(run=_query, failed="not answered", output=output)
    command.add_argument(
        "sql", nargs="?", metavar="SQL", help="one SELECT, as Athena has it; without it: what there is"
    )
    command.add_argument("--named", metavar="NAME", help="a named query of the stack, instead of SQL")
    command.add_argument("--parameter", action="append", default=[], metavar="VALUE", help="for a ?; once for each")
    command.add_argument("--lake", type=Path, metavar="DIR", help=f"a kept lake ({output}/<stack>)")
    command.add_argument("--stack", default=argparse.SUPPRESS, help="whose kept lake (default: dev)")
    command.add_argument("--engine", choices=ENGINES, default=argparse.SUPPRESS, help="what answers (duckdb)")
    command.add_argument("--format", choices=FORMATS, default="table", help="how rows are written (table)")


def _query(options: argparse.Namespace, console: Console) -> int:
    folder = options.lake or options.output / options.stack
    kept = open_catalog(folder)
    if kept.catalog is None:
        raise PipelineError(
            f"the stack that was rehearsed to {folder} declares no Glue database to query its lake with"
        )
    sql = _asked(options, kept.catalog)
    try:
        if sql is None:
            _list(kept.catalog, console)
            return 0
        objects = open_kept(folder / "lake").objects()
        with started(options.engine) as opened, opened(kept.catalog, objects, now=kept.at) as athena:
            _merge(athena, kept.catalog, sql)
            count = FORMATS[options.format](athena.run(sql, options.parameter), console)
        console.file.flush()
    except MemoryError as error:
        raise PipelineError(f"this machine has too little memory for the query: {error}") from error
    except BrokenPipeError:  # whoever reads it, as `head` does, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    print(f"{count:,} row{'s' * (count != 1)}", file=sys.stderr)
    return 0


def _asked(options: argparse.Namespace, catalog: CatalogPlan) -> str | None:
    """The SQL to run, if any."""
    if options.named is None:
        if options.sql is None and options.parameter:
            raise PipelineError("--parameter has a value for a ? in a query, and there is none: give SQL or --named")
        return options.sql
    if options.sql is not None:
        raise PipelineError("SQL and --named are given: give one of them")
    queries = {query.name: query.sql for query in catalog.queries}
    if options.named not in queries:
        raise PipelineError(
            f"--named {options.named}: the stack has no such named query; `python -m rehearsal query` lists them all"
        )
    return queries[options.named]


def _merge(athena: Queryable, catalog: CatalogPlan, sql: str) -> None:
    """What a run of the schedule would have done by now for the kept tables that ``sql`` reads."""
    read = {name for _, name in tables_of(sql)}
    for table in catalog.kept_tables:
        if table.name in read:
            athena.change(table.merge, start_of(athena, table))


def _list(catalog: CatalogPlan, console: Console) -> None:
    """Tables and views with their columns, and the named queries."""
    tables = Table("table or view", "shows", "columns", title=f"database {catalog.database}", show_lines=True)
    for table in catalog.tables:
        columns = ", ".join(f"{name} varchar" for name in (*table.columns, *table.partitions))
        tables.add_row(table.name, table.description, columns)
    for kept in catalog.kept_tables:
        tables.add_row(
            kept.name, f"the rows of {'.'.join(kept.table)} that are merged", "those of its view, and its own"
        )
    for view in catalog.views:
        tables.add_row(view.name, view.description, ", ".join(f"{name} {type}" for name, type in view.columns))
    console.print(tables)
    if catalog.queries:
        queries = Table("named query", "answers", "parameters", show_lines=True)
        for query in catalog.queries:
            queries.add_row(query.name, query.description, str(parameters_of(query.sql)))
        console.print(queries)
