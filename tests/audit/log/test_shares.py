"""Shares: a lake that is too large for memory is judged as one that is not."""

from __future__ import annotations

import json
import os
import pickle
import tempfile
import tracemalloc
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit import Latencies, audit
from audit.log import spool
from audit.log.resets import Mark, Reset, resets
from audit.log.spool import Spool, share_of
from audit.verdict.findings import LISTED
from tests.audit.corpus.lakes import FOLDER, TABLES, log_said, opened
from tests.audit.lakes import DECLARED, ORDERS, Sent, Task, deliver, findings, fragments, judge, objects, shop

LAKES = sorted(FOLDER.glob("*.json"))[:: 1 if "EXAMPLES" in os.environ else 3]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch):
    """Few shares and small pieces."""
    monkeypatch.setattr(spool, "SHARES", 7)
    monkeypatch.setattr("audit.log.reading.AT_ONCE", 1000)
    monkeypatch.setattr("audit.log.audit.AT_ONCE", 1000)


def _in_any_order(said: dict[str, Any]) -> dict[str, Any]:
    for of in (said, *said["tables"].values()):
        for found in (of["findings"], of["notes"]):
            few = max(found["counts"].values(), default=0) <= LISTED  # which of many are listed is another matter
            found["listed"] = sorted(found["listed"], key=json.dumps) if few else []
    return said


@pytest.mark.parametrize(("number", "path"), list(enumerate(LAKES)), ids=[path.stem for path in LAKES])
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


@pytest.mark.parametrize("key", range(2, 9))
def test_records_that_nothing_but_their_line_orders_are_in_that_order_in_shares_too(key: int):
    """A row is changed and then moved, at one moment, without a place in the log, run together on one line."""
    first, second, moved = ((number, status, 1, None) for number, status in ((1, "a"), (1, "b"), (key, "c")))
    task, at = Task(), "2026-11-22T10:01:00.001000Z"
    task.load(ORDERS, first)
    changes = (
        Sent("update", ORDERS, at, fragments(second), fragments(first)),
        Sent("update", ORDERS, at, fragments(moved), fragments(second)),
    )
    lake = [deliver([task.sent[0].line, "".join(change.line for change in changes)])]
    expected = replace(DECLARED, transaction_details=False)
    result = judge(lake, {ORDERS: [moved]}, expected, most=0)
    assert result.tables[str(ORDERS)].findings.total == 0, findings(result)


def test_no_file_stays_open(monkeypatch: pytest.MonkeyPatch):
    files, make = [], tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: files.append(make()) or files[-1])
    task = shop()
    assert judge(task.sent, task.rows, most=0).equal
    assert [file.closed for file in files] == [True] * 6, "entries twice, both parts of the chain, marks and rows"


def test_rows_with_large_values_are_put_aside_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch):
    put, pieces = Spool.put, list[int]()

    def counted(self: Spool[Any], items: Iterable[Any]) -> None:
        some = list(items)
        pieces.extend([len(some)] if some else [])
        put(self, some)

    monkeypatch.setattr(Spool, "put", counted)
    task = Task()
    task.load(ORDERS, *((key, "new", 1, "x" * 400) for key in range(50)))
    assert judge(task.sent, task.rows, most=0).equal
    assert pieces[0] == 2, "of the entries, as soon as they have more than 1,000 bytes"
    assert pieces[-25:] == [2] * 25, "of the rows"


def test_of_no_share_more_than_a_few_marks_are_in_memory_when_all_are_merged(monkeypatch: pytest.MonkeyPatch):
    held, most = Counter[int](), Counter[int]()
    load = pickle.load

    def loaded(file: Any) -> Any:
        items = load(file)
        if len(items[0]) == 4 and isinstance(items[0][2], bool):
            share = items[0][3]
            held[share] += len(items)
            most[share] = max(most[share], held[share])
        return items

    def watched(logs: Any, marks: Iterable[Mark]) -> list[list[Reset]]:
        return resets(logs, (mark for mark in marks if not held.subtract({mark[3]: 1})))

    monkeypatch.setattr("audit.log.audit._MARKS", 2)
    monkeypatch.setattr("audit.log.audit.resets", watched)
    monkeypatch.setattr(pickle, "load", loaded)
    task = shop()
    assert judge(task.sent, task.rows, most=0).equal
    assert 2 <= max(most.values()) <= 3, "a piece, and the mark that is being looked at"


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
