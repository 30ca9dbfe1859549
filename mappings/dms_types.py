"""DMS types: what DMS calls the types of a MySQL source.

The guide's table "Source data types for MySQL"
(https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html#CHAP_Source.MySQL.DataTypes).
"""

from __future__ import annotations

from dataclasses import dataclass

from model import Column, PipelineError, Table


@dataclass(frozen=True)
class DmsType:
    """A DMS data type as it stands in a control record's ``table-def``."""

    name: str
    """The spelling of control records, ``INT32``; the guide's table says INT4 for the same."""
    lob: bool = False


def dms_type(table: Table, column: Column) -> DmsType:
    """The DMS type of a column. Raises PipelineError for a type that DMS does not read from MySQL."""
    if column.data_type == "bit":
        return DmsType("BOOLEAN" if column.precision == 1 else "BYTES")
    kind = _TYPES.get(column.data_type)
    if kind is None:
        raise PipelineError(
            f"{table}.{column.name} is of type {column.column_type}, which DMS does not read from a MySQL source; "
            "exclude the table in the table mappings or change the column's type"
        )
    return DmsType("U" + kind.name, kind.lob) if column.unsigned and kind.name.startswith("INT") else kind


SPELLED_AS_TEXT = frozenset(
    {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "char", "varchar", "enum", "set"}
)
"""The MySQL types whose values as text are beyond doubt."""

_BLOB, _BYTES = DmsType("BLOB", lob=True), DmsType("BYTES")
_WSTRING, _NCLOB = DmsType("WSTRING"), DmsType("NCLOB", lob=True)
_GEOMETRIES = ("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon")

_TYPES: dict[str, DmsType] = {
    "tinyint": DmsType("INT8"),
    "smallint": DmsType("INT16"),
    "mediumint": DmsType("INT32"),
    "int": DmsType("INT32"),
    "bigint": DmsType("INT64"),
    "year": DmsType("INT16"),
    "decimal": DmsType("NUMERIC"),
    "float": DmsType("REAL8"),
    "double": DmsType("REAL8"),
    "date": DmsType("DATE"),
    "datetime": DmsType("TIMESTAMP"),
    "timestamp": DmsType("TIMESTAMP"),
    "time": DmsType("STRING"),
    **dict.fromkeys(("char", "varchar", "tinytext", "text", "enum", "set"), _WSTRING),
    **dict.fromkeys(("mediumtext", "longtext"), _NCLOB),
    "json": DmsType("CLOB", lob=True),
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob"), _BYTES),
    **dict.fromkeys(("mediumblob", "longblob", *_GEOMETRIES), _BLOB),
    **dict.fromkeys(("geometrycollection", "geomcollection"), _BLOB),  # MySQL 8's name for the same
}
