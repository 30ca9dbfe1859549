"""Tables of the pages in ``docs/``: the configuration, made from Pulumi.yaml, and every rule on it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from configuration.contradictions import CONTRADICTIONS
from configuration.rule import Rule
from configuration.rules import VALUE_RULES


def configuration_table(root: Path) -> str:
    """Markdown: for each group of keys a heading and a table with one row a key: name, type, default, meaning.

    A group is what follows a comment of its own in Pulumi.yaml, up to the next such comment.
    """
    text = (root / "Pulumi.yaml").read_text(encoding="utf-8")
    declared = yaml.safe_load(text)["config"]
    return "\n\n".join(
        f"### {title}\n\n{table(('key', 'type', 'default', 'meaning'), (_key(key, declared[key]) for key in keys))}"
        for title, keys in groups(text)
    )


def groups(project_file: str) -> Sequence[tuple[str, Sequence[str]]]:
    """The described keys of a Pulumi.yaml by group, both in the order of the file.

    A group begins at a comment line behind an empty line; a key before the first one is of the group ``""``.
    """
    found: list[tuple[str, list[str]]] = [("", [])]
    described = {key for key, it in yaml.safe_load(project_file)["config"].items() if "description" in it}
    for title, key in re.findall(r"(?<=\n\n)  # (.+)|^  ([\w:]+):", project_file, re.MULTILINE):
        if title:
            found.append((title, []))
        elif key in described:
            found[-1][1].append(key)
    return [(title, keys) for title, keys in found if keys]


def rules_table() -> str:
    """Markdown: a table of the rules on one key, and one of what keys must agree on, each row with its remedy."""
    alone = table(("rule", "key", "the error says", "remedy"), map(_rule, VALUE_RULES))
    heads = ("rule", "key", "refused because", "remedy", "page")
    together = table(heads, ((*_rule(rule), f"[source]({rule.source})") for rule in CONTRADICTIONS))
    return f"### Rules on one key\n\n{alone}\n\n### Rules on several keys\n\n{together}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown: one table."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ("---",) * len(heads), *rows))


def _rule(rule: Rule) -> Sequence[str]:
    return rule.name, f"`{rule.key}`", _cell(rule.says), _cell(rule.remedy)


def _key(key: str, declared: dict[str, Any]) -> Sequence[str]:
    kind = "list of strings" if declared["type"] == "array" else declared["type"]
    return f"`{key}`", kind, f"`{json.dumps(declared['default'])}`", _cell(declared["description"])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")
