"""Settings of the small stack with some keys changed, by the same way as the program's, without declaring anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from configuration.settings import Settings, SettingsError, load
from declaration.run import ROOT
from declaration.stack_config import load_stack_config


def loaded(changes: Mapping[str, Any] = {}, stack: str = "dev") -> Settings:
    """``changes`` are keys of the configuration, and ``project`` and ``stack`` for the two names."""
    overrides = {key: value for key, value in changes.items() if key not in ("project", "stack")}
    config = load_stack_config(ROOT, "dev", overrides)
    project = changes.get("project", config.project)
    own, new = f"{config.project}:", f"{project}:"
    values = {(new + key.removeprefix(own) if key.startswith(own) else key): it for key, it in config.values.items()}
    return load(values, project=project, stack=changes.get("stack", stack))


def refusal(changes: Mapping[str, Any]) -> list[str]:
    """The lines of the refusal, without the headline."""
    with pytest.raises(SettingsError) as caught:
        loaded(changes)
    return str(caught.value).splitlines()[1:]
