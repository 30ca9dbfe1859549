"""Spool: items that wait for their turn, in memory while they are few, and in a file when they are many.

Many are split into shares, each of which is small enough for memory. Items that are needed at once are in one share.
"""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import IO, Any, Generic, TypeVar

Item = TypeVar("Item", bound=tuple[Any, ...])

MOST = 64_000_000
"""Bytes of a lake's lines whose records are held in memory, which takes two to three times as many."""
SHARES = 64
"""How many shares there are of more than that: a lake of 64 times as many has shares of that size."""
AT_ONCE = 16_000_000
"""Bytes of items that are put aside in one piece."""


def share_of(what: Hashable) -> int:
    """The share in which all is that is equal in this, once there is much."""
    return hash(what) % SHARES


class Spool(Generic[Item]):
    """Takes items in, gives them back share by share, in each share in the order in which they came."""

    def __init__(
        self, belongs: Callable[[Item], Iterable[int]], make: Callable[[Any], Any] = tuple, *, split: bool = False
    ) -> None:
        """``belongs`` says in which shares an item must be (`share_of`); ``make`` makes an item of its values."""
        self._belongs, self._make = belongs, make
        self._held: list[Item] = []
        self._file: IO[bytes] | None = None
        self._pieces: list[list[int]] = []
        """Where in the file the pieces of each share begin."""
        if split:
            self.split()

    @property
    def is_split(self) -> bool:
        """Whether the items are many."""
        return bool(self._pieces)

    @property
    def shares(self) -> range:
        """The shares: one as long as the items are few."""
        return range(len(self._pieces) or 1)

    def split(self) -> None:
        """From now on the items are many. OSError as `put`."""
        self._pieces = [[] for _ in range(SHARES)]
        held, self._held = self._held, []
        self.put(held)

    def put(self, items: Iterable[Item]) -> None:
        """Take ``items`` in, and put them aside if they are many: no more at once than memory may have.

        OSError if there is no room for them below ``TMPDIR``.
        """
        if not self._pieces:
            self._held.extend(items)
            return
        parts: dict[int, list[tuple[Any, ...]]] = {}
        for item in items:
            for share in self._belongs(item):
                parts.setdefault(share, []).append(tuple(item))
        for share, part in parts.items():
            self._file = self._file or tempfile.TemporaryFile()  # noqa: SIM115 -- until all is taken
            self._pieces[share].append(self._file.seek(0, os.SEEK_END))
            pickle.dump(part, self._file, pickle.HIGHEST_PROTOCOL)

    def take(self, share: int) -> Iterator[Item]:
        """The items of a share, which are then gone. Several shares may be taken side by side."""
        if not self._pieces:
            held, self._held = self._held, []
            yield from held
            return
        pieces, self._pieces[share] = self._pieces[share], []
        for piece in pieces:
            assert self._file
            self._file.seek(piece)
            yield from map(self._make, pickle.load(self._file))

    def close(self) -> None:
        """Forget what was not taken."""
        self._held.clear()
        if self._file:
            self._file.close()
