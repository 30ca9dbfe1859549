"""Values: from a MySQL column to the JSON text of its values.

How a DMS type (``dms_types``) is spelled in JSON is not documented; what is known is from public records of real
tasks, and ``FIDELITY.md`` says which:

* text as it is (UTF-8; only ``"``, ``\\`` and control characters escaped) up to the first NUL, where DMS cuts it;
* DATETIME and TIMESTAMP as ``2026-11-22T09:13:38Z`` with the column's fractional digits; a DATETIME gets the ``Z`` too;
* DECIMAL as a JSON number with every digit, never through a double; FLOAT and DOUBLE as the shortest number that reads
  back to the same double;
* integers through a double, exact to 2^53; with ``UseLargeIntegerValue`` exact to 18 digits;
* BIT(1) as true or false; longer BITs and all binary as hexadecimal digits after ``0x``;
* zero dates as null: the guide says that a target without zero dates gets NULL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from json.encoder import encode_basestring  # C code; keeps UTF-8 as it is
from typing import Any

from mappings.dms_types import dms_type
from model import Column, PipelineError, Table
from rehearsal.replication.settings import KinesisSettings, TaskSettings

Renderer = Callable[[Any], str]
"""From a value that is not NULL, in the form that model/table.py gives for the column's type, to JSON text."""

_EXACT_IN_A_DOUBLE = 2**53
_LARGE_INTEGER = 10**18  # "up to 18 digits", API_KinesisSettings


@dataclass(frozen=True)
class _Options:
    large_integers: bool
    hex_prefix: str
    lob_max_bytes: int | None


def renderer(table: Table, column: Column, task: TaskSettings, kinesis: KinesisSettings) -> Renderer:
    """The function that writes this column's values as JSON text."""
    kind = dms_type(table, column)
    options = _Options(
        large_integers=kinesis.use_large_integer_value,
        hex_prefix="" if kinesis.no_hex_prefix else "0x",
        lob_max_bytes=task.lob_max_bytes if kind.lob else None,
    )
    if column.data_type == "bit":
        return _boolean if kind.name == "BOOLEAN" else _bits(column.precision or 1, options)
    if column.data_type in _DATES:
        return _DATES[column.data_type](table, column)
    return _RENDERERS[column.data_type](options)


def _small_integer(options: _Options) -> Renderer:
    return int.__repr__


def _big_integer(options: _Options) -> Renderer:
    exact = _LARGE_INTEGER if options.large_integers else _EXACT_IN_A_DOUBLE

    def render(value: int) -> str:
        return str(value) if -exact < value < exact else f"{float(value):.17g}"

    return render


def _decimal(options: _Options) -> Renderer:
    return lambda value: text if "E" not in (text := str(value)) else f"{value:f}"


def _real(options: _Options) -> Renderer:
    return float.__repr__


def _boolean(value: int) -> str:
    return "true" if value else "false"


def _bits(width: int, options: _Options) -> Renderer:
    size = (width + 7) // 8
    render = _binary(options)
    return lambda value: render(value.to_bytes(size, "big"))


def _text(options: _Options) -> Renderer:
    limit = options.lob_max_bytes
    if limit is None:
        return lambda value: encode_basestring(value if "\0" not in value else value[: value.index("\0")])

    def render(value: str) -> str:
        if "\0" in value:
            value = value[: value.index("\0")]
        if len(value) > limit // 4:  # no character takes more than 4 bytes
            value = value.encode()[:limit].decode(errors="ignore")
        return encode_basestring(value)

    return render


def _binary(options: _Options) -> Renderer:
    limit, prefix = options.lob_max_bytes, options.hex_prefix
    return lambda value: f'"{prefix}{value[:limit].hex()}"' if value else '""'


def _plain(options: _Options) -> Renderer:
    return lambda value: f'"{value}"'


def _date(table: Table, column: Column) -> Renderer:
    return lambda value: f'"{value}"' if "-00" not in value else _zero_date(table, column, value)


def _datetime(table: Table, column: Column) -> Renderer:
    return lambda value: f'"{value[:10]}T{value[11:]}Z"' if "-00" not in value else _zero_date(table, column, value)


def _zero_date(table: Table, column: Column, value: str) -> str:
    """Refuse a date like 2026-00-15: MySQL can hold it, no ISO 8601 text can, and what DMS makes of it is unknown."""
    if value.startswith("0000-00-00"):
        return "null"
    raise PipelineError(
        f"{table}.{column.name} holds {value!r}, a date with a zero part; what DMS makes of it is not known. "
        "Correct the row, or set NO_ZERO_IN_DATE in sql_mode"
    )


_DATES: dict[str, Callable[[Table, Column], Renderer]] = {
    "date": _date,
    **dict.fromkeys(("datetime", "timestamp"), _datetime),
}
_RENDERERS: dict[str, Callable[[_Options], Renderer]] = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "year"), _small_integer),
    "bigint": _big_integer,
    "decimal": _decimal,
    **dict.fromkeys(("float", "double"), _real),
    "time": _plain,
    **dict.fromkeys(("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "json", "enum", "set"), _text),
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"), _binary),
    **dict.fromkeys(("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring"), _binary),
    **dict.fromkeys(("multipolygon", "geometrycollection", "geomcollection"), _binary),
}


def is_empty(text: str) -> bool:
    """Whether JSON text is what ``IncludeNullAndEmpty: false`` leaves out."""
    return text in ("null", '""')
