"""A DMS Serverless replication: the same endpoints, mappings and settings, on capacity that DMS finds itself.

It cannot start at a position, and it can hardly be changed once it runs
(https://github.com/hashicorp/terraform-provider-aws/issues/35650). So its documents are part of its identifier: other
tables or settings are another replication, which loads every table again.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.replication_job import ReplicationJob, ReplicationJobArgs, beginning, mappings, task_document
from documents.canonical import digest


def create(name: str, args: ReplicationJobArgs, parent: pulumi.Resource) -> ReplicationJob:
    """Log group and replication, as children of ``parent``."""
    documents = digest(mappings(args.settings) + task_document(args.settings))
    identifier = pulumi.Output.concat(
        args.identifier, "-", beginning(args.settings), "-", documents, "-", args.turn, "-", args.database_identity
    )
    arn_ending = identifier.apply(lambda text: resource_identifier(args.identifier, text))
    log = _create_log(name, args, arn_ending, parent)
    config = aws.dms.ReplicationConfig(
        f"{name}-serverless",
        replication_config_identifier=identifier,
        resource_identifier=arn_ending,
        replication_type=args.settings.migration_type,
        source_endpoint_arn=args.source_arn,
        target_endpoint_arn=args.target_arn,
        table_mappings=mappings(args.settings),
        replication_settings=task_document(args.settings),
        compute_config=_compute_config(args),
        start_replication=args.settings.start_task,
        opts=pulumi.ResourceOptions(
            parent=parent,
            protect=not args.destroyable,
            depends_on=[log, args.service_roles, *args.starts_after],
            delete_before_replace=True,
            # AWS's echo differs in every preview (terraform-provider-aws issue 45376); the identifier has a digest.
            ignore_changes=["replication_settings", "table_mappings"],
            custom_timeouts=pulumi.CustomTimeouts(create="60m", update="60m", delete="60m"),
        ),
    )
    none = pulumi.Output.from_input("")
    return ReplicationJob(resource=config, arn=config.arn, instance_id=none, instance_arn=none, log_group_name=log.name)


def resource_identifier(beginning: str, identifier: str) -> str:
    """The end of the replication's ARN: at most 31 characters, and another one for every ``identifier``."""
    return f"{beginning[:20].rstrip('-')}-{digest(identifier)}"


def _compute_config(args: ReplicationJobArgs) -> aws.dms.ReplicationConfigComputeConfigArgsDict:
    return {
        "replication_subnet_group_id": args.subnet_group_id,
        "vpc_security_group_ids": [args.security_group_id],
        "kms_key_id": args.key.arn,
        "min_capacity_units": args.settings.min_replication_units,
        "max_capacity_units": args.settings.max_replication_units,
        "multi_az": args.settings.multi_az,
    }


def _create_log(
    name: str, args: ReplicationJobArgs, arn_ending: pulumi.Output[str], parent: pulumi.Resource
) -> aws.cloudwatch.LogGroup:
    """DMS names the group after the end of the replication's ARN; seen in the field, not documented by AWS."""
    return aws.cloudwatch.LogGroup(
        f"{name}-serverless-log",
        name=pulumi.Output.concat("dms-serverless-replication-", arn_ending),
        retention_in_days=args.log_retention_days,
        kms_key_id=args.key.arn,
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
    )
