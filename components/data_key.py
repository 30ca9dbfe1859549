"""DataKey: the one KMS key under which a stack's data lies, at every stop of its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import policies
from documents import iam


@dataclass(frozen=True, kw_only=True)
class DataKeyArgs:
    """Arguments of :class:`DataKey`."""

    region: str
    """Region of the stack; it is part of the service names in the key's policies."""
    account_id: str
    """Account of the stack."""
    tells: bool
    """Whether a topic lies under the key to which CloudWatch, EventBridge and RDS publish."""
    destroyable: bool
    """Whether the stack's data may be destroyed. Without the key the data is gone, so it is as safe as the data."""


class DataKey(pulumi.ComponentResource):
    """A customer-managed key with yearly rotation.

    Roles get it through :meth:`use`, for one service each. CloudWatch Logs, which uses keys in its own name, gets it in
    the key's policy.
    """

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: DataKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:DataKey", name, None, opts)
        self._region = args.region
        key = aws.kms.Key(
            f"{name}-key",
            description="Data of the change data capture pipeline",
            enable_key_rotation=True,
            deletion_window_in_days=7 if args.destroyable else 30,
            policy=self._policy(args),
            opts=pulumi.ResourceOptions(parent=self, protect=not args.destroyable),
        )
        self.arn = key.arn
        self.register_outputs({"arn": self.arn})

    def use(
        self, sid: str, service: str, actions: Sequence[str], conditions: iam.Conditions | None = None
    ) -> iam.Statement:
        """A statement that lets a role use the key by way of one service, and in no other way."""
        via = {"StringEquals": {"kms:ViaService": f"{service}.{self._region}.amazonaws.com"}}
        return iam.allow(sid, actions, self.arn, {**via, **(conditions or {})})

    def describe(self, sid: str) -> iam.Statement:
        """A statement that lets a role look at the key, not use it; a service may do so in the role's own name."""
        return iam.allow(sid, ["kms:DescribeKey"], self.arn)

    @staticmethod
    def _policy(args: DataKeyArgs) -> pulumi.Output[str]:
        # In a key's policy the resource "*" is this key. Without the first statement nobody could ever change the key.
        administer = iam.allow("AccountAdministersKey", ["kms:*"], "*")
        log_groups = f"arn:aws:logs:{args.region}:{args.account_id}:log-group:*"  # groups come after the key
        encrypt_logs = iam.allow(
            "LogsEncrypt",
            ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            "*",
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
        )
        return policies.policy(
            iam.allow_principal({"AWS": args.account_id}, administer),
            iam.allow_principal({"Service": f"logs.{args.region}.amazonaws.com"}, encrypt_logs),
            *(DataKey._publishing(args.account_id) if args.tells else ()),
        )

    @staticmethod
    def _publishing(account_id: str) -> Sequence[iam.Statement]:
        """What the publishers of an encrypted topic need: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html

        That page knows no condition for EventBridge, whose calls do not carry the account, and shows none for RDS: what
        does not match would be lost without a word. The topic's policy says who may publish.
        """
        use = ["kms:Decrypt", "kms:GenerateDataKey"]
        own = {"StringEquals": {"aws:SourceAccount": account_id}}
        return (
            iam.allow_principal({"Service": "cloudwatch.amazonaws.com"}, iam.allow("AlarmsPublish", use, "*", own)),
            iam.allow_principal(
                {"Service": ["events.amazonaws.com", "events.rds.amazonaws.com"]}, iam.allow("EventsPublish", use, "*")
            ),
        )
