"""SqlBootstrap: the SQL that makes a cluster fit for capture, as a resource: run, verified, run again when it changes.

A dynamic resource. The engine hands its provider to another process pickled by reference, so that process must be able
to import this module under this name, also years later, and nothing may be captured: clients live within one call.

Passwords are neither inputs nor outputs: the administrator's is read by the Data API from ``masterSecretArn``, the
capture user's here from ``captureSecretArn``, in the version that DMS reads too, and that of the heartbeat's user,
where there is one, from ``heartbeatSecretArn``.

The deployer needs ``rds:DescribeDBClusters``, ``rds:EnableHttpEndpoint`` and ``rds-data:ExecuteStatement`` on the
cluster, ``secretsmanager:GetSecretValue`` on these secrets and ``kms:Decrypt`` on their key, with the credentials of
boto3's default chain or of ``profile``. No role is made for it: it runs with the rights of who runs ``pulumi up``.

The checks are no inputs: an update prints every input of a resource, changed or not. They follow from ``captureUser``,
``binlogRetentionHours`` and whether there is a heartbeat, and ``checksDigest`` changes with them.

Not known: what Aurora's audit log writes of CREATE USER and ALTER USER (its log group is encrypted). Calls of the
Data API are CloudTrail data events, which are off by default.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import pulumi
from botocore.exceptions import BotoCoreError, ClientError
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ResourceProvider, UpdateResult

from components.data_api import DataApi, DataApiError
from documents import capture_user, heartbeat, preflight
from documents.canonical import canonical, digest
from documents.capture_user import PASSWORD_PLACEHOLDER
from documents.preflight import Check
from documents.table_patterns import TablePattern

INPUTS = (
    "clusterArn", "masterSecretArn", "captureSecretArn", "captureSecretVersion", "heartbeatSecretArn",
    "heartbeatSecretVersion", "region", "profile", "statements", "captureUser", "binlogRetentionHours", "checksDigest",
)  # fmt: skip
_CALLERS = frozenset({"profile"})
"""How this machine reaches AWS. Another person's choice is no change of the database."""
_READ = {PASSWORD_PLACEHOLDER: "captureSecretArn", heartbeat.PASSWORD_PLACEHOLDER: "heartbeatSecretArn"}
"""What stands for a password in statements, and the input that names its secret, which is empty where there is none."""


_P = ParamSpec("_P")
_R = TypeVar("_R")
_USUAL_TRACEBACK = 1000
"""Python's own limit, where nobody sets one."""


