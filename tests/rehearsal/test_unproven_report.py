"""What the audit cannot prove is said with the verdict, not only in a note."""

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from audit import AuditResult
from model import Position
from rehearsal.report import Outcome, show
from tests.audit.lakes import DECLARED, VISITS, judge, shop


def verdict(result: AuditResult) -> str:
    console = Console(file=io.StringIO(), width=200)
    show(Outcome(folder=Path("kept"), audit=result, position=Position("log", 4), seconds={}, played=None), console)
    text: str = console.file.getvalue()  # pyrefly: ignore[missing-attribute]
    return text.splitlines()[-1]


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


def test_without_transaction_details_no_history_is_proven():
    result = judge(shop().sent, shop().rows, replace(DECLARED, transaction_details=False))
    assert result.unproven == ("shop.orders", "shop.seats")
    assert verdict(result).startswith("EQUAL as far as provable: 2 tables, 9 rows")
