"""What a stack that exists cannot change: one row a key, asked with what the stack has and what it would get.

Only what AWS would refuse half-way, with other resources replaced already, or what would quietly make another stack of
it. A value that is replaced as a whole, by intention, is not here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]


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


def _begins_alike(old: Sequence[str], new: Sequence[str]) -> bool:
    return all(one == other for one, other in zip(old, new, strict=False))


_ANOTHER_STACK = "put it back, or make another stack with it and destroy this one when nobody needs it"
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
              or _begins_alike(old["availabilityZones"], new["availabilityZones"]),
              says="a subnet that moves to another zone needs its address range twice at a time",
              remedy="keep the zones in their order, and add others at the end"),
    FixedRule(key="subnetIds",
              holds=lambda old, new: not _same_vpc(old, new) or not old["subnetIds"]
              or bool(set(old["subnetIds"]) & set(new["subnetIds"])),
              says="AWS takes no subnet out of a group in which an instance lives",
              remedy="keep the subnets in which instances live, and add others"),
    FixedRule(key="engineVersion",
              holds=lambda old, new: old["engineVersion"] == new["engineVersion"]
              or not (old["engineVersion"] and new["engineVersion"])  # to or from a database that is there
              or old["restoreGeneration"] != new["restoreGeneration"],
              says="another major version needs other parameters, which AWS does not attach to the old engine",
              remedy="restore a snapshot into it: snapshotIdentifier and restoreGeneration"),
)
# fmt: on


def broken(old: Values, new: Values) -> list[tuple[str, str]]:
    """Key and message for each row that does not hold. Of a new stack, or one from before a key was fixed, none."""
    if not set(new) <= set(old):
        return []
    return [
        (rule.key, f"{rule.key} is {old[rule.key]!r} and cannot become {new[rule.key]!r} on a stack that exists: "
         f"{rule.says}. Remedy: {rule.remedy}.")
        for rule in FIXED
        if not rule.holds(old, new)
    ]  # fmt: skip
