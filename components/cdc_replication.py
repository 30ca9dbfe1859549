"""CdcReplication: the DMS task that copies every table once and then every change, from the binlog to the stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components import instance_replication, policies, serverless_replication
from components.captured_database import CapturedDatabase
from components.data_key import DataKey
from components.dms_service_roles import DmsServiceRoles, DmsServiceRolesArgs, RolePlan
from components.replication_job import ReplicationJob, ReplicationJobArgs
from components.stream_to_lake import StreamToLake
from configuration.setting_groups import ReplicationSettings
from documents.canonical import digest

_KINDS = {"instance": instance_replication.create, "serverless": serverless_replication.create}
"""What ``replicationMode`` chooses from."""


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
    database: CapturedDatabase
    """Where changes come from."""
    stream: StreamToLake
    """Where changes go."""
    key: DataKey
    """Key of the instance's storage and of the task log."""
    log_retention_days: int
    """Days for which the task log is kept."""
    automatic_upgrades: bool
    """Whether AWS installs minor versions; then the engine version counts at creation only."""
    destroyable: bool
    """Whether the replication may be deleted, with its position and then with all that it depends on."""
    service_roles: RolePlan
    """Which of the account-wide roles this stack declares."""
    starts_after: Sequence[pulumi.Resource]
    """What else must be complete before the task starts: the ways to the services."""


class CdcReplication(pulumi.ComponentResource):
    """Service roles, subnet group, certificate, two endpoints, and a task or a serverless replication between them.

    It starts as soon as it exists, so ``database``, ``stream`` and ``starts_after`` come first, with every child:
    the writer instance, the secret version, the delivery stream, the policies.
    """

    task_arn: pulumi.Output[str]
    source_endpoint_arn: pulumi.Output[str]
    target_endpoint_arn: pulumi.Output[str]
    replication_instance_id: pulumi.Output[str]
    replication_instance_arn: pulumi.Output[str]
    log_group_name: pulumi.Output[str]

    def __init__(self, name: str, args: CdcReplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:CdcReplication", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._fixed = pulumi.ResourceOptions(parent=self, delete_before_replace=True)  # two cannot have one identifier
        roles = DmsServiceRoles(
            f"{name}-service-roles",
            DmsServiceRolesArgs(account_id=args.account_id, plan=args.service_roles),
            opts=self._child,
        )
        source, target = self._create_source(), self._create_target()
        job = self._create_job(roles, source, target)
        after = pulumi.ResourceOptions(parent=self, depends_on=[job.resource])
        args.database.withdraw_rights(f"{name}-withdrawals", after)
        self.task_arn, self.log_group_name = job.arn, job.log_group_name
        self.source_endpoint_arn, self.target_endpoint_arn = source.endpoint_arn, target.endpoint_arn
        self.replication_instance_id, self.replication_instance_arn = job.instance_id, job.instance_arn
        self.register_outputs(
            {
                "task_arn": self.task_arn,
                "source_endpoint_arn": self.source_endpoint_arn,
                "target_endpoint_arn": self.target_endpoint_arn,
                "replication_instance_id": self.replication_instance_id,
                "replication_instance_arn": self.replication_instance_arn,
                "log_group_name": self.log_group_name,
            }
        )

    def _create_subnet_group(self, roles: DmsServiceRoles) -> aws.dms.ReplicationSubnetGroup:
        return aws.dms.ReplicationSubnetGroup(
            f"{self._name}-subnets",
            replication_subnet_group_id=self._args.identifier,
            replication_subnet_group_description="Private subnets of the change data capture pipeline",
            subnet_ids=self._args.subnet_ids,
            opts=pulumi.ResourceOptions.merge(self._fixed, pulumi.ResourceOptions(depends_on=[roles])),
        )

    def _create_role(self, part: str, service: str) -> aws.iam.Role:
        return aws.iam.Role(
            f"{self._name}-{part}-role",
            assume_role_policy=policies.trust(service, self._args.account_id),
            opts=self._child,
        )

    def _create_source(self) -> aws.dms.Endpoint:
        args = self._args
        role = self._create_role("source", f"dms.{args.region}.amazonaws.com")
        certificate = aws.dms.Certificate(
            f"{self._name}-ca",
            # Other authorities are another certificate, made before the endpoint lets go of the old one.
            certificate_id=f"{args.identifier}-rds-{digest(args.certificate_authorities)}",
            certificate_pem=args.certificate_authorities,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=False),
        )
        override = args.secrets_endpoint_dns if args.settings.secrets_endpoint_override else None
        return aws.dms.Endpoint(
            f"{self._name}-source",
            # Another database is another endpoint, never one that is changed in place: its task would be resumed, at
            # the old position in the new binlog. It is made once the database is complete and verified, and before the
            # old one goes, which a serverless replication still uses until then.
            endpoint_id=pulumi.Output.concat(args.identifier, "-source-", args.database.identity),
            endpoint_type="source",
            engine_name=args.database.engine_name,
            ssl_mode=args.settings.ssl_mode,
            certificate_arn=certificate.certificate_arn,
            secrets_manager_arn=args.database.capture_secret_arn,
            secrets_manager_access_role_arn=role.arn,
            extra_connection_attributes=(
                pulumi.Output.concat("secretsManagerEndpointOverride=", override) if override is not None else None
            ),
            kms_key_arn=args.key.arn,
            pause_replication_tasks=True,
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=False,
                depends_on=[args.database.grant_read_capture_secret(role), args.database],
            ),
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
            # the role must be able to do its work before DMS hears of it
            opts=pulumi.ResourceOptions.merge(
                self._fixed, pulumi.ResourceOptions(depends_on=[args.stream.grant_write(role)])
            ),
        )

    def _create_turn(self, mode: str) -> pulumi.Output[str]:
        """Part of the identifiers of both kinds of replication. It is deleted before its successor is made, and so the
        engine first deletes what has it in its identifier, even what the program does not declare any more."""
        return random.RandomId(
            f"{self._name}-turn", byte_length=3, keepers={"replicationMode": mode}, opts=self._fixed
        ).hex

    def _create_job(self, roles: DmsServiceRoles, source: aws.dms.Endpoint, target: aws.dms.Endpoint) -> ReplicationJob:
        args = self._args
        return _KINDS[args.settings.replication_mode](
            self._name,
            ReplicationJobArgs(
                settings=args.settings,
                identifier=args.identifier,
                database_identity=args.database.identity,
                turn=self._create_turn(args.settings.replication_mode),
                subnet_group_id=self._create_subnet_group(roles).id,
                security_group_id=args.security_group_id,
                source_arn=source.endpoint_arn,
                target_arn=target.endpoint_arn,
                key=args.key,
                log_retention_days=args.log_retention_days,
                automatic_upgrades=args.automatic_upgrades,
                destroyable=args.destroyable,
                service_roles=roles,
                starts_after=[args.database, args.stream, *args.starts_after],
            ),
            self,
        )
