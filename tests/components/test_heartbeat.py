"""The heartbeat: a schedule that may run one statement as one user, in the order in which nothing fails."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from declaration import Declaration
from declaration.effects import is_replaced
from documents import heartbeat
from tests.declared import BEATING, declare

SCHEDULE, GROUP = "aws:scheduler/schedule:Schedule", "aws:scheduler/scheduleGroup:ScheduleGroup"
ROLE, POLICY, CLUSTER = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:rds/cluster:Cluster"
SECRET, VERSION = "aws:secretsmanager/secret:Secret", "aws:secretsmanager/secretVersion:SecretVersion"
BOOTSTRAP = "pulumi-python:dynamic:Resource"
RESTORED = {"snapshotIdentifier": "one", "masterUsername": "", "restoreGeneration": 1}
TASK = "aws:dms/replicationTask:ReplicationTask"


@pytest.fixture(scope="module")
def beating() -> Declaration:
    return declare("dev", config=BEATING)


def allowed(declared: Declaration) -> list[tuple[tuple[str, ...], str, Any]]:
    """Actions, resource and condition of all that the schedule's role may do."""
    role = declared.one(ROLE, "heartbeat-role").outputs["name"]
    documents = [json.loads(it.inputs["policy"]) for it in declared.all(POLICY) if it.inputs["role"] == role]
    found = [it for document in documents for it in document["Statement"]]
    return [(tuple(it["Action"]), it["Resource"], it.get("Condition")) for it in found]


def faults(declared: Declaration) -> Iterator[str]:
    """What is wrong with the schedule, its role and its group."""
    schedule, group = declared.one(SCHEDULE), declared.one(GROUP)
    cluster, key = declared.one(CLUSTER).outputs["arn"], declared.one("aws:kms/key:Key").outputs["arn"]
    secret = declared.one(SECRET, "database-heartbeat").outputs["arn"]
    via = {"StringEquals": {"kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com"}}
    wanted = [
        (("rds-data:ExecuteStatement",), cluster, None),
        (("secretsmanager:GetSecretValue",), secret, None),
        (("kms:Decrypt",), key, via),
    ]
    if allowed(declared) != wanted:
        yield "rights"
    (trust,) = json.loads(declared.one(ROLE, "heartbeat-role").inputs["assumeRolePolicy"])["Statement"]
    own = {"aws:SourceAccount": "111122223333", "aws:SourceArn": group.outputs["arn"]}
    if (trust["Principal"], trust.get("Condition")) != ({"Service": "scheduler.amazonaws.com"}, {"StringEquals": own}):
        yield "trust"
    if schedule.inputs.get("groupName") != group.outputs["name"]:
        yield "group"
    target = schedule.inputs["target"]
    called = {"ResourceArn": cluster, "SecretArn": secret, "Sql": heartbeat.BEAT}
    if target["arn"] != "arn:aws:scheduler:::aws-sdk:rdsdata:executeStatement" or json.loads(target["input"]) != called:
        yield "call"
    if target["roleArn"] != declared.one(ROLE, "heartbeat-role").outputs["arn"]:
        yield "role"


def test_the_schedule_may_run_its_statement_and_nothing_else(beating: Declaration):
    assert list(faults(beating)) == []


def with_inputs(declared: Declaration, name: str, **inputs: Any) -> Declaration:
    changed = [replace(it, inputs={**it.inputs, **inputs}) if it.name == name else it for it in declared.resources]
    return replace(declared, resources=tuple(changed))


def with_statement(declared: Declaration, sid: str, **changes: Any) -> Declaration:
    """The stack with one statement of the role's policy changed."""
    document = json.loads(declared.one(POLICY, "heartbeat-beat-0").inputs["policy"])
    for statement in document["Statement"]:
        statement.update(changes if statement["Sid"] == sid else {})
    return with_inputs(declared, "heartbeat-beat-0", policy=json.dumps(document))


FOREIGN = "arn:aws:rds:eu-central-1:111122223333:cluster:somebody-elses"
MASTER = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:database-master-280dcff-280dcf"
PLANTED: Mapping[str, tuple[str, dict[str, Any]]] = {
    "a foreign cluster": ("Beat", {"Resource": FOREIGN}),
    "any cluster": ("Beat", {"Resource": "*"}),
    "a wider action": ("Beat", {"Action": ["rds-data:*"]}),
    "one action more": ("Beat", {"Action": ["rds-data:ExecuteStatement", "rds-data:BatchExecuteStatement"]}),
    "the administrator's secret": ("ReadHeartbeatSecret", {"Resource": MASTER}),
    "the key in any way": ("DecryptHeartbeatSecret", {"Condition": None}),
    "more of the key": ("DecryptHeartbeatSecret", {"Action": ["kms:Decrypt", "kms:Encrypt"]}),
}


@pytest.mark.parametrize(("sid", "changes"), PLANTED.values(), ids=PLANTED)
def test_a_planted_right_is_found(beating: Declaration, sid: str, changes: dict[str, Any]):
    assert list(faults(with_statement(beating, sid, **changes))) == ["rights"]


