"""Rules: what all rules of a table-mappings document share: their keys, their names with wildcards, their refusal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from model import PipelineError

Rule = Mapping[str, Any]
"""One rule as it is declared."""

REQUIRED = ("rule-type", "rule-id", "rule-name", "rule-action", "object-locator")


class RuleError(PipelineError):
    """A rule is refused."""

    rule: Rule
    why: str
    """Without the rule's name."""


def refuse(rule: Rule, why: str) -> NoReturn:
    """Raise the RuleError that names ``rule``."""
    error = RuleError(f"table mappings: {label(rule)}: {why}")
    error.rule, error.why = rule, why
    raise error


def label(rule: Rule) -> str:
    """``rule 7 (no-audit)``."""
    return f"rule {rule.get('rule-id', '?')} ({rule.get('rule-name', 'unnamed')})"


def number(rule: Rule) -> int:
    """The rule's id as a number: of several rules for one object the lowest is applied."""
    if not str(rule["rule-id"]).isdecimal():
        refuse(rule, "rule-id must be numeric")
    return int(rule["rule-id"])


def check_keys(rule: Rule, kind: str, optional: Iterable[str]) -> None:
    """Refuse a rule that lacks a required key or has one that is not known."""
    for key in REQUIRED:
        if key not in rule:
            refuse(rule, f"misses {key!r}; a {kind} rule needs {', '.join(REQUIRED)}")
    if unknown := sorted(set(rule) - {*REQUIRED, *optional}):
        refuse(rule, f"has the unknown key {unknown[0]!r}, or one that is not played; rehearse without it")


def text(rule: Rule, key: str) -> str:
    """A value of the rule that must be text and not empty."""
    value = rule.get(key)
    if not isinstance(value, str) or not value:
        refuse(rule, f"{key!r} is {value!r}; {rule['rule-action']} needs a text there")
    return value


def exact(rule: Rule, name: object) -> re.Pattern[str]:
    """The name itself, letter by letter."""
    return re.compile(re.escape(_name(rule, name)))


def pattern(rule: Rule, name: object) -> re.Pattern[str]:
    """A name with the wildcards of DMS: ``%`` any text, ``_`` one character, ``[ab]``, ``[a-d]``, ``[_]``.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Wildcards.html
    """
    wildcard = _name(rule, name)
    try:
        return re.compile(_expression(wildcard), re.DOTALL)
    except (ValueError, re.error) as error:
        refuse(rule, f"{wildcard!r} is not a valid pattern ({error}); write [ab], [a-d] or [_]")


def _name(rule: Rule, name: object) -> str:
    if not isinstance(name, str) or not name:
        refuse(rule, f"object-locator has {name!r} where a name must be")
    return name


def _expression(wildcard: str) -> str:
    """The regular expression of a DMS wildcard."""
    pieces: list[str] = []
    position = 0
    while position < len(wildcard):
        character = wildcard[position]
        if character == "[":
            end = wildcard.index("]", position + 1)
            members = wildcard[position + 1 : end]
            pieces.append("[" + re.sub(r"[\\^\[\]&~|]", r"\\\g<0>", members) + "]")
            position = end
        else:
            pieces.append({"%": ".*", "_": "."}.get(character) or re.escape(character))
        position += 1
    return "".join(pieces)
