"""Answer: what a query gives, whoever was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from model import PipelineError


@dataclass(frozen=True)
class Answer:
    """A whole result."""

    columns: tuple[str, ...]
    """The names of its columns."""
    rows: list[tuple[Any, ...]]


Ask = Callable[[str], Answer]
"""Runs one statement. PipelineError where it cannot be answered."""


class TooLargeError(PipelineError):
    """Question or answer is larger than who is asked takes or gives: ask for less."""


class Source(Protocol):
    """A database that answers, as an :data:`Ask` does."""

    queries: int
    """How many statements it was asked to run."""

    def __call__(self, statement: str) -> Answer:
        """Run ``statement``. Raises PipelineError."""
        ...

    def settled(self, setting: str, statement: str) -> Answer:
        """Run ``statement`` in a session in which ``setting``, a SET of MySQL's, was run. Raises PipelineError."""
        ...
