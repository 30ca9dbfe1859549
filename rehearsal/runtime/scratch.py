"""Scratch: the temporary folder of one run. What a run left that was killed, the next one takes away."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "rehearsal-"
_HELD = "held"
"""A file in the folder, locked as long as its run lives: a lock ends with its process, however that ends."""


@contextmanager
def scratch() -> Iterator[Path]:
    """A new folder below ``TMPDIR`` for the block, gone afterwards."""
    parent = Path(tempfile.gettempdir())
    _sweep(parent)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=parent, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with (folder / _HELD).open("w", encoding="utf-8") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield folder


def _sweep(parent: Path) -> None:
    """Delete the folders of this user's runs that are over. Another user's are that user's to delete."""
    for held in parent.glob(f"{_PREFIX}*/{_HELD}"):
        with suppress(OSError), held.open(encoding="utf-8") as file:
            if held.stat().st_uid == os.getuid():
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while its run lives
                shutil.rmtree(held.parent)
