"""Declared inputs: what must be there of a resource, for each module that reads the declaration."""

from __future__ import annotations

import json
from typing import Any

from declaration import Declaration, Resource
from model import PipelineError

_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"


def required(resource: Resource, key: str) -> Any:
    """The input ``key``; PipelineError where it is not set."""
    if resource.inputs.get(key) is None:
        raise PipelineError(f"{resource.name} ({resource.type}): the input {key} is not set, and AWS requires it")
    return resource.inputs[key]


def username(declaration: Declaration, resource: Resource, secret_arn: str) -> str:
    """The user in the secret that ``resource`` names. PipelineError where the program declares no such secret."""
    for version in declaration.all(_VERSION):
        if version.inputs.get("secretId") == secret_arn:
            return json.loads(version.inputs["secretString"].value)["username"]
    raise PipelineError(f"{resource.name}: its secret is {secret_arn!r}, which is no {_VERSION} of this program")
