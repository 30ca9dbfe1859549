"""Athena types: what a column of MySQL becomes in the lake's views. Pure functions; no pulumi here.

DMS writes every value as a scalar of JSON (rehearsal/FIDELITY.md lists how), so a type here is a way to read text back.
A text that cannot be read as its type, exactly, is NULL in a view and its column is named in ``cdc_unreadable``: never
an error, which would take the whole view away, and never silence.
https://docs.aws.amazon.com/athena/latest/ug/data-types.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TYPE = re.compile(r"(?P<name>[a-z]+)\s*(?:\((?P<sizes>[0-9 ,]+)\))?(?P<rest>.*)", re.DOTALL)
_MOST_DIGITS = 38  # of Athena's decimal; MySQL's has up to 65


@dataclass(frozen=True)
class AthenaType:
    """A type of a view's column in its three spellings."""

    sql: str
    """In a query: ``decimal(10,2)``."""
    hive: str
    """In the Glue catalog, which has Hive's names."""
    read: str
    """From the value as text, for which ``{}`` stands, to the type; NULL for a text that is none."""

    def of(self, text: str) -> str:
        """The SQL that reads the SQL ``text``."""
        return self.read.replace("{}", text)


def athena_type(mysql: str) -> AthenaType:
    """The type of a column of the MySQL type ``mysql``, as information_schema spells it: ``bigint unsigned``."""
    match = _TYPE.match(mysql.strip().lower())
    if match is None:
        return VARCHAR
    name, sizes = match["name"], [int(size) for size in (match["sizes"] or "").split(",") if size.strip()]
    if name == "decimal":
        return _decimal(*(sizes or [10]))
    if name == "bit":
        return _cast("boolean") if sizes in ([], [1]) else _BINARY
    if name in ("int", "bigint") and "unsigned" in match["rest"]:
        return {"int": _cast("bigint"), "bigint": _decimal(20, 0)}[name]
    return _TYPES.get(name, VARCHAR)


def _cast(sql: str, hive: str = "") -> AthenaType:
    return AthenaType(sql, hive or sql, f"TRY_CAST({{}} AS {sql})")


def _decimal(precision: int, scale: int = 0) -> AthenaType:
    """A cast would round a value that has more digits than are described, and make one key of several."""
    if precision > _MOST_DIGITS:
        return VARCHAR
    kind = f"decimal({precision},{scale})"
    exact = rf"regexp_extract({{}}, '^[^.eE]*(\.[0-9]{{0,{scale}}}0*)?$')".replace("{{}}", "{}")
    return AthenaType(kind, kind, f"TRY_CAST({exact} AS {kind})")


VARCHAR = AthenaType("varchar", "string", "{}")
"""What anything may be read as: the text that is in the record."""

_INTEGER = _cast("integer", "int")
# Whether DMS writes a DATE as a date or as its midnight is unverified: both are read.
_DATE = AthenaType("date", "date", r"TRY_CAST(regexp_replace({}, 'T00:00:00(\.0+)?Z?$', '') AS date)")
# DMS puts a Z behind the time of day, for a DATETIME too, which has no zone. Athena's own reader of ISO 8601 knows
# milliseconds only; a cast keeps MySQL's six digits, but drops whatever zone there is.
_TIMESTAMP = AthenaType(
    "timestamp(6)",
    "timestamp",
    "TRY_CAST(replace(regexp_extract({}, '^([-0-9]+([T ][0-9:.]+)?)Z?$', 1), 'T', ' ') AS timestamp(6))",
)
# Without 0x a text may be digits of any base; an empty value has none.
_BINARY = AthenaType(
    "varbinary", "binary", "CASE WHEN {} = '' OR starts_with({}, '0x') THEN TRY(from_hex(substr({}, 3))) END"
)
_TYPES = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "year"), _INTEGER),
    "bigint": _cast("bigint"),
    **dict.fromkeys(("float", "double"), _cast("double")),
    "date": _DATE,
    **dict.fromkeys(("datetime", "timestamp"), _TIMESTAMP),
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"), _BINARY),
    **dict.fromkeys(("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring"), _BINARY),
    **dict.fromkeys(("multipolygon", "geometrycollection", "geomcollection"), _BINARY),
}
"""MySQL types that are more than text; TIME is text, for it goes beyond a day and below zero."""

TIMESTAMP = _TIMESTAMP
BIGINT = _TYPES["bigint"]
