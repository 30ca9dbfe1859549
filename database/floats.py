"""Floats: a 32-bit number of the source as a Python float. Pure."""

from __future__ import annotations

import struct


def shortest_float32(number: float) -> float:
    """The float with the fewest digits that names the same 32-bit number: 1.1 for 1.100000023841858."""
    exact = struct.pack("<f", number)
    for digits in range(6, 9):
        candidate = float(f"{number:.{digits}g}")
        try:
            if struct.pack("<f", candidate) == exact:
                return candidate
        except OverflowError:  # rounding left the 32-bit range; more digits come back into it
            continue
    return float(f"{number:.9g}")  # nine digits always tell 32-bit numbers apart
