"""The certificate authorities that DMS needs in order to verify the database's TLS certificate, per Region.

They are data of this repository (see ``rds_ca/NOTICE.md``): a preview neither downloads anything nor changes with
the weather. No pulumi here.
"""

from __future__ import annotations

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
    """Whether the file (relative to the project's folder, or absolute) is there and holds certificates."""
    path = _PROJECT / own_file
    return path.is_file() and b"-----BEGIN CERTIFICATE-----" in path.read_bytes()
