"""What a stack that exists cannot change: one row a key, asked with what the stack has and what it would get.

Only what AWS would refuse half-way, with other resources replaced already, or what would quietly make another stack of
it. A value that is replaced as a whole, by intention, is not here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from configuration.settings import Settings
from documents.cluster_parameters import family
from documents.lake_tables import KeptTable
from documents.table_forms import refusals

Values = Mapping[str, Any]
"""Configuration keys and their values, as far as they count: what has no meaning for a stack is empty or 0."""


@dataclass(frozen=True, kw_only=True)
class FixedRule:
    """A key that must stay."""

    key: str
    holds: Callable[[Values, Values], bool]
    """Asked with the old values and the new ones."""
    says: str
    remedy: str


def _same(key: str) -> Callable[[Values, Values], bool]:
    return lambda old, new: old[key] == new[key]


def _same_vpc(old: Values, new: Values) -> bool:
    """Where the VPC itself changes, the row of vpcId says so, and no other."""
    return old["vpcId"] == new["vpcId"]


def _begins_with(new: Sequence[str], old: Sequence[str]) -> bool:
    return list(new[: len(old)]) == list(old)


def _another_database(old: Values, new: Values) -> bool:
    return old["restoreGeneration"] != new["restoreGeneration"]


def _counts(key: str, old: Values, new: Values) -> bool:
    """Whether both have it: a switch of databaseMode or replicationMode makes another thing of it."""
    return bool(old[key] and new[key])


def _same_while_it_runs(key: str) -> Callable[[Values, Values], bool]:
    """DMS reads the secret when a task starts. A task that was stopped reads it at its next start."""
    return lambda old, new: (
        not _counts(key, old, new) or _same(key)(old, new) or not old["startTask"] or _another_database(old, new)
    )


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def _not_lower(key: str) -> Callable[[Values, Values], bool]:
    """A version that AWS upgrades by itself counts when a thing is made, and for nothing later."""
    return lambda old, new: (
        new["minorUpgrades"] == "automatic" or not _counts(key, old, new) or _numbers(old[key]) <= _numbers(new[key])
    )


LOST = "logHasExpired"
_LOG = ("lakePrefix", "partitionByTable", "catalogStartDate")
"""Where statements look for the log."""
AT_ONCE = frozenset({"stack", "region", "vpcId", "vpcCidr", "restoreGeneration", LOST, *_LOG})
"""What a stack is from an update's first moment on. All else counts when an update has brought the stack there: a
version that AWS did not take, remembered as reached, could neither stay nor go back."""
_FOR_OTHERS = frozenset({"vpcId", "restoreGeneration", LOST, *_LOG})
"""Of these, what rows of other keys ask for too."""
_LOSING = "lakeExpiryDays, lakePrefix, partitionByTable or catalogStartDate"
_ANOTHER_STACK = "put it back, or make another stack with it and destroy this one when nobody needs it"
_TABLES = "tables"
_IN_STEPS = (
    "describe it as before. A column may come or go, but not both in one pulumi up; an int may become a bigint, and a "
    "decimal get more digits. If rows that the log no longer has may be lost: delete the description, run pulumi up, "
    "DROP TABLE it in Athena, describe it anew, and run pulumi up again"
)
# fmt: off
FIXED: tuple[FixedRule, ...] = (
    FixedRule(key="stack", holds=_same("stack"),
              says="it is part of the identifiers, so the database would be replaced by an empty one",
              remedy="give the stack its old name with pulumi stack rename"),
    FixedRule(key="region", holds=_same("region"),
              says="what exists stays in its Region, and half of a stack cannot move", remedy=_ANOTHER_STACK),
    FixedRule(key="vpcId", holds=_same("vpcId"),
              says="AWS moves no subnet group, and so no database and no replication instance, into another VPC",
              remedy=_ANOTHER_STACK),
    FixedRule(key="vpcCidr", holds=lambda old, new: not _same_vpc(old, new) or old["vpcCidr"] == new["vpcCidr"],
              says="another range is another VPC, and AWS moves no subnet group into another VPC",
              remedy=_ANOTHER_STACK),
    FixedRule(key="availabilityZones",
              holds=lambda old, new: not _same_vpc(old, new)
              or _begins_with(new["availabilityZones"], old["availabilityZones"]),
              says="a subnet that moves needs its range twice at a time, and AWS takes none away that is in use",
              remedy="keep the zones in their order, and add others at the end"),
    FixedRule(key="subnetIds",
              holds=lambda old, new: not _same_vpc(old, new) or set(old["subnetIds"]) <= set(new["subnetIds"]),
              says="AWS takes no subnet out of a group in which an instance lives",
              remedy="keep those that are there, and add others"),
    FixedRule(key="engineVersion",
              holds=lambda old, new: not _counts("engineVersion", old, new) or _another_database(old, new)
              or family(old["engineVersion"]) == family(new["engineVersion"]),
              says="another major version needs other parameters, which AWS does not attach to the old engine",
              remedy="restore a snapshot into it: snapshotIdentifier and restoreGeneration"),
    FixedRule(key="engineVersion",
              holds=lambda old, new: _another_database(old, new) or family(old["engineVersion"]) != family(
                  new["engineVersion"]) or _not_lower("engineVersion")(old, new),
              says="AWS takes no upgrade back", remedy="pin the version that runs, or a later one"),
    FixedRule(key="restoreGeneration",
              holds=lambda old, new: old["restoreGeneration"] <= new["restoreGeneration"],
              says="the name and the passwords of each number are made once, so a lower one is yet another database",
              remedy="keep it, mend what failed and run pulumi up again; for another restore raise it"),
    FixedRule(key="replicationEngineVersion", holds=_not_lower("replicationEngineVersion"),
              says="DMS takes no upgrade back", remedy="pin the version that runs, or a later one"),
    FixedRule(key="replicationStorageGb",
              holds=lambda old, new: not _counts("replicationStorageGb", old, new)
              or old["replicationStorageGb"] <= new["replicationStorageGb"],
              says="the storage of a replication instance only ever grows", remedy="put it back, or raise it"),
    FixedRule(key="shardCount",
              holds=lambda old, new: not _counts("shardCount", old, new)
              or old["shardCount"] / 2 <= new["shardCount"] <= old["shardCount"] * 2,
              says="Kinesis takes at most double and at least half of the shards at a time",
              remedy="go there in steps, with a pulumi up for each"),
    FixedRule(key="databasePort", holds=_same_while_it_runs("databasePort"),
              says="the task asks the old port, again and again and in silence, until it is started anew, and "
              "meanwhile the binlog runs out",
              remedy="put it back and stop the task first (startTask: false, pulumi up); then change it"),
    FixedRule(key="captureUsername", holds=_same_while_it_runs("captureUsername"),
              says="the task reads as the old user until it is started anew, and that user loses its rights",
              remedy="put it back and stop the task first (startTask: false, pulumi up); then change it"),
)
# fmt: on


def values(settings: Settings, zones: Sequence[str], tables: Iterable[KeptTable] = ()) -> dict[str, Any]:
    """What a stack remembers; ``zones`` are those of the subnets that the program makes, ``tables`` are kept."""
    network, replication, owns_vpc = settings.network, settings.replication, not settings.network.vpc_id
    owns_database, owns_instance = settings.source.database_mode == "own", replication.replication_mode == "instance"
    return {
        "stack": settings.name,
        "region": settings.region,
        "vpcCidr": network.vpc_cidr if owns_vpc else "",
        "vpcId": network.vpc_id,
        "availabilityZones": list(zones),
        "subnetIds": list(network.subnet_ids),
        "engineVersion": settings.database.engine_version if owns_database else "",
        "databasePort": settings.source.database_port if owns_database else 0,
        "restoreGeneration": settings.database.restore_generation,
        "minorUpgrades": settings.general.minor_upgrades,
        "replicationEngineVersion": replication.replication_engine_version if owns_instance else "",
        "replicationStorageGb": replication.replication_storage_gb if owns_instance else 0,
        # the rights of another user are an administrator's to take
        "captureUsername": settings.database.capture_username if settings.source.sql_bootstrap == "auto" else "",
        "shardCount": settings.lake.shard_count,
        "startTask": replication.start_task,
        LOST: settings.lake.lake_expiry_days > 0,
        "lakePrefix": settings.lake.lake_prefix,
        "partitionByTable": settings.lake.partition_by_table,
        "catalogStartDate": settings.query.catalog_start_date,
        _TABLES: {it.name: it.form.remembered for it in tables},
    }


def at_once(values: Values) -> dict[str, Any]:
    """Those of ``values`` that a stack has before anything of it is made."""
    return {key: value for key, value in values.items() if key in AT_ONCE}


def reached(values: Values) -> dict[str, Any]:
    """Those of ``values`` that a stack has when an update has come to its end."""
    return {key: value for key, value in values.items() if key not in AT_ONCE - _FOR_OTHERS}


def carried(old: Values, new: Values) -> dict[str, Any]:
    """``new`` with what a stack never gets rid of: records that expired do not come back, nor do those of another place
    or of before a later first day, where no statement looks any more."""
    place, folders, first = _LOG
    moved = any(old.get(key, new.get(key)) != new.get(key) for key in (place, folders))
    later = old.get(first, "9") < new.get(first, "")
    return {**new, **({LOST: True} if LOST in new and (old.get(LOST) or moved or later) else {})}


def broken(old: Values, new: Values) -> list[tuple[str, str]]:
    """Key and message for each row that does not hold, of the keys in ``new``. What ``old`` does not know, of a new
    stack or one from before a key was fixed, is as it was."""
    was = {**new, **old}
    return [
        (rule.key, f"{rule.key} is {_shown(was[rule.key])} and cannot become {_shown(new[rule.key])} on a stack that "
         f"exists: {rule.says}. Remedy: {rule.remedy}.")
        for rule in FIXED
        if rule.key in new and not rule.holds(was, new)
    ] + list(_unalterable(was, new))  # fmt: skip


def _unalterable(old: Values, new: Values) -> Iterator[tuple[str, str]]:
    """Tables of a log that has lost records that could not be brought to their description."""
    if not (new.get(LOST) or old.get(LOST)):
        return
    for name in sorted(old.get(_TABLES, {}).keys() & new.get(_TABLES, {}).keys()):
        was, becomes = old[_TABLES][name], new[_TABLES][name]
        if problems := list(refusals(was, becomes)):
            about = f"the Iceberg table {name} of {was['of']} is described otherwise"
            why = f"its log does not have all of its rows ({_LOSING}): {'; '.join(problems)}"
            yield _TABLES, f"{about}, and {why}. Remedy: {_IN_STEPS}."


def _shown(value: Any) -> str:
    """The engine knows no whole numbers."""
    return repr(int(value) if isinstance(value, float) else value)
