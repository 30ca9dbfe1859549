"""Heartbeat: a schedule that changes one row of the database, so that changes come also while nothing else happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import policies
from components.data_key import DataKey
from documents import heartbeat, iam
from documents.schedules import rate

_RETRIES = 2
_LEAST_AGE = 60
"""Seconds; EventBridge Scheduler takes no less."""


@dataclass(frozen=True, kw_only=True)
class HeartbeatArgs:
    """Arguments of :class:`Heartbeat`."""

    minutes: int
    """Minutes from one beat to the next."""
    account_id: str
    """Account of the stack."""
    generation: int
    """Number of the database."""
    cluster_arn: pulumi.Input[str]
    """The cluster, whose Data API is on."""
    secret_arn: pulumi.Input[str]
    """Secret of the user that may beat: JSON with ``username`` and ``password``."""
    key: DataKey
    """Key of the secret."""
    starts_after: Sequence[pulumi.Resource]
    """What makes the table and its user."""


class Heartbeat(pulumi.ComponentResource):
    """A schedule that calls the RDS Data API, in a group of its own, with a role that may do just that.

    The group is what EventBridge Scheduler counts by: its metrics know no schedules.
    https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
    """

    group_name: pulumi.Output[str]
    """Of the group of schedules."""

    def __init__(self, name: str, args: HeartbeatArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:Heartbeat", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        group = aws.scheduler.ScheduleGroup(f"{name}-group", opts=self._child)
        self._create_schedule(group, *self._create_role(group))
        self.group_name = group.name
        self.register_outputs({"group_name": self.group_name})

    def _create_role(self, group: aws.scheduler.ScheduleGroup) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        args = self._args
        role = aws.iam.Role(
            f"{self._name}-role",
            assume_role_policy=policies.trust("scheduler.amazonaws.com", args.account_id, group.arn),
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            # One for each generation: the next one is made before the schedule turns to the next database.
            f"{self._name}-beat-{args.generation}",
            role=role.id,
            policy=policies.policy(
                iam.allow("Beat", ["rds-data:ExecuteStatement"], args.cluster_arn),
                iam.allow("ReadHeartbeatSecret", ["secretsmanager:GetSecretValue"], args.secret_arn),
                args.key.use("DecryptHeartbeatSecret", "secretsmanager", ["kms:Decrypt"]),
            ),
            opts=self._child,
        )
        return role, policy

    def _create_schedule(
        self, group: aws.scheduler.ScheduleGroup, role: aws.iam.Role, policy: aws.iam.RolePolicy
    ) -> None:
        args = self._args
        known = pulumi.Output.all(args.cluster_arn, args.secret_arn)
        aws.scheduler.Schedule(
            f"{self._name}-schedule",
            description="Changes the row of the heartbeat",
            group_name=group.name,
            schedule_expression=rate(args.minutes),
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": heartbeat.TARGET,
                "role_arn": role.arn,
                "input": known.apply(lambda both: heartbeat.target_input(*both)),
                # A beat that comes after the next one tells nothing.
                "retry_policy": {
                    "maximum_event_age_in_seconds": max(_LEAST_AGE, args.minutes * 60),
                    "maximum_retry_attempts": _RETRIES,
                },
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, *args.starts_after]),
        )
