"""Sample: loads the dms_sample ticket shop (``sample/``) and lets things happen in it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pymysql

from database.server import Server
from model import PipelineError
from sample import SCHEMA, calls, schema

Progress = Callable[[int], None]
"""Is told, now and then, how many rows or row changes there are so far."""

_STEPS = 100  # the most transactions between two looks at the number of changes
_STEP_CHANGES = 12  # row changes of a transaction, on the average


def load(root: Server, rows: int, seed: int, progress: Progress) -> None:
    """Create the schema and about ``rows`` rows; the same ``seed`` gives the same rows. Raises as ``create`` does."""
    create(root)
    fill(root, rows, seed, progress)


def create(root: Server) -> None:
    """Create the schema without rows. ``root`` needs CREATE on ``*.*``.

    Raises PipelineError when the schema is there already.
    """
    with closing(root.connect()) as connection, connection.cursor() as cursor:
        for statement in schema():
            _create(cursor, statement)


def fill(root: Server, rows: int, seed: int, progress: Progress) -> None:
    """Insert about ``rows`` rows into the empty schema."""
    done = 0
    with closing(root.connect(database=SCHEMA)) as connection, connection.cursor() as cursor:
        for call in calls(rows, seed):
            cursor.callproc(call.procedure, call.arguments)
            done += call.rows
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


def _create(cursor: pymysql.cursors.Cursor, statement: str) -> None:
    try:
        cursor.execute(statement)
    except pymysql.MySQLError as error:
        raise PipelineError(f"the sample cannot be loaded: {error}; the statement: {statement[:200]}") from None
