"""What an administrator is told to run is what the program would run, and what the page shows is what is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents import heartbeat
from tests.docs import bad_day
from tests.docs.pages import page
from tests.operations.running import well
from tests.operations.stacks import outputs

PAGE = page("docs/operating.md")
SHOWN = [text for kind, text in page("docs/mending.md").blocks if kind == "text"]
"""The blocks of the bad day, in its order."""


def test_an_administrator_makes_the_same_heartbeat():
    (block,) = [text for kind, text in PAGE.blocks if kind == "sql"]
    told = [line.removesuffix(";") for line in block.splitlines()]
    made = [it for it in heartbeat.statements() if "USER" not in it and not it.startswith("GRANT")]
    assert told == [*made, f"CREATE EVENT `cdc_lake`.`beat` ON SCHEDULE EVERY 5 MINUTE DO {heartbeat.BEAT}"]


def test_the_bad_day_shows_what_the_commands_print(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    stack = outputs()
    printed = [
        bad_day.status_of(bad_day.failed(stack), stack),
        bad_day.resumed(stack, tmp_path, monkeypatch),
        bad_day.status_of(well(stack), stack).splitlines()[-1],
        bad_day.audited(stack),
    ]
    for shown, real in zip(SHOWN, printed, strict=True):
        assert [it.rstrip() for it in shown.splitlines()] == [it.rstrip() for it in real.splitlines()]
