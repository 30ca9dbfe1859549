"""What DMS is known to do with a value is told beside the difference that it makes."""

import pytest

from audit.verdict.causes import likely_cause

KB = 1024


@pytest.mark.parametrize(
    ("source", "lake", "cause"),
    [
        ("x" * 70 * KB, "x" * 64 * KB, "raise maxLobKb"),
        ("ü" * 70 * KB, "ü" * 32 * KB, "cut at 64 KB"),
        ("a" + "ü" * 70 * KB, "a" + "ü" * (32 * KB - 1), "cut at 64 KB"),
        (b"\x01" * 70 * KB, "0x" + "01" * 64 * KB, "raise maxLobKb"),
        (b"\x01" * 70 * KB, b"\x01" * 64 * KB, "raise maxLobKb"),
        ("a\0b", "a", "first NUL"),
        ("0000-00-00 00:00:00", None, "zero date"),
        ("2026-00-00", None, "zero date"),
        ("x" * 70 * KB, "x" * 10, ""),
        ("ab", "b", ""),
        ("ab", "ab", ""),
        (b"\x01\x02", "no hex", ""),
        ("2026-01-01", None, ""),
        (7, 8, ""),
        (None, "x", ""),
    ],
)
def test_a_cause_is_told_where_the_value_shows_one(source: object, lake: object, cause: str):
    found = likely_cause(source, lake, 64 * KB)
    assert cause in found
    assert bool(cause) == bool(found), found


def test_nothing_is_cut_without_a_limit():
    assert likely_cause("xx", "x", None) == ""
