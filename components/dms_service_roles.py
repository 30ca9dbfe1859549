"""DmsServiceRoles: the two roles that DMS looks for by name in every account.

An account has them once, for all Regions and stacks, so a stack must neither collide with those of others nor take its
own away. Whose a role is says its tag, not its being there; with ``auto``:

* it is not there: this stack makes it, with its own tag;
* it is there with this stack's tag: it is declared as before, and where the state does not know it (the stack was
  destroyed and is made again) it is imported. For a resource in the state the engine ignores the import.
* it is there with another tag or none: it is used as it is and not declared. Whether it has its policy is its owner's.

Nothing is ever deleted: all of it is retained when the program no longer declares it. Attaching a policy that is
attached is no failure, so attachments need no import. Two stacks that begin in an account without roles at the same
moment collide once (EntityAlreadyExists); the next ``pulumi up`` adopts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import policies

_POLICIES = {
    "dms-vpc-role": aws.iam.ManagedPolicy.AMAZON_DMSVPC_MANAGEMENT_ROLE,
    "dms-cloudwatch-logs-role": aws.iam.ManagedPolicy.AMAZON_DMS_CLOUD_WATCH_LOGS_ROLE,
}
"""Names that AWS demands, and the policy that each needs."""
_ANY_ACCOUNT = frozenset({"dms-cloudwatch-logs-role"})
"""Trusted without ``aws:SourceAccount``: with that condition DMS wrote no task log, says a report from the field
(https://github.com/terraform-aws-modules/terraform-aws-dms/issues/84), and AWS's own page of this role shows none."""
_OWNER_TAG = "cdc-lake:owner"


@dataclass(frozen=True, kw_only=True)
class RolePlan:
    """Which roles a stack declares."""

    owner: str
    """Value of the tag: a stack's name and Region, which is unique in an account."""
    declared: Mapping[str, bool]
    """Names of the roles to declare; True for one that is there, to be imported where the state does not know it."""


def plan(mode: str, *, stack: str, region: str) -> RolePlan:
    """What ``dmsServiceRoles`` asks for. ``auto`` looks (iam:ListRoles, iam:GetRole); the other two look nowhere."""
    owner = f"{stack}/{region}"
    return RolePlan(owner=owner, declared=_MODES[mode](owner))


def _missing_or_own(owner: str) -> dict[str, bool]:
    try:
        there = aws.iam.get_roles(name_regex=f"^({'|'.join(_POLICIES)})$").names  # an empty list on a clean account
        return {name: name in there for name in _POLICIES if name not in there or _owner(name) == owner}
    except Exception as error:
        if not str(error).startswith("invoke of "):  # so the SDK tells that the provider failed; it has no class for it
            raise
        raise pulumi.RunError(
            f"dmsServiceRoles = 'auto': it cannot be seen whether the account has {' and '.join(_POLICIES)}: {error}. "
            "Remedy: give the deployer iam:ListRoles and iam:GetRole, or set it to existing where the account has both "
            "roles, to create where it has none."
        ) from None


def _owner(role_name: str) -> str | None:
    return aws.iam.get_role(name=role_name).tags.get(_OWNER_TAG)


_MODES: Mapping[str, Callable[[str], dict[str, bool]]] = {
    "auto": _missing_or_own,
    "create": lambda _: dict.fromkeys(_POLICIES, False),
    "existing": lambda _: {},
}


@dataclass(frozen=True, kw_only=True)
class DmsServiceRolesArgs:
    """Arguments of :class:`DmsServiceRoles`."""

    account_id: str
    """Account of the stack."""
    plan: RolePlan
    """Which roles to declare."""


class DmsServiceRoles(pulumi.ComponentResource):
    """The planned roles and their attachments. Whoever needs them waits for the attachments: a role alone is no use."""

    def __init__(self, name: str, args: DmsServiceRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:DmsServiceRoles", name, None, opts)
        for role_name, is_there in args.plan.declared.items():
            self._create_role(f"{name}-{role_name}", role_name, is_there, args)
        self.register_outputs({})

    def _create_role(self, name: str, role_name: str, is_there: bool, args: DmsServiceRolesArgs) -> None:
        kept = pulumi.ResourceOptions(parent=self, retain_on_delete=True)
        found = pulumi.ResourceOptions(import_=role_name if is_there else None)
        role = aws.iam.Role(
            name,
            name=role_name,
            assume_role_policy=policies.trust(
                "dms.amazonaws.com", None if role_name in _ANY_ACCOUNT else args.account_id
            ),
            tags={_OWNER_TAG: args.plan.owner},
            opts=pulumi.ResourceOptions.merge(kept, found),
        )
        aws.iam.RolePolicyAttachment(f"{name}-attachment", role=role.name, policy_arn=_POLICIES[role_name], opts=kept)
