"""Raw tables: one column of lines, which Hadoop's TextInputFormat and LazySimpleSerDe make of the lake's objects.

An object is taken as gzip if its name ends with ``.gz``, whatever it is. A line ends at \\n, \\r or both, and a column
at Ctrl-A, which is the default of the SerDe. ``\\N`` is its NULL. Objects come in as they are in the lake, one after
the other, and are split inside of DuckDB: no file, and no limit to a line but that of a text there (4 GB).
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable

import duckdb

from model import PipelineError
from model.plan import RawTablePlan
from rehearsal.athena.dialect import quoted
from rehearsal.athena.projection import Projection
from rehearsal.lake import LakeObject

_PLAYED = (
    "org.apache.hadoop.mapred.TextInputFormat",
    "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
)
_OTHER_COLUMNS = re.compile(b"\x01[^\n]*")
_LINE = "unnest(string_split(?, chr(10)))"
_OR_NULL = f"nullif({_LINE}, '\\N')"


def create(connection: duckdb.DuckDBPyConnection, table: RawTablePlan) -> None:
    """Create the empty table. PipelineError for one in a format that is not played."""
    if (table.input_format, table.serde) != _PLAYED or len(table.columns) != 1:
        raise PipelineError(
            f"table {table.name}: {len(table.columns)} columns read by {table.serde or 'no SerDe'} from "
            f"{table.input_format or 'no input format'} are not played: one column and {' with '.join(_PLAYED)} are"
        )
    columns = ", ".join(f"{quoted(name)} VARCHAR" for name in (*table.columns, *table.partitions))
    connection.execute(f"CREATE TABLE {quoted(table.name)} ({columns})")


def load(
    connection: duckdb.DuckDBPyConnection,
    tables: Iterable[tuple[RawTablePlan, Projection]],
    objects: Iterable[LakeObject],
) -> None:
    """Put the lines of ``objects`` into each table that sees them."""
    tables = tuple(tables)
    connection.begin()
    for stored in objects:
        seen = [(table, values) for table, at in tables if (values := at.values(stored.key)) is not None]
        body = _body(stored) if seen else b""
        if not body:
            continue
        text = body.removesuffix(b"\n").decode("utf-8", "replace")
        line = _OR_NULL if b"\\N" in body else _LINE
        for table, values in seen:
            places = "".join(", ?" for _ in values)
            connection.execute(f"INSERT INTO {quoted(table.name)} SELECT {line}{places}", [text, *values])
    connection.commit()


def _body(stored: LakeObject) -> bytes:
    """The object's lines with nothing but \\n between them, each cut where a second column begins."""
    try:
        body = gzip.decompress(stored.body) if stored.key.endswith(".gz") else stored.body
    except (OSError, EOFError, zlib.error) as error:
        raise PipelineError(
            f"object {stored.key} ends with .gz and is no gzip file ({error}): Athena fails every query that reads it; "
            "rehearse again"
        ) from error
    if b"\r" in body:
        body = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\x01" in body:
        body = _OTHER_COLUMNS.sub(b"", body)
    return body
