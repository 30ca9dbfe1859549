"""Sample source: the ticket shop of ``sample/`` on a MariaDB server that exists for one rehearsal."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import pymysql

from database.queries import ask
from database.server import Server
from model import PipelineError
from model.plan import DatabasePlan
from rehearsal.runtime.progress_bars import ProgressBars
from rehearsal.source import sample
from rehearsal.source.checks.declared_checks import verify
from rehearsal.source.mariadb.mariadb import MariaDB, create_capture_user

_APPLICATION_USER = "ticket_shop"


class SampleSource:
    """The sample schema on a MariaDB server that exists for this rehearsal only."""

    server: Server
    administrator: Server | None

    def __init__(
        self,
        plan: DatabasePlan,
        folder: Path,
        mariadbd: Path,
        bars: ProgressBars,
        *,
        rows: int,
        changes: int,
        seed: int,
    ) -> None:
        self._plan = plan
        self._mariadb = MariaDB(folder, plan.parameters, mariadbd)
        self._bars = bars
        self.rows, self.changes, self.seed = rows, changes, seed
        self._batches = iter((changes // 2, changes - changes // 2))
        self._password = secrets.token_urlsafe(24)
        self._running: list[Future[None]] = []
        self._changed = 0
        self._stack = ExitStack()

    def __enter__(self) -> SampleSource:
        with ExitStack() as stack:
            stack.enter_context(self._mariadb)
            line = self._bars.add("sample", self.rows)
            sample.load(self._mariadb.root, self.rows, self.seed, line.update)
            line.finish("rows in the source")
            self._create_users(self._mariadb)
            self._connect(self._mariadb)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def begin(self, bars: ProgressBars) -> None:
        """Sell, transfer and refund tickets in a thread of its own while the full load goes on."""
        if not self._running:
            self._line = bars.add("activity", self.changes)
            self._activity = self._stack.enter_context(ThreadPoolExecutor(1, "activity"))
        self._go_on()

    def loaded(self) -> None:
        """More activity may begin."""
        self._go_on()

    def settled(self, records: int) -> bool:
        """Whether the activity has ended. Raises what it failed with."""
        ended = [batch for batch in self._running if batch.done()]
        for batch in ended:
            batch.result()
        return len(ended) == len(self._running)

    def interrupt(self) -> bool:
        """A rehearsal of the sample ends by itself; Ctrl-C gives it up."""
        return False

    def _go_on(self) -> None:
        """The next batch of activity, behind those that run; each with a seed of its own."""
        before, number, server = self._changed, next(self._batches), self._application
        seed = (self.seed + len(self._running)) % 2**31  # the procedure takes an INT
        self._changed += number

        beat = self._beat

        def work() -> None:
            beat()
            try:
                sample.activity(server, number, seed, lambda done: self._line.update(before + done))
            except pymysql.MySQLError as error:
                raise PipelineError(f"the activity failed in the database: {error}") from None
            beat()
            if before + number == self.changes:
                self._line.finish("changes committed")

        self._running.append(self._activity.submit(work))

    def _create_users(self, mariadb: MariaDB) -> None:
        """The declared capture user, as the program verifies it, and the application's."""
        create_capture_user(mariadb.root, self._plan.capture_statements, self._password)
        verify(mariadb.root, self._plan.checks)
        sample.create_application_user(mariadb.root, _APPLICATION_USER, self._password)

    def _connect(self, mariadb: MariaDB) -> None:
        """Capture from this server from now on, and let things happen there."""
        self.administrator = mariadb.root
        self._application = mariadb.user(_APPLICATION_USER, self._password)
        self._beat = self._beating(mariadb)
        self.server = _as_declared(mariadb.user(self._plan.capture_username, self._password), self._plan.ssl_mode)

    def _beating(self, mariadb: MariaDB) -> Callable[[], None]:
        """What does in this server what the declared schedule does, as its user; nothing where there is none.

        A rehearsal has no minutes to wait: the schedule's time has come whenever this is called.
        """
        heartbeat = self._plan.heartbeat
        if heartbeat is None:
            return lambda: None
        server = mariadb.user(heartbeat.username, self._password)

        def beat() -> None:
            try:
                with closing(server.connect()) as connection:
                    ask(connection, heartbeat.statement)
            except pymysql.MySQLError as error:
                raise PipelineError(f"the declared heartbeat fails: {heartbeat.statement}: {error}") from None

        return beat


def _as_declared(server: Server, ssl_mode: str) -> Server:
    """Without TLS if the endpoint is declared so; the server then refuses, if the parameter group wants it to."""
    return replace(server, ca_file=None) if ssl_mode == "none" else server