def without_traceback(call: Callable[_P, _R]) -> Callable[_P, _R]:
    """A method of a dynamic provider whose refusals are told without a traceback; of any other error it stays.

    Pulumi's server of dynamic providers answers with the whole traceback of whatever is raised, and Python has one
    switch for that, of the whole process. That process serves this project's dynamic resources alone.
    """

    @functools.wraps(call)
    def called(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        sys.tracebacklimit = _USUAL_TRACEBACK
        try:
            return call(*args, **kwargs)
        except DataApiError:
            sys.tracebacklimit = 0
            raise

    return called


def compared(inputs: Sequence[str], olds: Mapping[str, Any], news: Mapping[str, Any]) -> DiffResult:
    """What changes among ``inputs`` of a resource in a database; another cluster replaces it."""
    changed = [key for key in inputs if key not in _CALLERS and olds.get(key) != news.get(key)]
    return DiffResult(changes=bool(changed), replaces=[key for key in changed if key == "clusterArn"])


class SqlBootstrapProvider(ResourceProvider):
    """Create, update and delete of :class:`SqlBootstrap`."""

    serialize_as_secret_always = False  # it captures nothing, and code in plain sight shows when it changes

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuse a password in a statement, because a state file would keep it."""
        bad = [sql for sql in news["statements"] if "IDENTIFIED" in sql and not any(f"'{it}'" in sql for it in _READ)]
        reason = f"write '{PASSWORD_PLACEHOLDER}' where the password goes, it is read from captureSecretArn"
        return CheckResult(news, [CheckFailure("statements", reason)] if bad else [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Another cluster is another bootstrap; whatever else changes is run again on the same."""
        return compared(INPUTS, _olds, _news)

    @without_traceback
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Run every statement and verify; no task reads yet, for it starts after this."""
        _converge(props)
        return CreateResult(f"{props['clusterArn']}/capture", {key: props[key] for key in INPUTS})

    @without_traceback
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Everything again. It takes nothing away, for a task still reads: see ``sql_withdrawals.py``."""
        _converge(_news)
        return UpdateResult({key: _news[key] for key in INPUTS})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Nothing: a task may still read as the user, and dropping a user or the retention can lose changes."""


def _converge(props: Mapping[str, Any]) -> None:
    api, secrets = connect(props)
    api.open()
    passwords = {it: _password(secrets, props[secret]) for it, secret in _READ.items() if props[secret]}
    for statement in props["statements"]:
        placeholder = next((it for it in passwords if it in statement), PASSWORD_PLACEHOLDER)
        api.run(statement, placeholder=placeholder, password=passwords[placeholder])
    hours = int(props["binlogRetentionHours"])  # the engine knows no whole numbers
    beats = bool(props["heartbeatSecretArn"])
    verify(api, preflight.checks(user=props["captureUser"], binlog_retention_hours=hours, beats=beats))


def connect(props: Mapping[str, Any]) -> tuple[DataApi, Any]:
    """The Data API of the cluster, and a client for secrets. Raises DataApiError where AWS cannot be reached at all."""
    import boto3  # here, in the process that uses it: a declaration needs no boto3

    try:
        session = boto3.Session(profile_name=props["profile"] or None, region_name=props["region"])
        rds, data, secrets = (session.client(service) for service in ("rds", "rds-data", "secretsmanager"))
    except BotoCoreError as error:
        raise DataApiError(f"{error}. Remedy: give this machine the credentials, or correct aws:profile.") from None
    api = DataApi(rds=rds, data=data, cluster_arn=props["clusterArn"], secret_arn=props["masterSecretArn"])
    return api, secrets


def verify(api: DataApi, checks: Sequence[Check]) -> None:
    """Ask every question. DataApiError names each wrong answer with its remedy."""
    answers = [(check, api.ask(check["sql"])) for check in checks]
    wrong = [
        f"  {check['name']}: {check['sql']} must be {' or '.join(map(repr, check['expect']))} and is {answer!r}. "
        f"Remedy: {check['remedy']}."
        for check, answer in answers
        if answer not in check["expect"]
    ]
    if wrong:
        raise DataApiError(
            "\n".join(["This database is not as the pipeline needs it.", *wrong, "Then run pulumi up again."])
        )


def _password(secrets: Any, arn: str) -> str:
    """The password in a secret. DataApiError, without it, where there is none that can stand between quotes."""
    try:
        password = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])["password"]
    except (ClientError, BotoCoreError, KeyError, ValueError) as error:
        raise DataApiError(
            f"{arn} cannot be read as JSON with a password: {type(error).__name__}. Remedy: give the deployer "
            "secretsmanager:GetSecretValue on it and kms:Decrypt on its key."
        ) from None
    if not password or set(password) & set("'\\"):
        raise DataApiError(f"The password in {arn} is empty or holds ' or \\. Remedy: use letters and digits.")
    return password


@dataclass(frozen=True, kw_only=True)
class SqlScript:
    """What is to be run and verified, and by whom."""

    runs: bool
    """Whether this program does it (``sqlBootstrap: auto``); otherwise an administrator, who gets it as exports."""
    region: str
    """Region of the cluster."""
    profile: str
    """Profile of the AWS configuration file whose credentials to use; empty for the default chain."""
    user: str
    """The capture user."""
    tables: Iterable[TablePattern]
    """What it may read."""
    binlog_retention_hours: int
    """For how long the binlog is kept."""
    beats: bool
    """Whether there is a heartbeat; its table is one of ``tables``."""

    @property
    def statements(self) -> Sequence[str]:
        """SQL, one statement each, with ``<password>`` for the capture user's password; bears repetition."""
        granted = capture_user.statements(
            user=self.user, tables=self.tables, binlog_retention_hours=self.binlog_retention_hours
        )
        return [*(heartbeat.statements() if self.beats else ()), *granted]

    @property
    def checks(self) -> Sequence[Check]:
        """What must hold afterwards."""
        hours = self.binlog_retention_hours
        return preflight.checks(user=self.user, binlog_retention_hours=hours, beats=self.beats)


@dataclass(frozen=True, kw_only=True)
class SqlBootstrapArgs:
    """Arguments of :class:`SqlBootstrap`."""

    cluster_arn: pulumi.Input[str]
    """The cluster; another one replaces the bootstrap."""
    master_secret_arn: pulumi.Input[str]
    """Secret of the user that runs the statements: JSON with ``username`` and ``password``."""
    capture_secret_arn: pulumi.Input[str]
    """Secret of the capture user, JSON with ``password``."""
    capture_secret_version: pulumi.Input[str]
    """Version of that secret. A new one says that the password changed, so that the user gets it."""
    script: SqlScript
    """What to run and to verify."""
    heartbeat_secret_arn: pulumi.Input[str] = ""
    """Secret of the heartbeat's user, JSON with ``password``; empty where there is no heartbeat."""
    heartbeat_secret_version: pulumi.Input[str] = ""
    """Version of that secret."""


class SqlBootstrap(pulumi.dynamic.Resource):
    """The statements as run and verified on a cluster."""

    def __init__(self, name: str, args: SqlBootstrapArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        inputs = {
            "clusterArn": args.cluster_arn,
            "masterSecretArn": args.master_secret_arn,
            "captureSecretArn": args.capture_secret_arn,
            "captureSecretVersion": args.capture_secret_version,
            "heartbeatSecretArn": args.heartbeat_secret_arn,
            "heartbeatSecretVersion": args.heartbeat_secret_version,
            "region": args.script.region,
            "profile": args.script.profile,
            "statements": list(args.script.statements),
            "captureUser": args.script.user,
            "binlogRetentionHours": args.script.binlog_retention_hours,
            "checksDigest": digest(canonical({"checks": args.script.checks})),
        }
        super().__init__(SqlBootstrapProvider(), name, inputs, opts)
