"""SqlBootstrap: what it declares, what it runs when, and how another process gets hold of it."""

from __future__ import annotations

import base64
import json
import pickletools
import runpy
import subprocess
import sys
from typing import Any, NoReturn

import pytest
from pulumi.dynamic.dynamic import PROVIDER_KEY, serialize_provider
from pulumi.runtime.proto import provider_pb2

from components import sql_bootstrap
from components.data_api import DataApiError
from components.sql_bootstrap import INPUTS, SqlBootstrapProvider
from declaration import Declaration
from declaration.run import ROOT
from declaration.tree import tree
from documents import heartbeat, preflight
from documents.canonical import canonical, digest
from tests.declared import declare

BOOTSTRAP = "pulumi-python:dynamic:Resource"
CLUSTER = "aws:rds/cluster:Cluster"
PASSWORD = "Secret0123456789abcdefghijklmnop"
HEART_PASSWORD = "Secret9876543210ponmlkjihgfedcba"
CREATE = "CREATE USER IF NOT EXISTS 'u'@'%' IDENTIFIED BY '<password>' REQUIRE SSL"
REPLICATE = "GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO 'u'@'%'"
SHOP = "GRANT SELECT ON `shop`.* TO 'u'@'%'"
CRM = "GRANT SELECT ON `crm`.* TO 'u'@'%'"
CHECKS = preflight.checks(user="u", binlog_retention_hours=72)
PROPS: dict[str, Any] = {
    "clusterArn": "arn:aws:rds:eu-central-1:111122223333:cluster:one",
    "masterSecretArn": "arn:master",
    "captureSecretArn": "arn:capture",
    "captureSecretVersion": "1",
    "heartbeatSecretArn": "",
    "heartbeatSecretVersion": "",
    "region": "eu-central-1",
    "profile": "",
    "statements": [CREATE, REPLICATE, SHOP],
    "captureUser": "u",
    "binlogRetentionHours": 72.0,
    "checksDigest": "0a1b2c3d",
}


class Played:
    """Plays the Data API and Secrets Manager, and remembers the order of all calls."""

    def __init__(self) -> None:
        self.answers = {check["sql"]: check["expect"][0] for check in CHECKS}
        self.secret = json.dumps({"password": PASSWORD})
        self.passwords = {"<password>": PASSWORD}
        self.calls: list[str] = []

    def open(self) -> None:
        self.calls.append("open")

    def run(self, statement: str, *, placeholder: str, password: str) -> None:
        assert password == self.passwords[placeholder]
        self.calls.append(statement)

    def revoke(self, statement: str) -> None:
        self.calls.append(statement)

    def ask(self, query: str) -> str:
        self.calls.append(query)
        return self.answers[query]

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's name
        others = {"arn:capture": self.secret, "arn:heart": json.dumps({"password": HEART_PASSWORD})}
        return {"SecretString": others[SecretId]}


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Played:
    aws = Played()
    monkeypatch.setattr(sql_bootstrap, "connect", lambda props: (aws, aws))
    return aws


def test_the_declaration_holds_the_very_statements_and_checks_that_are_exported(stack: Declaration):
    inputs = stack.one(BOOTSTRAP, "database-bootstrap").inputs
    assert set(inputs) == set(INPUTS)
    assert inputs["statements"] == stack.exports["captureUserStatements"], "what is run is what is rehearsed"
    checks = preflight.checks(user=inputs["captureUser"], binlog_retention_hours=inputs["binlogRetentionHours"])
    assert checks == stack.exports["preflightChecks"]
    assert inputs["clusterArn"] == stack.one(CLUSTER).outputs["arn"]
    assert inputs["masterSecretArn"] == stack.exports["masterSecretArn"]
    assert inputs["captureSecretArn"] == stack.exports["captureSecretArn"]


def test_the_checks_ask_for_all_that_dms_needs_of_a_binlog(stack: Declaration):
    asked = " ".join(check["sql"] for check in stack.exports["preflightChecks"])
    needed = ("@@log_bin", "@@binlog_format", "@@binlog_row_image", "binlog_row_value_options",
              "binlog_transaction_compression", "aurora_enhanced_binlog", "'binlog retention hours' AND value >= 72",
              "'''lake_capture''@''%'''")  # fmt: skip
    assert [it for it in needed if it not in asked] == [], "a task reads what is not so, and loses rows in silence"


def test_it_waits_for_the_writer_and_for_both_passwords(stack: Declaration):
    bootstrap = stack.one(BOOTSTRAP, "database-bootstrap")
    for kind, name in (
        ("aws:rds/clusterInstance:ClusterInstance", "database-instance-1"),
        ("aws:secretsmanager/secretVersion:SecretVersion", "database-master-version"),
        ("aws:secretsmanager/secretVersion:SecretVersion", "database-capture-version"),
    ):
        assert stack.happens_before(stack.one(kind, name), bootstrap), name


