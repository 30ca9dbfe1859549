"""Trino, the engine that Athena is made of, in Athena's place: it takes the declared catalog and SQL as they are.

``server``   Trino as a process of its own, beside a moto that has Glue and S3
``catalog``  the declared catalog, queryable
``lake``     the lake's objects in S3, and the raw tables over them
``iceberg``  the DDL of Iceberg tables in Trino's spelling
``values``   parameters of queries
"""

from rehearsal.athena.trino.server import Trino

__all__ = ["Trino"]
