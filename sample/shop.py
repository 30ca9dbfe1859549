"""Shop: the statements that make the sample, and the calls that fill it. No I/O but the SQL files beside this one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from model import PipelineError

SCHEMA = "dms_sample"
_FOLDER = Path(__file__).resolve().parent
_SLICE = 1000  # the most that a generate_… procedure inserts at once
_VENUES, _PERFORMERS, _BANDS = 10, 25, 3


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of a procedure that makes rows."""

    procedure: str
    arguments: tuple[int, ...]
    rows: int
    """About how many it makes."""


@dataclass(frozen=True)
class _Size:
    """How many rows each table gets."""

    performances: int
    people: int
    tickets: int
    sold: int
    """Tickets with a holder; each has a purchase and a payment."""

    @classmethod
    def of(cls, rows: int) -> _Size:
        """About ``rows`` rows in all tables together."""
        performances = max(4, rows // 400)
        rest = rows - _VENUES - _PERFORMERS - performances * (1 + _BANDS)
        people = max(20, rest // 5)
        tickets = max(60, rest // 2)
        return cls(performances, people, tickets, sold=max(20, (rest - people - tickets) // 2))


def schema() -> Iterator[str]:
    """The statements that create the schema with its procedures, without rows. One fails where there is a schema."""
    for file in ("schema.sql", "procedures.sql"):
        yield from statements((_FOLDER / file).read_text(encoding="utf-8"))


def calls(rows: int, seed: int) -> Iterator[Call]:
    """The calls that insert about ``rows`` rows into the empty schema; the same ``seed`` gives the same rows."""
    size = _Size.of(rows)
    tables: tuple[tuple[str, int, tuple[int, ...], int], ...] = (
        ("generate_venues", _VENUES, (), 1),
        ("generate_performers", _PERFORMERS, (), 1),
        ("generate_performances", size.performances, (_VENUES, _PERFORMERS), 1 + _BANDS),
        ("generate_people", size.people, (), 1),
        ("generate_tickets", size.tickets, (size.performances, size.people, size.sold), 1),
        ("generate_purchases", size.sold, (), 2),
    )
    for procedure, count, arguments, each in tables:
        for first in range(1, count + 1, _SLICE):
            how_many = min(_SLICE, count + 1 - first)
            yield Call(procedure=procedure, arguments=(first, how_many, *arguments, seed), rows=how_many * each)


def statements(script: str) -> Iterator[str]:
    """The statements of ``script`` as the mysql client would send them, DELIMITER lines obeyed."""
    delimiter, lines = ";", list[str]()
    for line in script.splitlines():
        if line.startswith("DELIMITER "):
            delimiter = line.removeprefix("DELIMITER ").strip()
        elif line.strip() and not line.startswith("--"):
            lines.append(line)
            if line.rstrip().endswith(delimiter):
                yield "\n".join(lines).rstrip().removesuffix(delimiter)
                lines = []
    if lines:
        raise PipelineError(f"an SQL script ends within a statement: {lines[0]}")
