"""CdcReplication: the DMS task that copies every table once and then every change, from the binlog to the stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import iam
from components.data_key import DataKey
from components.dms_documents import canonical, table_mappings, task_settings
from components.dms_service_roles import DmsServiceRoles, DmsServiceRolesArgs
from components.source_database import SourceDatabase
from components.stream_to_lake import StreamToLake
from settings import ReplicationSettings


@dataclass(frozen=True, kw_only=True)
class CdcReplicationArgs:
    """Arguments of :class:`CdcReplication`."""

    settings: ReplicationSettings
    """The stack's replication settings."""
    identifier: str
    """Beginning of the identifiers that DMS demands; unique in account and Region."""
    region: str
    """Region of the stack; Secrets Manager endpoints trust DMS under its regional name."""
    account_id: str
    """Account of the stack."""
    subnet_ids: pulumi.Input[list[str]]
    """Private subnets in at least two zones."""
    security_group_id: pulumi.Input[str]
    """Security group that may go to the database and the endpoints."""
    secrets_endpoint_dns: pulumi.Input[str] | None
    """DNS name of the Secrets Manager endpoint; None where that is not this program's."""
    certificate_authorities: str
    """PEM bundle with which DMS verifies the database's certificate."""
    database: SourceDatabase
    """Where changes come from."""
    stream: StreamToLake
    """Where changes go."""
    key: DataKey
    """Key of the instance's storage and of the task log."""
    log_retention_days: int
    """Days for which the task log is kept."""
    automatic_upgrades: bool
    """Whether AWS installs minor versions; then the engine version counts at creation only."""
    starts_after: Sequence[pulumi.Resource]
    """What else must be complete before the task starts: the ways to the services."""


