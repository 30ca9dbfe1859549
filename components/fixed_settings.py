"""FixedSettings: remembers in the state what cannot change on a stack that exists, and refuses a change of it.

A dynamic resource, because the engine asks its ``check`` with what the state has and what the program wants, already
at preview. (``--skip-preview`` asks too, but while other resources are under way.) Pickled by reference, like
SqlBootstrap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ResourceProvider, UpdateResult

from configuration.fixed import broken

INPUTS = (
    "stack", "region", "vpcCidr", "vpcId", "availabilityZones", "subnetIds", "engineVersion", "restoreGeneration",
)  # fmt: skip


def _values(props: dict[str, Any]) -> dict[str, Any]:
    return {key: props[key] for key in INPUTS if key in props}


class FixedSettingsProvider(ResourceProvider):
    """Check and memory of :class:`FixedSettings`."""

    serialize_as_secret_always = False  # it captures nothing, and code in plain sight shows when it changes

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """A failure for each value that cannot become the new one."""
        return CheckResult(news, [CheckFailure(key, reason) for key, reason in broken(_values(_olds), _values(news))])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """What is not refused is remembered in place."""
        return DiffResult(changes=_values(_olds) != _values(_news), replaces=[])

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Remember."""
        return CreateResult("fixed", _values(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Remember what is new."""
        return UpdateResult(_values(_news))


@dataclass(frozen=True, kw_only=True)
class FixedSettingsArgs:
    """Arguments of :class:`FixedSettings`."""

    stack: str
    """Beginning of all identifiers: project and stack."""
    region: str
    """Region of the stack."""
    vpc_cidr: str
    """Address range of the VPC; empty for one that is not this program's."""
    vpc_id: str
    """The existing VPC; empty for one of this program's."""
    availability_zones: Sequence[str]
    """Zones of the subnets that the program makes."""
    subnet_ids: Sequence[str]
    """Subnets that are there."""
    engine_family: str
    """Family of the database's parameters, which follows its major version; empty for a database that is there."""
    restore_generation: int
    """Number of the database."""


class FixedSettings(pulumi.ComponentResource):
    """What a stack has had since it was made."""

    def __init__(self, name: str, args: FixedSettingsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:FixedSettings", name, None, opts)
        inputs = {
            "stack": args.stack,
            "region": args.region,
            "vpcCidr": args.vpc_cidr,
            "vpcId": args.vpc_id,
            "availabilityZones": list(args.availability_zones),
            "subnetIds": list(args.subnet_ids),
            "engineVersion": args.engine_family,
            "restoreGeneration": args.restore_generation,
        }
        _Fixed(FixedSettingsProvider(), f"{name}-fixed", inputs, pulumi.ResourceOptions(parent=self))
        self.register_outputs({})


class _Fixed(pulumi.dynamic.Resource):
    """The values in the state."""
