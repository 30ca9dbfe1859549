"""Date patterns of Java's DateTimeFormatter, as Firehose evaluates them in ``!{timestamp:…}``.

Played are the pattern letters that make sense in a prefix, with the text of Java's root English locale; every other
letter is refused rather than guessed. In a pattern, ``'`` quotes literal text and ``''`` is one quote.

Page: https://docs.oracle.com/javase/8/docs/api/java/time/format/DateTimeFormatter.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_Field = Callable[[datetime, int], str]

_REMEDIES = {"Y": "Y is the year of the ISO week, which differs from the year around New Year; write yyyy"}
_RESERVED = "{}[]#"


class DatePattern:
    """A compiled pattern. Raises ValueError, saying what is wrong, for one that Java refuses or that is not played."""

    def __init__(self, pattern: str) -> None:
        self._parts = tuple(_parts(pattern))

    def format(self, at: datetime) -> str:
        """The pattern evaluated at ``at``, in its own time zone."""
        return "".join(part(at) for part in self._parts)


def _parts(pattern: str) -> Iterator[Callable[[datetime], str]]:
    for text in _tokens(pattern):
        if text.startswith("'"):
            yield _literal(_unquoted(pattern, text))
        elif text[0].isascii() and text[0].isalpha():
            yield _evaluated(text[0], len(text))
        elif text in _RESERVED:
            raise ValueError(f"{text!r} is reserved in a date pattern; quote it to mean the character")
        else:
            yield _literal(text)


def _tokens(pattern: str) -> Iterator[str]:
    """Quoted texts, runs of one letter, and single other characters."""
    return (match[0] for match in re.finditer(r"'(?:[^']|'')*'?|([A-Za-z])\1*|.", pattern, re.DOTALL))


def _unquoted(pattern: str, text: str) -> str:
    if len(text) < 2 or not text.endswith("'"):
        raise ValueError(f"the quote at {text!r} in the date pattern {pattern!r} is never closed")
    return text[1:-1].replace("''", "'") or "'"


def _literal(text: str) -> Callable[[datetime], str]:
    return lambda at: text


def _evaluated(letter: str, count: int) -> Callable[[datetime], str]:
    if letter not in _FIELDS:
        played = "".join(_FIELDS)
        raise ValueError(f"the date pattern letter {letter!r} is not played; {_REMEDIES.get(letter, f'use {played}')}")
    most, field = _FIELDS[letter]
    if count > most:
        raise ValueError(f"too many pattern letters {letter!r}: {count}, and {most} are allowed")
    return lambda at: field(at, count)


def _number(value: Callable[[datetime], int]) -> _Field:
    return lambda at, count: str(value(at)).zfill(count)


def _year(at: datetime, count: int) -> str:
    return f"{at.year % 100:02}" if count == 2 else str(at.year).zfill(count)


def _name(name: str, count: int) -> str:
    """1 to 3 letters ask for the short form, 4 for the full one, 5 for the first letter."""
    return {4: name, 5: name[0]}.get(count, name[:3])


def _month(at: datetime, count: int) -> str:
    return str(at.month).zfill(count) if count < 3 else _name(_MONTHS[at.month - 1], count)


_FIELDS: dict[str, tuple[int, _Field]] = {
    "y": (19, _year),
    "u": (19, _year),
    "M": (5, _month),
    "d": (2, _number(lambda at: at.day)),
    "D": (3, _number(lambda at: at.timetuple().tm_yday)),
    "E": (5, lambda at, count: _name(_DAYS[at.weekday()], count)),
    "H": (2, _number(lambda at: at.hour)),
    "h": (2, _number(lambda at: (at.hour - 1) % 12 + 1)),
    "a": (1, lambda at, count: "AM" if at.hour < 12 else "PM"),
    "m": (2, _number(lambda at: at.minute)),
    "s": (2, _number(lambda at: at.second)),
    "S": (9, lambda at, count: f"{at.microsecond:06}000"[:count]),
}
"""For each pattern letter how often it may stand in a row and what it evaluates to then."""
