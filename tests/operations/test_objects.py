"""What the status reads of the lake bucket, from a bucket that moto plays: folders and all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from moto import mock_aws

from operations.clients import Clients
from operations.health.delivery import newest_object
from tests.operations.stacks import REGION


@pytest.fixture(scope="module")
def clients() -> Iterator[Clients]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        made = Clients(REGION)
        made.call("s3", "create_bucket", Bucket="lake", CreateBucketConfiguration={"LocationConstraint": REGION})
        yield made


def put(clients: Clients, *keys: str) -> None:
    for key in keys:
        clients.call("s3", "put_object", Bucket="lake", Key=key, Body=b"")


def test_a_lake_without_objects_has_no_newest(clients: Clients):
    assert newest_object(clients, "lake", "nothing/") is None


def test_the_newest_object_is_found_in_the_last_hour_of_the_last_day_with_and_without_tables(clients: Clients):
    put(clients, "raw/dt=2026-11-29/hr=23/a", "raw/dt=2026-11-30/hr=01/b")
    put(clients, "raw/dt=2026-11-30/hr=02/schema=shop/table=orders/c", "errors/x/dt=2026-12-01/d")
    asked: list[str] = []
    clients._client("s3").meta.events.register(
        "provide-client-params.s3.ListObjectsV2", lambda params, **_: asked.append(params["Prefix"])
    )
    newest = newest_object(clients, "lake", "raw/")
    assert newest
    assert abs((datetime.now(UTC) - newest).total_seconds()) < 3600
    assert asked == ["raw/dt=", "raw/dt=2026-11-30/hr=", "raw/dt=2026-11-30/hr=02/"]


def test_a_bucket_that_is_gone_is_told(clients: Clients):
    with pytest.raises(Exception, match="s3 ListObjectsV2 failed: NoSuchBucket"):
        newest_object(clients, "none", "raw/")
