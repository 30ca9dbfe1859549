"""The declared catalog on Trino: Glue gets what the program tells Glue, S3 the lake's objects, and Trino reads both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from model.plan import CatalogPlan
from rehearsal.athena.dialect import QueryError, normal_type
from rehearsal.athena.engine import Answer, placed
from rehearsal.athena.trino.iceberg import iceberg_table
from rehearsal.athena.trino.lake import ServedLake, empty, table_input
from rehearsal.athena.trino.values import typed
from rehearsal.lake import LakeObject
from rehearsal.runtime.clients import Credentials, client

_CATALOG = "awsdatacatalog"
READER, KEEPER = "rehearsal", "keeper"
"""Trino's users: who asks, and who may change Iceberg tables as well."""
_MOST = 300
"""Characters of an error."""


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """Where Trino, and the Glue and S3 that it reads, are to be reached."""

    trino: str
    aws: str
    credentials: Credentials

    @contextmanager
    def open(
        self, catalog: CatalogPlan, objects: Iterable[LakeObject], *, now: datetime | None = None
    ) -> Iterator[_Catalog]:
        """``catalog`` over ``objects``, queryable during the block; one at a time.

        Trino's clock is this machine's. PipelineError where partitions that are projected now are not those of ``now``,
        so that an object of that moment would be in no answer, or in another.
        """
        s3, glue = (client(service, self.aws, self.credentials) for service in ("s3", "glue"))
        kept = [iceberg_table(table.create) for table in catalog.kept_tables]
        with ExitStack() as stack:
            for bucket in sorted({it.bucket for it in (*catalog.tables, *kept)}):
                s3.create_bucket(Bucket=bucket)
                stack.callback(empty, s3, bucket)
            glue.create_database(DatabaseInput={"Name": catalog.database})
            stack.callback(glue.delete_database, Name=catalog.database)
            opened = _Catalog(self.trino, ServedLake(s3, glue, catalog, now or datetime.now(UTC)), catalog)
            opened.see(objects)
            for view in catalog.views:
                glue.create_table(DatabaseName=catalog.database, TableInput=table_input(view))
            for table in kept:
                opened.define(table.create)
            yield opened


class _Catalog:
    """The catalog, queryable."""

    has_own_clock = True

    def __init__(self, url: str, lake: ServedLake, catalog: CatalogPlan) -> None:
        import requests  # of the optional requirements
        import trino

        session = requests.Session()
        session.trust_env = False  # a proxy of the user's is not for this machine
        host, _, port = url.removeprefix("http://").partition(":")
        self._lake = lake
        self._failures = (trino.exceptions.Error, requests.RequestException)
        self._asking, self._changing = (
            trino.dbapi.connect(
                host=host,
                port=int(port),
                user=user,
                catalog=_CATALOG,
                schema=catalog.database,
                http_session=session,
                legacy_prepared_statements=True,
            )
            for user in (READER, KEEPER)
        )

    def run(self, sql: str, parameters: Sequence[object] = ()) -> Answer:
        """What the query ``sql`` gives; a name without a database is one of the catalog's. QueryError if nothing."""
        cursor = self._asking.cursor()
        with self._told():
            cursor.execute(sql.strip().removesuffix(";"), [typed(one) for one in parameters] or None)
        described = cursor.description or ()
        return Answer(
            columns=tuple(column.name for column in described),
            types=tuple(normal_type(str(column.type_code)) for column in described),
            rows=self._rows(cursor),
        )

    def change(self, sql: str, values: Mapping[str, str] | None = None) -> int:
        """Run ``sql``, which changes an Iceberg table: how many rows it inserts, updates and deletes."""
        count = self.define(placed(sql, values))
        if count < 0:
            raise QueryError("Trino does not tell how many rows this changes, so it is no MERGE and no DELETE")
        return count

    def define(self, sql: str) -> int:
        """Run ``sql``, in Trino's spelling, with the right to make, change and drop: how many rows it says it changes,
        -1 if it does not say."""
        cursor = self._changing.cursor()
        with self._told():
            cursor.execute(sql)
            cursor.fetchall()
        return int(cursor.rowcount)

    def see(self, objects: Iterable[LakeObject], now: datetime | None = None) -> None:
        """The lake has ``objects``, and no others. Trino's clock does not go by ``now``."""
        self._lake.hold(objects)

    def _rows(self, cursor: Any) -> Iterator[tuple[Any, ...]]:
        with self._told():
            for row in iter(cursor.fetchone, None):
                yield tuple(row)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except self._failures as error:
            raise QueryError(_readable(error)) from error


def _readable(error: Exception) -> str:
    """Trino's name of the error and what it says, in the form of DuckDB's."""
    name = getattr(error, "error_name", None) or type(error).__name__
    message = re.sub(r"\s+", " ", getattr(error, "message", None) or str(error))
    return f"{name} Error: {message[:_MOST]}"