def test_no_password_is_in_its_inputs_and_no_code_in_what_is_shown(stack: Declaration):
    shown = f"{stack.one(BOOTSTRAP, 'database-bootstrap').inputs}{json.dumps(stack.as_json())}{tree(stack)}"
    passwords = [it.outputs["result"].value for it in stack.all("random:index/randomPassword:RandomPassword")]
    assert len(passwords) == 2
    assert not [password for password in passwords if password in shown]
    assert "__provider" not in shown


def test_a_new_password_is_a_new_version_and_runs_it_again(stack: Declaration):
    version = stack.one("aws:secretsmanager/secretVersion:SecretVersion", "database-capture-version")
    assert stack.one(BOOTSTRAP, "database-bootstrap").inputs["captureSecretVersion"] == version.outputs["versionId"]


def test_the_data_api_is_turned_on_at_creation(stack: Declaration):
    assert stack.one(CLUSTER).inputs["enableHttpEndpoint"] is True
    assert "enableHttpEndpoint" not in stack.one(CLUSTER).ignore_changes


def test_after_a_restore_it_is_the_bootstrap_that_turns_it_on():
    restored = {"snapshotIdentifier": "one", "masterUsername": "", "restoreGeneration": 1}
    declared = declare("dev", config=restored)
    assert "enableHttpEndpoint" not in declared.one(CLUSTER).inputs, "a restore has no such parameter"
    assert "enableHttpEndpoint" in declared.one(CLUSTER).ignore_changes, "the provider must not turn it off again"
    assert declared.all(BOOTSTRAP)


def test_manual_runs_nothing_and_still_says_what_to_run():
    declared = declare("dev", config={"sqlBootstrap": "manual"})
    assert not [it.name for it in declared.all(BOOTSTRAP) if "statements" in it.inputs]
    assert "enableHttpEndpoint" not in declared.one(CLUSTER).inputs
    assert declared.exports["captureUserStatements"] == declare("dev").exports["captureUserStatements"]
    assert declared.exports["preflightChecks"]
    assert declared.warnings == ()


def test_create_runs_every_statement_and_then_verifies(played: Played):
    result = SqlBootstrapProvider().create(PROPS)
    assert played.calls == ["open", CREATE, REPLICATE, SHOP, *played.answers]
    assert result.outs == PROPS, "the next diff compares with these"
    assert result.id == f"{PROPS['clusterArn']}/capture"


def test_each_user_gets_its_own_password(played: Played):
    """``Played.run`` knows which belongs to which placeholder."""
    played.passwords["<heartbeat password>"] = HEART_PASSWORD
    checks = preflight.checks(user="u", binlog_retention_hours=72, beats=True)
    played.answers = {check["sql"]: check["expect"][0] for check in checks}
    of_heart = heartbeat.statements()
    SqlBootstrapProvider().create(
        {**PROPS, "heartbeatSecretArn": "arn:heart", "statements": [*of_heart, *PROPS["statements"]]}
    )
    assert played.calls == ["open", *of_heart, CREATE, REPLICATE, SHOP, *played.answers], "and its rights are verified"


def test_update_takes_nothing_away(played: Played):
    SqlBootstrapProvider().update("id", PROPS, {**PROPS, "statements": [CREATE, REPLICATE, CRM]})
    assert played.calls == ["open", CREATE, REPLICATE, CRM, *played.answers], (
        "the task still runs and reads what it is about to lose"
    )


def test_delete_touches_nothing(played: Played):
    SqlBootstrapProvider().delete("id", PROPS)
    assert played.calls == [], "a task may still read as the user"


@pytest.mark.parametrize("key", [key for key in INPUTS if key not in ("clusterArn", "profile")])
def test_a_changed_input_is_an_update(key: str):
    diff = SqlBootstrapProvider().diff("id", PROPS, {**PROPS, key: "other"})
    assert (diff.changes, diff.replaces) == (True, [])


def test_another_cluster_is_another_bootstrap():
    diff = SqlBootstrapProvider().diff("id", PROPS, {**PROPS, "clusterArn": "other"})
    assert (diff.changes, diff.replaces) == (True, ["clusterArn"])


def test_nothing_changed_is_no_change():
    for news in (PROPS, {**PROPS, "profile": "colleague"}, {**PROPS, "__provider": "pickled by another Python"}):
        diff = SqlBootstrapProvider().diff("id", {**PROPS, "__provider": "x"}, news)
        assert (diff.changes, diff.replaces) == (False, []), "a preview without end"


def test_a_wrong_answer_fails_with_every_remedy(played: Played):
    _, rows, *_, compressed, enhanced, _, _ = CHECKS
    played.answers |= {rows["sql"]: "STATEMENT", enhanced["sql"]: "ON"}
    with pytest.raises(DataApiError) as caught:
        SqlBootstrapProvider().create(PROPS)
    said = str(caught.value)
    assert f"SELECT @@binlog_format must be 'ROW' and is 'STATEMENT'. Remedy: {rows['remedy']}." in said
    assert f"must be 'OFF' or '0' or '' and is 'ON'. Remedy: {enhanced['remedy']}." in said
    assert compressed["sql"] not in said, "what is right needs no remedy"


