"""Athena, as far as a lake needs it: tables over lines with projected partitions, views, queries in Athena's SQL.

``engine``        what answers in Athena's place
``engines``       which there are: DuckDB and Trino
``trino``         Trino, which takes catalog and SQL as they are
``athena``        DuckDB: the catalog, queryable
``projection``    which objects a raw table sees
``raw_tables``    what a raw table reads in them
``dialect``       Athena's SQL as DuckDB runs it
``unnesting``     of that, arrays beside their rows
``json_values``   of that, the functions that take values out of JSON
``kept_catalog``  a catalog in a file, so that a kept lake can be queried when the declaration has changed
``command``       ``python -m rehearsal query``
``formats``       an answer as a table, as CSV and as JSON
"""

from rehearsal.athena.athena import Athena
from rehearsal.athena.dialect import QueryError
from rehearsal.athena.engine import Answer, Open, Queryable, start_of
from rehearsal.athena.engines import DUCKDB, ENGINES, TRINO, started

__all__ = ["DUCKDB", "ENGINES", "TRINO", "Answer", "Athena", "Open", "QueryError", "Queryable", "start_of", "started"]
