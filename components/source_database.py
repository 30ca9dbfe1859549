"""SourceDatabase: Aurora MySQL with a row-format binlog, its secrets and the statements that make its capture user."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components import iam
from components.data_key import DataKey
from components.network import DATABASE_PORT
from settings import DatabaseSettings

_PARAMETERS = {
    "binlog_format": "ROW",
    "require_secure_transport": "ON",
    "server_audit_logging": "1",
    "server_audit_events": "CONNECT,QUERY_DCL,QUERY_DDL",
    "slow_query_log": "1",
}
"""What differs from Aurora's defaults. Left alone on purpose: binlog_row_image (FULL, not modifiable on some versions),
binlog_transaction_compression and aurora_enhanced_binlog (off; DMS reads neither)."""
_LOGS = ("audit", "error", "slowquery")
_MONITORING_SECONDS = 60
_CA = "rds-ca-rsa2048-g1"


@dataclass(frozen=True, kw_only=True)
class SourceDatabaseArgs:
    """Arguments of :class:`SourceDatabase`."""

    settings: DatabaseSettings
    """The stack's database settings."""
    identifier: str
    """Beginning of the cluster's identifier. RDS names log groups after the cluster, so it must be known beforehand."""
    account_id: str
    """Account of the stack."""
    subnet_ids: pulumi.Input[list[str]]
    """Private subnets in at least two zones."""
    security_group_id: pulumi.Input[str]
    """Security group that lets DMS in."""
    key: DataKey
    """Key of the storage, the secrets and the logs."""
    log_retention_days: int
    """Days for which the exported logs are kept."""
    automatic_upgrades: bool
    """Whether AWS installs minor versions; then the version counts at creation only."""
    destroyable: bool
    """Whether the database may be deleted, without a final snapshot."""


