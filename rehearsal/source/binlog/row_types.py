"""Row types: which decoder reads a column in a row image of the binlog. Pure.

How values stand there is told by numerics.py, strings.py and temporals.py. Decoders are built once per table; what a
row event needs to know of a column is then in its closure.
https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html and
https://dev.mysql.com/doc/dev/mysql-server/latest/classbinary__log_1_1Table__map__event.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pymysql.constants import FIELD_TYPE

from model import Column, PipelineError
from rehearsal.source.binlog import numerics, strings, temporals
from rehearsal.source.binlog.decode import Decode, DefinitionMismatchError, Factory, Meta
from rehearsal.source.binlog.temporals import DATETIME2, TIME2, TIMESTAMP2


class Type(NamedTuple):
    """One column of a table map."""

    code: int
    """MySQL's field type number; a STRING's real type (ENUM, SET) where it hides one."""
    meta: Meta


def decoder(column: Column, type_: Type) -> Decode:
    """The decoder of ``column``, which stands in the table map as ``type_``.

    Raises DefinitionMismatchError when they cannot be the same column, PipelineError for a type that cannot be decoded.
    """
    if type_.code in _REFUSED:
        raise PipelineError(f"column {column.name} ({column.column_type}): {_REFUSED[type_.code]}")
    factories = _FACTORIES.get(type_.code, {})
    factory = factories.get(column.data_type)
    if factory is None:
        raise DefinitionMismatchError(
            f"column {column.name} is {column.column_type} by the statements before it, type {type_.code} by its "
            "table map"
        )
    return factory(column, type_.meta)


_GEOMETRIES = (
    "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
    "geometrycollection", "geomcollection",
)  # fmt: skip

_FACTORIES: Mapping[int, Mapping[str, Factory]] = {
    FIELD_TYPE.TINY: {"tinyint": numerics.integer(1)},
    FIELD_TYPE.SHORT: {"smallint": numerics.integer(2)},
    FIELD_TYPE.INT24: {"mediumint": numerics.integer(3)},
    FIELD_TYPE.LONG: {"int": numerics.integer(4)},
    FIELD_TYPE.LONGLONG: {"bigint": numerics.integer(8)},
    FIELD_TYPE.YEAR: {"year": numerics.year},
    FIELD_TYPE.FLOAT: {"float": numerics.float32},
    FIELD_TYPE.DOUBLE: {"double": numerics.float64},
    FIELD_TYPE.NEWDECIMAL: {"decimal": numerics.decimal},
    FIELD_TYPE.BIT: {"bit": numerics.bit},
    FIELD_TYPE.DATE: {"date": temporals.date},
    FIELD_TYPE.NEWDATE: {"date": temporals.date},
    DATETIME2: {"datetime": temporals.datetime},
    TIMESTAMP2: {"timestamp": temporals.timestamp},
    TIME2: {"time": temporals.time},
    FIELD_TYPE.VARCHAR: {"varchar": strings.text, "varbinary": strings.varbinary},
    FIELD_TYPE.STRING: {
        "char": strings.text,
        "binary": strings.binary,
        "uuid": strings.uuid,
        "inet6": strings.inet6,
        "inet4": strings.inet4,
    },
    FIELD_TYPE.BLOB: {
        **dict.fromkeys(("tinytext", "text", "mediumtext", "longtext", "json"), strings.long_text),
        **dict.fromkeys(("tinyblob", "blob", "mediumblob", "longblob"), strings.blob),
    },
    FIELD_TYPE.GEOMETRY: dict.fromkeys(_GEOMETRIES, strings.blob),
    FIELD_TYPE.ENUM: {"enum": strings.enum},
    FIELD_TYPE.SET: {"set": strings.label_set},
}
"""Field type in the table map → type in the definition → how to build the decoder."""

_BEFORE_5_6 = "stored in the form of MySQL before 5.6: run ALTER TABLE … FORCE on its table, or exclude it"
_COMPRESSED = "a COMPRESSED column of MariaDB: the rehearsal does not decode it; exclude its table"
_REFUSED: Mapping[int, str] = {
    FIELD_TYPE.TIMESTAMP: _BEFORE_5_6,
    FIELD_TYPE.DATETIME: _BEFORE_5_6,
    FIELD_TYPE.TIME: _BEFORE_5_6,
    140: _COMPRESSED,
    141: _COMPRESSED,
    242: "VECTOR: the rehearsal does not decode it; exclude its table",
    FIELD_TYPE.JSON: "MySQL's binary JSON: the rehearsal does not decode it; exclude its table",
}
