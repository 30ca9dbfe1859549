"""Worker: a part of the rehearsal in a process of its own, as its AWS counterpart is a service of its own.

Separate processes make the parts independent for real: each can be killed (``SIGKILL``) and started again, and must
then go on from what it keeps on disk. Parent and child talk over one pipe: the child tells its progress, the
parent tells it when to finish.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as _ready
from typing import Any

import pymysql
from botocore.exceptions import ConnectionError as ServiceConnectionError
from botocore.exceptions import HTTPClientError

from model import PipelineError

_PROCESSES = multiprocessing.get_context("forkserver")
"""Each part is forked from a server process that has nothing but modules: a fork of the parent would copy its threads
and sockets in an unknown state, and a new interpreter for each part imports everything again."""
_PROCESSES.set_forkserver_preload([])  # not the parent's main module, which is the default

_LOST: tuple[tuple[type[Exception], str], ...] = (
    (pymysql.err.OperationalError, "lost the database"),
    (pymysql.err.InterfaceError, "lost the database"),
    (HTTPClientError, "lost the service that it talks to"),
    (ServiceConnectionError, "lost the service that it talks to"),
)
"""What a part says when a server dies under it, by the error that it then gets from its driver."""


@dataclass(frozen=True)
class _Failed:
    """What a child sends instead of its result."""

    text: str
    expected: bool


class _ParentGoneError(Exception):
    """The parent has ended, and with it anyone to tell."""


class Channel:
    """The child's end: progress out, the instruction to finish in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._instruction: Any = None

    def report(self, progress: object) -> None:
        """Send ``progress`` (any picklable value) to the parent. A parent that is gone ends the worker."""
        with _parent():
            self._connection.send(progress)

    def instruction(self, seconds: float = 0) -> Any:
        """What the parent said with ``Worker.instruct``; None until it has. A parent that is gone ends the worker.

        Waits at most ``seconds`` for the parent to say something more.
        """
        with _parent():
            while self._connection.poll(seconds):
                self._instruction, seconds = self._connection.recv(), 0
        return self._instruction


def preload(*modules: str) -> None:
    """Let the server process import ``modules`` once for all parts, from now on, while this process goes on.

    It does so once: before the first part is started, or in vain.
    """
    _PROCESSES.set_forkserver_preload(list(modules))
    forkserver.ensure_running()


@contextlib.contextmanager
def _parent() -> Iterator[None]:
    """Tell a parent that is gone from a part that meets the same error in its own work, which is a failure."""
    try:
        yield
    except (EOFError, BrokenPipeError, ConnectionResetError) as error:
        raise _ParentGoneError from error


class Worker:
    """A function ``target(channel, *arguments)`` in a new process; its return value is the last progress."""

    def __init__(self, name: str, target: Callable[..., object], *arguments: object) -> None:
        self.name = name
        self.progress: Any = None
        """The newest progress that the child reported, or what it returned."""
        self.running = True
        """Whether it ran when it was last polled."""
        self._failed: _Failed | None = None
        self._connection, child = _PROCESSES.Pipe()
        self._process = _PROCESSES.Process(
            target=_main, args=(child, name, dict(os.environ), target, arguments), name=name, daemon=True
        )
        self._process.start()
        child.close()

    def poll(self) -> bool:
        """Take in what the child has reported; True while it runs. Raises PipelineError if it failed."""
        self.running = self._process.is_alive()  # before the pipe is read: what is said last is then in the pipe
        with contextlib.suppress(EOFError, ConnectionResetError):
            while self._connection.poll():
                message = self._connection.recv()
                if isinstance(message, _Failed):
                    self._failed = message
                else:
                    self.progress = message
        if self._failed:
            raise PipelineError(
                self._failed.text if self._failed.expected else f"{self.name} failed:\n{self._failed.text}"
            )
        if not self.running and self._process.exitcode:
            raise PipelineError(f"{self.name} ended with exit code {self._process.exitcode} and said nothing")
        return self.running

    def wait(self, seconds: float) -> None:
        """Wait until the child tells something or ends, at most ``seconds``. ``poll`` then takes it in."""
        wait_for_any([self], seconds)

    def instruct(self, instruction: object = True) -> None:
        """Tell the child to finish; ``instruction`` says what that means for it."""
        with contextlib.suppress(BrokenPipeError):
            self._connection.send(instruction)

    def kill(self) -> None:
        """End the child at once with SIGKILL: it can neither flush nor say goodbye."""
        self._process.kill()
        self._process.join()


def wait_for_any(workers: Iterable[Worker], seconds: float) -> None:
    """Wait until one of ``workers`` tells something or ends, at most ``seconds``. Ended ones do not count."""
    _ready([worker._connection for worker in workers if worker.running], seconds)


def _main(
    connection: Connection,
    name: str,
    environment: dict[str, str],
    target: Callable[..., object],
    arguments: tuple[object, ...],
) -> None:
    gc.freeze()  # modules are here to stay: to look through them for garbage takes a tenth of a part's time
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; it then tells us to finish
    os.environ.clear()
    os.environ.update(environment)  # the parent's as it is now; the server process has it as it was
    channel = Channel(connection)
    with contextlib.suppress(_ParentGoneError):
        try:
            result = target(channel, *arguments)
        except _ParentGoneError:
            raise
        except PipelineError as error:
            result = _Failed(str(error), expected=True)
        except BaseException as error:
            result = _failure(name, error)
        channel.report(result)


def _failure(name: str, error: BaseException) -> _Failed:
    """A sentence where a server died, for that is no fault of the part; else all that helps to find the fault."""
    for kind, what in _LOST:
        if isinstance(error, kind):
            return _Failed(f"{name} {what}: {error}", expected=True)
    return _Failed(traceback.format_exc(), expected=False)