class SourceDatabase(pulumi.ComponentResource):
    """The cluster, its instances, and two secrets: the administrator's and the capture user's."""

    endpoint: pulumi.Output[str]
    master_secret_arn: pulumi.Output[str]
    capture_secret_arn: pulumi.Output[str]

    def __init__(self, name: str, args: SourceDatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:SourceDatabase", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        identifier = self._create_identifier()
        master_password = self._create_password("master")
        self._cluster = self._create_cluster(identifier, master_password)
        self._create_instances()
        self.endpoint = self._cluster.endpoint
        self.master_secret_arn = self._create_secret("master", self._cluster.master_username, master_password)
        self.capture_secret_arn = self._create_secret(
            "capture", args.settings.capture_username, self._create_password("capture")
        )
        self.register_outputs(
            {
                "endpoint": self.endpoint,
                "master_secret_arn": self.master_secret_arn,
                "capture_secret_arn": self.capture_secret_arn,
            }
        )

    def grant_read_capture_secret(self, role: aws.iam.Role) -> aws.iam.RolePolicy:
        """Let a role read the capture user's secret, and nothing else."""
        return aws.iam.RolePolicy(
            f"{self._name}-read-capture-secret",
            role=role.id,
            policy=iam.document(
                iam.allow("ReadCaptureSecret", ["secretsmanager:GetSecretValue"], self.capture_secret_arn),
                self._args.key.use("DecryptCaptureSecret", "secretsmanager", ["kms:Decrypt", "kms:DescribeKey"]),
            ),
            opts=self._child,
        )

    def _create_identifier(self) -> pulumi.Output[str]:
        """Random at its end, so that another cluster of this stack can stand beside this one or follow it."""
        return random.RandomId(
            f"{self._name}-identifier", prefix=f"{self._args.identifier}-", byte_length=3, opts=self._child
        ).hex

    def _create_password(self, user: str) -> pulumi.Output[str]:
        # Letters and digits only: RDS forbids / @ " and DMS forbids ; . : + { } * & , % and the back-tick.
        # The provider marks the result as a secret, and so is whatever is made of it.
        return random.RandomPassword(f"{self._name}-{user}-password", length=32, special=False, opts=self._child).result

    def _create_log_groups(self, identifier: pulumi.Output[str]) -> list[aws.cloudwatch.LogGroup]:
        """RDS makes missing groups by itself, and keeps their content for ever."""
        return [
            aws.cloudwatch.LogGroup(
                f"{self._name}-{log}-log",
                name=pulumi.Output.concat("/aws/rds/cluster/", identifier, "/", log),
                retention_in_days=self._args.log_retention_days,
                kms_key_id=self._args.key.arn,
                opts=self._child,
            )
            for log in _LOGS
        ]

    def _create_parameter_group(self) -> aws.rds.ClusterParameterGroup:
        major = ".".join(self._args.settings.engine_version.split(".")[:2])
        return aws.rds.ClusterParameterGroup(
            f"{self._name}-parameters",
            family=f"aurora-mysql{major}",
            description="Row-format binlog for change data capture, TLS only, audited",
            parameters=[
                {"name": parameter, "value": value, "apply_method": "pending-reboot"}
                for parameter, value in _PARAMETERS.items()
            ],
            opts=self._child,
        )

    def _create_cluster(self, identifier: pulumi.Output[str], password: pulumi.Output[str]) -> aws.rds.Cluster:
        args, settings = self._args, self._args.settings
        ignored = ["snapshot_identifier"]  # a changed or dropped snapshot must not replace the database
        subnets = aws.rds.SubnetGroup(f"{self._name}-subnets", subnet_ids=args.subnet_ids, opts=self._child)
        return aws.rds.Cluster(
            f"{self._name}-cluster",
            cluster_identifier=identifier,
            engine=aws.rds.EngineType.AURORA_MYSQL,
            engine_version=settings.engine_version,
            engine_lifecycle_support="open-source-rds-extended-support-disabled",
            snapshot_identifier=settings.snapshot_identifier or None,
            master_username=settings.master_username or None,
            master_password=password,
            port=DATABASE_PORT,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[args.security_group_id],
            db_cluster_parameter_group_name=self._create_parameter_group().name,
            serverlessv2_scaling_configuration={
                "min_capacity": settings.min_capacity,
                "max_capacity": settings.max_capacity,
            },
            storage_encrypted=True,
            kms_key_id=args.key.arn,
            iam_database_authentication_enabled=True,
            enabled_cloudwatch_logs_exports=list(_LOGS),
            backup_retention_period=settings.backup_retention_days,
            copy_tags_to_snapshot=True,
            deletion_protection=not args.destroyable,
            skip_final_snapshot=args.destroyable,
            final_snapshot_identifier=None if args.destroyable else pulumi.Output.concat(identifier, "-final"),
            apply_immediately=args.destroyable,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=not args.destroyable,
                depends_on=self._create_log_groups(identifier),
                ignore_changes=[*ignored, "engine_version"] if args.automatic_upgrades else ignored,
                custom_timeouts=pulumi.CustomTimeouts(create="2h", update="2h", delete="2h"),
            ),
        )

    def _create_monitoring_role(self) -> tuple[aws.iam.Role, aws.iam.RolePolicyAttachment]:
        role = aws.iam.Role(
            f"{self._name}-monitoring-role",
            assume_role_policy=iam.trust("monitoring.rds.amazonaws.com", self._args.account_id),
            opts=self._child,
        )
        attachment = aws.iam.RolePolicyAttachment(
            f"{self._name}-monitoring-attachment",
            role=role.name,
            policy_arn=aws.iam.ManagedPolicy.AMAZON_RDS_ENHANCED_MONITORING_ROLE,
            opts=self._child,
        )
        return role, attachment

    def _create_instances(self) -> None:
        """The writer, then the readers: the first instance of a cluster becomes its writer."""
        role, attachment = self._create_monitoring_role()
        before: list[pulumi.Resource] = [attachment]
        for number in range(1, self._args.settings.database_instances + 1):
            instance = self._create_instance(number, role, before)
            before = [instance] if number == 1 else before

    def _create_instance(
        self, number: int, role: aws.iam.Role, before: list[pulumi.Resource]
    ) -> aws.rds.ClusterInstance:
        args = self._args
        return aws.rds.ClusterInstance(
            f"{self._name}-instance-{number}",
            cluster_identifier=self._cluster.id,
            engine=aws.rds.EngineType.AURORA_MYSQL,
            engine_version=self._cluster.engine_version,
            instance_class=args.settings.database_instance_class,
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

    def _create_secret(
        self, user: str, username: pulumi.Input[str], password: pulumi.Output[str]
    ) -> pulumi.Output[str]:
        """The secret's ARN, by way of its value: who uses the ARN waits until there is something to read."""
        secret = aws.secretsmanager.Secret(
            f"{self._name}-{user}",
            description=f"The {user} user of the source database",
            kms_key_id=self._args.key.arn,
            recovery_window_in_days=0 if self._args.destroyable else 30,
            opts=self._child,
        )
        content = {"username": username, "password": password, "host": self._cluster.endpoint, "port": DATABASE_PORT}
        version = aws.secretsmanager.SecretVersion(
            f"{self._name}-{user}-version",
            secret_id=secret.id,
            secret_string=pulumi.Output.json_dumps(content),
            opts=self._child,
        )
        return version.secret_arn
