"""Spool: items that wait for their turn, in memory while they are few, and in a file when they are many.

Many are split into shares, each of which is small enough for memory. Items that are needed at once are in one share.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import IO, Any, Generic, TypeVar

Item = TypeVar("Item", bound=tuple[Any, ...])

MOST = 100_000_000
"""Bytes of a lake's lines whose records are held in memory, which takes twice as many."""
SHARES = 64
"""How many shares there are of more than that."""
_BATCH = 200
"""Items that are written at once: what they have in common, as a time, is written once."""


def share_of(what: Hashable) -> int:
    """The share in which all is that is equal in this, once there is much."""
    return hash(what) % SHARES


class Spool(Generic[Item]):
    """Takes items in, gives them back share by share, in each share in the order in which they came."""

    def __init__(
        self, shares: Callable[[Item], Iterable[int]], make: Callable[[Any], Any] = tuple, *, split: bool = False
    ) -> None:
        """``shares`` says in which shares an item must be (`share_of`); ``make`` makes an item of its values."""
        self._share_of, self._make = shares, make
        self._held: list[Item] = []
        self._file: IO[bytes] | None = None
        self._batches: list[list[Item]] = []
        self._written: list[list[int]] = []
        """Where in the file the earlier batches of each share begin."""
        if split:
            self.split()

    @property
    def is_split(self) -> bool:
        """Whether the items are many."""
        return bool(self._batches)

    @property
    def shares(self) -> range:
        """The shares: one as long as the items are few."""
        return range(len(self._batches) or 1)

    def split(self) -> None:
        """From now on the items are many. OSError as `put`."""
        self._batches, self._written = [[] for _ in range(SHARES)], [[] for _ in range(SHARES)]
        held, self._held = self._held, []
        self._add(held)

    def put(self, items: Iterable[Item]) -> None:
        """Take ``items`` in. OSError if there is no room for them below ``TMPDIR``."""
        if self._batches:
            self._add(items)
        else:
            self._held.extend(items)

    def take(self, share: int) -> Iterator[Item]:
        """The items of a share, once. Several shares may be taken side by side."""
        if not self._batches:
            held, self._held = self._held, []
            yield from held
            return
        for place in self._written[share]:
            assert self._file
            self._file.seek(place)
            yield from map(self._make, pickle.load(self._file))
        batch, self._batches[share] = self._batches[share], []
        yield from batch

    def _add(self, items: Iterable[Item]) -> None:
        for item in items:
            for share in self._share_of(item):
                batch = self._batches[share]
                batch.append(item)
                if len(batch) >= _BATCH:
                    self._write(share)

    def _write(self, share: int) -> None:
        self._file = self._file or tempfile.TemporaryFile()  # noqa: SIM115 -- as long as the spool lives
        self._written[share].append(self._file.seek(0, 2))
        self._file.write(pickle.dumps(list(map(tuple, self._batches[share])), pickle.HIGHEST_PROTOCOL))
        self._batches[share].clear()
