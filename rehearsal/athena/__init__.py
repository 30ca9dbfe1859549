"""Athena, as far as a lake needs it: tables over lines with projected partitions, views, queries in Athena's SQL.

``projection``   which objects a raw table sees
``lines``        what a raw table reads in them
``dialect``      Athena's SQL as DuckDB runs it; ``json_values`` is the part of it that takes values out of JSON
``athena``       the catalog, queryable
``kept``         a catalog in a file, so that a kept lake can be queried when the declaration has changed
``command``      ``python -m rehearsal query``
"""

from rehearsal.athena.athena import Answer, Athena
from rehearsal.athena.dialect import QueryError

__all__ = ["Answer", "Athena", "QueryError"]
