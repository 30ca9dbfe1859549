from __future__ import annotations

from configuration.rds_certificates import bundle, is_bundle, vendored_regions


def test_the_large_regions_are_vendored():
    wanted = {"us-east-1", "us-east-2", "us-west-2", "eu-central-1", "eu-west-1", "ap-northeast-1", "ap-southeast-2"}
    assert wanted <= vendored_regions()
    assert len(vendored_regions()) == 27, "NOTICE.md lists the Regions that are missing; update it with the data"


def test_a_file_of_the_users_own_is_taken_as_it_is(tmp_path):
    own = tmp_path / "own.pem"
    own.write_text("-----BEGIN CERTIFICATE-----", encoding="utf-8")
    assert bundle("il-central-1", str(own)) == "-----BEGIN CERTIFICATE-----"
    assert is_bundle(str(own))


def test_a_file_without_certificates_is_no_bundle(tmp_path):
    own = tmp_path / "own.pem"
    own.write_text("<html>not found</html>", encoding="utf-8")
    assert not is_bundle(str(own))
    assert not is_bundle("components")
