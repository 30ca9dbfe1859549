"""Growth: a log that is multiplied as it says, and figures that stand in the page as they were measured."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from benches.growth.log import log, records
from benches.growth.page import GOALS, growth, table
from model import PipelineError
from tests.docs.pages import ROOT, page

MEASURED = "docs/growth.json"


def line(kind: str, second: int, number: int) -> bytes:
    record = {"data": {"id": number}, "metadata": {"timestamp": f"2026-11-29T18:16:{second:02}Z", "record-type": kind}}
    return json.dumps(record, separators=(",", ":")).encode()


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return json.loads((ROOT / MEASURED).read_text(encoding="utf-8"))


def test_a_day_is_there_again_at_its_own_times_but_tables_are_created_once():
    lines = [line("control", 1, 0), *(line("data", 2, number) for number in range(48))]
    objects = list(log(lines, 2, "raw/"))
    assert len({it.key for it in objects}) == 48, "an object for each hour"
    read = [json.loads(one) for it in objects for one in gzip.decompress(it.body).splitlines()]
    assert [it["data"]["id"] for it in read] == [0, *range(48), *range(48)]
    assert [it["metadata"]["record-type"] for it in read].count("control") == 1
    times = [datetime.fromisoformat(it["metadata"]["timestamp"]) for it in read]
    assert times == sorted(set(times)), "in the same order"
    for it in objects:
        (first, *_) = (json.loads(one)["metadata"]["timestamp"] for one in gzip.decompress(it.body).splitlines())
        assert it.key == f"raw/dt={first[:10]}/hr={first[11:13]}/growth.json.gz"


def test_a_lake_without_records_is_refused(tmp_path: Path):
    with pytest.raises(PipelineError, match="has no records: rehearse again"):
        records(tmp_path)


def test_the_page_shows_what_was_measured(told: dict[str, Any]):
    text = page("docs/tables.md").text
    assert table(told) in text, f"put the table of `python -m benches.growth` there, made of {MEASURED}"
    assert told["date"] in text
    assert told["machine"] in text
    drawn = (ROOT / "docs/growth.svg").read_text(encoding="utf-8")
    assert f"<dc:date>{told['date']}</dc:date>" in drawn, "python -m benches.growth --svg docs/growth.svg"


@pytest.mark.parametrize("name", GOALS)
def test_a_table_s_cost_does_not_follow_the_log(told: dict[str, Any], name: str):
    found = growth(told, name)
    assert found, "measured"
    assert max(found) <= GOALS[name]


def test_what_was_not_measured_is_said():
    one, ten = ({"cpu_seconds": seconds, "bytes": 1e6 * seconds} for seconds in (2, 3))
    told = {"records": 42, "days": {"1": {"table": one, "first": one}, "10": {"table": ten}}}
    assert table(told).splitlines()[2:] == [
        "| first MERGE | 2.00; 2.0 | not measured |  |  |",
        "| all of the table | 2.00; 2.0 | 3.00; 3.0 | 1.5; 1.5 | at most 1.5 |",
    ]
    assert growth({"days": {"1": {"table": one}}}, "table") == (), "of one size alone"
