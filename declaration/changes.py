"""Every key, changed on a stack that runs: the examples, and the table that ``docs/changes.md`` makes of their effects.

The stack is ``prod``, which is kept, in one of three shapes; an example turns one key, and what must be turned with it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from configuration import fixed
from configuration.settings import load
from declaration.effects import Effect, effect
from declaration.run import ROOT, declare
from declaration.stack_config import load_stack_config
from declaration.tables import table

STACK = "prod"
_SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop-AbCdEf"
_KEY = "arn:aws:kms:eu-central-1:111122223333:key/11112222-3333-4444-5555-666677778888"
_TOPIC = "arn:aws:sns:eu-central-1:111122223333:alarms"
_VPC = {"vpcId": "vpc-0a1b2c3d", "subnetIds": ["subnet-0a1b2c3d", "subnet-4e5f6a7b"]}
_THERE = {"databaseMode": "existing", "sqlBootstrap": "manual", "databaseSecretArn": _SECRET,
          "databaseSecurityGroupId": "sg-0a1b2c3d"}  # fmt: skip
SHAPES: Mapping[str, Mapping[str, Any]] = {
    "": {},
    "serverless": {**_VPC, "replicationMode": "serverless", "minorUpgrades": "pinned", "streamMode": "PROVISIONED",
                   "shardCount": 2, "tables": ["dms_sample.payment"], "startTask": False},
    "existing": {**_VPC, **_THERE, "createVpcEndpoints": False, "endpointSecurityGroupId": "sg-4e5f6a7b",
                 "minorUpgrades": "pinned", "tables": ["dms_sample.payment"], "migrationType": "cdc",
                 "cdcStartPosition": "mysql-bin-changelog.000024:373"},
}  # fmt: skip
"""What the examples begin with: the stack as it is, a serverless replication in a VPC that was there, a database that
was there."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """An example."""

    keys: Sequence[str]
    """Keys that it stands for."""
    after: Mapping[str, Any]
    """What is turned."""
    says: str = ""
    """What is special about it, in words."""
    shape: str = ""
    """With what it begins, a name of ``SHAPES``."""
    run: int = 1
    """Examples of one shape and run touch nothing in common, so one declaration shows the effects of all."""
    unmoved: frozenset[str] = frozenset()
    """Resources that change in a declaration only: they follow an output of what the engine leaves as it is."""


def _of(key: str, value: Any, says: str = "", /, shape: str = "", run: int = 1, **others: Any) -> Change:
    return Change(keys=(key,), after={key: value, **others}, says=says, shape=shape, run=run)


_USER_STAYS = frozenset({"database-master-version"})
"""It holds the cluster's own user, which is that of its creation."""


