"""The declared catalog on Trino: Glue gets what the program tells Glue, S3 the lake's objects, and Trino reads both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from model import PipelineError
from model.plan import CatalogPlan, RawTablePlan
from rehearsal.athena.dialect import QueryError, normal_type
from rehearsal.athena.engine import Answer
from rehearsal.athena.projection import Projection
from rehearsal.athena.trino.values import typed
from rehearsal.lake import LakeObject
from rehearsal.runtime.clients import Credentials, client

_CATALOG = "awsdatacatalog"
_GLUES_OWN = {
    "Columns": [],
    "Compressed": False,
    "NumberOfBuckets": 0,
    "BucketColumns": [],
    "SortColumns": [],
    "StoredAsSubDirectories": False,
}
"""What Glue answers of a table where nothing else was declared; moto answers nothing."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOST = 300
"""Characters of an error."""
_AT_ONCE = 1000
"""Objects that one DeleteObjects takes."""
_Oldest = dict[tuple[str, str], str]
"""The least value of each partition column below which a table sees an object, by the names of both."""


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
        with ExitStack() as stack:
            for bucket in {table.bucket for table in catalog.tables}:
                s3.create_bucket(Bucket=bucket)
                stack.callback(_empty, s3, bucket)
            oldest = _put(s3, catalog, objects, now or datetime.now(UTC))
            glue.create_database(DatabaseInput={"Name": catalog.database})
            stack.callback(glue.delete_database, Name=catalog.database)
            _declare(glue, catalog, oldest)
            yield _Catalog(self.trino, catalog)


class _Catalog:
    """The catalog, queryable."""

    def __init__(self, url: str, catalog: CatalogPlan) -> None:
        import requests  # of the optional requirements
        import trino

        session = requests.Session()
        session.trust_env = False  # a proxy of the user's is not for this machine
        host, _, port = url.removeprefix("http://").partition(":")
        self._failures = (trino.exceptions.Error, requests.RequestException)
        self._connection = trino.dbapi.connect(
            host=host,
            port=int(port),
            user="rehearsal",
            catalog=_CATALOG,
            schema=catalog.database,
            http_session=session,
            legacy_prepared_statements=True,
        )

    def run(self, sql: str, parameters: Sequence[object] = ()) -> Answer:
        """What the query ``sql`` gives; a name without a database is one of the catalog's. QueryError if nothing."""
        cursor = self._connection.cursor()
        try:
            cursor.execute(sql.strip().removesuffix(";"), [typed(one) for one in parameters] or None)
        except self._failures as error:
            raise QueryError(_readable(error)) from error
        described = cursor.description or ()
        return Answer(
            columns=tuple(column.name for column in described),
            types=tuple(normal_type(str(column.type_code)) for column in described),
            rows=self._rows(cursor),
        )

    def _rows(self, cursor: Any) -> Iterator[tuple[Any, ...]]:
        try:
            for row in iter(cursor.fetchone, None):
                yield tuple(row)
        except self._failures as error:
            raise QueryError(_readable(error)) from error


def _put(s3: Any, catalog: CatalogPlan, objects: Iterable[LakeObject], at: datetime) -> _Oldest:
    """Put ``objects`` into the buckets that the tables name."""
    now = datetime.now(UTC)
    projected = [(table, Projection(table, at), Projection(table, now)) for table in catalog.tables]
    buckets = {table.bucket for table in catalog.tables}
    oldest: _Oldest = {}
    for stored in objects:
        for table, then, today in projected:
            values = then.values(stored.key)
            if values != today.values(stored.key):
                raise PipelineError(
                    f"table {table.name}: what it reads changes with NOW, and {stored.key} was kept at {at:%Y-%m-%d}; "
                    "Trino's clock is this machine's: ask DuckDB, or rehearse again"
                )
            for column, value in zip(table.partitions, values or (), strict=False):
                oldest[table.name, column] = min(value, oldest.get((table.name, column), value))
        for bucket in buckets:
            s3.put_object(Bucket=bucket, Key=stored.key, Body=stored.body)
    return oldest


def _declare(glue: Any, catalog: CatalogPlan, oldest: _Oldest) -> None:
    for table in (*catalog.tables, *catalog.views):
        if not table.glue:
            raise PipelineError(f"{table.name} was kept by a version that kept nothing for Trino: rehearse again")
        told = {"Retention": 0, **table.glue, "StorageDescriptor": _GLUES_OWN | table.glue["StorageDescriptor"]}
        if isinstance(table, RawTablePlan):
            told["Parameters"] = _shortened(table, oldest)
        glue.create_table(DatabaseName=catalog.database, TableInput=told)


def _shortened(table: RawTablePlan, oldest: _Oldest) -> dict[str, str]:
    """The parameters of ``table``, with days projected from the first on that has an object.

    Trino looks into each hour of each projected day, which takes longer than all else that it does with such a lake.
    """
    parameters = dict(table.glue["Parameters"])
    for column in table.partitions:
        key, day = f"projection.{column}.range", oldest.get((table.name, column), "")
        begin, _, end = parameters.get(key, "").partition(",")
        if parameters.get(f"projection.{column}.type") == "date" and _DAY.fullmatch(begin) and begin < day:
            parameters[key] = f"{day},{end}"
    return parameters


def _empty(s3: Any, bucket: str) -> None:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": _AT_ONCE}):
        if keys := [{"Key": listed["Key"]} for listed in page.get("Contents", ())]:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})


def _readable(error: Exception) -> str:
    """Trino's name of the error and what it says, in the form of DuckDB's."""
    name = getattr(error, "error_name", None) or type(error).__name__
    message = re.sub(r"\s+", " ", getattr(error, "message", None) or str(error))
    return f"{name} Error: {message[:_MOST]}"
