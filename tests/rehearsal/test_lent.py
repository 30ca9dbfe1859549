"""A server that a rehearsal gives back is as it was."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from database.queries import ask
from database.server import Server
from rehearsal.plan.pipeline import read_plan
from rehearsal.source import log_end, sample
from rehearsal.source.mariadb.mariadb import create_capture_user
from tests.declared import declare
from tests.rehearsal.lent import Lender
from tests.waiting import until

STATE = (
    "SHOW DATABASES",
    "SELECT user, host, priv FROM mysql.global_priv ORDER BY 1, 2",
    "SELECT * FROM mysql.rds_configuration",
    "SHOW GLOBAL VARIABLES",
    "SHOW BINARY LOGS",
)


def state(server: Server) -> dict[str, Any]:
    with closing(server.connect()) as connection:
        there = {statement: ask(connection, statement) for statement in STATE}
        return {**there, "position": log_end.position(connection)}


def test_a_server_that_was_used_is_as_it_was(tmp_path: Path, mariadbd: Path):
    plan = read_plan(declare("dev")).database
    with ExitStack() as running:
        lender = Lender(running, tmp_path, plan.parameters)
        with lender(tmp_path, plan.parameters, mariadbd) as server:
            before = state(server.root)
            sample.load(server.root, 60, 1, lambda _: None)
            create_capture_user(server.root, plan.capture_statements, "sesame42")
            left = server.user(plan.capture_username, "sesame42").connect()
            used = state(server.root)
            assert [what for what, told in used.items() if told == before[what]] == [], "it was used"
        with lender(tmp_path, plan.parameters, mariadbd) as server:
            assert state(server.root) == before
            with closing(server.root.connect()) as connection:
                until("nobody else is connected", lambda: len(ask(connection, "SHOW PROCESSLIST")) == 1)
        left.close()