# fmt: off
CHANGES: tuple[Change, ...] = (
    _of("tables", ["dms_sample.%", "shop.%"]),
    _of("tables", ["dms_sample.payment", "shop.%"], "`replicationMode: serverless`", shape="serverless"),
    _of("excludeTables", ["dms_sample.a%"]),
    _of("dropColumns", ["dms_sample.person.born"], run=4),
    _of("maskColumns", ["dms_sample.person.full_name=hash"], run=4),
    _of("rowFilters", ["dms_sample.payment.method eq card"], shape="existing", run=2),
    _of("mappingRules", "tests/configuration/mapping_rules/amount_as_text.json", run=4),
    _of("vpcCidr", "10.65.0.0/16"),
    _of("availabilityZones", ["eu-central-1a", "eu-central-1b", "eu-central-1c"], "one more"),
    _of("availabilityZones", ["eu-central-1b", "eu-central-1a"], "others"),
    _of("vpcId", _VPC["vpcId"], subnetIds=_VPC["subnetIds"]),
    _of("subnetIds", [*_VPC["subnetIds"], "subnet-8c9d0e1f"], "one more", shape="existing"),
    _of("subnetIds", [_VPC["subnetIds"][0], "subnet-8c9d0e1f"], "others", shape="existing"),
    _of("createVpcEndpoints", True, "to true", shape="existing", run=2, endpointSecurityGroupId=""),
    _of("endpointSecurityGroupId", "sg-8c9d0e1f", shape="existing"),
    _of("databaseMode", "existing", "own to existing", shape="serverless", run=2, **_THERE),
    _of("databaseEngine", "mysql", shape="existing"),
    _of("databasePort", 3307, "the task runs"),
    _of("databasePort", 3307, "`startTask: false` since the last `pulumi up`", shape="serverless", run=3),
    _of("databaseSecretArn", _SECRET.replace("shop", "crm"), shape="existing"),
    _of("databaseSecretKeyArn", _KEY, shape="existing", run=2),
    _of("databaseSecurityGroupId", "sg-8c9d0e1f", shape="existing"),
    _of("openDatabaseSecurityGroup", False, shape="existing"),
    _of("sqlBootstrap", "manual", run=2),
    _of("engineVersion", "8.0.mysql_aurora.3.12.0", "`minorUpgrades: automatic`"),
    _of("engineVersion", "8.0.mysql_aurora.3.12.0", "`minorUpgrades: pinned`, a later one", shape="serverless"),
    _of("engineVersion", "8.0.mysql_aurora.3.10.1", "`minorUpgrades: pinned`, an earlier one", shape="serverless"),
    _of("engineVersion", "8.4.mysql_aurora.8.4.7", "another major version", sqlBootstrap="manual"),
    _of("databaseInstanceClass", "db.r6g.large"),
    _of("databaseInstances", 3, "more"),
    _of("databaseInstances", 1, "fewer", run=2),
    Change(keys=("minCapacity", "maxCapacity"), after={"minCapacity": "4", "maxCapacity": "64"}),
    Change(keys=("snapshotIdentifier",), after={"snapshotIdentifier": "one", "masterUsername": ""},
           run=4, unmoved=_USER_STAYS),
    _of("restoreGeneration", 1, run=3, snapshotIdentifier="one", masterUsername=""),
    Change(keys=("masterUsername",), after={"masterUsername": "another"}, unmoved=_USER_STAYS),
    _of("captureUsername", "reader", "the task runs"),
    _of("captureUsername", "reader", "`startTask: false` since the last `pulumi up`", shape="serverless"),
    _of("backupRetentionDays", 20),
    _of("binlogRetentionHours", 96),
    _of("migrationType", "full-load", run=4),
    Change(keys=("cdcStartPosition", "cdcStartTime"), after={"cdcStartPosition": "mysql-bin-changelog.000025:4"},
           shape="existing"),
    _of("replicationMode", "serverless", run=2),
    Change(keys=("minReplicationUnits", "maxReplicationUnits"), shape="serverless",
           after={"minReplicationUnits": 2, "maxReplicationUnits": 8}),
    _of("replicationInstanceClass", "dms.c6i.large"),
    _of("replicationEngineVersion", "3.6.2", "`minorUpgrades: automatic`"),
    _of("replicationEngineVersion", "3.6.2", "`minorUpgrades: pinned`, a later one", shape="existing"),
    _of("replicationEngineVersion", "3.5.4", "`minorUpgrades: pinned`, an earlier one", shape="existing"),
    _of("replicationStorageGb", 200, "more"),
    _of("replicationStorageGb", 50, "less"),
    _of("multiAz", False),
    _of("sslMode", "verify-full"),
    _of("caBundleFile", "tests/configuration/authorities/own.pem"),
    _of("secretsEndpointOverride", False),
    Change(keys=("parallelLoadThreads", "parallelApplyThreads", "maxLobKb", "beforeImages"),
           after={"parallelLoadThreads": 7, "parallelApplyThreads": 7, "maxLobKb": 99, "beforeImages": False}),
    _of("maxLobKb", 99, "`replicationMode: serverless` (so do the other three)", shape="serverless"),
    _of("onTableError", "suspend"),
    _of("dmsServiceRoles", "existing"),
    _of("startTask", False),
    _of("streamMode", "PROVISIONED", shardCount=2),
    _of("shardCount", 4, "at most double, at least half", shape="serverless"),
    _of("shardCount", 5, "more than double, less than half", shape="serverless"),
    _of("streamRetentionHours", 200),
    Change(keys=("bufferSizeMb", "bufferIntervalSeconds"),
           after={"bufferSizeMb": 100, "bufferIntervalSeconds": 200}),
    _of("partitionByTable", True, run=2),
    Change(keys=("lakePrefix", "errorPrefix"), after={"lakePrefix": "v2", "errorPrefix": "failed"}),
    Change(keys=("lakeTransitionDays", "lakeExpiryDays"), after={"lakeTransitionDays": 100, "lakeExpiryDays": 400}),
    _of("catalogStartDate", "2026-02-01"),
    _of("queryScanLimitGb", 1),
    _of("queryResultDays", 3),
    Change(keys=("tablesEveryMinutes", "tablesWindowHours"), after={"tablesEveryMinutes": 15, "tablesWindowHours": 6},
           says="0 to more"),
    _of("freshnessMinutes", 30),
    _of("heartbeatMinutes", 5, "0 to more"),
    _of("heartbeatMinutes", 5, "`replicationMode: serverless`, 0 to more", shape="serverless"),
    _of("alarmEmails", ["data-team@example.com", "on-call@example.com"], "one more"),
    _of("alarmTopicArn", _TOPIC, shape="existing", run=2, alarmEmails=[]),
    _of("minorUpgrades", "pinned", run=3),
    _of("logRetentionDays", 90),
    Change(keys=("ephemeral", "acknowledgeDataLoss"), after={"ephemeral": True, "acknowledgeDataLoss": STACK}, run=3),
)
# fmt: on


