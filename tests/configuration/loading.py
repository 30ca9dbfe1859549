"""Settings of the small stack with some keys changed, by the same way as the program's, without declaring anything."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from configuration.settings import Settings, SettingsError, load
from declaration.run import ROOT
from declaration.stack_config import load_stack_config

SMALL = load_stack_config(ROOT, "dev")
"""The small stack, which is read once: tests ask thousands of times."""


def loaded(changes: Mapping[str, Any] = {}, stack: str = "dev") -> Settings:
    """``changes`` are keys of the configuration (None removes one), ``project`` and ``stack`` the two names."""
    given = {key: value for key, value in changes.items() if key not in ("project", "stack")}
    values = {**SMALL.values, **{_qualified(key): as_text(value) for key, value in given.items() if value is not None}}
    values = {key: text for key, text in values.items() if key.removeprefix("cdc-lake:") not in _removed(given)}
    project = changes.get("project", "cdc-lake")
    own = {re.sub("^cdc-lake:", f"{project}:", key): text for key, text in values.items()}
    return load(own, project=project, stack=changes.get("stack", stack))


def as_text(value: Any) -> str:
    """A value as the CLI passes it."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _qualified(key: str) -> str:
    return key if ":" in key else f"cdc-lake:{key}"


def _removed(given: Mapping[str, Any]) -> list[str]:
    return [key for key, value in given.items() if value is None]


def refusal(changes: Mapping[str, Any]) -> list[str]:
    """The lines of the refusal, without the headline."""
    with pytest.raises(SettingsError) as caught:
        loaded(changes)
    return str(caught.value).splitlines()[1:]
