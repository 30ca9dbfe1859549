"""Declared inputs: what must be there of a resource, for each module that reads the declaration."""

from __future__ import annotations

from typing import Any

from declaration import Resource
from model import PipelineError


def required(resource: Resource, key: str) -> Any:
    """The input ``key``; PipelineError where it is not set."""
    if resource.inputs.get(key) is None:
        raise PipelineError(f"{resource.name} ({resource.type}): the input {key} is not set, and AWS requires it")
    return resource.inputs[key]
