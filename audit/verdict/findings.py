"""Findings: what an audit says, with the values shown. A note is the same about what is legal and worth knowing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import Enum, StrEnum


class FindingKind(StrEnum):
    """Why something is said. The text is the name that users and machines see."""

    # Findings about rows: the lake's final state against the source's.
    MISSING = "missing"
    EXTRA = "extra"
    DIFFERENT = "different"
    # Findings about the log: what happened in between.
    LOST_CHANGE = "lost change"
    CONFLICT = "conflicting copies"
    # Findings about what was delivered.
    DAMAGED = "damaged object"
    MISPLACED = "misplaced object"
    SUSPECT = "record of a damaged object"
    UNREADABLE = "unreadable record"
    SPANNING = "records span lines"
    RUN_TOGETHER = "records run together"
    UNKNOWN_TABLE = "unknown table"
    UNKNOWN_COLUMN = "unknown column"
    # Findings about what queries see.
    UNSEEN = "lines that queries do not see"
    COUNTED = "records that a view counts otherwise"
    UNASKED = "what could not be asked"
    REPEATED = "a repeated run that changes a table"
    UNREAD = "ranges that differ and were not read"
    # Notes: what DMS, Kinesis and Firehose may do.
    TWICE = "delivered twice"
    LATE = "arrived late"
    LOADED_AGAIN = "loaded again"
    RESET = "table started anew"
    OVERLAP = "change was already loaded"
    ABSENT = "absent stands for NULL or empty"
    UNPROVABLE = "not provable"
    UNKNOWN_METADATA = "unknown metadata"
    STALE = "description is not as the source is"
    NO_VIEW = "no view of the rows"
    CHANGED = "changed while compared"
    RESPELLED = "equal and spelled otherwise"


LISTED = 20
"""How many findings (or notes) of one kind are listed in full; all are counted."""

_LISTED_ONCE = frozenset(
    {FindingKind.SPANNING, FindingKind.RUN_TOGETHER}
)  # a wrong message format says itself once, for all objects


class Absent(Enum):
    """The lake value of a column that its record does not have. No text of the source can be equal to it."""

    ABSENT = "(absent)"


ABSENT = Absent.ABSENT


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that the audit found. What does not apply is empty."""

    kind: FindingKind
    text: str
    """One sentence: what is wrong and what that means."""
    table: str = ""
    """``schema.table``."""
    key: str = ""
    """``column=value`` of the primary key, joined by ``, ``; the whole row for a table without one."""
    column: str = ""
    source: str = ""
    """The value that should be there, as a MySQL literal: the source's; for a lost change the before image's."""
    lake: str = ""
    """The value that the lake has, as a MySQL literal; ``(absent)`` when its record lacks the column."""
    place: str = ""
    """``object:line`` of the record (lines from 1); the object alone when it is about all of it."""

    def as_json(self) -> dict[str, str]:
        """The fields that apply."""
        return {name: str(value) for name, value in asdict(self).items() if value}

    def __str__(self) -> str:
        where = " ".join(part for part in (self.table, self.key and f"[{self.key}]", self.column) if part)
        values = f"source {self.source}, lake {self.lake}" if self.source or self.lake else ""
        place = f"({self.place})" if self.place else ""
        return ": ".join(part for part in (str(self.kind), where, values, self.text) if part) + (place and f" {place}")


class Findings:
    """Counts everything that is found, and keeps the first few of each kind.

    A million duplicates must cost a million additions and not a million texts: a finding is given as a function that
    makes it, and only made when it will be listed.
    """

    def __init__(self) -> None:
        self.counts: Counter[FindingKind] = Counter()
        self.listed: list[Finding] = []

    def add(self, kind: FindingKind, make: Callable[[], Finding]) -> None:
        """Count one of ``kind``; list it if there is still room."""
        if self.counts[kind] < (1 if kind in _LISTED_ONCE else LISTED):
            self.listed.append(make())
        self.counts[kind] += 1

    def put(self, finding: Finding) -> None:
        """Add ``finding``, which is made already."""
        self.add(finding.kind, lambda: finding)

    @property
    def total(self) -> int:
        """All that were added, listed or not."""
        return self.counts.total()

    def as_json(self) -> dict[str, object]:
        """``{"total", "counts": {kind: count}, "listed": [finding]}``."""
        return {
            "total": self.total,
            "counts": {str(kind): count for kind, count in sorted(self.counts.items())},
            "listed": [finding.as_json() for finding in self.listed],
        }


_SHOWN = 120
"""Longest text of a value in a finding; longer ones are cut around the first place where the two differ."""


def shown(value: object) -> str:
    """A value as MySQL would write it as a literal: text quoted, bytes in hex, NULL bare."""
    if value is None:
        return "NULL"
    if isinstance(value, Absent):
        return value.value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    return str(value)


def shown_pair(source: object, lake: object) -> tuple[str, str]:
    """Both values, cut so that the place where they differ can be seen."""
    texts = shown(source), shown(lake)
    if max(map(len, texts)) <= _SHOWN:
        return texts
    shortest = min(map(len, texts))
    differ = next((place for place in range(shortest) if texts[0][place] != texts[1][place]), shortest)
    start = max(0, differ - _SHOWN // 2)
    return _cut(texts[0], start), _cut(texts[1], start)


def _cut(text: str, start: int) -> str:
    end = start + _SHOWN
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
