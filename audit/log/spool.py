"""Spool: items that wait for their turn, in memory while they are few and in a file when they are many.

Many are split into shares, each of which is small enough for memory. Items of one number are in one share, so whoever
needs all of them at once takes that share and has them.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable, Collection, Iterator
from typing import IO, Any, Generic, TypeVar

Item = TypeVar("Item", bound=tuple[Any, ...])

MOST = 100_000
"""Records that are held in memory at once: about 100 MB of them."""
SHARES = 64
"""How many shares there are of more than that."""
_BATCH = 200
"""Items that are written at once: what they have in common, as a time, is written once."""


def share_of(number: int) -> int:
    """The share in which items of this number are, once there are many."""
    return number % SHARES


class Spool(Generic[Item]):
    """Takes items in, gives them back share by share, in each share in the order in which they came."""

    def __init__(self, numbers: Callable[[Item], Collection[int]], most: float = MOST) -> None:
        """``numbers`` says of an item by which numbers it is to be found; ``most`` is how many items are few."""
        self._numbers, self._most = numbers, most
        self._held: list[Item] = []
        self._file: IO[bytes] | None = None
        self._batches: list[list[Item]] = []
        self._written: list[list[int]] = []
        """Where in the file the earlier batches of each share begin."""

    @property
    def split(self) -> bool:
        """Whether the items are many."""
        return bool(self._batches)

    @property
    def shares(self) -> range:
        """The shares: one as long as the items are few."""
        return range(len(self._batches) or 1)

    def put(self, item: Item) -> None:
        """Take ``item`` in. OSError if there is no room for it below ``TMPDIR``."""
        if self._batches:
            self._add(item)
            return
        self._held.append(item)
        if len(self._held) > self._most:
            self._batches, self._written = [[] for _ in range(SHARES)], [[] for _ in range(SHARES)]
            held, self._held = self._held, []
            for one in held:
                self._add(one)

    def take(self, share: int) -> Iterator[Item]:
        """The items of a share, once. Several shares may be taken side by side."""
        if not self._batches:
            held, self._held = self._held, []
            yield from held
            return
        for place in self._written[share]:
            assert self._file
            self._file.seek(place)
            yield from pickle.load(self._file)
        batch, self._batches[share] = self._batches[share], []
        yield from batch

    def _add(self, item: Item) -> None:
        for share in {share_of(number) for number in self._numbers(item)}:
            batch = self._batches[share]
            batch.append(item)
            if len(batch) == _BATCH:
                self._file = self._file or tempfile.TemporaryFile()  # noqa: SIM115 -- as long as the spool lives
                self._written[share].append(self._file.seek(0, 2))
                pickle.dump(batch, self._file, pickle.HIGHEST_PROTOCOL)
                batch.clear()
