"""declare(), once for each distinct configuration: what it gives cannot be changed, so all tests may look at it."""

from __future__ import annotations

import gc
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

import declaration
from declaration import Account, Declaration
from declaration.run import ROOT

TURNED: Mapping[str, object] = {
    "availabilityZones": ["eu-central-1b", "eu-central-1c"],
    "vpcCidr": "192.168.7.0/24",
    "engineVersion": "8.4.mysql_aurora.8.4.7",
    "sqlBootstrap": "manual",
    "minorUpgrades": "pinned",
    "tables": ["shop.%", "crm.customer"],
    "excludeTables": ["shop.audit%"],
    "dmsServiceRoles": "existing",
    "secretsEndpointOverride": False,
    "startTask": False,
    "parallelApplyThreads": 0,
    "parallelLoadThreads": 7,
    "maxLobKb": 99,
    "beforeImages": False,
    "streamMode": "PROVISIONED",
    "shardCount": 3,
    "lakePrefix": "v2/rows",
    "errorPrefix": "v2/failed",
    "lakeTransitionDays": 30,
    "lakeExpiryDays": 400,
    "queryScanLimitGb": 1,
    "queryResultDays": 3,
}
"""Keys turned that have nothing to do with each other: one declaration serves a test of each."""
EXISTING: Mapping[str, object] = {
    "databaseMode": "existing",
    "sqlBootstrap": "manual",
    "vpcId": "vpc-0a1b2c3d",
    "subnetIds": ["subnet-0a1b2c3d", "subnet-4e5f6a7b"],
    "databaseSecretArn": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop-AbCdEf",
    "databaseSecurityGroupId": "sg-0d0d",
}
"""Capture from somebody's own database."""
BEATING: Mapping[str, object] = {"heartbeatMinutes": 5}
"""A row that changes every five minutes."""
KEPT: Mapping[str, object] = {**EXISTING, "tables": ["dms_sample.payment"], "tablesEveryMinutes": 15}
"""One table of the sample, and the Iceberg table that is kept of it."""
LEAST: Mapping[str, object] = {**EXISTING, "tables": ["shop.%"]}
"""The smallest stack, for a test that asks for nothing of a database, a network or the views: half of the work."""


def declare(
    stack_name: str = "dev",
    *,
    config: Mapping[str, object] | None = None,
    account: Account | None = None,
    preview: bool = False,
    root: Path | None = None,
) -> Declaration:
    """What ``declaration.declare`` gives for the same arguments; each time anew what it refuses or finds elsewhere."""
    if root:
        return declaration.declare(stack_name, config=config, account=account, preview=preview, root=root)
    other = {key: value for key, value in (config or {}).items() if value != _said(stack_name).get(key, _said)}
    roles = {name: dict(tags) for name, tags in account.roles.items()} if account else {}
    return _known(stack_name, json.dumps(other, sort_keys=True), json.dumps(roles, sort_keys=True), preview)


@cache
def _known(stack_name: str, config: str, roles: str, preview: bool) -> Declaration:
    account = Account(roles=json.loads(roles))
    gc.disable()
    try:
        return declaration.declare(stack_name, config=json.loads(config), account=account, preview=preview)
    finally:
        gc.freeze()  # 5 MB stay: to look through them, and again and again through the SDK's modules, takes longer
        gc.enable()


@cache
def _said(stack_name: str) -> Mapping[str, object]:
    """What the stack says itself, by key: its file, and the defaults."""
    files = [yaml.safe_load((ROOT / name).read_text("utf-8")) for name in ("Pulumi.yaml", f"Pulumi.{stack_name}.yaml")]
    defaults = {key: declared["default"] for key, declared in files[0]["config"].items() if "default" in declared}
    return defaults | {key.removeprefix("cdc-lake:"): value for key, value in files[1]["config"].items()}
