"""A DMS task on a replication instance."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.replication_job import ReplicationJob, ReplicationJobArgs, beginning, mappings, task_document


def create(name: str, args: ReplicationJobArgs, parent: pulumi.Resource) -> ReplicationJob:
    """Log group, instance and task, as children of ``parent``."""
    log = _create_log(name, args, parent)
    instance = _create_instance(name, args, parent)
    task = _create_task(name, args, instance, pulumi.ResourceOptions(parent=parent, depends_on=[log]))
    return ReplicationJob(
        resource=task,
        arn=task.replication_task_arn,
        instance_id=instance.replication_instance_id,
        instance_arn=instance.replication_instance_arn,
        log_group_name=log.name,
    )


def _create_log(name: str, args: ReplicationJobArgs, parent: pulumi.Resource) -> aws.cloudwatch.LogGroup:
    """DMS writes to a group of this name; where it is missing, DMS makes one that is kept for ever."""
    return aws.cloudwatch.LogGroup(
        f"{name}-task-log",
        name=f"dms-tasks-{args.identifier}",
        retention_in_days=args.log_retention_days,
        kms_key_id=args.key.arn,
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
    )


def _create_instance(name: str, args: ReplicationJobArgs, parent: pulumi.Resource) -> aws.dms.ReplicationInstance:
    settings = args.settings
    return aws.dms.ReplicationInstance(
        f"{name}-instance",
        replication_instance_id=args.identifier,
        replication_instance_class=settings.replication_instance_class,
        engine_version=settings.replication_engine_version,
        allocated_storage=settings.replication_storage_gb,
        multi_az=settings.multi_az,
        auto_minor_version_upgrade=args.automatic_upgrades,
        allow_major_version_upgrade=None if args.automatic_upgrades else True,
        apply_immediately=True,  # the task goes on where it was; what waits is a change in every preview
        publicly_accessible=False,
        replication_subnet_group_id=args.subnet_group_id,
        vpc_security_group_ids=[args.security_group_id],
        kms_key_arn=args.key.arn,
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=[args.service_roles],
            delete_before_replace=True,
            ignore_changes=["engine_version"] if args.automatic_upgrades else [],
            custom_timeouts=pulumi.CustomTimeouts(create="60m", update="60m", delete="60m"),
        ),
    )


def _create_task(
    name: str, args: ReplicationJobArgs, instance: aws.dms.ReplicationInstance, opts: pulumi.ResourceOptions
) -> aws.dms.ReplicationTask:
    settings = args.settings
    return aws.dms.ReplicationTask(
        f"{name}-task",
        replication_task_id=pulumi.Output.concat(
            args.identifier, "-", beginning(settings), "-", args.turn, "-", args.database_identity
        ),
        migration_type=settings.migration_type,
        cdc_start_position=settings.cdc_start_position or None,
        cdc_start_time=settings.cdc_start_time or None,
        replication_instance_arn=instance.replication_instance_arn,
        source_endpoint_arn=args.source_arn,
        target_endpoint_arn=args.target_arn,
        table_mappings=mappings(settings),
        replication_task_settings=task_document(settings),
        start_replication_task=settings.start_task,
        opts=pulumi.ResourceOptions.merge(
            opts,
            pulumi.ResourceOptions(
                protect=not args.destroyable,
                depends_on=args.starts_after,
                delete_before_replace=True,
                # A start counts when the task is made. DMS may answer with another spelling of it, and an update with a
                # start goes on from the checkpoint all the same; another start is another identifier.
                ignore_changes=["cdc_start_position", "cdc_start_time"],
            ),
        ),
    )
