"""The README: one short page for a newcomer, and what it shows is what is printed."""

from __future__ import annotations

import io
import math
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from rich.console import Console

from audit import Findings
from model import Position
from rehearsal.plan.pipeline import read_plan
from rehearsal.play.alarms import Watched, figures, judge, promise_seconds
from rehearsal.play.rehearse import Played
from rehearsal.report import Outcome, show
from tests.declared import declare
from tests.docs.pages import README, ROOT

OPERATIONS = ("load", "insert", "update", "delete")


def test_it_is_one_short_page():
    assert len(README.text.splitlines()) <= 200, "everything else has a page of its own in docs/"


def test_ci_runs_the_test_command_of_the_readme():
    assert "\nmake test " in README.text
    assert "exec make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_what_linter_and_type_checker_say_is_shown_as_they_say_it():
    for tool, *rest in (["ruff", "check"], ["pyrefly", "check"]):
        command = [sys.executable, "-m", tool, *rest, "toolchain.py"]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
        (line,) = f"{said.stdout}{said.stderr}".splitlines()
        assert f"\n{line.strip()}\n" in README.text, f"make test prints this of {tool}"


def test_the_same_pythons_are_said_to_be_tested_everywhere():
    matrix = yaml.safe_load((ROOT / ".github/workflows/checks.yml").read_text(encoding="utf-8"))["jobs"]["test"]
    first, *others, last = matrix["strategy"]["matrix"]["python"]
    tested = f"{', '.join([first, *others])} and {last}"
    for name in ("README.md", "CONTRIBUTING.md", "pyproject.toml"):
        assert tested in (ROOT / name).read_text(encoding="utf-8"), f"{name} says with which Python it was tested"


def test_the_report_that_is_shown_is_what_is_printed():
    (shown,) = [block for kind, block in README.blocks if kind == "text" and "dms_sample.venue" in block]
    assert printed(shown).rstrip() == shown.rstrip(), "run `make rehearse` and show its last lines"


def printed(shown: str) -> str:
    """The report that the rehearsal prints for the numbers in ``shown``."""
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in shown.splitlines() if line.startswith("│")]
    tables = {name: table(*(int(number.replace(",", "")) for number in numbers)) for name, *numbers, _, _ in rows}
    notes = re.findall(r"^note: (.+): ([\d,]+)$", shown, re.MULTILINE)
    seconds = re.findall(r"([a-z ]+) (\d+\.\d)(?=[,;])", shown.split("seconds:")[1])
    log, offset = re.findall(r"at (mysql-bin-changelog\.\d+):(\d+)", shown)[0]
    position = Position(log, int(offset))
    played = Played(
        position=position,
        not_captured=tuple(re.findall(r"^not captured: (.+)$", shown, re.MULTILINE)),
        warnings=tuple(re.findall(r"^warning: (.+)$", shown, re.MULTILINE)),
        throttled=0,
        watched=watched(shown),
    )
    audit: Any = SimpleNamespace(
        gone={},
        equal=True,
        tables=tables,
        listed_findings=(),
        total_findings=0,
        note_counts={kind: int(count.replace(",", "")) for kind, count in notes},
        unproven=(),
        disorder=True,
        views=SimpleNamespace(engine="duckdb", tables={name: view() for name in tables}, merges=0),
    )
    console = Console(file=io.StringIO(), width=140, highlight=False)
    outcome = Outcome(
        folder=Path("rehearsal-output/dev"),
        audit=audit,
        position=position,
        seconds={name.strip(): float(value) for name, value in seconds},
        played=played,
        latencies=latencies(shown),
    )
    show(outcome, console)
    return console.file.getvalue()  # pyrefly: ignore[missing-attribute]


def latencies(shown: str) -> list[float]:
    """Latencies of as many changes as ``shown`` tells of, with its percentiles."""
    (line,) = re.findall(r"^latency, .+$", shown, re.MULTILINE)
    values = {int(percent): float(seconds) for percent, seconds in re.findall(r"p(\d+) ([\d.]+) s", line)}
    values[100] = float(re.findall(r"max ([\d.]+) s", line)[0])
    count, found = int(re.findall(r"of ([\d,]+) changes", line)[0].replace(",", "")), list[float]()
    for percent, seconds in values.items():
        found += [seconds] * (math.ceil(count * percent / 100) - len(found))
    return found


def watched(shown: str) -> Watched:
    """The alarms that the dev stack declares, with what ``shown`` tells of them."""
    plan, told = read_plan(declare("dev")), dict(re.findall(r"([a-z-]+) \(([\d,.]+) > ", shown))
    still = SimpleNamespace(
        **dict.fromkeys(("latency_source", "latency_target", "iterator_age"), 0),
        **dict.fromkeys(("most_behind", "freshness", "partitions", "refused"), 0),
        throttled=int(told.get("stream-throttles", "0").replace(",", "")),
    )
    return Watched(
        alarms=judge(plan.alarms, figures([still], [still], [still])),
        promise_seconds=promise_seconds(plan.alarms),
        buffer_seconds=plan.delivery.buffer_seconds,
        seconds=float(re.findall(r"in these (\d+) s", shown)[0]),
        delivered_at={},
    )


def table(rows: int, *counts: int) -> SimpleNamespace:
    operations = dict(zip(OPERATIONS, counts[:4], strict=True))
    return SimpleNamespace(
        rows_source=rows, operations=operations, objects=counts[4], bytes=counts[5], findings=Findings()
    )


def view() -> SimpleNamespace:
    return SimpleNamespace(findings=Findings(), notes=Findings(), asked=True)