def refusal(change: Change) -> str:
    """What is said at the preview of ``change``, the first sentence of it; empty where it is not refused."""
    broken = fixed.broken(_of_shape(change.shape), _remembered({**SHAPES[change.shape], **change.after}))
    return broken[0][1].split(" on a stack that exists: ")[1].split(". Remedy: ")[0] if broken else ""


@functools.cache
def _of_shape(shape: str) -> dict[str, Any]:
    return _remembered(SHAPES[shape])


def _remembered(config: Mapping[str, Any]) -> dict[str, Any]:
    found = load_stack_config(ROOT, STACK, config)
    settings = load(found.values, project=found.project, stack=STACK)
    zones = settings.network.availability_zones or (f"{settings.region}a", f"{settings.region}b")
    return fixed.values(settings, () if settings.network.vpc_id else zones)


def changes_table() -> str:
    """Markdown: a table of all examples and their effects. It takes one declaration for each."""
    before = {name: declare(STACK, config=config) for name, config in SHAPES.items()}
    rows = []
    for change in CHANGES:
        said = refusal(change)
        if said:
            rows.append((*key_and_case(change), f"**refused**: {said}"))
        else:
            after = declare(STACK, config={**SHAPES[change.shape], **change.after})
            rows.append((*key_and_case(change), in_words(effect(before[change.shape], after, change.unmoved))))
    return table(("key", "when", "effect"), rows)


def key_and_case(change: Change) -> tuple[str, str]:
    """The keys of an example, and what is special about it."""
    return ", ".join(f"`{key}`" for key in change.keys), change.says


_WORDS = {"replaced": "**replaces**", "gone": "**deletes**", "interrupted": "**interrupts**",
          "in_place": "in place", "made": "makes"}  # fmt: skip
_KEPT = "a kept stack refuses"


def in_words(found: Effect) -> str:
    """An effect in words, the worst first."""
    parts = [(word, sorted(getattr(found, part))) for part, word in _WORDS.items()]
    words = [f"{word}: {', '.join(kinds)}" for word, kinds in parts if kinds]
    return "; ".join([*words, *([_KEPT] if found.refused_when_kept else [])]) or "nothing"


def from_words(words: str) -> Effect:
    """The effect that was told."""
    parts = dict(part.split(": ") for part in words.split("; ") if ": " in part)
    kinds = {part: frozenset(parts[word].split(", ") if word in parts else ()) for part, word in _WORDS.items()}
    return Effect(**kinds, refused_when_kept=_KEPT in words)
