"""Shares: a lake that is too large for memory is judged as one that is not."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit import Latencies, audit
from audit.log import spool
from audit.log.spool import Spool, share_of
from audit.verdict.findings import LISTED
from tests.audit.corpus.lakes import FOLDER, TABLES, log_said, opened
from tests.audit.lakes import DECLARED, ORDERS, Task, judge, objects, shop

LAKES = sorted(FOLDER.glob("*.json"))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch):
    """Few shares, and batches that are full at once: else a small lake is never written to the file."""
    monkeypatch.setattr(spool, "SHARES", 7)
    monkeypatch.setattr(spool, "_BATCH", 2)


def _in_any_order(said: dict[str, Any]) -> dict[str, Any]:
    for of in (said, *said["tables"].values()):
        for found in (of["findings"], of["notes"]):
            few = max(found["counts"].values(), default=0) <= LISTED  # which of many are listed is another matter
            found["listed"] = sorted(found["listed"], key=json.dumps) if few else []
    return said


@pytest.mark.parametrize(
    ("number", "path"), enumerate(sorted(FOLDER.glob("*.json"))), ids=lambda it: getattr(it, "stem", "")
)
def test_shares_say_of_a_broken_lake_what_was_always_said_of_it(number: int, path: Path):
    lake = opened(path)
    most = (0, 5000)[number % 2]  # from the first object on, or in the middle
    said = log_said(audit(lake.objects, TABLES, lake.rows.__getitem__, lake.expectations, most=most))
    assert _in_any_order(json.loads(json.dumps(said))) == _in_any_order(lake.said["log"]), lake.what


def test_of_a_change_that_came_twice_the_first_copy_counts_in_shares_too():
    task = shop()
    lake = objects([*task.sent, *task.sent])
    times = {one.key: 1_795_350_000.0 + number for number, one in enumerate(lake)}
    found = [Latencies(times), Latencies(times)]
    for latencies, most in zip(found, (0, 10**9), strict=True):
        audit(lake, task.rows, task.rows.__getitem__, DECLARED, latencies=latencies, most=most)
    assert found[0].ordered() == found[1].ordered() != []


def test_a_row_that_a_reload_lost_is_missing_though_its_share_was_loaded_once_only():
    """Its old record is alone in its share, where nothing says that the table was loaded again."""
    task = Task()
    task.load(ORDERS, *((key, "new", 1, None) for key in range(200)))
    task.pause()
    task.commit((ORDERS, None, (999, "new", 1, None)))
    task.pause()
    loaded = [sent for sent in task.sent if sent.operation == "load" and sent.data[0] != "7"]
    loaded.append(replace(loaded[0], data=("999", *loaded[0].data[1:])))
    task.sent += [replace(sent, timestamp=task._tick()) for sent in loaded]
    for most in (0, 10**9):
        missing = [one.key for one in judge(task.sent, task.rows, most=most).listed_findings]
        assert missing == ["id=7"], most


def test_the_last_change_is_found_in_whichever_share_it_is():
    task = shop()
    for sent in (sent for sent in task.sent if sent.commit):
        expected = replace(DECLARED, last_change=sent.transaction)
        assert judge(task.sent, task.rows, expected, most=0).equal, sent.transaction


def test_what_is_put_aside_is_not_in_memory():
    aside = Spool[tuple[int, str]](lambda item: (share_of(item[0]),), split=True)
    tracemalloc.start()
    try:
        aside.put((number, f"{number:>300}") for number in range(60_000))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2_000_000, "of 20 MB"
    taken = [number for share in aside.shares for number, _ in aside.take(share)]
    assert sorted(taken) == list(range(60_000))
