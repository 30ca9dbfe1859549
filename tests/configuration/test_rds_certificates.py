from __future__ import annotations

from pathlib import Path

import pytest

from configuration.rds_certificates import bundle, is_bundle, rds_regions, vendored_regions
from tests.configuration.loading import refusal


def test_the_large_regions_are_vendored():
    wanted = {"us-east-1", "us-east-2", "us-west-2", "eu-central-1", "eu-west-1", "ap-northeast-1", "ap-southeast-2"}
    assert wanted <= vendored_regions()
    assert len(vendored_regions()) == 27, "NOTICE.md lists the Regions that are missing; update it with the data"


OWN = Path(__file__).parent / "authorities" / "own.pem"


def test_a_file_of_the_users_own_is_taken_as_it_is():
    assert bundle("il-central-1", str(OWN)) == OWN.read_text(encoding="utf-8")
    assert is_bundle(str(OWN))
    assert rds_regions(str(OWN)) == frozenset(), "a CA of somebody else is of no Region"


def test_a_bundle_of_rds_says_of_which_regions_it_is():
    assert rds_regions("configuration/rds_ca/eu-central-1.pem") == {"eu-central-1"}


@pytest.mark.parametrize(
    "content",
    [
        b"<html>not found</html>",
        b"",
        b"-----BEGIN CERTIFICATE-----",
        b"-----BEGIN CERTIFICATE-----\nMIIBjTCCATOgAwIBAgIU\n-----END CERTIFICATE-----\n",
        b"\xc3\xa9 " + OWN.read_bytes(),
        OWN.read_bytes() + b"-----BEGIN PRIVATE KEY-----\n",
    ],
    ids=["no PEM", "nothing", "the first line alone", "half a certificate", "no ASCII", "a private key"],
)
def test_a_file_without_authorities_or_with_more_is_refused(content: bytes, tmp_path: Path):
    own = tmp_path / "own.pem"
    own.write_bytes(content)
    (line,) = refusal({"caBundleFile": str(own)})
    assert "must be empty or a PEM file of authorities' certificates" in line


@pytest.mark.parametrize("path", ["components", "no-such.pem", "x" * 5000, "a\0b", "/dev/zero", "\ud800"])
def test_a_path_that_is_no_file_is_refused(path: str):
    for key in ("caBundleFile", "mappingRules"):
        (line,) = refusal({key: path})
        assert line.startswith(f"  {key} = ")
