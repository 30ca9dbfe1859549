"""Where the rows come from: our own sample on a MariaDB of our own, or a server of the user's.

A source is a context manager with a ``server`` to capture from. ``begin`` starts whatever changes rows; ``settled``
says when nothing more will change.
"""

from __future__ import annotations

import getpass
import os
import secrets
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import pymysql

from model import PipelineError
from model.plan import DatabasePlan
from rehearsal.runtime.progress_bars import ProgressBars
from rehearsal.source import sample
from rehearsal.source.checks.declared_checks import verify
from rehearsal.source.connection.server import Server
from rehearsal.source.mariadb.mariadb import MariaDB, create_capture_user

PASSWORD_VARIABLE = "CDC_LAKE_SOURCE_PASSWORD"
_APPLICATION_USER = "ticket_shop"


class Source(Protocol):
    """A database whose changes are captured."""

    server: Server
    """How the replication connects: as the capture user."""
    administrator: Server | None
    """Somebody who sees every table; None where there is only the capture user."""

    def begin(self, bars: ProgressBars) -> None:
        """Start changing rows, if that is this source's to do. Returns at once."""

    def loaded(self) -> None:
        """The full load is over."""

    def settled(self, records: int) -> bool:
        """Whether no more changes come; ``records`` is how many the replication has written so far."""
        ...

    def interrupt(self) -> bool:
        """Ctrl-C was pressed: settle now if that is how this source is ended; False if it is not."""
        ...

    def __enter__(self) -> Source: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


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

        def work() -> None:
            try:
                sample.activity(server, number, seed, lambda done: self._line.update(before + done))
            except pymysql.MySQLError as error:
                raise PipelineError(f"the activity failed in the database: {error}") from None
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
        self.server = _as_declared(mariadb.user(self._plan.capture_username, self._password), self._plan.ssl_mode)


class OwnSource:
    """A MySQL or MariaDB server of the user's: read, never written to."""

    def __init__(self, server: Server, idle_seconds: float) -> None:
        self.server = server
        self.administrator: Server | None = None
        self._idle_seconds = idle_seconds
        self._records = -1
        self._since = time.monotonic()
        self._interrupted = False

    def __enter__(self) -> OwnSource:
        self.server.connect().close()  # a wrong address or password is said before anything else is started
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing was made, so nothing is taken away."""

    def begin(self, bars: ProgressBars) -> None:
        """The user's own applications change the rows."""
        bars.add(f"ends after {self._idle_seconds:g} s without a change, or at Ctrl-C")

    def loaded(self) -> None:
        """The idle time counts from here."""
        self._since = time.monotonic()

    def settled(self, records: int) -> bool:
        """Whether no record has come for the idle time, or Ctrl-C was pressed."""
        if records != self._records:
            self._records, self._since = records, time.monotonic()
        return self._interrupted or time.monotonic() - self._since > self._idle_seconds

    def interrupt(self) -> bool:
        """Ctrl-C ends the capture; the audit follows."""
        first, self._interrupted = not self._interrupted, True
        return first


def _as_declared(server: Server, ssl_mode: str) -> Server:
    """Without TLS if the endpoint is declared so; the server then refuses, if the parameter group wants it to."""
    return replace(server, ca_file=None) if ssl_mode == "none" else server


def server_of(url: str) -> Server:
    """The server that ``mysql://user@host:port?ca=FILE`` names; its password from the environment or a prompt.

    Raises PipelineError for a URL of another form, and for one with a password: it would be in the shell's history.
    No error repeats any of the URL, for where it is mistyped anything may be a password.
    """
    form = "mysql://user@host:port"
    try:
        parts = urlsplit(url)
        port = parts.port or 3306
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:  # says and holds parts of the URL
        raise PipelineError(
            f"--source: no URL, no port from 1 to 65535 or an option without a value; give it as {form}"
        ) from None
    if parts.password is not None:
        raise PipelineError(f"--source: leave the password out of the URL and set {PASSWORD_VARIABLE} instead")
    if parts.scheme != "mysql" or not parts.username or not parts.hostname or parts.path not in ("", "/"):
        raise PipelineError(f"--source: must have the form {form}; the tables come from the stack's mappings")
    if set(options) - {"ca"}:
        raise PipelineError("--source: unknown option in the URL; there is only ca, a PEM file")
    user = unquote(parts.username)
    password = os.environ.get(PASSWORD_VARIABLE)
    if password is None:
        password = _asked(f"password of {user} at {parts.hostname}: ")
    return Server(parts.hostname, port, user, password, options.get("ca"), None)


def _asked(prompt: str) -> str:
    """A password from whoever sits at the terminal. PipelineError where nobody does, as in CI."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise PipelineError(f"--source: there is no terminal to ask for the password: set {PASSWORD_VARIABLE}")
    return getpass.getpass(prompt)
