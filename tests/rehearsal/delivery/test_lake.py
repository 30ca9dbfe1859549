"""The S3 endpoint, and the folder in which a lake is kept."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from model import PipelineError
from rehearsal.lake import Lake, open_kept
from rehearsal.runtime.clients import DUMMY, Credentials, client


@pytest.fixture(scope="module")
def small_pages() -> Iterator[Lake]:
    """A lake that lists two objects at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
        with Lake("lake") as lake:
            for key in ("b/2", "a", "b/10", "ä", "b/1"):
                lake.client().put_object(Bucket="lake", Key=key, Body=key.encode())
            yield lake


def test_objects_come_in_the_order_of_the_listing_across_its_pages(small_pages: Lake):
    assert small_pages.client().list_objects_v2(Bucket="lake")["IsTruncated"], "there is more than one page"
    found = list(small_pages.objects())
    assert [one.key for one in found] == ["a", "b/1", "b/10", "b/2", "ä"]
    assert [one.body.decode() for one in found] == [one.key for one in found]
    assert [one.size for one in found] == [1, 3, 4, 3, 2]


def test_a_prefix_leaves_out_the_rest(small_pages: Lake):
    assert [one.key for one in small_pages.objects("b/1")] == ["b/1", "b/10"]


def test_a_kept_lake_has_the_same_objects(small_pages: Lake, tmp_path: Path):
    assert len(small_pages.keep(tmp_path)) == 5
    assert list(open_kept(tmp_path).objects()) == list(small_pages.objects()), "the audit must not tell the difference"
    assert [one.key for one in open_kept(tmp_path).objects("b/")] == ["b/1", "b/10", "b/2"]


def test_one_changed_byte_in_a_kept_object_changes_its_etag(small_pages: Lake, tmp_path: Path):
    small_pages.keep(tmp_path)
    (tmp_path / "a").write_bytes(b"A")
    assert next(open_kept(tmp_path).objects("a")) != next(small_pages.objects("a"))


@pytest.mark.parametrize("key", ["../escaped", "raw/../../escaped", "/absolute", "raw//double", "./here"])
def test_a_key_that_would_leave_the_folder_or_lose_its_name_is_refused(tmp_path: Path, key: str, small_pages: Lake):
    s3 = small_pages.client()
    s3.put_object(Bucket="lake", Key=key, Body=b"")
    try:
        with pytest.raises(PipelineError, match="cannot be kept"):
            small_pages.keep(tmp_path / "kept")
    finally:
        s3.delete_object(Bucket="lake", Key=key)
    assert not (tmp_path / "escaped").exists()


def test_a_folder_that_is_not_there_is_no_kept_lake(tmp_path: Path):
    with pytest.raises(PipelineError, match="no such folder"):
        open_kept(tmp_path / "nowhere")


def test_the_lake_listens_on_this_machine_only(lake: Lake):
    assert urlsplit(lake.url).hostname == "127.0.0.1"


@pytest.mark.parametrize("stranger", [DUMMY, Credentials("AKIASTRANGER", "secret")])
def test_nobody_writes_without_credentials_of_the_lake(lake: Lake, stranger: Credentials):
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        client("s3", lake.url, stranger).put_object(Bucket=lake.bucket, Key="k", Body=b"")


def test_a_wrong_secret_is_refused(lake: Lake):
    forged = replace(lake.credentials, secret_access_key="guessed")
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        client("s3", lake.url, forged).put_object(Bucket=lake.bucket, Key="k", Body=b"")


def test_secrets_are_not_printed(lake: Lake):
    assert lake.credentials.secret_access_key not in repr(lake.credentials), "tracebacks end up in logs"


def test_the_lake_tells_when_each_object_came_as_often_as_it_is_asked(lake: Lake):
    first, second, before = f"{uuid.uuid4()}/first", f"{uuid.uuid4()}/second", time.time()
    lake.client().put_object(Bucket=lake.bucket, Key=first, Body=b"1")
    between = time.time()
    assert second not in lake.delivered_at()
    lake.client().put_object(Bucket=lake.bucket, Key=second, Body=b"2")
    times = lake.delivered_at()
    assert before <= times[first] <= between <= times[second] <= time.time(), "and not in whole seconds"
