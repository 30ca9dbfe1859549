"""The lake's endpoint: S3 on this machine with the declared bucket, and the objects that are in it.

The endpoint is moto's server (https://docs.getmoto.org/en/latest/docs/server_mode.html) in a process of its own,
enforcing IAM (https://docs.getmoto.org/en/latest/docs/iam.html): a caller may do what its role allows, so that
the declared policies are rehearsed too. moto evaluates neither the conditions in them nor KMS keys.
"""

from __future__ import annotations

import json
import logging
import os
import time
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn, Self

from model import PipelineError
from rehearsal.lake.glue import refuse_stale_versions
from rehearsal.lake.objects import LakeObject
from rehearsal.runtime.clients import Credentials, client
from rehearsal.runtime.worker import Channel, Worker

_START_SECONDS = 30
_LOOK_SECONDS = 1.0
_EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


class Lake:
    """A running S3 endpoint with one bucket; a context manager.

    ``guarded`` says whether a caller may do what its role allows and no more, by moto's own check of signatures;
    ``tables`` that Glue is played too, for those who commit to tables of it.
    """

    def __init__(self, bucket: str, *, guarded: bool = True, tables: bool = False) -> None:
        self.bucket = bucket
        self._asked = 0
        self._guarded = guarded
        self._tables = tables

    def __enter__(self) -> Self:
        self._server = Worker("the lake's S3 endpoint", _serve, self._tables)
        try:
            self.url = _wait_for_url(self._server)
            self.credentials = self._make_owner()
            """Of the lake's owner, who may do everything; for the audit and for a look at the objects."""
            if self._guarded:
                self._post("/moto-api/reset-auth", b"0")  # from now on every request needs credentials and permission
            self._s3 = self.client()
            self._s3.create_bucket(Bucket=self.bucket)
        except BaseException:
            self._server.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._server.kill()  # it keeps nothing that could be flushed

    def client(self) -> Any:
        """An S3 client with the owner's permissions."""
        return client("s3", self.url, self.credentials)

    def assume_role(self, name: str, policies: Sequence[str]) -> Credentials:
        """Credentials of a new role ``name`` that may do what ``policies``, JSON documents as declared, allow."""
        iam = client("iam", self.url, self.credentials)
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]
        for number, policy in enumerate(policies):
            iam.put_role_policy(RoleName=name, PolicyName=f"declared-{number}", PolicyDocument=policy)
        sts = client("sts", self.url, self.credentials)
        return _credentials(sts.assume_role(RoleArn=role["Arn"], RoleSessionName="rehearsal")["Credentials"])

    def objects(self, prefix: str = "") -> Iterator[LakeObject]:
        """Every object whose key begins with ``prefix``, in the order of S3's listings."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        for listed in (listed for page in pages for listed in page.get("Contents", ())):
            answer = self._s3.get_object(Bucket=self.bucket, Key=listed["Key"])
            yield LakeObject(
                key=listed["Key"],
                body=answer["Body"].read(),
                etag=answer["ETag"].strip('"'),
                last_modified=answer["LastModified"],
            )

    def keep(self, folder: Path) -> dict[str, str]:
        """Write every object to ``folder`` under its key, with its time; returns the ETag of each by its key."""
        etags: dict[str, str] = {}
        for kept in self.objects():
            if not _is_below(kept.key):
                raise PipelineError(
                    f"object {kept.key!r} cannot be kept as a file; take '.' and '..' out of the prefix"
                )
            file = folder / kept.key
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(kept.body)
            modified = kept.last_modified.timestamp()
            os.utime(file, (modified, modified))
            etags[kept.key] = kept.etag
        return etags

    def delivered_at(self) -> dict[str, float]:
        """When S3 took each object, by its key: seconds since the epoch. Over HTTP LastModified has whole ones only."""
        told = self._server.progress
        self._asked += 1
        self._server.instruct(self._asked)
        deadline = time.monotonic() + _START_SECONDS
        while self._server.poll() and self._server.progress is told:
            if time.monotonic() > deadline:
                raise PipelineError(f"{self._server.name} did not say within {_START_SECONDS} seconds what it has")
            self._server.wait(_LOOK_SECONDS)
        return {key: at for (bucket, key), at in self._server.progress.items() if bucket == self.bucket}

    def _make_owner(self) -> Credentials:
        iam = client("iam", self.url)
        iam.create_user(UserName="owner")
        iam.put_user_policy(UserName="owner", PolicyName="everything", PolicyDocument=_EVERYTHING)
        key = iam.create_access_key(UserName="owner")["AccessKey"]
        return Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    def _post(self, path: str, body: bytes) -> None:
        request = urllib.request.Request(self.url + path, data=body, headers={"Content-Type": "text/plain"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request):
            pass


def _is_below(key: str) -> bool:
    """Whether ``key`` is the path of a file below the folder to which it is relative, and only of that one."""
    return not key.startswith("/") and ".." not in PurePosixPath(key).parts and str(PurePosixPath(key)) == key


def _credentials(answer: dict[str, str]) -> Credentials:
    return Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])


def _wait_for_url(server: Worker) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while server.poll() and time.monotonic() < deadline:
        if server.progress:
            return server.progress
        time.sleep(0.01)
    raise PipelineError(f"{server.name} did not start within {_START_SECONDS} seconds; is the machine overloaded?")


def _serve(channel: Channel, tables: bool) -> NoReturn:
    """Serve until the parent is gone; tells the URL, and whenever the parent asks, when each object came."""
    from moto.server import ThreadedMotoServer  # half a second to import, and only this process needs it

    if tables:
        refuse_stale_versions()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # no access log
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    channel.report(url)
    answered = None
    while True:
        if (asked := channel.instruction()) != answered:
            channel.report(_times())
            answered = asked
        time.sleep(0.1)


def _times() -> dict[tuple[str, str], float]:
    """When moto stored each object, by bucket and key."""
    from moto.s3.models import s3_backends

    return {
        (bucket.name, key): found.last_modified.replace(tzinfo=UTC).timestamp()
        for account in s3_backends.values()
        for backend in account.values()
        for bucket in backend.buckets.values()
        for key, found in bucket.keys.items()
    }
