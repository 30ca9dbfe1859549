"""DmsServiceRoles: the two roles that DMS looks for by name in every account."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import iam

_ROLES = {
    "dms-vpc-role": aws.iam.ManagedPolicy.AMAZON_DMSVPC_MANAGEMENT_ROLE,
    "dms-cloudwatch-logs-role": aws.iam.ManagedPolicy.AMAZON_DMS_CLOUD_WATCH_LOGS_ROLE,
}
"""Names that AWS demands, and the policy that each needs."""


@dataclass(frozen=True, kw_only=True)
class DmsServiceRolesArgs:
    """Arguments of :class:`DmsServiceRoles`."""

    account_id: str
    """Account of the stack."""
    mode: str
    """``create`` makes the roles; ``existing`` relies on those that the account has."""


class DmsServiceRoles(pulumi.ComponentResource):
    """The roles and their attachments. An account has them once: destroying a stack leaves them."""

    def __init__(self, name: str, args: DmsServiceRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:DmsServiceRoles", name, None, opts)
        if args.mode == "create":
            for role_name, policy_arn in _ROLES.items():
                self._create_role(f"{name}-{role_name}", role_name, policy_arn, args.account_id)
        self.register_outputs({})

    def _create_role(self, name: str, role_name: str, policy_arn: str, account_id: str) -> None:
        kept = pulumi.ResourceOptions(parent=self, retain_on_delete=True)
        role = aws.iam.Role(
            name, name=role_name, assume_role_policy=iam.trust("dms.amazonaws.com", account_id), opts=kept
        )
        aws.iam.RolePolicyAttachment(f"{name}-attachment", role=role.name, policy_arn=policy_arn, opts=kept)
