"""Queries: a query of the second audit, and what is said of one that fails.

A query that Athena cannot answer is what the audit is there to find, and no reason to throw away what it has found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from audit.verdict.findings import Finding, FindingKind

_ERROR = "Error: "
_VALUES = re.compile(r"'[^']*'?|Input: .*|[{\[].*", re.DOTALL)
_MOST = 2000  # characters


class Answer(Protocol):
    """What a query gives."""

    @property
    def columns(self) -> Sequence[str]:
        """The names of its columns."""
        ...

    @property
    def rows(self) -> Iterable[tuple[Any, ...]]:
        """Its rows."""
        ...


Ask = Callable[[str], Answer]
"""Runs a query in Athena's SQL. PipelineError if it cannot be answered, also while the rows are read."""


def not_answered(what: str, error: Exception) -> Finding:
    """The finding that ``what`` could not be asked."""
    return Finding(kind=FindingKind.UNASKED, text=f"{what} could not be asked: {without_values(str(error))}")


def without_values(error: str) -> str:
    """The text of an error without the values in it: an engine's error shows the line of the lake that it met."""
    said, mark, about = error.partition(_ERROR)
    return (said + mark + _VALUES.sub("…", about))[:_MOST]
