"""Rule and Problem: what must hold of the configuration, and what is said where it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

_MOST = 500
"""Characters of a value that an error quotes."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: which key, its value, the rule it breaks, what to do."""

    key: str
    value: Any
    rule: str
    remedy: str

    def __str__(self) -> str:
        value = repr([str(item) for item in self.value] if isinstance(self.value, tuple) else self.value)
        if len(value) > _MOST:
            value = f"{value[:_MOST]}… ({len(value)} characters)"
        key = self.key if self.key.isprintable() and self.key.strip() else repr(self.key)  # a key is text of the user's
        return f"  {key} = {value}: {self.rule}. Remedy: {self.remedy}."


@dataclass(frozen=True)
class Rule:
    """What must hold of a key's value, or (in ``contradictions.py``) of all values, with ``key`` the one to blame."""

    name: str
    key: str
    holds: Callable[[Any], bool]
    says: str
    remedy: str
    source: str = ""
    """Page or issue that the rule comes from; empty where the value would make no sense anyway."""

    def problem(self, value: Any) -> Problem:
        """What to say when it does not hold."""
        return Problem(self.key, value, self.says, self.remedy)


def distinct(items: Iterable[object]) -> bool:
    """Whether nothing is there twice."""
    listed = list(items)
    return len(set(listed)) == len(listed)
