"""SqlWithdrawals: what was granted and is captured no more is taken back, when no task reads it any more."""

from __future__ import annotations

import base64
import pickletools
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from components import sql_withdrawals
from components.data_api import DataApiError
from components.sql_withdrawals import INPUTS, SqlWithdrawalsProvider
from declaration import Declaration
from tests.declared import EXISTING, declare

WITHDRAWALS = ("pulumi-python:dynamic:Resource", "replication-withdrawals")
TASK = "aws:dms/replicationTask:ReplicationTask"
SERVERLESS = "aws:dms/replicationConfig:ReplicationConfig"
REPLICATE = "GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO 'u'@'%'"
SHOP = "GRANT SELECT ON `shop`.* TO 'u'@'%'"
CRM = "GRANT SELECT ON `crm`.* TO 'u'@'%'"
PROPS: dict[str, Any] = {
    "clusterArn": "arn:aws:rds:eu-central-1:111122223333:cluster:one",
    "masterSecretArn": "arn:master",
    "region": "eu-central-1",
    "profile": "",
    "grants": [REPLICATE, SHOP],
}


class Played:
    """Plays the Data API, and remembers the order of all calls."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def open(self) -> None:
        self.calls.append("open")

    def revoke(self, statement: str) -> None:
        self.calls.append(statement)


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Played:
    aws = Played()
    monkeypatch.setattr(sql_withdrawals, "connect", lambda props: (aws, aws))
    return aws


@pytest.mark.parametrize(("mode", "kind"), [("instance", TASK), ("serverless", SERVERLESS)])
def test_rights_are_taken_when_the_task_has_changed(mode: str, kind: str):
    declared = declare("dev", config={"replicationMode": mode})
    assert declared.happens_before(declared.one(kind), declared.one(*WITHDRAWALS)), (
        "a task that runs must not lose a table that it still captures"
    )


def test_it_holds_the_grants_that_the_bootstrap_makes(stack: Declaration):
    inputs = stack.one(*WITHDRAWALS).inputs
    bootstrap = stack.one("pulumi-python:dynamic:Resource", "database-bootstrap").inputs
    assert set(inputs) == set(INPUTS)
    assert inputs["grants"] == [it for it in bootstrap["statements"] if it.startswith("GRANT ")]
    for key in ("clusterArn", "masterSecretArn", "region", "profile"):
        assert inputs[key] == bootstrap[key]


@pytest.mark.parametrize("config", [{"sqlBootstrap": "manual"}, EXISTING], ids=["manual", "existing"])
def test_where_an_administrator_grants_an_administrator_withdraws(config: Mapping[str, object]):
    assert [it.name for it in declare("dev", config=config).resources if it.name == WITHDRAWALS[1]] == []


def test_update_withdraws_what_is_captured_no_more_and_nothing_else(played: Played):
    news = {**PROPS, "grants": [REPLICATE, CRM]}
    result = SqlWithdrawalsProvider().update("id", PROPS, news)
    assert played.calls == ["open", "REVOKE SELECT ON `shop`.* FROM 'u'@'%'"]
    assert result.outs == news, "the next update compares with these"


def test_what_withdraws_nothing_does_not_ask_the_database(played: Played):
    SqlWithdrawalsProvider().update("id", PROPS, {**PROPS, "grants": [REPLICATE, SHOP, CRM]})
    result = SqlWithdrawalsProvider().create(PROPS)
    SqlWithdrawalsProvider().delete("id", PROPS)
    assert played.calls == []
    assert (result.id, result.outs) == (f"{PROPS['clusterArn']}/withdrawals", PROPS)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (False, [])),
        ({"profile": "colleague", "__provider": "pickled by another Python"}, (False, [])),
        ({"grants": [REPLICATE]}, (True, [])),
        ({"clusterArn": "other"}, (True, ["clusterArn"])),
    ],
)
def test_what_changes_it(change: dict[str, Any], expected: tuple[bool, list[str]]):
    diff = SqlWithdrawalsProvider().diff("id", {**PROPS, "__provider": "x"}, {**PROPS, **change})
    assert (diff.changes, diff.replaces) == expected


def test_its_code_is_named_in_the_state_and_not_kept_there():
    pickled = serialize_provider(SqlWithdrawalsProvider())
    words = [argument for _, argument, _ in pickletools.genops(base64.b64decode(pickled)) if isinstance(argument, str)]
    assert "components.sql_withdrawals" in words, "by reference: code in a state would be that of another day"


def test_a_refusal_is_told_without_a_traceback(monkeypatch: pytest.MonkeyPatch):
    def refuse(_: object) -> NoReturn:
        raise DataApiError("REVOKE failed")

    monkeypatch.setattr(sys, "tracebacklimit", 1000, raising=False)
    monkeypatch.setattr(sql_withdrawals, "connect", refuse)
    with pytest.raises(DataApiError):
        SqlWithdrawalsProvider().update("id", PROPS, {**PROPS, "grants": []})
    assert sys.tracebacklimit == 0, "Pulumi answers the engine with the traceback of whatever is raised"
