"""Verdict: one line on what the parts come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from operations.command import COULD_NOT, FOUND, WELL
from operations.health.part import Part, Problem

_WORDS = {WELL: "WELL", FOUND: "NOT WELL", COULD_NOT: "NOT KNOWN"}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What it comes to."""

    code: int
    """Exit code."""
    says: str
    mend: str
    """What mends the first cause; empty where nothing is wrong."""

    def as_json(self) -> dict[str, Any]:
        """The verdict for machines."""
        return {"exitCode": self.code, "says": str(self), "mend": self.mend}

    def __str__(self) -> str:
        return f"{_WORDS[self.code]}: {self.says}" + (f". Mend it: {self.mend}" if self.mend else "")


def verdict(parts: Sequence[Part], well: str = "every part does what is promised") -> Verdict:
    """The first cause in the order in which the data flows; a symptom only where there is no cause.

    What is unknown never passes for well.
    """
    problems = [(part, it) for part in parts for it in part.problems]
    unknown = unknowns(parts)
    if problems:
        part, first = next(((part, it) for part, it in problems if not it.symptom), problems[0])
        more = _more(len(problems) - 1, len(unknown))
        return Verdict(code=FOUND, says=f"{part.name}: {_sentence(first)}{more}", mend=first.mend)
    if unknown:
        seen = "what could be asked is well, but" if any(it.facts for it in parts) else "nothing could be asked:"
        says = f"{seen} {unknown[0]}{_more(0, len(unknown) - 1)}"
        return Verdict(code=COULD_NOT, says=says, mend="")
    skipped = [it.skipped for it in parts if it.skipped]
    return Verdict(code=WELL, says="; but ".join([well, *skipped]), mend="")


def unknowns(parts: Sequence[Part]) -> list[str]:
    """What could not be asked, each thing once."""
    return list(dict.fromkeys(it for part in parts for it in part.unknown))


def _sentence(problem: Problem) -> str:
    return problem.what.rstrip(".")


def _more(problems: int, unknown: int) -> str:
    told = [f"{problems} more below"] * bool(problems) + [f"{unknown} not known"] * bool(unknown)
    return f" ({', '.join(told)})" if told else ""
