"""Fixtures: the two stacks as declared, and small readers of declared documents."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from typing import Any

import pytest

from declaration import Declaration, Resource
from tests.declared import TURNED, declare


@pytest.fixture(scope="session")
def dev() -> Declaration:
    return declare("dev")


@pytest.fixture(scope="session", autouse=True)
def _modules_stay(dev: Declaration) -> Iterator[None]:
    """Keep the collector off the SDK's modules: looking through them again and again takes most of a declare()."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()  # DuckDB calls what is left at the end a leak


@pytest.fixture(scope="session")
def prod() -> Declaration:
    return declare("prod")


@pytest.fixture(scope="session")
def turned() -> Declaration:
    """The small stack with many keys turned: ``TURNED`` says which."""
    return declare("dev", config=TURNED)


@pytest.fixture(scope="session", params=["dev", "prod"])
def stack(request: pytest.FixtureRequest) -> Declaration:
    """Each stack in turn."""
    return request.getfixturevalue(request.param)


def statements(resource: Resource, document: str = "policy") -> dict[str, dict[str, Any]]:
    """The statements of a policy document by Sid, without the Sid."""
    found = json.loads(resource.inputs[document])["Statement"]
    return {statement.pop("Sid"): statement for statement in found}


def trusted(role: Resource) -> dict[str, Any]:
    """The one statement of a role's trust policy."""
    return statements(role, "assumeRolePolicy")["AssumedByService"]
