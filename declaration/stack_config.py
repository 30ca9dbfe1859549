"""The configuration that the Pulumi CLI would hand to the program, read from the same two files.

The CLI applies the defaults of Pulumi.yaml's ``config:`` block before it starts a program; the SDK does not. So a run
without the CLI has to do it, in the CLI's way: values become strings, booleans ``true``/``false``, lists and
objects JSON. Source: https://www.pulumi.com/docs/iac/concepts/config/ and …/projects/project-file/
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pulumi import RunError

from declaration.model import Secret

UNREADABLE_SECRET = "secret-of-the-stack-file"
"""Stands for a ``secure:`` value: only the CLI can decrypt it, and nothing here needs to."""
_ACCOUNT_PART = "{region}:111122223333"
_OF_THE_RIGHT_FORM = {
    "databaseSecretArn": f"arn:aws:secretsmanager:{_ACCOUNT_PART}:secret:{UNREADABLE_SECRET}-AbCdEf",
    "databaseSecretKeyArn": f"arn:aws:kms:{_ACCOUNT_PART}:key/11112222-3333-4444-5555-666677778888",
}
"""What stands for it where the program asks for a form."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""safe_load with libyaml where it is there: tests read these files hundreds of times."""


@dataclass(frozen=True, kw_only=True)
class StackConfig:
    """Fully qualified keys (``cdc-lake:tables``, ``aws:region``) with values as the program receives them."""

    project: str
    values: Mapping[str, str]
    secret_keys: frozenset[str]


def load_stack_config(root: Path, stack: str, overrides: Mapping[str, object] | None = None) -> StackConfig:
    """Defaults of Pulumi.yaml, then Pulumi.<stack>.yaml, then ``overrides`` (None removes a key).

    A key without a namespace belongs to the project. Raises RunError when a file is missing or is not a mapping.
    """
    project_file = _read(root / "Pulumi.yaml", "every Pulumi program has one at its top level")
    stacks = ", ".join(sorted(path.name.split(".")[1] for path in root.glob("Pulumi.*.yaml"))) or "none"
    stack_file = _read(root / f"Pulumi.{stack}.yaml", f"stack {stack!r} has no configuration; there is: {stacks}")
    project = str(project_file["name"])
    merged: dict[str, Any] = {}
    for key, declared in (project_file.get("config") or {}).items():
        value = declared.get("default", declared.get("value")) if isinstance(declared, Mapping) else declared
        merged[_qualified(project, key)] = value
    for layer in (stack_file.get("config") or {}, overrides or {}):
        merged.update({_qualified(project, key): value for key, value in layer.items()})
    present = {key: value for key, value in merged.items() if value is not None}
    forms = {_qualified(project, key): form for key, form in _OF_THE_RIGHT_FORM.items()}
    region = str(present.get("aws:region", ""))
    return StackConfig(
        project=project,
        values={
            key: _as_the_cli_passes_it(value, forms.get(key, UNREADABLE_SECRET).format(region=region))
            for key, value in present.items()
        },
        secret_keys=frozenset(key for key, value in present.items() if _holds_secret(value)),
    )


def _read(path: Path, otherwise: str) -> dict[str, Any]:
    if not path.is_file():
        raise RunError(f"{path.name} not found: {otherwise}")
    try:
        content = _parsed(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise RunError(f"{path.name} is not YAML: {error}") from error
    if not isinstance(content, dict):
        raise RunError(f"{path.name} holds no mapping at its top level: see the file of another stack for its shape")
    return content


@functools.lru_cache(maxsize=16)
def _parsed(text: str) -> Any:
    """What the YAML says, to be read only: tests read the same two files a hundred times."""
    return yaml.load(text, Loader=_LOADER)


def _qualified(project: str, key: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _as_the_cli_passes_it(value: Any, unreadable: str) -> str:
    if isinstance(value, Secret):
        return _as_the_cli_passes_it(value.value, unreadable)
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and set(value) == {"secure"}:
        return unreadable
    return json.dumps(_decrypted(value), separators=(",", ":"))


def _decrypted(value: Any) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {"secure"}:
            return UNREADABLE_SECRET
        return {key: _decrypted(item) for key, item in value.items()}
    return [_decrypted(item) for item in value] if isinstance(value, list) else value


def _holds_secret(value: Any) -> bool:
    if isinstance(value, Secret):
        return True
    if isinstance(value, Mapping):
        return set(value) == {"secure"} or any(_holds_secret(item) for item in value.values())
    return isinstance(value, list) and any(_holds_secret(item) for item in value)
