"""Athena: the declared catalog over the lake's objects, ready to be asked in Athena's SQL. Played by DuckDB, in memory.

A view is what its declared SQL gives. Nothing on this machine but the given objects is
read, and nothing is written but to the folder for what does not fit into memory: DuckDB is told to leave files, network
and extensions alone.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import count, zip_longest
from pathlib import Path
from typing import Any, Self

import duckdb

from model import PipelineError
from model.plan import CatalogPlan, ViewPlan
from rehearsal.athena import raw_tables
from rehearsal.athena.dialect import (
    MOMENT,
    QueryError,
    normal_type,
    presto_type,
    quoted,
    tables_of,
    translated,
    translated_change,
    with_parameters,
)
from rehearsal.athena.engine import Answer, placed
from rehearsal.athena.json_values import MACROS
from rehearsal.athena.projection import Projection
from rehearsal.lake import LakeObject

_NUMBERS = count()
"""Of the databases that one engine holds."""
_BATCH = 1000  # rows
_HIDDEN = re.compile(r'"\$(path|file_size|file_modified_time)"')
_LONG_VALUE = re.compile(r"""(['"])(.{80}).{20,}\1""")
_ERROR = 300
"""Characters of an error, at most: one line of a value that has several has no quote at its end."""
_COLUMNS = """SELECT table_name, column_name, data_type FROM duckdb_columns()
    WHERE database_name = ? AND schema_name = ? ORDER BY column_index"""
"""Of all views at once: asking for one by its name plans its whole SQL again."""
_ALONE: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "disabled_optimizers": "common_subexpressions",  # its time grows with the square of a view's columns
}


MEMORY = "128MB"
"""Of the engine that is to be small. It has one thread: each needs memory of its own that cannot go to a folder, and
this machine's number of cores must not decide how large a lake may be."""


@cache
def _engine(spill: Path | None, small: bool) -> duckdb.DuckDBPyConnection:
    """DuckDB, once in a process, with a database for each lake: to start it takes longer than to ask a small lake.

    What does not fit into its memory goes to the folder ``spill``; without one all must fit.
    """
    limits: dict[str, Any] = {"temp_directory": str(spill)} if spill else {}
    if small:
        limits |= {"memory_limit": MEMORY, "threads": 1}
    engine = duckdb.connect(":memory:", config=_ALONE | limits)
    engine.execute("SET enable_progress_bar = false")  # it goes to the standard output
    engine.execute("SET GLOBAL TimeZone = 'UTC'; SET lock_configuration = true")
    return engine


class Athena:
    """The catalog, queryable; a context manager.

    ``now`` is the moment at which it is asked: partitions are projected up to it, the clock of its SQL stands there.
    With a folder ``spill`` a lake may be larger than the memory that the engine takes, which is little if it is to be
    ``small``: the rest of it lies there. Raises PipelineError for what is declared and not played, and for a view that
    Athena would call invalid or stale; MemoryError, as all that asks it, where the memory is too little for some rows.
    """

    has_own_clock = False

    def __init__(
        self,
        catalog: CatalogPlan,
        objects: Iterable[LakeObject],
        *,
        now: datetime | None = None,
        spill: Path | None = None,
        small: bool = False,
    ) -> None:
        self._catalog = catalog
        self._held: list[ViewPlan] = []
        moment = now or datetime.now(UTC)
        self._engine = _engine(spill, small)
        self._connection = self._engine.cursor()
        self._database = f"catalog_{next(_NUMBERS)}"
        self._connection.execute(f"ATTACH ':memory:' AS {self._database}")
        try:
            self._connection.execute(f"CREATE SCHEMA {self._schema}; USE {self._schema}")
            self._set_clock(moment)
            self._connection.execute(MACROS)
            for table in catalog.tables:
                raw_tables.create(self._connection, table)
            for kept in catalog.kept_tables:
                self._connection.execute(translated_change(kept.create))
            self._seen = [(table, Projection(table, moment)) for table in catalog.tables]
            raw_tables.load(self._connection, self._seen, objects)
            self._create_views()
            self._check_columns()
        except duckdb.OutOfMemoryException as error:
            self.__exit__()
            raise _too_little(error) from error
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._engine.execute(f"DETACH {self._database}")

    def run(self, sql: str, parameters: Sequence[object] = ()) -> Answer:
        """What the query ``sql`` gives; a name without a database is one of the catalog's. QueryError if nothing."""
        translation = with_parameters(sql, parameters)
        cursor = self._connection.cursor()
        try:
            cursor.execute(f"USE {self._schema}")
            cursor.execute(translation)
        except (duckdb.ParserException, duckdb.CatalogException, duckdb.BinderException) as error:
            raise QueryError(_readable(error)) from error
        except duckdb.Error as error:
            raise self._failed(sql, error) from error
        described = cursor.description or []
        for name, type in ((column[0], presto_type(str(column[1]))) for column in described):
            if type.endswith("with time zone"):
                raise QueryError(f"column {name} is a {type}, which is not played: CAST it AS timestamp(6)")
        return Answer(
            columns=tuple(column[0] for column in described),
            types=tuple(presto_type(str(column[1])) for column in described),
            rows=self._rows(sql, cursor),
        )

    def change(self, sql: str, values: Mapping[str, str] | None = None) -> int:
        """Run ``sql``, which changes an Iceberg table: how many rows it inserts, updates and deletes."""
        translation = translated_change(sql)  # before: a statement is translated once, whatever its values
        try:
            ((count,),) = self._connection.execute(placed(translation, values)).fetchall()
        except duckdb.Error as error:
            raise QueryError(_readable(error)) from error
        return int(count)

    def see(self, objects: Iterable[LakeObject], now: datetime) -> None:
        """From ``now`` on the lake has ``objects``, and no others."""
        self._set_clock(now)
        try:
            for table in self._catalog.tables:
                self._connection.execute(f"DELETE FROM {quoted(table.name)}")
            raw_tables.load(self._connection, self._seen, objects)
        except duckdb.OutOfMemoryException as error:
            raise _too_little(error) from error
        for view in self._held:
            self._create_view(view, "OR REPLACE TABLE")

    def _set_clock(self, moment: datetime) -> None:
        clock = moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds")
        self._connection.execute(f"CREATE OR REPLACE MACRO {MOMENT}() AS TIMESTAMP '{clock}'")

    def _rows(self, sql: str, cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
        """The rows. QueryError for one that cannot be had, as a failing CAST's."""
        try:
            while batch := cursor.fetchmany(_BATCH):
                yield from batch
        except duckdb.Error as error:
            raise self._failed(sql, error) from error

    def _failed(self, sql: str, error: duckdb.Error) -> QueryError:
        """``error`` with the views that ``sql`` reads: what failed may be in one of them, whose SQL nobody sees."""
        read = {name.lower() for _, name in tables_of(sql)}
        views = ", ".join(view.name for view in self._catalog.views if view.name.lower() in read)
        return QueryError(f"a query of {views}: {_readable(error)}" if views else _readable(error))

    @property
    def _schema(self) -> str:
        return f"{self._database}.{quoted(self._catalog.database)}"

    def _create_views(self) -> None:
        """Create the views, each after those that it reads. One that several others read is executed once."""
        views = {view.name: view for view in self._catalog.views}
        read = {name: self._views_read(view, views) for name, view in views.items()}
        readers = Counter(name for names in read.values() for name in names)
        try:
            for name in TopologicalSorter(read).static_order():
                self._held += [views[name]] if readers[name] > 1 else []
                self._create_view(views[name], "TABLE" if readers[name] > 1 else "VIEW")
        except CycleError as error:
            raise PipelineError(f"views read each other in a circle: {', '.join(error.args[1])}") from error

    def _views_read(self, view: ViewPlan, views: dict[str, ViewPlan]) -> set[str]:
        known = {table.name for table in (*self._catalog.tables, *self._catalog.kept_tables)} | views.keys()
        with _blaming(view):
            tables = tables_of(view.sql)
        for database, name in tables:
            if database not in ("", self._catalog.database) or name not in known:
                raise PipelineError(
                    f"view {view.name} reads {database or self._catalog.database}.{name}, which the program does not "
                    "declare, so Athena would fail each query of the view: declare it, or take the view away"
                )
        return {name for _, name in tables} & views.keys()

    def _create_view(self, view: ViewPlan, kind: str) -> None:
        with _blaming(view):
            self._connection.execute(f"CREATE {kind} {quoted(view.name)} AS {translated(view.sql)}")

    def _check_columns(self) -> None:
        given: dict[str, list[str]] = defaultdict(list)
        found = self._connection.execute(_COLUMNS, [self._database, self._catalog.database]).fetchall()
        for view, column, type in found:
            given[view].append(f"{column} {presto_type(type)}")
        for view in self._catalog.views:
            declared = [f"{name} {normal_type(type)}" for name, type in view.columns]
            unlike = [
                f"{one or 'nothing'} where the SQL gives {other or 'nothing'}"
                for one, other in zip_longest(declared, given[view.name])
                if one != other
            ]
            if unlike:
                raise PipelineError(
                    f"view {view.name} declares other columns than its SQL gives, which Athena calls a stale view: "
                    f"{'; '.join(unlike)}"
                )


@contextmanager
def _blaming(view: ViewPlan) -> Iterator[None]:
    try:
        yield
    except (QueryError, duckdb.Error) as error:
        raise PipelineError(f"view {view.name}: {_readable(error)}") from error


def _too_little(error: duckdb.OutOfMemoryException) -> MemoryError:
    return MemoryError(str(error).splitlines()[0])


def _readable(error: Exception) -> str:
    """An error without DuckDB's guesses and the place in the translated SQL, which nobody wrote, nor a whole record."""
    if isinstance(error, duckdb.OutOfMemoryException):
        raise _too_little(error) from error
    if not isinstance(error, duckdb.Error):
        return str(error)
    if isinstance(error, duckdb.BinderException) and (hidden := _HIDDEN.search(str(error))):
        return f"{hidden[0]}, which each table has in Athena, is not played: partition columns tell a line's folder"
    line = _LONG_VALUE.sub(r"\1\2…\1", str(error).splitlines()[0])
    return line if len(line) <= _ERROR else line[:_ERROR] + "…"
