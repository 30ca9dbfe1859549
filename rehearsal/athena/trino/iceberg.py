"""Iceberg tables on Trino: the declared DDL in Trino's spelling. All other statements are run as they are declared.

Athena's DDL is Hive's: other names of types, and ``TBLPROPERTIES``. What it says beside the columns and the place is
what Trino's connector does where it is told nothing else.
https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html
https://trino.io/docs/406/connector/iceberg.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlglot import exp

from rehearsal.athena.dialect import QueryError, parsed_change

CATALOG = "iceberg"
"""Trino's catalog of them; its Hive catalog passes on what is asked of them there."""
_BUCKET = re.compile(r"s3://([^/]+)/.+/")
_AS_TRINO_DOES = {"table_type": "ICEBERG", "format": "parquet", "write_compression": "zstd"}


@dataclass(frozen=True, kw_only=True)
class IcebergTable:
    """A declared table."""

    bucket: str
    """Where its files lie."""
    create: str
    """Trino's statement that makes it."""


def iceberg_table(declared: str) -> IcebergTable:
    """What Athena's statement ``declared`` makes. QueryError where Trino would make another table of it."""
    statement = parsed_change(declared).copy()
    location, others = "", dict[str, str]()
    properties = statement.args.get("properties") or exp.Properties(expressions=[])
    for one in properties.expressions:
        if isinstance(one, exp.LocationProperty):
            location = one.name
        else:
            others[one.name or one.key] = one.text("value")
    place = _BUCKET.fullmatch(location)
    made = statement.find(exp.Table)
    if not isinstance(statement, exp.Create) or made is None or place is None or others != _AS_TRINO_DOES:
        raise QueryError(
            f"Trino is not told how to make the table of {declared[:80]!r}: a CREATE TABLE with a LOCATION of "
            f"s3://<bucket>/<folder>/ and the properties {_AS_TRINO_DOES} is played"
        )
    for kind in statement.find_all(exp.DataType):
        if kind.this is exp.DataType.Type.TIMESTAMP:  # of Iceberg, which has microseconds
            kind.set("expressions", [exp.DataTypeParam(this=exp.Literal.number(6))])
    made.set("catalog", exp.to_identifier(CATALOG))
    statement.set("properties", exp.Properties(expressions=[exp.LocationProperty(this=exp.Literal.string(location))]))
    return IcebergTable(bucket=place[1], create=statement.sql("trino"))
