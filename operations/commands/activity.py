"""``activity``: lets things happen in the sample's ticket shop, in a stack whose data may be lost."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from model import PipelineError
from operations.command import WELL, Operation, add_command
from operations.sql.data_api import RIGHTS, DataApi
from sample import SCHEMA, calls, schema

_ROWS = 5000
"""Of the sample, in all tables."""
_TICKETS_OF_A_STEP = 10
"""A step is a transaction over 1 to 20 neighbouring tickets."""
_STEPS = 50
"""Of one call, which must end within the 45 seconds that the Data API gives a statement."""


def add(subparsers: Any) -> None:
    """The command's parser."""
    command = add_command(
        subparsers,
        "activity",
        does="sell, transfer and refund tickets of the sample, which is loaded once",
        rights=RIGHTS,
        run=run,
        more="Only in a stack with `ephemeral: true` and its own database, over the Data API as its administrator. "
        f"What happens is captured if `tables` names {SCHEMA}.",
    )
    command.add_argument(
        "--tickets", type=number_of_tickets, required=True, metavar="N", help="about how many tickets change hands"
    )
    command.add_argument("--yes", action="store_true", help="load the sample without asking")


def run(operation: Operation) -> int:
    """Load the sample if it is not there, then call its procedure."""
    ask = _ask(operation)
    if not _is_loaded(ask()):
        _ask_first(operation)
        _load(operation, ask)
    steps = -(-operation.options.tickets // _TICKETS_OF_A_STEP)
    seed = secrets.randbelow(2**31)
    for first in range(1, steps + 1, _STEPS):
        some = min(_STEPS, steps + 1 - first)
        ask(SCHEMA)(f"CALL generate_ticket_activity({first}, {some}, {seed}, @changes)")
        operation.say(f"{first + some - 1:,} of {steps:,} transactions")
    operation.say(f"about {steps * _TICKETS_OF_A_STEP:,} tickets in {steps:,} transactions", style="bold green")
    operation.tell({"transactions": steps, "seed": seed})
    return WELL


def _ask(operation: Operation) -> Callable[..., DataApi]:
    """What asks the stack's database; in the schema that it is given."""
    stack = operation.outputs
    if not stack.ephemeral:
        raise PipelineError(
            "the stack is not ephemeral: nobody plays with a database that is kept. Use a stack with `ephemeral: true`"
        )
    if stack.cluster_arn is None or stack.master_secret_arn is None:
        raise PipelineError(
            f"databaseMode is {stack.database_mode!r}: the database is not the stack's own, and nobody plays with "
            "another's. Use a stack with a database of its own"
        )
    return partial(DataApi, operation.clients, stack.cluster_arn, stack.master_secret_arn)


def _is_loaded(shop: DataApi) -> bool:
    """PipelineError where the schema is there and not whole: what a load leaves that was broken off."""
    there = shop(f"SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '{SCHEMA}'").rows
    if not there[0][0]:
        return False
    routine = (
        "SELECT COUNT(*) FROM information_schema.routines "
        f"WHERE routine_schema = '{SCHEMA}' AND routine_name = 'generate_ticket_activity'"
    )
    if shop(routine).rows[0][0] and shop(f"SELECT COUNT(*) FROM {SCHEMA}.payment").rows[0][0]:
        return True
    raise PipelineError(
        f"there is a schema {SCHEMA} without the sample's procedures or payments: a load was broken off, or it is "
        f"another's. If it is the sample's: DROP DATABASE {SCHEMA}, in the RDS query editor, and try again"
    )


def _ask_first(operation: Operation) -> None:
    if operation.options.yes:
        return
    where = operation.outputs.cluster_identifier
    if sys.stdin is None or not sys.stdin.isatty():
        raise PipelineError(
            f"{SCHEMA} is not in {where} yet, and there is no terminal to ask whether to load it: give --yes"
        )
    try:
        answer = input(f"Load the sample, about {_ROWS:,} rows in a new schema {SCHEMA}, into {where}? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise PipelineError("nothing was loaded")


def _load(operation: Operation, ask: Callable[..., DataApi]) -> None:
    inside = ask(SCHEMA)
    for statement in schema():
        if statement.startswith("CREATE DATABASE"):
            ask()(statement)
        elif not statement.startswith("USE "):  # a call has a session of its own
            inside(statement)
    done = 0
    for call in calls(_ROWS, 1):
        inside(f"CALL {call.procedure}({', '.join(map(str, call.arguments))})")
        done += call.rows
    operation.say(f"the sample is loaded: about {done:,} rows in {SCHEMA}")


def number_of_tickets(text: str) -> int:
    """As the option gives it; argparse names the function where it is no number."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number of tickets: give 1 or more")
    return number
