"""Tables that are loaded again: asked for by ten, waited for, and told apart from the load before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from model import PipelineError
from operations.command import Operation
from operations.commands import reload
from operations.proof.report import Audited
from tests.operations.dms import Dms, SqlSource, at_work
from tests.operations.stacks import OTHERS_DATABASE, outputs

STACK = outputs()
EARLIER, NOW = (datetime(2026, 11, day, tzinfo=UTC) for day in (1, 29))
LOADED = {"TableState": "Table completed", "FullLoadStartTime": EARLIER, "FullLoadEndTime": EARLIER, "FullLoadRows": 5}
AGAIN = [
    {"TableState": "Table completed"},  # not begun yet
    {"TableState": "Table is being reloaded"},
    {"TableState": "Full load", "FullLoadStartTime": NOW, "FullLoadRows": 3},
    {"TableState": "Table completed", "FullLoadStartTime": NOW, "FullLoadEndTime": NOW, "FullLoadRows": 7},
]


pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def dms() -> Dms:
    dms = Dms()
    dms.add(STACK.task_arn, "running")
    dms.statistics = [{"SchemaName": "shop", "TableName": name, **LOADED} for name in ("orders", "seats")]
    dms.reload = AGAIN
    return dms


def run(dms: Dms, *tables: str, stack: Any = STACK, **options: Any) -> tuple[int, str]:
    given = {"no_audit": True, "patience": None, **options}
    work, told = at_work(dms, SqlSource(), stack, tables=list(tables), **given)
    return reload.run(work), told.getvalue()


def test_a_table_is_loaded_again_and_waited_for(dms: Dms, capsys: pytest.CaptureFixture[str]):
    code, told = run(dms, "shop.orders", "shop.orders", json=True)
    assert code == 0
    assert dms.reloaded == [["shop.orders"]], "each once"
    assert "shop.orders: Table completed, 7 rows" in told, "the new load, not the one before"
    assert json.loads(capsys.readouterr().out)["reloaded"] == ["shop.orders"]


def test_more_than_ten_are_loaded_by_ten(dms: Dms):
    dms.statistics = [{"SchemaName": "s", "TableName": f"t{number}", **LOADED} for number in range(12)]
    assert run(dms, *(f"s.t{number}" for number in range(12)))[0] == 0
    assert [len(some) for some in dms.reloaded] == [10, 2]


def test_a_table_with_an_error_is_found(dms: Dms):
    dms.reload = [{"TableState": "Table is being reloaded"}, {"TableState": "Table error", "FullLoadStartTime": NOW}]
    code, told = run(dms, "shop.seats")
    assert (code, "1 of 1 tables were not loaded" in told) == (1, True)


def test_a_load_of_which_rows_failed_is_found(dms: Dms):
    dms.reload = [*AGAIN[:-1], {**AGAIN[-1], "FullLoadErrorRows": 2}]
    code, told = run(dms, "shop.seats")
    assert (code, "shop.seats: Table completed, 7 rows, 2 failed" in told) == (1, True)


def test_a_table_that_had_an_error_is_not_told_by_the_old_one(dms: Dms):
    dms.statistics[0]["TableState"] = "Table error"
    dms.reload = [{"TableState": "Table error"}, *AGAIN[1:]]
    assert run(dms, "shop.orders")[0] == 0


def test_a_load_that_does_not_end_ends_the_wait(dms: Dms):
    dms.reload = AGAIN[:2]
    with pytest.raises(PipelineError, match="the tables are not loaded: nothing moved for 30 minutes"):
        run(dms, "shop.orders")


def test_a_table_that_is_not_captured_is_refused_with_those_that_are(dms: Dms):
    with pytest.raises(PipelineError, match=r"no table shop\.order: it captures shop\.orders, shop\.seats"):
        run(dms, "shop.order")
    assert dms.reloaded == []


def test_a_task_that_does_not_run_is_refused_with_what_starts_it(dms: Dms):
    dms.tasks[STACK.task_arn]["Status"] = "stopped"
    with pytest.raises(PipelineError, match="python -m operations resume --stack dev"):
        run(dms, "shop.orders")


def test_a_serverless_replication_loads_again_too(dms: Dms):
    stack = outputs(replicationMode="serverless", taskArn="arn:aws:dms:eu-central-1:1:replication-config:X")
    dms.add(stack.task_arn, "running")
    assert run(dms, "shop.orders", stack=stack)[0] == 0
    assert "reload_replication_tables" in dms.called


@pytest.fixture
def audits(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """The tables of each audit, in the place of what would ask both sides."""
    asked: list[Sequence[str]] = []

    def audit(operation: Operation, database: Any, named: Sequence[str]) -> Audited:
        asked.append(named)
        return Audited(tables={}, named=True)

    monkeypatch.setattr(reload, "audit", audit)
    return asked


def test_what_was_loaded_is_audited_and_the_verdict_is_the_exit_code(
    dms: Dms, audits: list[Sequence[str]], capsys: pytest.CaptureFixture[str]
):
    code, _ = run(dms, "shop.orders", no_audit=False, json=True)
    assert audits == [["shop.orders"]]
    assert code == Audited(tables={}, named=True).code != 0, "nothing could be compared here"
    assert "audit" in json.loads(capsys.readouterr().out)


def test_what_was_not_loaded_is_not_audited(dms: Dms, audits: list[Sequence[str]]):
    dms.reload = [{"TableState": "Table is being reloaded"}, {"TableState": "Table error", "FullLoadStartTime": NOW}]
    assert run(dms, "shop.orders", no_audit=False)[0] == 1
    assert audits == []


@pytest.mark.parametrize(
    ("stack", "patience", "why"),
    [
        (outputs(**OTHERS_DATABASE), None, "--source mysql://user@host:port, or --no-audit"),
        (STACK, 0.5, "--patience 0.5 is less"),
    ],
)
def test_an_audit_that_could_not_be_made_is_told_before_the_load(dms: Dms, stack: Any, patience: Any, why: str):
    with pytest.raises(PipelineError, match=why):
        run(dms, "shop.orders", stack=stack, no_audit=False, patience=patience)
    assert dms.reloaded == []


@pytest.mark.parametrize("call", ["describe_replication_tasks", "describe_table_statistics", "reload_tables"])
def test_a_call_that_is_denied_names_the_right(dms: Dms, call: str):
    dms.refuses[call] = "AccessDeniedFault"
    name = "".join(word.capitalize() for word in call.split("_"))
    with pytest.raises(PipelineError, match=f"allow dms:{name}"):
        run(dms, "shop.orders")
