"""Random histories of a shop: transactions, changed and swapped keys, truncations, crashes and loads in any order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.audit.views.shops import KEYS, NAMES, Shop, key

_NOTES = st.sampled_from((None, "", "new", "größe 🎟", 'say "\\"', "{1}", "[", "null"))
_MONEY = st.sampled_from(tuple(map(Decimal, ("0.00", "-7.50", "999999.99", "0.10"))))
_PAUSES = st.lists(st.integers(0, 2), min_size=1, max_size=4)
_ORDERS = st.tuples(st.integers(1, 4), _NOTES, _MONEY)
_SEATS = st.tuples(st.integers(1, 2), st.sampled_from(("A", "B", "1")), _MONEY)
_ROWS = {"orders": _ORDERS, "seats": _SEATS}


class _Teller:
    """Draws what happens next."""

    def __init__(self, draw: Any) -> None:
        self.draw, self.shop = draw, Shop()

    def tell(self, happening: str) -> None:
        getattr(self, happening)()

    def transaction(self) -> None:
        self.shop.commit(self.draw(st.integers(0, 1)))
        for _ in range(self.draw(st.integers(1, 3))):
            self._change()
        self.shop.capture(self.draw(_PAUSES))

    def swap(self) -> None:
        """Two rows change their keys, by way of a third one; and so, or not, in one transaction."""
        table = self.draw(st.sampled_from(sorted(NAMES)))
        rows = sorted(self.shop.rows[table].values(), key=repr)
        if len(rows) < 2:
            return
        one, other = rows[0], rows[-1]
        aside = (9, *one[1:])
        keys = KEYS[table]
        for before, after in (
            (one, aside),
            (other, tuple(one[n] if n in keys else value for n, value in enumerate(other))),
            (aside, tuple(other[n] if n in keys else value for n, value in enumerate(one))),
        ):
            if before is one or self.draw(st.booleans()):
                self.shop.commit()
            self.shop.change(table, before, after)
        self.shop.capture(self.draw(_PAUSES))

    def truncate(self) -> None:
        self.shop.truncate(self.draw(st.sampled_from(sorted(NAMES))))
        self.shop.capture()

    def crash(self) -> None:
        self.shop.replay(self.draw(st.integers(0, len(self.shop.captured))))

    def reload(self) -> None:
        """A load of everything, perhaps one that was broken off before, while rows change; some changes were missed."""
        self._changes(4)
        self.shop.miss()
        if self.draw(st.booleans()):
            self._load(self.draw(st.integers(0, 3)))
            self.shop.miss()
        self._load(100)
        self.shop.capture(self.draw(_PAUSES))

    def _load(self, most: int) -> None:
        """Rows change before a table is read and while it is; read is what it had when the reading began."""
        for table in sorted(NAMES):
            self.shop.prepare(table, drop=self.draw(st.booleans()))
            self._changes(2)
            snapshot = sorted(self.shop.rows[table].values(), key=repr)
            self._changes(2)
            for row in snapshot[:most]:
                self.shop.load(table, row, self.draw(st.integers(0, 1)))

    def _changes(self, most: int) -> None:
        for _ in range(self.draw(st.integers(0, most))):
            self.shop.commit()
            self._change()

    def _change(self) -> None:
        """One change: of the row that is there, to another key or not, or of none."""
        table = self.draw(st.sampled_from(sorted(NAMES)))
        row = self.draw(_ROWS[table])
        there = self.shop.rows[table]
        before = there.get(key(table, row))
        if before is None:
            moved = self.draw(st.sampled_from([None, *sorted(there.values(), key=repr)]))
            self.shop.change(table, moved, row, **self._more(()))
        elif self.draw(st.booleans()):
            self.shop.change(table, before, None)
        else:
            self.shop.change(table, before, row, **self._more(KEYS[table]))

    def _more(self, unchanged: tuple[int, ...]) -> dict[str, Any]:
        """A column that is new; a before image without its last column, or without a key that is ``unchanged``."""
        hidden = self.draw(st.sampled_from(((), (), (2,), unchanged)))
        return {"more": self.draw(st.sampled_from(("", "", '"color":"red"', '"cdc_dt":1'))), "hidden": hidden}


@st.composite
def histories(draw: Any) -> Shop:
    """A shop at the end of a random history, which begins with a load."""
    teller = _Teller(draw)
    ways = ("transaction",) * 6 + ("swap", "swap", "truncate", "crash", "crash", "reload")
    teller.tell("reload")
    for happening in draw(st.lists(st.sampled_from(ways), max_size=12)):
        teller.tell(happening)
    return teller.shop
