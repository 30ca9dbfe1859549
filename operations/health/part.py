"""Part: a station on the way of a row, what is known of it, and what is wrong there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from model import PipelineError
from operations.clients import AwsError

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong, and what mends it."""

    what: str
    mend: str
    """A command, or what to do first where no one command mends it."""
    symptom: bool = False
    """Whether something else, which may be another problem of this round, is likely its cause."""


@dataclass
class Part:
    """A station. Nothing that could not be asked is left out: it is ``unknown``."""

    name: str
    facts: dict[str, str] = field(default_factory=dict)
    """What is shown, by a short label."""
    problems: list[Problem] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """What could not be asked, and why."""
    skipped: str = ""
    """What was left out because it was asked for so."""

    def ask(self, call: Callable[[], _T]) -> _T | None:
        """What ``call`` gives; None where it is gone, which is a problem, or unknown, for it cannot be asked."""
        try:
            return call()
        except PipelineError as error:
            if isinstance(error, AwsError) and error.gone:
                self.wrong(f"{error.said or error.code} ({error.service} {error.operation})", error.remedy)
                return None
            self.unknown.append(str(error))
            return None

    def as_json(self) -> dict[str, Any]:
        """The part for machines."""
        return {
            "name": self.name,
            "facts": self.facts,
            "problems": [{"what": it.what, "mend": it.mend, "symptom": it.symptom} for it in self.problems],
            "notKnown": self.unknown + ([self.skipped] if self.skipped else []),
        }

    def wrong(self, what: str, mend: str, *, symptom: bool = False) -> None:
        """One more problem."""
        self.problems.append(Problem(what=what, mend=mend, symptom=symptom))


def age(seconds: float) -> str:
    """A time span for people: ``45 s``, ``12 min``, ``3.5 h``, ``2.1 days``."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"


def ago(then: datetime, now: datetime) -> str:
    """``12 min ago``."""
    return f"{age(max((now - then) / timedelta(seconds=1), 0))} ago"
