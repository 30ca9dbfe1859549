"""Fixtures: one Trino for all tests here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rehearsal.athena import Open
from rehearsal.athena.trino import Trino


@pytest.fixture(scope="session")
def trino() -> Iterator[Open]:
    with Trino() as running:
        yield running.endpoints.open