def test_an_update_shows_what_changes_and_no_check_that_does_not(stack: Declaration):
    inputs = stack.one(BOOTSTRAP, "database-bootstrap").inputs
    assert "@@binlog_format" not in str(inputs), "the engine prints every input of what it updates"
    checks = {"checks": [dict(check) for check in stack.exports["preflightChecks"]]}
    assert inputs["checksDigest"] == digest(canonical(checks)), "other checks are verified again"


class AbortedError(Exception):
    """gRPC's abort of a call."""


class Call:
    """A call of the engine."""

    def abort(self, _code: object, details: str) -> NoReturn:
        raise AbortedError(details)


@pytest.fixture(scope="module")
def server() -> Any:
    """Pulumi's own server of dynamic providers, which does not listen."""

    def stop(*_: object, **__: object) -> NoReturn:
        raise AbortedError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("grpc.server", stop)
        with pytest.raises(AbortedError) as stopped:
            runpy.run_module("pulumi.dynamic", run_name="__main__")
    (main,) = [entry for entry in stopped.traceback if entry.name == "main"]
    return main.frame.f_globals["DynamicResourceProviderServicer"]()


def created(server: Any) -> str:
    """What the engine is told when a bootstrap cannot be created."""
    request = provider_pb2.CreateRequest()
    request.properties.update({**PROPS, PROVIDER_KEY: serialize_provider(SqlBootstrapProvider())})
    with pytest.raises(AbortedError) as aborted:
        server.Create(request, Call())
    return str(aborted.value)


@pytest.fixture
def usual_tracebacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "tracebacklimit", 1000, raising=False)


@pytest.mark.usefixtures("usual_tracebacks")
def test_the_engine_is_told_a_refusal_and_no_traceback(played: Played, server: Any, monkeypatch: pytest.MonkeyPatch):
    played.answers["SELECT @@log_bin"] = "0"
    told = created(server).splitlines()
    assert told[0].endswith("This database is not as the pipeline needs it.")
    assert [line[:2] for line in told[1:]] == ["  ", "Th"], "one wrong answer, and what to do"

    monkeypatch.setattr(sql_bootstrap, "connect", lambda _: played)
    assert "Traceback" in created(server), "of a fault of the program's own, people need to know where it is"


@pytest.mark.usefixtures("usual_tracebacks")
def test_a_profile_that_is_not_there_is_named():
    with pytest.raises(DataApiError, match=r"\(nobody\).*could not be found. Remedy: .*aws:profile"):
        SqlBootstrapProvider().create({**PROPS, "profile": "nobody"})


def test_a_password_in_a_statement_is_refused_before_it_reaches_the_state():
    news = {**PROPS, "statements": [CREATE.replace("<password>", "hunter2")]}
    (failure,) = SqlBootstrapProvider().check({}, news).failures
    assert failure.property == "statements"
    assert "hunter2" not in failure.reason
    assert SqlBootstrapProvider().check({}, PROPS).failures == []


@pytest.mark.parametrize("password", ["", "it's", "back\\slash"])
def test_a_password_that_cannot_be_quoted_is_refused_without_being_said(played: Played, password: str):
    played.secret = json.dumps({"password": password})
    with pytest.raises(DataApiError, match="Remedy: use letters and digits") as caught:
        SqlBootstrapProvider().create(PROPS)
    assert not password or password not in str(caught.value)
    assert played.calls == ["open"]


@pytest.mark.parametrize("secret", [PASSWORD, json.dumps({"pass": PASSWORD})])
def test_a_secret_of_another_shape_is_named_and_not_quoted(played: Played, secret: str):
    played.secret = secret
    with pytest.raises(DataApiError, match="arn:capture cannot be read as JSON with a password") as caught:
        SqlBootstrapProvider().create(PROPS)
    assert PASSWORD not in str(caught.value)
    told = (caught.value.__cause__, caught.value.__suppress_context__)
    assert told == (None, True), "the engine prints tracebacks with their causes"


def test_another_process_can_make_the_provider_from_its_pickle():
    pickled = serialize_provider(SqlBootstrapProvider())
    words = [argument for _, argument, _ in pickletools.genops(base64.b64decode(pickled)) if isinstance(argument, str)]
    assert "components.sql_bootstrap" in words, "by reference: code in a state would be that of another day"
    assert pickled == serialize_provider(SqlBootstrapProvider()), "other bytes, other preview"
    code = f"import base64, pickle; print(type(pickle.loads(base64.b64decode({pickled!r}))).__name__)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "SqlBootstrapProvider"
