"""The user's own AWS configuration must not reach the rehearsal, nor the rehearsal the user's account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.runtime import clients
from rehearsal.runtime.clients import DUMMY, client

URL = "http://127.0.0.1:9"


@pytest.fixture
def polluted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Everything by which a user may have told boto3 to go elsewhere."""
    clients._session.cache_clear()
    for file in ("config", "credentials"):
        (tmp_path / file).write_text("[default  ; whoever reads this file fails\n", encoding="utf-8")
    for name, value in {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_PROFILE": "a-profile-that-is-not-there",
        "AWS_ACCESS_KEY_ID": "REAL",
        "AWS_SECRET_ACCESS_KEY": "REAL",
        "AWS_SESSION_TOKEN": "REAL",
        "AWS_REGION": "eu-north-1",
        "AWS_DEFAULT_REGION": "eu-north-1",
        "AWS_ENDPOINT_URL": "https://environment.example",
        "AWS_ENDPOINT_URL_S3": "https://environment.example",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "HTTP_PROXY": "http://proxy.example:3128",
        "http_proxy": "http://proxy.example:3128",
    }.items():
        monkeypatch.setenv(name, value)
    yield
    clients._session.cache_clear()


@pytest.mark.usefixtures("polluted")
@pytest.mark.parametrize("service", ["kinesis", "s3", "iam", "sts"])
def test_a_client_talks_to_its_endpoint_as_the_one_it_is_told_to_be(service: str):
    made = client(service, URL)
    signer = made._request_signer._credentials
    assert (signer.access_key, signer.secret_key, signer.token) == (DUMMY.access_key_id, DUMMY.secret_access_key, None)
    assert made.meta.endpoint_url == URL
    assert made.meta.region_name == "us-east-1"
    assert made.meta.config.retries["total_max_attempts"] == 5


@pytest.mark.usefixtures("polluted")
def test_a_client_reaches_the_endpoint_without_a_proxy(stream_url: str):
    assert client("kinesis", stream_url).list_streams()["StreamNames"] == ["changes"], "the proxy is for the internet"


@pytest.mark.usefixtures("polluted")
def test_a_request_is_signed_with_the_dummy_only(monkeypatch: pytest.MonkeyPatch, stream_url: str):
    made, signed = client("kinesis", stream_url), []
    made.meta.events.register("before-send.kinesis", lambda request, **_: signed.append(request.headers))
    made.list_streams()
    (headers,) = signed
    assert f"Credential={DUMMY.access_key_id}/" in headers["Authorization"].decode()
    assert "X-Amz-Security-Token" not in headers, "the user's session is not sent along"
