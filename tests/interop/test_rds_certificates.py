"""The vendored certificate authorities of RDS, read as X.509."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from configuration.rds_certificates import bundle, vendored_regions

GENERATIONS = {"RSA2048 G1", "RSA4096 G1", "ECC384 G1"}


def authorities(region: str) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(bundle(region).encode())


def common_name(certificate: x509.Certificate) -> str:
    (name,) = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(name.value)


@pytest.mark.parametrize("region", sorted(vendored_regions()))
def test_a_bundle_holds_the_three_authorities_of_its_region(region: str):
    prefix = f"Amazon RDS {region} Root CA "
    assert {common_name(certificate).removeprefix(prefix) for certificate in authorities(region)} == GENERATIONS
    assert len(authorities(region)) == 3


@pytest.mark.parametrize("region", sorted(vendored_regions()))
def test_an_authority_may_sign_signed_itself_and_has_years_to_live(region: str):
    for certificate in authorities(region):
        name = common_name(certificate)
        assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca, f"{name} is not a CA"
        certificate.verify_directly_issued_by(certificate)
        assert certificate.not_valid_before_utc < datetime.now(UTC), f"{name} is not valid yet"
        assert certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=5 * 365), f"{name} expires soon"


@pytest.mark.parametrize("region", sorted(vendored_regions()))
def test_an_authority_has_the_key_that_its_name_says(region: str):
    for certificate in authorities(region):
        key = certificate.public_key()
        assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
        assert str(key.key_size) in common_name(certificate)
