"""The lake's objects in S3 and the raw tables over them in Glue, as Trino reads both."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from model import PipelineError
from model.plan import CatalogPlan, RawTablePlan, ViewPlan
from rehearsal.athena.projection import Projection
from rehearsal.lake import LakeObject

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
_AT_ONCE = 1000
"""Objects that one DeleteObjects takes."""
_Oldest = dict[tuple[str, str], str]
"""The least value of each partition column below which a table sees an object, by the names of both."""


class ServedLake:
    """The buckets that the raw tables of ``catalog`` name, and these tables; empty, and not declared, at first.

    ``at`` is the moment whose partitions are to be seen.
    """

    def __init__(self, s3: Any, glue: Any, catalog: CatalogPlan, at: datetime) -> None:
        self._s3, self._glue, self._catalog, self._at = s3, glue, catalog, at
        self._buckets = {table.bucket for table in catalog.tables}
        self._held: dict[str, bytes] | None = None

    def hold(self, objects: Iterable[LakeObject]) -> None:
        """From now on there are ``objects``, and no others."""
        given = {stored.key: stored.body for stored in objects}
        oldest = self._oldest(given)
        held = self._held or {}
        for bucket in self._buckets:
            _delete(self._s3, bucket, held.keys() - given.keys())
            for key, body in given.items():
                if held.get(key) is not body:
                    self._s3.put_object(Bucket=bucket, Key=key, Body=body)
        tell = self._glue.create_table if self._held is None else self._glue.update_table
        for table in self._catalog.tables:
            told = table_input(table) | {"Parameters": _shortened(table, oldest)}
            tell(DatabaseName=self._catalog.database, TableInput=told)
        self._held = given

    def _oldest(self, keys: Iterable[str]) -> _Oldest:
        """PipelineError for an object that Trino, whose clock is this machine's, would see elsewhere or not at all."""
        now = datetime.now(UTC)
        projected = [(table, Projection(table, self._at), Projection(table, now)) for table in self._catalog.tables]
        oldest: _Oldest = {}
        for key in keys:
            for table, then, today in projected:
                values = then.values(key)
                if values != today.values(key):
                    raise PipelineError(
                        f"table {table.name}: what it reads changes with NOW, and {key} was kept at "
                        f"{self._at:%Y-%m-%d}; Trino's clock is this machine's: ask DuckDB, or rehearse again"
                    )
                for column, value in zip(table.partitions, values or (), strict=False):
                    oldest[table.name, column] = min(value, oldest.get((table.name, column), value))
        return oldest


def table_input(table: RawTablePlan | ViewPlan) -> dict[str, Any]:
    """What Glue is told of ``table``, and what Glue itself adds."""
    if not table.glue:
        raise PipelineError(f"{table.name} was kept by a version that kept nothing for Trino: rehearse again")
    return {"Retention": 0, **table.glue, "StorageDescriptor": _GLUES_OWN | table.glue["StorageDescriptor"]}


def empty(s3: Any, bucket: str) -> None:
    """Delete all that is in ``bucket``."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": _AT_ONCE}):
        _delete(s3, bucket, [listed["Key"] for listed in page.get("Contents", ())])


def _delete(s3: Any, bucket: str, keys: Iterable[str]) -> None:
    names = [{"Key": key} for key in keys]
    for begin in range(0, len(names), _AT_ONCE):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": names[begin : begin + _AT_ONCE], "Quiet": True})


def _shortened(table: RawTablePlan, oldest: _Oldest) -> dict[str, str]:
    """The parameters of ``table``, with days projected from the first on that has an object, or from yesterday on.

    Trino looks into each hour of each projected day, which takes longer than all else that it does with such a lake.
    """
    parameters = dict(table.glue["Parameters"])
    for column in table.partitions:
        key = f"projection.{column}.range"
        begin, _, end = parameters.get(key, "").partition(",")
        yesterday = str(datetime.now(UTC).date() - timedelta(days=1)) if end == "NOW" else ""
        day = oldest.get((table.name, column), yesterday)
        if parameters.get(f"projection.{column}.type") == "date" and _DAY.fullmatch(begin) and begin < day:
            parameters[key] = f"{day},{end}"
    return parameters
