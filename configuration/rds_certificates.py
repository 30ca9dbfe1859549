"""The certificate authorities that DMS needs in order to verify the database's TLS certificate, per Region.

They are data of this repository (see ``rds_ca/NOTICE.md``): a preview neither downloads anything nor changes with
the weather. No pulumi here.
"""

from __future__ import annotations

import re
import ssl
from pathlib import Path

_PROJECT = Path(__file__).parent.parent
_FOLDER = Path(__file__).parent / "rds_ca"


def vendored_regions() -> frozenset[str]:
    """The Regions whose bundle is in this repository."""
    return frozenset(path.stem for path in _FOLDER.glob("*.pem"))


def bundle(region: str, own_file: str = "") -> str:
    """The PEM bundle of ``region``: the user's ``own_file`` where one is named, else the vendored one."""
    path = _PROJECT / own_file if own_file else _FOLDER / f"{region}.pem"
    return path.read_text(encoding="ascii")


def is_bundle(own_file: str) -> bool:
    """Whether the file (relative to the project's folder, or absolute) holds authorities, and no private key."""
    try:
        path = _PROJECT / own_file
        return path.is_file() and "PRIVATE KEY" not in bundle("", own_file) and bool(_authorities(own_file))
    except (OSError, ValueError):  # also what ssl and the decoder raise
        return False


def rds_regions(own_file: str) -> frozenset[str]:
    """The Regions of whose RDS the bundle holds authorities, by their names; none for authorities of somebody else."""
    found = (re.search(rb"Amazon RDS ([a-z0-9-]+) Root CA ", authority) for authority in _authorities(own_file))
    return frozenset(match[1].decode() for match in found if match)


def _authorities(own_file: str) -> list[bytes]:
    """The authorities in the bundle as DER, where names are plain text. Raises ssl.SSLError where there is no PEM."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=bundle("", own_file))
    return context.get_ca_certs(binary_form=True)
