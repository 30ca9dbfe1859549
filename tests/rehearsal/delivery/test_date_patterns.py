"""Date patterns. The expected texts are what Java 17's DateTimeFormatter says, in Locale.ENGLISH."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rehearsal.delivery.date_patterns import DatePattern

MARCH = datetime(2026, 3, 7, 0, 5, 9, 123_000, UTC)
DECEMBER = datetime(2018, 12, 30, 12, 59, 59, 7_000, UTC)


@pytest.mark.parametrize(
    ("pattern", "march", "december"),
    [
        ("y", "2026", "2018"),
        ("yy", "26", "18"),
        ("yyyy", "2026", "2018"),
        ("yyyyy", "02026", "02018"),
        ("uuuu", "2026", "2018"),
        ("M", "3", "12"),
        ("MM", "03", "12"),
        ("MMM", "Mar", "Dec"),
        ("MMMM", "March", "December"),
        ("MMMMM", "M", "D"),
        ("d", "7", "30"),
        ("dd", "07", "30"),
        ("D", "66", "364"),
        ("DDD", "066", "364"),
        ("E", "Sat", "Sun"),
        ("EEEE", "Saturday", "Sunday"),
        ("EEEEE", "S", "S"),
        ("H", "0", "12"),
        ("HH", "00", "12"),
        ("h", "12", "12"),
        ("hh", "12", "12"),
        ("a", "AM", "PM"),
        ("mm", "05", "59"),
        ("ss", "09", "59"),
        ("S", "1", "0"),
        ("SSS", "123", "007"),
        ("SSSSSSSSS", "123000000", "007000000"),
        ("yyyy/MM/dd/HH/", "2026/03/07/00/", "2018/12/30/12/"),
        ("yyyyMMdd'T'HHmmss", "20260307T000509", "20181230T125959"),
        ("'year='yyyy'/month='MM", "year=2026/month=03", "year=2018/month=12"),
        ("''yyyy''", "'2026'", "'2018'"),
        ("'it''s'", "it's", "it's"),
    ],
)
def test_a_pattern_means_what_it_means_in_java(pattern: str, march: str, december: str):
    compiled = DatePattern(pattern)
    assert (compiled.format(MARCH), compiled.format(DECEMBER)) == (march, december)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("YYYY", "write yyyy"),
        ("ww", "'w' is not played"),
        ("VV", "'V' is not played"),
        ("ddd", "too many pattern letters 'd'"),
        ("HHH", "too many pattern letters 'H'"),
        ("aa", "too many pattern letters 'a'"),
        ("SSSSSSSSSS", "too many pattern letters 'S'"),
        ("yyyy'/", "never closed"),
        ("[yyyy]", "reserved"),
        ("yyyy#", "reserved"),
    ],
)
def test_a_pattern_that_java_refuses_or_nobody_plays_is_refused(pattern: str, reason: str):
    with pytest.raises(ValueError, match=reason):
        DatePattern(pattern)


@pytest.mark.parametrize(
    ("letter", "most"), [*zip("yuMdDEHhamsS", (19, 19, 5, 2, 3, 5, 2, 2, 1, 2, 2, 9), strict=True)]
)
def test_a_letter_may_stand_in_a_row_as_often_as_java_takes_it_and_no_oftener(letter: str, most: int):
    assert DatePattern(letter * most).format(MARCH)
    with pytest.raises(ValueError, match=f"too many pattern letters '{letter}': {most + 1}, and {most} are allowed"):
        DatePattern(letter * (most + 1))


@pytest.mark.parametrize(
    ("hour", "half", "shown"), [(0, "AM", "12"), (1, "AM", "1"), (11, "AM", "11"), (12, "PM", "12"), (13, "PM", "1")]
)
def test_the_hours_of_half_a_day_turn_at_midnight_and_noon(hour: int, half: str, shown: str):
    assert DatePattern("h a").format(MARCH.replace(hour=hour)) == f"{shown} {half}"
