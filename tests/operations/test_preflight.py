"""``operations preflight``: each check, connection, right and restart, and what becomes of one that cannot be asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from operations.commands import preflight
from operations.outputs import Outputs
from tests.operations.running import LOG, SELECTION, TABLES, Answers, Ran, play, task, timeless, told, well
from tests.operations.stacks import OTHERS_DATABASE, SERVERLESS, Aws, operation, outputs

SQL, TEST, CONNECTIONS = ("rds-data", "execute_statement"), ("dms", "test_connection"), ("dms", "describe_connections")
CLUSTER, INSTANCES = ("rds", "describe_db_clusters"), ("rds", "describe_db_instances")
DMS_INSTANCE = ("dms", "describe_replication_instances")
READABLE, RETENTION, LOGS = -3, -2, -1
"""Where among the answers of the Data API."""


@pytest.fixture(scope="module")
def stack() -> Outputs:
    return outputs()


def connection(status: str, why: str = "") -> dict[str, Any]:
    return {"Connections": [{"Status": status, "LastFailureMessage": why}]}


def fit(stack: Outputs) -> Answers:
    """Every answer of a stack that is fit."""
    answers = well(stack)
    checked = [told(["name", "value"], [check.name, check.expect[0]]) for check in stack.preflight_checks]
    readable = told(["s", "t", "r"], *(["shop", it, 1] for it in TABLES), ["other", "x", 0])
    kept, files = answers[SQL][:2]
    member = {"DBInstanceIdentifier": "w", "IsClusterWriter": True, "DBClusterParameterGroupStatus": "in-sync"}
    return {
        SQL: [*checked, readable, kept, files],
        TEST: [{"Connection": {"Status": "testing"}}] * 2,
        CONNECTIONS: [connection("testing"), connection("successful"), connection("successful")],
        ("dms", "describe_replication_tasks"): [task()],
        CLUSTER: [{"DBClusters": [{"Status": "available", "DBClusterMembers": [member]}]}],
        INSTANCES: [{"DBInstances": [{"DBInstanceIdentifier": "w", "PendingModifiedValues": {}}]}],
        DMS_INSTANCE: [{"ReplicationInstances": [{"PendingModifiedValues": {}}]}],
    }


def run(aws: Aws, stack: Outputs, answers: Answers, **options: Any) -> Ran:
    play(aws, answers)
    at_work, shown = operation(aws.clients, stack, **{"source": None, **options})
    return Ran(preflight.run(timeless(at_work)), shown.getvalue())


def test_a_stack_that_is_fit_is_called_so(aws: Aws, stack: Outputs):
    ran = run(aws, stack, fit(stack))
    assert ran.told.splitlines()[-1] == "WELL: every check holds"
    assert ran.code == 0
    aws.done()
    for check in stack.preflight_checks:
        assert f"  ok      {check.name}" in ran.told
    for shown in (
        "  ok      source: DMS connects", "  ok      target: DMS connects",
        f"shop.orders: {stack.capture_username} may read it",
        "binlog kept: 72 h", "task's place: 128.0 MiB before its end", "cluster parameters: in force",
    ):  # fmt: skip
        assert shown in ran.told, shown


def wrong_check(answers: Answers) -> None:
    answers[SQL][1] = told(["v"], ["MIXED"])


def refused(answers: Answers) -> None:
    answers[CONNECTIONS] = [connection("failed", "Test Endpoint failed:\n  1020912"), connection("successful")]


def no_right(answers: Answers) -> None:
    answers[SQL][READABLE] = told(["s", "t", "r"], ["shop", "orders", 0], ["shop", "payment", 1])


def no_table(answers: Answers) -> None:
    locator = {"schema-name": "shop", "table-name": "gone[_]table"}
    rules = [SELECTION, {**SELECTION, "rule-id": "2", "rule-name": "x", "object-locator": locator}]
    answers["dms", "describe_replication_tasks"] = [task(TableMappings=json.dumps({"rules": rules}))]


def nothing_there(answers: Answers) -> None:
    answers[SQL][READABLE] = told(["s", "t", "r"])


def pending_reboot(answers: Answers) -> None:
    member = {"DBInstanceIdentifier": "w", "IsClusterWriter": True, "DBClusterParameterGroupStatus": "pending-reboot"}
    answers[CLUSTER] = [{"DBClusters": [{"Status": "available", "DBClusterMembers": [member]}]}]


def purged(answers: Answers) -> None:
    answers[SQL][LOGS] = told(["n", "s"], [f"{LOG}.000090", 7])


WRONG = {
    "a check": (wrong_check, "the binlog holds rows: no, SELECT @@binlog_format answers 'MIXED' and must answer 'ROW'",
                "reboot the writer"),
    "a connection": (refused, "DMS does not connect to the source: Test Endpoint failed: 1020912", "security group"),
    "a right": (no_right, "may not read shop.orders", "captureUserStatements"),
    "a table that is not there": (no_table, "shop.gone_table is selected by the mappings, and there is no such table",
                                  "correct `tables`"),
    "no table at all": (nothing_there, "the mappings select no table that is there", "load the tables"),
    "parameters that wait": (pending_reboot, "w has not read its cluster parameters since they changed",
                             "aws rds reboot-db-instance --db-instance-identifier w"),
    "a place that is gone": (purged, f"{LOG}.000042 was purged", "resume"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_does_not_hold_is_told_with_what_mends_it(aws: Aws, stack: Outputs, what: str):
    change, says, mend = WRONG[what]
    answers = fit(stack)
    change(answers)
    ran = run(aws, stack, answers)
    assert ran.code == 1
    assert says in ran.told.splitlines()[-1]
    assert mend in ran.told.splitlines()[-1]
    assert "  WRONG   " in ran.told


@pytest.mark.parametrize(
    ("call", "right"),
    [
        (SQL, "rds-data:ExecuteStatement"),
        (TEST, "dms:TestConnection"),
        (CONNECTIONS, "dms:DescribeConnections"),
        (("dms", "describe_replication_tasks"), "dms:DescribeReplicationTasks"),
        (CLUSTER, "rds:DescribeDBClusters"),
        (INSTANCES, "rds:DescribeDBInstances"),
        (DMS_INSTANCE, "dms:DescribeReplicationInstances"),
    ],
)
def test_what_cannot_be_asked_is_unknown_and_not_fit(aws: Aws, stack: Outputs, call: tuple[str, str], right: str):
    answers = fit(stack)
    answers[call] = ["AccessDeniedException"] * len(answers[call])
    if call[1] == "describe_replication_tasks":
        del answers[SQL][READABLE]  # which tables to look for is not known
    ran = run(aws, stack, answers)
    assert ran.code == 2
    assert ran.told.splitlines()[-1].startswith("NOT KNOWN: what could be asked is well, but ")
    assert right in next(it for it in ran.told.splitlines() if it.startswith("  unknown "))


def test_a_test_that_does_not_end_is_unknown(aws: Aws, stack: Outputs):
    answers = fit(stack)
    answers[CONNECTIONS] = [connection("testing")] * 60 + [connection("successful")]
    ran = run(aws, stack, answers)
    assert ran.code == 2
    assert "the connection to the source is testing after 5 minutes" in ran.told


def test_a_test_that_runs_already_is_waited_for(aws: Aws, stack: Outputs):
    answers = fit(stack)
    answers[TEST] = ["InvalidResourceStateFault", {"Connection": {"Status": "testing"}}]
    assert run(aws, stack, answers).code == 0


def test_an_older_test_is_not_taken_for_one_that_was_refused(aws: Aws, stack: Outputs):
    """An instance on a full disk is in no state for a test, and DMS still tells of the last one."""
    answers = fit(stack)
    answers[TEST] = ["InvalidResourceStateFault", {"Connection": {"Status": "testing"}}]
    answers[CONNECTIONS] = [connection("successful")] * 2
    ran = run(aws, stack, answers)
    assert ran.code == 2
    assert "  unknown dms TestConnection failed: InvalidResourceStateFault" in ran.told


def test_what_waits_for_a_maintenance_window_is_told_and_no_fault(aws: Aws, stack: Outputs):
    answers = fit(stack)
    waiting = {"DBInstanceIdentifier": "w", "PendingModifiedValues": {"DBInstanceClass": "db.r7g.large"}}
    answers[INSTANCES] = [{"DBInstances": [waiting]}]
    answers[DMS_INSTANCE] = [{"ReplicationInstances": [{"PendingModifiedValues": {"EngineVersion": "3.6.1"}}]}]
    ran = run(aws, stack, answers)
    assert ran.code == 0
    assert "w waits for: DBInstanceClass db.r7g.large" in ran.told
    assert "cdc-lake-dev waits for: EngineVersion 3.6.1" in ran.told


def test_a_database_of_somebody_elses_is_unknown_without_its_address(aws: Aws):
    other = outputs(**OTHERS_DATABASE)
    answers = {key: it for key, it in fit(other).items() if key[0] not in ("rds", "rds-data")}
    ran = run(aws, other, answers)
    assert ran.code == 2
    assert "--source mysql://user@host:port" in ran.told.splitlines()[-1]


def test_a_serverless_replications_connections_are_said_not_to_be_tested(aws: Aws):
    other = outputs(**SERVERLESS)
    answers = {key: it for key, it in fit(other).items() if key[0] != "dms"}
    found = task()["ReplicationTasks"][0]
    answers["dms", "describe_replications"] = [{"Replications": [{"Status": "running"}]}]
    answers["dms", "describe_replication_configs"] = [
        {"ReplicationConfigs": [{"TableMappings": found["TableMappings"]}]}
    ]
    ran = run(aws, other, answers)
    assert ran.code == 0
    assert ran.told.splitlines()[-1].endswith("there is none")


def test_machines_are_told_the_same(aws: Aws, stack: Outputs, capsys: pytest.CaptureFixture[str]):
    answers = fit(stack)
    no_right(answers)
    run(aws, stack, answers, json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"]["exitCode"] == 1
    assert {it["name"]: len(it["problems"]) for it in found["parts"]} == {
        "checks": 0, "connections": 0, "tables": 1, "restarts": 0,
    }  # fmt: skip


def test_no_password_is_shown(aws: Aws, stack: Outputs):
    ran = run(aws, stack, fit(stack))
    assert "secret:" not in ran.told
