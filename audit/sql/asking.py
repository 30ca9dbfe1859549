"""Asking: what runs a query, of the lake's engine or of the source's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol


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
"""Runs a query. PipelineError if it cannot be answered, also while the rows are read."""
