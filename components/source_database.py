"""SourceDatabase: Aurora MySQL with a row-format binlog, its secrets and the statements that make its users."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components import policies
from components.captured_database import CapturedDatabase
from components.data_key import DataKey
from components.database_instances import DatabaseInstances, DatabaseInstancesArgs
from components.database_user import DatabaseUser, DatabaseUserArgs, every_generation
from components.sql_bootstrap import SqlBootstrap, SqlBootstrapArgs, SqlScript
from components.sql_withdrawals import SqlWithdrawals, SqlWithdrawalsArgs
from configuration.setting_groups import DatabaseSettings
from documents import cluster_parameters, heartbeat, iam

_LOGS = ("audit", "error", "slowquery")


@dataclass(frozen=True, kw_only=True)
class SourceDatabaseArgs:
    """Arguments of :class:`SourceDatabase`."""

    settings: DatabaseSettings
    """The stack's database settings."""
    identifier: str
    """Beginning of the cluster's identifier. RDS names log groups after the cluster, so it must be known beforehand."""
    account_id: str
    """Account of the stack."""
    port: int
    """Port on which the database listens."""
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
    script: SqlScript
    """SQL that makes the capture user and keeps the binlog, and what must hold before DMS reads."""


class SourceDatabase(CapturedDatabase):
    """The cluster, its instances, and a secret for each user: administrator, capture user, heartbeat.

    ``restoreGeneration`` alone replaces the database: a new number is a new identifier, and so a new cluster, with new
    passwords in new secrets. The old ones stay as they were until everything that used them has gone. Any other
    replacement (a changed key, a changed subnet group) fails, because the identifier is taken, and destroys nothing.
    """

    engine_name = "aurora"  # what DMS calls Aurora MySQL

    def __init__(self, name: str, args: SourceDatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:SourceDatabase", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._generation = str(args.settings.restore_generation)
        identifier = self._create_identifier()
        administrator, reader = self._create_user("master"), self._create_user("capture")
        self._cluster = self._create_cluster(identifier, administrator.password)
        self._instances = instances = self._create_instances()
        host, port = self._cluster.endpoint, args.port
        master = administrator.create_secret(self._cluster.master_username, host, port)
        capture = reader.create_secret(args.settings.capture_username, host, port)
        beats = args.script.beats
        self._heart = self._create_user("heartbeat").create_secret(heartbeat.USER, host, port) if beats else None
        if args.script.runs:
            self._create_bootstrap(master, capture, instances)
        self._expose(
            identity=self._cluster.cluster_resource_id.apply(str.lower),
            endpoint=self._cluster.endpoint,
            master_secret_arn=master.secret_arn,
            capture_secret_arn=capture.secret_arn,
        )

    @property
    def cluster_arn(self) -> pulumi.Output[str]:
        """ARN of the cluster."""
        return self._cluster.arn

    @property
    def cluster_id(self) -> pulumi.Output[str]:
        """Identifier of the cluster."""
        return self._cluster.cluster_identifier

    @property
    def instance_ids(self) -> pulumi.Output[list[str]]:
        """Identifiers of its instances."""
        return self._instances.identifiers

    @property
    def heart(self) -> tuple[pulumi.Output[str], pulumi.Output[str]] | None:
        """ARNs of the cluster and of the secret of the heartbeat's user; None where there is no heartbeat."""
        return (self._cluster.arn, self._heart.secret_arn) if self._heart else None

    @property
    def capture_secret_arns(self) -> pulumi.Output[str]:
        """Pattern of the capture secret's ARN that finds the one of each generation."""
        return self.capture_secret_arn.apply(every_generation)

    def grant_read_capture_secret(self, role: aws.iam.Role) -> aws.iam.RolePolicy:
        """Let a role read the capture user's secret, and nothing else."""
        return aws.iam.RolePolicy(
            # One for each generation: the next one is made before the old one goes, with the task that needs it.
            f"{self._name}-read-capture-secret-{self._generation}",
            role=role.id,
            policy=policies.policy(
                iam.read_capture_secret(self.capture_secret_arn),
                self._args.key.use("DecryptCaptureSecret", "secretsmanager", ["kms:Decrypt"]),
                self._args.key.describe("DescribeCaptureSecretKey"),
            ),
            opts=self._child,
        )

    def withdraw_rights(self, name: str, opts: pulumi.ResourceOptions) -> None:
        """Declare that what is granted no more is taken back, when all that ``opts`` names is done."""
        script = self._args.script
        if script.runs and self.master_secret_arn is not None:
            SqlWithdrawals(
                name,
                SqlWithdrawalsArgs(
                    cluster_arn=self._cluster.arn,
                    master_secret_arn=self.master_secret_arn,
                    region=script.region,
                    profile=script.profile,
                    statements=script.statements,
                ),
                opts=opts,
            )

    def _create_identifier(self) -> pulumi.Output[str]:
        """Random at its end, so that another cluster of this stack can stand beside this one or follow it."""
        return random.RandomId(
            f"{self._name}-identifier",
            prefix=f"{self._args.identifier}-",
            byte_length=3,
            keepers={"restoreGeneration": self._generation},
            opts=self._child,
        ).hex

    def _create_user(self, user: str) -> DatabaseUser:
        args = DatabaseUserArgs(
            user=user, generation=self._generation, key_arn=self._args.key.arn, destroyable=self._args.destroyable
        )
        return DatabaseUser(self._name, args, self)

    def _create_log_groups(self, identifier: pulumi.Output[str]) -> list[aws.cloudwatch.LogGroup]:
        """RDS makes missing groups by itself, and keeps their content for ever."""
        return [
            aws.cloudwatch.LogGroup(
                f"{self._name}-{log}-log",
                name=pulumi.Output.concat("/aws/rds/cluster/", identifier, "/", log),
                retention_in_days=self._args.log_retention_days,
                kms_key_id=self._args.key.arn,
                # The name follows the cluster's: until the old cluster has gone, it still writes to the old groups.
                opts=pulumi.ResourceOptions(parent=self, delete_before_replace=False),
            )
            for log in _LOGS
        ]

    def _create_parameters(self) -> aws.rds.ClusterParameterGroup:
        return aws.rds.ClusterParameterGroup(
            f"{self._name}-parameters",
            family=cluster_parameters.family(self._args.settings.engine_version),
            description="Row-format binlog for change data capture, TLS only, audited",
            parameters=[
                {"name": parameter, "value": value, "apply_method": "pending-reboot"}
                for parameter, value in cluster_parameters.PARAMETERS.items()
            ],
            opts=self._child,
        )

    def _create_cluster(self, identifier: pulumi.Output[str], password: pulumi.Output[str]) -> aws.rds.Cluster:
        args, settings = self._args, self._args.settings
        parameters = self._create_parameters()
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
            port=args.port,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[args.security_group_id],
            db_cluster_parameter_group_name=parameters.name,
            serverlessv2_scaling_configuration={
                "min_capacity": settings.min_capacity,
                "max_capacity": settings.max_capacity,
            },
            storage_encrypted=True,
            kms_key_id=args.key.arn,
            iam_database_authentication_enabled=True,
            enable_http_endpoint=True if args.script.runs and not settings.snapshot_identifier else None,
            enabled_cloudwatch_logs_exports=list(_LOGS),
            backup_retention_period=settings.backup_retention_days,
            copy_tags_to_snapshot=True,
            deletion_protection=not args.destroyable,
            skip_final_snapshot=args.destroyable,
            final_snapshot_identifier=None if args.destroyable else pulumi.Output.concat(identifier, "-final"),
            apply_immediately=args.destroyable,
            opts=self._cluster_options(depends_on=self._create_log_groups(identifier)),
        )

    def _cluster_options(self, depends_on: list[aws.cloudwatch.LogGroup]) -> pulumi.ResourceOptions:
        """What keeps the cluster: from deletion, and from changes that would replace it."""
        # They count when a cluster is made. Later, a changed or dropped snapshot, and the user name that must go with
        # it, would replace the database, and so would another support contract, with which AWS may answer. The engine
        # takes the inputs of a replacement from the program, not from the state, so a new generation restores the
        # snapshot that is configured then.
        ignored = ["snapshot_identifier", "master_username", "engine_lifecycle_support"]
        if self._args.settings.snapshot_identifier:
            # A restore cannot turn the Data API on; SqlBootstrap does so, and the provider must not turn it off again.
            ignored.append("enable_http_endpoint")
        if self._args.automatic_upgrades:
            ignored.append("engine_version")
        return pulumi.ResourceOptions(
            parent=self,
            protect=not self._args.destroyable,
            delete_before_replace=False,  # the provider would delete first, because the identifier is given
            depends_on=depends_on,
            ignore_changes=ignored,
            custom_timeouts=pulumi.CustomTimeouts(create="2h", update="2h", delete="2h"),
        )

    def _create_instances(self) -> DatabaseInstances:
        args = self._args
        return DatabaseInstances(
            f"{self._name}-instance",
            DatabaseInstancesArgs(
                cluster=self._cluster,
                count=args.settings.database_instances,
                instance_class=args.settings.database_instance_class,
                account_id=args.account_id,
                automatic_upgrades=args.automatic_upgrades,
                destroyable=args.destroyable,
            ),
            opts=self._child,
        )

    def _create_bootstrap(
        self,
        master: aws.secretsmanager.SecretVersion,
        capture: aws.secretsmanager.SecretVersion,
        instances: DatabaseInstances,
    ) -> None:
        SqlBootstrap(
            f"{self._name}-bootstrap",
            SqlBootstrapArgs(
                cluster_arn=self._cluster.arn,
                master_secret_arn=master.secret_arn,
                capture_secret_arn=capture.secret_arn,
                capture_secret_version=capture.version_id,
                heartbeat_secret_arn=self._heart.secret_arn if self._heart else "",
                heartbeat_secret_version=self._heart.version_id if self._heart else "",
                script=self._args.script,
            ),
            # A cluster without a writer answers nobody. The administrator's password is that of the secret's version.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[instances, master]),
        )
