"""Trino's server, as far as it can be tested without Java: what is said when it does not start."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from model import PipelineError
from rehearsal.athena.trino import server


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("echo no room >&2; exit 3", "Trino did not start, it ended with exit code 3: no room"),
        ("echo slow >&2; exec sleep 60", "Trino did not start, it said nothing for 0 seconds: "),
    ],
)
def test_a_trino_that_does_not_start_is_told_with_the_end_of_its_log(
    program: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(server, "_START_SECONDS", 0 if "sleep" in program else 60)
    with ExitStack() as stack:
        process = server._start(["sh", "-c", program], tmp_path / "log", stack)
        with pytest.raises(PipelineError, match=said):
            server._address(process, tmp_path / "log")


def test_an_address_is_what_the_launcher_says_first(tmp_path: Path):
    with ExitStack() as stack:
        process = server._start(["sh", "-c", "echo http://127.0.0.1:1; exec cat"], tmp_path / "log", stack)
        assert server._address(process, tmp_path / "log") == "http://127.0.0.1:1"