@pytest.mark.parametrize(
    ("name", "inputs", "fault"),
    [
        ("heartbeat-schedule", {"groupName": "default"}, "group"),
        ("heartbeat-role", {"assumeRolePolicy": '{"Statement":[{"Principal":{"Service":"*"}}]}'}, "trust"),
    ],
)
def test_a_planted_fault_is_found(beating: Declaration, name: str, inputs: dict[str, Any], fault: str):
    assert list(faults(with_inputs(beating, name, **inputs))) == [fault]


def test_another_statement_or_another_secret_is_found(beating: Declaration):
    target = beating.one(SCHEDULE).inputs["target"]
    for old, new in ((heartbeat.BEAT, "DROP TABLE t"), ("database-heartbeat", "database-master")):
        changed = {**target, "input": json.dumps(json.loads(target["input"])).replace(old, new)}
        assert list(faults(with_inputs(beating, "heartbeat-schedule", target=changed))) == ["call"]


def test_a_beat_is_not_late_for_the_next_one(beating: Declaration):
    schedule = beating.one(SCHEDULE).inputs
    assert schedule["scheduleExpression"] == "rate(5 minutes)"
    assert schedule["flexibleTimeWindow"] == {"mode": "OFF"}
    assert schedule["target"]["retryPolicy"] == {"maximumEventAgeInSeconds": 300, "maximumRetryAttempts": 2}


def test_nothing_beats_before_its_table_and_no_task_starts_before_the_heart(beating: Declaration):
    schedule, task = beating.one(SCHEDULE), beating.one(TASK)
    assert beating.happens_before(beating.one(BOOTSTRAP, "database-bootstrap"), schedule)
    assert beating.happens_before(beating.one(POLICY, "heartbeat-beat-0"), schedule)
    assert beating.happens_before(schedule, task), "so no deletion of a kept stack reaches it"


def test_its_user_has_a_password_of_its_own(beating: Declaration):
    contents = [json.loads(it.inputs["secretString"].value) for it in beating.all(VERSION)]
    users = {it["username"]: it["password"] for it in contents}
    assert set(users) == {"lakeadmin", "lake_capture", "lake_heartbeat"}
    assert len(set(users.values())) == 3
    inputs = beating.one(BOOTSTRAP, "database-bootstrap").inputs
    version = beating.one(VERSION, "database-heartbeat-version")
    assert inputs["heartbeatSecretArn"] == beating.one(SECRET, "database-heartbeat").outputs["arn"]
    assert inputs["heartbeatSecretVersion"] == version.outputs["versionId"]


def test_the_task_captures_it_and_the_capture_user_may_read_it(beating: Declaration):
    rules = json.loads(beating.one(TASK).inputs["tableMappings"])["rules"]
    captured = [it["object-locator"] for it in rules if it["rule-action"] == "include"]
    assert captured[-1] == {"schema-name": "cdc[_]lake", "table-name": "heartbeat"}
    statements = beating.exports["captureUserStatements"]
    assert "GRANT SELECT ON `cdc_lake`.`heartbeat` TO 'lake_capture'@'%'" in statements
    made = next(place for place, it in enumerate(statements) if it.startswith("CREATE TABLE"))
    granted = [place for place, it in enumerate(statements) if it.startswith("GRANT") and "heartbeat`" in it]
    assert made < min(granted), "nothing is granted on a table that is not there"


def test_its_rights_are_withdrawn_with_the_others_when_it_goes(beating: Declaration, dev: Declaration):
    def grants(declared: Declaration) -> set[str]:
        return set(declared.one(BOOTSTRAP, "replication-withdrawals").inputs["grants"])

    assert {it.split(" TO ")[0] for it in grants(beating) - grants(dev)} == {
        "GRANT SELECT ON `cdc_lake`.`heartbeat`",
        "GRANT UPDATE (`beat_at`) ON `cdc_lake`.`heartbeat`",
    }
    assert beating.happens_before(beating.one(TASK), beating.one(BOOTSTRAP, "replication-withdrawals"))


def test_a_restored_database_gets_a_heart_of_its_own_before_the_old_one_stops(beating: Declaration):
    restored = declare("dev", config={**BEATING, **RESTORED})
    replaced = {new.name for new in restored.resources if (old := beating.find(new.urn)) and is_replaced(old, new)}
    assert {"database-heartbeat", "database-heartbeat-password"} <= replaced
    assert beating.find(restored.one(POLICY, "heartbeat-beat-1").urn) is None, "made anew; the old one goes last"
    assert "heartbeat-schedule" not in replaced, "it turns to the new database"
    assert restored.happens_before(restored.one(POLICY, "heartbeat-beat-1"), restored.one(SCHEDULE))
    called = json.loads(restored.one(SCHEDULE).inputs["target"]["input"])
    assert called["ResourceArn"] == restored.one(CLUSTER).outputs["arn"] != beating.one(CLUSTER).outputs["arn"]


def test_without_it_there_is_nothing_of_it(dev: Declaration):
    assert [it.name for it in dev.resources if "heartbeat" in it.name] == []
    assert not dev.exports.get("heartbeatGroup")
    assert "cdc_lake`" not in str(dev.exports["captureUserStatements"])