class CdcReplication(pulumi.ComponentResource):
    """Service roles, subnet group, instance, certificate, two endpoints and the task.

    The task starts as soon as it exists, so ``database``, ``stream`` and ``starts_after`` come first, with every child:
    the writer instance, the secret version, the delivery stream, the policies.
    """

    task_arn: pulumi.Output[str]
    replication_instance_id: pulumi.Output[str]

    def __init__(self, name: str, args: CdcReplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:CdcReplication", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._fixed = pulumi.ResourceOptions(parent=self, delete_before_replace=True)  # two cannot have one identifier
        roles = DmsServiceRoles(
            f"{name}-service-roles",
            DmsServiceRolesArgs(account_id=args.account_id, mode=args.settings.dms_service_roles),
            opts=self._child,
        )
        log = self._create_log()
        instance = self._create_instance(self._create_subnet_group(roles), roles)
        task = self._create_task(instance, self._create_source(), self._create_target(), log)
        self.task_arn = task.replication_task_arn
        self.replication_instance_id = instance.replication_instance_id
        self.register_outputs({"task_arn": self.task_arn, "replication_instance_id": self.replication_instance_id})

    def _create_log(self) -> aws.cloudwatch.LogGroup:
        """DMS writes to a group of this name; where it is missing, DMS makes one that is kept for ever."""
        return aws.cloudwatch.LogGroup(
            f"{self._name}-task-log",
            name=f"dms-tasks-{self._args.identifier}",
            retention_in_days=self._args.log_retention_days,
            kms_key_id=self._args.key.arn,
            opts=self._child,
        )

    def _create_subnet_group(self, roles: DmsServiceRoles) -> aws.dms.ReplicationSubnetGroup:
        return aws.dms.ReplicationSubnetGroup(
            f"{self._name}-subnets",
            replication_subnet_group_id=self._args.identifier,
            replication_subnet_group_description="Private subnets of the change data capture pipeline",
            subnet_ids=self._args.subnet_ids,
            opts=pulumi.ResourceOptions.merge(self._fixed, pulumi.ResourceOptions(depends_on=[roles])),
        )

    def _create_instance(
        self, subnets: aws.dms.ReplicationSubnetGroup, roles: DmsServiceRoles
    ) -> aws.dms.ReplicationInstance:
        args, settings = self._args, self._args.settings
        return aws.dms.ReplicationInstance(
            f"{self._name}-instance",
            replication_instance_id=args.identifier,
            replication_instance_class=settings.replication_instance_class,
            engine_version=settings.replication_engine_version,
            allocated_storage=settings.replication_storage_gb,
            multi_az=settings.multi_az,
            auto_minor_version_upgrade=args.automatic_upgrades,
            publicly_accessible=False,
            replication_subnet_group_id=subnets.id,
            vpc_security_group_ids=[args.security_group_id],
            kms_key_arn=args.key.arn,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[roles],
                delete_before_replace=True,
                ignore_changes=["engine_version"] if args.automatic_upgrades else [],
                custom_timeouts=pulumi.CustomTimeouts(create="60m", update="60m", delete="60m"),
            ),
        )

    def _create_role(self, part: str, service: str) -> aws.iam.Role:
        return aws.iam.Role(
            f"{self._name}-{part}-role",
            assume_role_policy=iam.trust(service, self._args.account_id),
            opts=self._child,
        )

    def _create_source(self) -> aws.dms.Endpoint:
        args = self._args
        role = self._create_role("source", f"dms.{args.region}.amazonaws.com")
        certificate = aws.dms.Certificate(
            f"{self._name}-ca",
            certificate_id=f"{args.identifier}-rds",
            certificate_pem=args.certificate_authorities,
            opts=self._fixed,
        )
        override = args.secrets_endpoint_dns if args.settings.secrets_endpoint_override else None
        return aws.dms.Endpoint(
            f"{self._name}-source",
            endpoint_id=f"{args.identifier}-source",
            endpoint_type="source",
            engine_name="aurora",
            ssl_mode=args.settings.ssl_mode,
            certificate_arn=certificate.certificate_arn,
            secrets_manager_arn=args.database.capture_secret_arn,
            secrets_manager_access_role_arn=role.arn,
            extra_connection_attributes=(
                pulumi.Output.concat("secretsManagerEndpointOverride=", override) if override is not None else None
            ),
            kms_key_arn=args.key.arn,
            pause_replication_tasks=True,
            opts=self._when_granted(args.database.grant_read_capture_secret(role)),
        )

    def _create_target(self) -> aws.dms.Endpoint:
        args = self._args
        role = self._create_role("target", "dms.amazonaws.com")
        return aws.dms.Endpoint(
            f"{self._name}-target",
            endpoint_id=f"{args.identifier}-target",
            endpoint_type="target",
            engine_name="kinesis",
            kms_key_arn=args.key.arn,
            pause_replication_tasks=True,
            kinesis_settings={
                "stream_arn": args.stream.stream_arn,
                "service_access_role_arn": role.arn,
                "message_format": "json-unformatted",  # a record must be one line
                "include_transaction_details": True,  # total order and deduplication in the lake
                "include_partition_value": True,
                "partition_include_schema_table": True,
                "include_table_alter_operations": True,
                "include_control_details": True,
                "include_null_and_empty": True,  # otherwise "set to NULL" looks like "not there"
                "use_large_integer_value": True,  # otherwise a BIGINT passes through a double
            },
            opts=self._when_granted(args.stream.grant_write(role)),
        )

    def _when_granted(self, policy: aws.iam.RolePolicy) -> pulumi.ResourceOptions:
        """An endpoint's role must be able to do its work before DMS hears of it."""
        return pulumi.ResourceOptions.merge(self._fixed, pulumi.ResourceOptions(depends_on=[policy]))

    def _create_task(
        self,
        instance: aws.dms.ReplicationInstance,
        source: aws.dms.Endpoint,
        target: aws.dms.Endpoint,
        log: aws.cloudwatch.LogGroup,
    ) -> aws.dms.ReplicationTask:
        args, settings = self._args, self._args.settings
        return aws.dms.ReplicationTask(
            f"{self._name}-task",
            replication_task_id=args.identifier,
            migration_type="full-load-and-cdc",
            replication_instance_arn=instance.replication_instance_arn,
            source_endpoint_arn=source.endpoint_arn,
            target_endpoint_arn=target.endpoint_arn,
            table_mappings=canonical(table_mappings(settings.tables, settings.exclude_tables)),
            replication_task_settings=canonical(
                task_settings(
                    parallel_load_threads=settings.parallel_load_threads,
                    parallel_apply_threads=settings.parallel_apply_threads,
                    max_lob_kb=settings.max_lob_kb,
                    before_images=settings.before_images,
                )
            ),
            start_replication_task=settings.start_task,
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                depends_on=[log, args.database, args.stream, *args.starts_after],
                custom_timeouts=pulumi.CustomTimeouts(create="30m", update="60m", delete="30m"),
            ),
        )
