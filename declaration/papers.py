"""The configuration table of the README, made from Pulumi.yaml, which describes every key and holds its default."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml


def configuration_table(root: Path) -> str:
    """A Markdown table with one row a key: name, type, default, meaning."""
    keys = yaml.safe_load((root / "Pulumi.yaml").read_text())["config"]
    rows = [_row(key, declared) for key, declared in keys.items() if "description" in declared]
    return "\n".join(["| key | type | default | meaning |", "|---|---|---|---|", *rows])


def _row(key: str, declared: dict[str, Any]) -> str:
    kind = "list of strings" if declared["type"] == "array" else declared["type"]
    meaning = " ".join(declared["description"].split()).replace("|", r"\|")
    return f"| `{key}` | {kind} | `{json.dumps(declared['default'])}` | {meaning} |"
