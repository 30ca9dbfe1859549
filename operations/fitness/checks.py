"""The checks that the program declares, asked as the program asks them: the output ``preflightChecks``."""

from __future__ import annotations

from model.plan import Check
from operations.health.look import Look
from operations.health.part import Part
from operations.sql import Answer


def checks(look: Look) -> Part:
    """Each check with its answer."""
    part = Part("checks")
    for check in look.operation.outputs.preflight_checks:
        answer = part.ask(lambda check=check: look.source(check.sql))
        if answer is not None:
            _judge(part, check, _text(answer))
    return part


def _judge(part: Part, check: Check, answer: str) -> None:
    if answer in check.expect:
        part.facts[check.name] = answer or "as it must be"
    else:
        wanted = " or ".join(map(repr, check.expect))
        part.wrong(f"{check.name}: no, {check.sql} answers {answer!r} and must answer {wanted}", check.remedy)


def _text(answer: Answer) -> str:
    """The last column of the first row; '' for NULL and where there is no row."""
    value = answer.rows[0][-1] if answer.rows else None
    return "" if value is None else value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
