"""Sample: loads the dms_sample ticket shop (``sample/``) and lets things happen in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pymysql

from database.server import Server
from model import PipelineError

SCHEMA = "dms_sample"
Progress = Callable[[int], None]
"""Is told, now and then, how many rows or row changes there are so far."""

_FOLDER = Path(__file__).resolve().parent.parent.parent / "sample"
_SLICE = 1000  # the most that a generate_… procedure inserts at once
_STEPS = 100  # the most transactions between two looks at the number of changes
_STEP_CHANGES = 12  # row changes of a transaction, on the average
_VENUES, _PERFORMERS, _BANDS = 10, 25, 3


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


def load(root: Server, rows: int, seed: int, progress: Progress) -> None:
    """Create the schema and about ``rows`` rows; the same ``seed`` gives the same rows. Raises as ``create`` does."""
    create(root)
    fill(root, rows, seed, progress)


def create(root: Server) -> None:
    """Create the schema without rows. ``root`` needs CREATE on ``*.*``.

    Raises PipelineError when the schema is there already.
    """
    with closing(root.connect()) as connection, connection.cursor() as cursor:
        for file in ("schema.sql", "procedures.sql"):
            for statement in statements((_FOLDER / file).read_text(encoding="utf-8")):
                _create(cursor, statement)


def fill(root: Server, rows: int, seed: int, progress: Progress) -> None:
    """Insert about ``rows`` rows into the empty schema."""
    size = _Size.of(rows)
    calls: tuple[tuple[str, int, tuple[int, ...]], ...] = (
        ("generate_venues", _VENUES, ()),
        ("generate_performers", _PERFORMERS, ()),
        ("generate_performances", size.performances, (_VENUES, _PERFORMERS)),
        ("generate_people", size.people, ()),
        ("generate_tickets", size.tickets, (size.performances, size.people, size.sold)),
        ("generate_purchases", size.sold, ()),
    )
    rows_for_each = {"generate_performances": 1 + _BANDS, "generate_purchases": 2}
    done = 0
    with closing(root.connect(database=SCHEMA)) as connection, connection.cursor() as cursor:
        for procedure, count, arguments in calls:
            for first in range(1, count + 1, _SLICE):
                how_many = min(_SLICE, count + 1 - first)
                cursor.callproc(procedure, (first, how_many, *arguments, seed))
                done += how_many * rows_for_each.get(procedure, 1)
                progress(done)


def activity(server: Server, changes: int, seed: int, progress: Progress) -> None:
    """Sell, transfer and refund tickets until about ``changes`` rows are inserted, updated or deleted.

    ``server`` connects as an application does: EXECUTE, SELECT, INSERT, UPDATE and DELETE on the schema are enough.
    """
    done, step, fruitless = 0, 1, 0
    with closing(server.connect(database=SCHEMA)) as connection, connection.cursor() as cursor:
        while done < changes:
            steps = max(1, min(_STEPS, (changes - done) // _STEP_CHANGES))
            cursor.execute("CALL generate_ticket_activity(%s, %s, %s, @changes)", (step, steps, seed))
            cursor.execute("SELECT @changes")
            found = cursor.fetchone()
            changed = int(found[0] or 0) if found else 0
            fruitless = 0 if changed else fruitless + steps  # a single step may find nothing to change
            if fruitless >= _STEPS:
                raise PipelineError(f"{fruitless} steps of activity changed no row of {SCHEMA}: is the sample loaded?")
            done += changed
            step += steps
            progress(done)


def create_application_user(root: Server, name: str, password: str) -> None:
    """Create the user that ``activity`` connects as, with what it needs and no more."""
    with closing(root.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE USER %s@'%%' IDENTIFIED BY %s", (name, password))
        cursor.execute(f"GRANT EXECUTE, SELECT, INSERT, UPDATE, DELETE ON {SCHEMA}.* TO %s@'%%'", (name,))


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


def _create(cursor: pymysql.cursors.Cursor, statement: str) -> None:
    try:
        cursor.execute(statement)
    except pymysql.MySQLError as error:
        raise PipelineError(f"the sample cannot be loaded: {error}; the statement: {statement[:200]}") from None
