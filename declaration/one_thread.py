"""Pulumi's runtime in one thread: a request is answered where it is made, so no thread decides on an order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from pulumi.runtime import resource
from pulumi.runtime.proto import source_pb2


def run(program: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run ``program`` to its end in an event loop and a context of its own. Raises what it raises."""
    with asyncio.Runner() as runner, _collector_paused(), _without_source_positions():
        runner.get_loop().set_default_executor(_Here())
        runner.run(program())


class _Here(ThreadPoolExecutor):
    """The SDK hands each request to a pool of threads; this one has none. asyncio takes no other kind of executor."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as error:  # raised again where the result is awaited
            done.set_exception(error)
        return done


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """The SDK's modules are a million objects that stay: looking through them takes a third of a run."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextlib.contextmanager
def _without_source_positions() -> Iterator[None]:
    """A registration says from which lines it comes. Nobody here asks, and finding them takes a third of a run."""
    original = resource._get_stack_trace
    resource._get_stack_trace = source_pb2.StackTrace
    try:
        yield
    finally:
        resource._get_stack_trace = original
