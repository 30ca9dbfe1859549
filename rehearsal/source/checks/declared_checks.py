"""Declared checks: the questions that the program declares, asked of the database as the program would ask them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from typing import Any

import pymysql

from database.queries import ask
from database.server import Server
from model import PipelineError
from model.plan import Check


def verify(administrator: Server, checks: Iterable[Check]) -> None:
    """Ask every question. PipelineError names each wrong answer with its declared remedy."""
    with closing(administrator.connect()) as connection:
        wrong = [text for check in checks if (text := _wrong(connection, check))]
    if wrong:
        raise PipelineError("\n".join(("the declared checks of the database fail:", *wrong)))


def _wrong(connection: pymysql.Connection[Any], check: Check) -> str:
    """What is wrong, and empty if nothing is."""
    try:
        rows = ask(connection, check.sql)
    except pymysql.MySQLError as error:
        return f"  {check.name}: {check.sql} cannot be asked: {error}"
    answer = "" if not rows or rows[0][-1] is None else str(rows[0][-1])
    if answer in check.expect:
        return ""
    return f"  {check.name}: {check.sql} answers {answer!r}, not {' or '.join(check.expect)}. Remedy: {check.remedy}"
