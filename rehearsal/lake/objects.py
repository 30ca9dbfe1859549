"""Objects of the lake, and a folder in which they are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from model import PipelineError


@dataclass(frozen=True, kw_only=True)
class LakeObject:
    """One object as it is stored."""

    key: str
    body: bytes
    """As stored: still compressed."""
    etag: str
    """MD5 of the body in hexadecimal digits."""
    last_modified: datetime

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(self.body)


@dataclass(frozen=True)
class KeptLake:
    """A folder that ``Lake.keep`` wrote."""

    folder: Path

    def objects(self, prefix: str = "") -> Iterator[LakeObject]:
        """Every object whose key begins with ``prefix``, in the order of S3's listings."""
        return map(self.read, self.keys(prefix))

    def keys(self, prefix: str = "") -> list[str]:
        """The keys of these objects."""
        files = (file.relative_to(self.folder).as_posix() for file in self.folder.rglob("*") if file.is_file())
        return sorted((key for key in files if key.startswith(prefix)), key=str.encode)

    def read(self, key: str, etag: str | None = None) -> LakeObject:
        """The object ``key``. S3 gave ``etag`` when it was delivered; if that is not known, the MD5 of what is kept."""
        file = self.folder / key
        body = file.read_bytes()
        return LakeObject(
            key=key,
            body=body,
            etag=hashlib.md5(body, usedforsecurity=False).hexdigest() if etag is None else etag,
            last_modified=datetime.fromtimestamp(file.stat().st_mtime, UTC),
        )


def open_kept(folder: Path) -> KeptLake:
    """The lake that was kept in ``folder``."""
    if not folder.is_dir():
        raise PipelineError(
            f"there is no kept lake in {folder}: no such folder; give the one that the rehearsal printed"
        )
    return KeptLake(folder)
