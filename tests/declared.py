"""declare(), once for each distinct configuration: what it gives cannot be changed, so all tests may look at it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import declaration
from declaration import Account, Declaration

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
_KNOWN: dict[str, Declaration] = {}


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
    key = json.dumps([stack_name, dict(config or {}), repr(account), preview], sort_keys=True, default=repr)
    if key not in _KNOWN:
        _KNOWN[key] = declaration.declare(stack_name, config=config, account=account, preview=preview)
    return _KNOWN[key]
