"""Fixtures: one Trino for all tests here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from rehearsal.athena import Open
from rehearsal.athena.trino import Trino
from rehearsal.play import audits


@pytest.fixture(scope="session")
def server() -> Iterator[Trino]:
    with Trino() as running:
        yield running


@pytest.fixture(scope="session")
def trino(server: Trino) -> Open:
    return server.endpoints.open


@pytest.fixture
def on_trino(trino: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """The audits ask the Trino that runs already."""
    monkeypatch.setattr(audits, "started", lambda *_: nullcontext(trino))
