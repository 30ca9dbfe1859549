"""Tables of the README: the configuration, made from Pulumi.yaml, and what must agree, from ``contradictions.py``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from configuration.contradictions import CONTRADICTIONS


def configuration_table(root: Path) -> str:
    """A Markdown table with one row a key: name, type, default, meaning."""
    keys = yaml.safe_load((root / "Pulumi.yaml").read_text())["config"]
    rows = [_row(key, declared) for key, declared in keys.items() if "description" in declared]
    return "\n".join(["| key | type | default | meaning |", "|---|---|---|---|", *rows])


def rules_table() -> str:
    """A Markdown table with one row a contradiction that is refused: name, key to blame, why, remedy, page or issue."""
    rows = [
        f"| {rule.name} | `{rule.key}` | {_cell(rule.says)} | {_cell(rule.remedy)} | [source]({rule.source}) |"
        for rule in CONTRADICTIONS
    ]
    return "\n".join(["| rule | key | refused because | remedy | page |", "|---|---|---|---|---|", *rows])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


def _row(key: str, declared: dict[str, Any]) -> str:
    kind = "list of strings" if declared["type"] == "array" else declared["type"]
    return f"| `{key}` | {kind} | `{json.dumps(declared['default'])}` | {_cell(declared['description'])} |"
