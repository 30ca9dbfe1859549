"""DatabaseInstances: the instances of the source cluster and the role that monitors them."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import policies

_MONITORING_SECONDS = 60
_CA = "rds-ca-rsa2048-g1"


@dataclass(frozen=True, kw_only=True)
class DatabaseInstancesArgs:
    """Arguments of :class:`DatabaseInstances`."""

    cluster: aws.rds.Cluster
    """The cluster that they belong to."""
    count: int
    """How many, the writer among them."""
    instance_class: str
    """Class of each; ``db.serverless`` scales between the cluster's limits."""
    account_id: str
    """Account of the stack."""
    automatic_upgrades: bool
    """Whether AWS installs minor versions; then the version counts at creation only."""
    destroyable: bool
    """Whether changes may interrupt the database at once instead of in the maintenance window."""


class DatabaseInstances(pulumi.ComponentResource):
    """The writer, then the readers: the first instance of a cluster becomes its writer."""

    identifiers: pulumi.Output[list[str]]

    def __init__(self, name: str, args: DatabaseInstancesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:DatabaseInstances", name, None, opts)
        self._name = name
        self._args = args
        role, attachment = self._create_monitoring_role()
        before: list[pulumi.Resource] = [attachment]
        instances: list[aws.rds.ClusterInstance] = []
        for number in range(1, args.count + 1):
            instances.append(self._create_instance(number, role, before))
            before = [instances[0]]
        self.identifiers = pulumi.Output.all(*(it.identifier for it in instances))
        self.register_outputs({"identifiers": self.identifiers})

    def _create_monitoring_role(self) -> tuple[aws.iam.Role, aws.iam.RolePolicyAttachment]:
        role = aws.iam.Role(
            f"{self._name}-monitoring-role",
            assume_role_policy=policies.trust("monitoring.rds.amazonaws.com", self._args.account_id),
            opts=pulumi.ResourceOptions(parent=self),
        )
        attachment = aws.iam.RolePolicyAttachment(
            f"{self._name}-monitoring-attachment",
            role=role.name,
            policy_arn=aws.iam.ManagedPolicy.AMAZON_RDS_ENHANCED_MONITORING_ROLE,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return role, attachment

    def _create_instance(
        self, number: int, role: aws.iam.Role, before: list[pulumi.Resource]
    ) -> aws.rds.ClusterInstance:
        args = self._args
        return aws.rds.ClusterInstance(
            f"{self._name}-{number}",
            cluster_identifier=args.cluster.id,
            engine=aws.rds.EngineType.AURORA_MYSQL,
            engine_version=args.cluster.engine_version,
            instance_class=args.instance_class,
            promotion_tier=number,
            publicly_accessible=False,
            ca_cert_identifier=_CA,
            auto_minor_version_upgrade=args.automatic_upgrades,
            copy_tags_to_snapshot=True,
            monitoring_interval=_MONITORING_SECONDS,
            monitoring_role_arn=role.arn,
            apply_immediately=args.destroyable,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=before,
                ignore_changes=["engine_version"] if args.automatic_upgrades else [],
                custom_timeouts=pulumi.CustomTimeouts(create="90m", update="90m", delete="90m"),
            ),
        )
