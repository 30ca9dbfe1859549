"""What the audit cannot prove is said with the verdict, not only in a note."""

import io
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from audit import AuditResult
from model import Position
from rehearsal.play.rehearse import Played
from rehearsal.report import Outcome, show
from tests.audit.lakes import DECLARED, SEATS, VISITS, judge, shop

LOG = Position("log", 4)
PLAYED = Played(position=LOG, not_captured=(), warnings=(), throttled=0)


def printed(result: AuditResult, **played: Any) -> list[str]:
    console = Console(file=io.StringIO(), width=200)
    outcome = Outcome(folder=Path("kept"), audit=result, position=LOG, seconds={}, played=replace(PLAYED, **played))
    show(outcome, console)
    text: str = console.file.getvalue()  # pyrefly: ignore[missing-attribute]
    return text.splitlines()


def verdict(result: AuditResult, **played: Any) -> str:
    return printed(result, **played)[-1]


def open_count() -> AuditResult:
    """A lake of a table without primary key in which a row that the load may have had already is there twice."""
    task = shop()
    task.load(VISITS, ("/", 7))
    task.commit((VISITS, None, ("/", 7)), at=task.now - timedelta(seconds=60), source=False)
    return judge(task.sent, task.rows)


def test_a_number_of_rows_that_the_load_leaves_open_is_named_beside_the_verdict():
    result = open_count()
    table = result.tables["shop.visits"]
    assert (result.equal, table.rows_source, table.rows_lake) == (True, 1, 2), "legal, and no proof"
    assert result.unproven == ("shop.visits",)
    assert result.as_json()["unproven"] == ["shop.visits"], "machines are told too"
    assert verdict(result).startswith("EQUAL as far as provable: "), "the lake is not simply the source"
    assert "shop.visits" in verdict(result)
    assert "lake == source" not in verdict(result)


def test_a_lake_that_is_proven_is_equal_without_more_words():
    result = judge(shop().sent, shop().rows)
    assert (result.unproven, verdict(result)) == ((), "EQUAL: 2 tables, 9 rows, lake == source at log:4, by the log")


def test_a_verdict_says_that_the_stream_had_no_limits():
    for sent, start in ((shop().sent, "EQUAL: "), ([], "NOT EQUAL: ")):
        console = Console(file=io.StringIO(), width=200)
        audit = judge(sent, shop().rows)
        told = {"audit": audit, "position": LOG, "seconds": {}, "played": PLAYED, "unlimited": True}
        outcome = Outcome(folder=Path("kept"), **told)
        show(outcome, console)
        last = console.file.getvalue().splitlines()[-1]  # pyrefly: ignore[missing-attribute]
        assert last.startswith(start)
        assert last.endswith("; the stream was played without its limits"), "no stream of AWS is so quick"
        assert json.loads(outcome.as_text())["unlimited"] is True


def test_without_transaction_details_no_history_is_proven():
    result = judge(shop().sent, shop().rows, replace(DECLARED, transaction_details=False))
    assert result.unproven == ("shop.orders", "shop.seats")
    assert verdict(result).startswith("EQUAL as far as provable: 2 tables, 9 rows")


def test_what_was_not_captured_though_selected_is_named_and_the_verdict_is_not_about_it():
    result, missed = judge(shop().sent, shop().rows), ("shop.secret: nobody may see it",)
    assert verdict(result, missed=missed).startswith(
        "EQUAL of what the user may see and DMS captures: 2 tables, 9 rows"
    )
    lines = printed(result, missed=missed, left_out=("shop.orders.tax (generated)",))
    assert "not captured, though selected: shop.secret: nobody may see it" in lines
    assert "left out: shop.orders.tax (generated)" in lines


def test_a_table_that_a_real_task_may_write_otherwise_is_equal_as_far_as_provable():
    result = judge(shop().sent, shop().rows)
    told = verdict(result, differing=("shop.orders",), missed=("shop.v: a view",))
    assert told.startswith("EQUAL as far as provable of what the user may see and DMS captures: 2 tables, 9 rows at")
    assert told.endswith("see the notes and warnings of shop.orders")


def test_a_likely_cause_is_told_of_tables_with_findings_alone():
    task = shop()
    causes = {"shop.orders": ("it cascades",), "shop.seats": ("its engine",)}
    found = judge([it for it in task.sent if it.table != SEATS or it.data[:2] != ("2", '"A1"')], task.rows)
    lines = printed(found, causes=causes)
    assert [line for line in lines if line.startswith("likely cause")] == ["likely cause: shop.seats: its engine"]
    played = replace(PLAYED, causes=causes)
    document = json.loads(Outcome(folder=Path(), audit=found, position=LOG, seconds={}, played=played).as_text())
    assert document["likelyCauses"] == {"shop.seats": ["its engine"]}, "machines are told too"
