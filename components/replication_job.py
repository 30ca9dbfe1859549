"""What both kinds of replication are made of: arguments, documents, and identifiers that are bound to what they replay.

DMS remembers how far it has read. A replication that is stopped and started, or modified, goes on from there; it never
asks whether the binlog is still the same one, whether another start was asked for, or whether it now captures more
tables. So whatever would make "go on from there" wrong is part of the identifier, which cannot change: another
database, another start, other masks, drops or filters (a change of columns does not reach a task that is resumed), and
(serverless) other tables are another replication, which begins at its beginning.

The identifier also carries the turn, so that the engine takes the replication of one kind away before it makes that of
the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.data_key import DataKey
from configuration.setting_groups import ReplicationSettings
from documents.canonical import canonical, digest
from documents.dms_mappings import reshaping, table_mappings
from documents.task_settings import task_settings


@dataclass(frozen=True, kw_only=True)
class ReplicationJobArgs:
    """Arguments of both kinds of replication."""

    settings: ReplicationSettings
    """The stack's replication settings."""
    identifier: str
    """Beginning of the identifiers that DMS demands; unique in account and Region."""
    database_identity: pulumi.Output[str]
    """Another one for every database; lower-case letters, digits and hyphens."""
    turn: pulumi.Output[str]
    """Another one for every kind of replication, in hexadecimal digits: while one kind has its turn, no other reads."""
    subnet_group_id: pulumi.Input[str]
    """DMS subnet group to run in."""
    security_group_id: pulumi.Input[str]
    """Security group that may go to the database and the endpoints."""
    source_arn: pulumi.Input[str]
    """DMS endpoint where changes come from."""
    target_arn: pulumi.Input[str]
    """DMS endpoint where changes go."""
    key: DataKey
    """Key of the storage and of the log."""
    log_retention_days: int
    """Days for which the log is kept."""
    automatic_upgrades: bool
    """Whether AWS installs minor versions of the engine."""
    destroyable: bool
    """Whether the position in the binlog may be lost. Everything that a replication needs is kept as long as it is."""
    service_roles: pulumi.Resource
    """The account-wide roles without which DMS makes nothing."""
    starts_after: Sequence[pulumi.Resource]
    """What must be complete before the first row is read."""


@dataclass(frozen=True, kw_only=True)
class ReplicationJob:
    """What runs, whatever its kind."""

    resource: pulumi.Resource
    """The task, or the serverless replication."""
    arn: pulumi.Output[str]
    """ARN of the task, or of the serverless replication."""
    instance_id: pulumi.Output[str]
    """Identifier of the replication instance; empty where there is none."""
    instance_arn: pulumi.Output[str]
    """ARN of the replication instance; empty where there is none."""
    log_group_name: pulumi.Output[str]
    """Log group of the task, or of the serverless replication."""


def mappings(settings: ReplicationSettings) -> str:
    """The table mappings in their one spelling."""
    return canonical(table_mappings(settings.capture))


def task_document(settings: ReplicationSettings) -> str:
    """The task settings in their one spelling."""
    return canonical(
        task_settings(
            parallel_load_threads=settings.parallel_load_threads,
            parallel_apply_threads=settings.parallel_apply_threads,
            max_lob_kb=settings.max_lob_kb,
            before_images=settings.before_images,
            on_table_error=settings.on_table_error,
        )
    )


def beginning(settings: ReplicationSettings) -> str:
    """Where the replication begins, fit for an identifier: its type, for ``cdc`` a digest of its start, and one of
    the rules that give rows or columns another shape, if there are any.
    """
    start = settings.cdc_start_position or settings.cdc_start_time
    rules = reshaping(settings.capture)
    digests = [digest(start)] if start else []
    digests += [digest(canonical({"rules": rules}))] if rules else []
    return "-".join([settings.migration_type, *digests])
