"""LakeTables: an Iceberg table for each described table of the source, kept by a MERGE that Athena runs on a schedule.

EventBridge Scheduler starts a Step Functions state machine (documents/tables_machine.py), which has Athena run the
statements; they are saved queries, so people can read them. Nothing of it is ours to run.

None of it was run on AWS. What Athena is taken to know: MERGE, DELETE, OPTIMIZE and VACUUM of Iceberg tables, and that
of two MERGEs at a time one is refused (https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components import policies, workgroup
from components.data_key import DataKey
from components.private_bucket import PrivateBucket, PrivateBucketArgs
from components.table_rights import TableRights
from documents import iam, tables_machine
from documents.canonical import canonical
from documents.lake_catalog import Catalog
from documents.lake_tables import KeptTable
from documents.schedules import rate

_OLD_FILES_DAYS = 7
_MAINTENANCE = "cron(17 3 * * ? *)"
_RETRIES = 2


@dataclass(frozen=True, kw_only=True)
class LakeTablesArgs:
    """Arguments of :class:`LakeTables`."""

    every_minutes: int
    """Minutes from one run to the next."""
    database: str
    """Name of the Glue database."""
    account_id: str
    """Account of the stack."""
    region: str
    """Region of the stack."""
    key: DataKey
    """Key of the tables."""
    lake_bucket_arn: pulumi.Input[str]
    """Bucket of the log."""
    lake_prefix: str
    """Folder of the log."""
    results: PrivateBucket
    """Bucket of query results."""
    access_logs: PrivateBucket
    """Bucket that gets the access log of the tables' bucket."""
    catalog: Catalog
    """What the tables are, and the views that they are merged from."""
    log_has_expired: pulumi.Input[bool]
    """Whether the log may have lost records, so that no table can be built anew of it."""
    starts_after: list[pulumi.Resource]
    """The database, the raw tables and the views."""
    destroyable: bool
    """Whether the tables may be deleted."""


class LakeTables(pulumi.ComponentResource):
    """A bucket that expires nothing, a workgroup, the statements, the state machine, and its two schedules."""

    bucket_name: pulumi.Output[str]
    machine_arn: pulumi.Output[str]
    policy_arn: pulumi.Output[str]
    """Of a policy that nobody has yet: who queries the lake needs it, too, for queries read the tables' files."""

    def __init__(self, name: str, args: LakeTablesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:LakeTables", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._bucket = self._create_bucket()
        self._workgroup = self._create_workgroup()
        role = self._create_role("role", "states.amazonaws.com")
        machine = self._create_machine(role)
        self.bucket_name, self.machine_arn = self._bucket.name, machine.arn
        self.policy_arn = self._create_read_policy().arn
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            role=role.id,
            policy=policies.policy(*self._rights(machine)),
            opts=self._child,
        )
        self._create_schedules([policy, *args.starts_after])
        self.register_outputs(
            {"bucket_name": self.bucket_name, "machine_arn": self.machine_arn, "policy_arn": self.policy_arn}
        )

    def _create_bucket(self) -> PrivateBucket:
        """An Iceberg table names its files, so none may go by age: VACUUM deletes what no snapshot needs."""
        args = self._args
        bucket = PrivateBucketArgs(
            destroyable=args.destroyable,
            key_arn=args.key.arn,
            old_versions_days=_OLD_FILES_DAYS,
            access_logs=args.access_logs,
        )
        return PrivateBucket(f"{self._name}-data", bucket, opts=self._child)

    def _create_read_policy(self) -> aws.iam.Policy:
        rights = [
            iam.allow("FindFiles", ["s3:ListBucket", "s3:GetBucketLocation"], self._bucket.arn),
            iam.allow("ReadFiles", ["s3:GetObject"], pulumi.Output.concat(self._bucket.arn, "/*")),
        ]
        return aws.iam.Policy(
            f"{self._name}-read-policy",
            description="What queries on the lake's tables need beside the policy for queries on the lake",
            policy=policies.policy(*rights),
            opts=self._child,
        )

    def _create_workgroup(self) -> aws.athena.Workgroup:
        """Without a limit of what a statement reads: the first MERGE reads the whole log."""
        args = self._args
        return aws.athena.Workgroup(
            f"{self._name}-workgroup",
            description="Statements that keep the lake's tables",
            force_destroy=args.destroyable,
            configuration=workgroup.configuration(
                args.results, f"{self._name}/", account_id=args.account_id, key_arn=args.key.arn
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.results]),
        )

    def _create_role(self, name: str, service: str) -> aws.iam.Role:
        trust = policies.trust(service, self._args.account_id)
        return aws.iam.Role(f"{self._name}-{name}", assume_role_policy=trust, opts=self._child)

    def _create_statement(self, kept: KeptTable, what: str, sql: pulumi.Input[str]) -> aws.athena.NamedQuery:
        return aws.athena.NamedQuery(
            f"{self._name}-{what}-{kept.name}",
            name=f"{what}-{kept.name}"[:128],
            description=f"Run by the state machine: {what} the Iceberg table of {kept.table}",
            workgroup=self._workgroup.name,
            database=self._args.database,
            query=sql,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )

    def _create_machine(self, role: aws.iam.Role) -> aws.sfn.StateMachine:
        args = self._args
        database, bucket = args.database, self._bucket.name

        items = [
            pulumi.Output.all(
                self._create_statement(it, "create", bucket.apply(lambda name, it=it: it.create(database, name))).id,
                self._create_statement(it, "merge", it.merge).id,
                args.log_has_expired,
            ).apply(lambda known, it=it: tables_machine.item(it, *known[:2], rebuilds=not known[2]))
            for it in args.catalog.kept_tables
        ]

        def document(known: Mapping[str, Any]) -> str:
            place = tables_machine.Place(database=database, workgroup=known["workgroup"], rebuilds=not known["expired"])
            return canonical(tables_machine.definition(known["items"], place))

        known = pulumi.Output.all(
            items=pulumi.Output.all(*items), workgroup=self._workgroup.name, expired=args.log_has_expired
        )
        return aws.sfn.StateMachine(
            f"{self._name}-machine",
            type="STANDARD",
            role_arn=role.arn,
            definition=known.apply(document),
            # What guards the bucket stands behind it: without a preview a deletion would take the guards first.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._bucket], protect=not args.destroyable),
        )

    def _rights(self, machine: aws.sfn.StateMachine) -> list[iam.Statement]:
        args = self._args
        executions = machine.arn.apply(lambda arn: arn.replace(":stateMachine:", ":execution:") + ":*")
        rights = TableRights(
            database=args.database,
            tables=[it.name for it in args.catalog.kept_tables],
            account_id=args.account_id,
            region=args.region,
            workgroup_arn=self._workgroup.arn,
            log=pulumi.Output.concat(args.lake_bucket_arn, f"/{args.lake_prefix}/*"),
            buckets={"log": args.lake_bucket_arn, "tables": self._bucket.arn, "results": args.results.arn},
            key=args.key,
        )
        return [
            *rights.statements(),
            iam.allow("ListRuns", ["states:ListExecutions"], machine.arn),
            iam.allow("StopItself", ["states:StopExecution"], executions),
        ]

    def _create_schedules(self, first: list[pulumi.Resource]) -> None:
        args = self._args
        role = self._create_role("schedule-role", "scheduler.amazonaws.com")
        may = policies.policy(iam.allow("StartRuns", ["states:StartExecution"], self.machine_arn))
        policy = aws.iam.RolePolicy(f"{self._name}-schedule-policy", role=role.id, policy=may, opts=self._child)
        minutes = args.every_minutes
        for what, expression, given in (
            ("merge", rate(minutes), {}),
            ("maintain", _MAINTENANCE, {"task": "maintain"}),
        ):
            aws.scheduler.Schedule(
                f"{self._name}-{what}",
                description=f"Starts the state machine that keeps the lake's tables: {what}",
                schedule_expression=expression,
                flexible_time_window={"mode": "OFF"},
                target={
                    "arn": self.machine_arn,
                    "role_arn": role.arn,
                    "input": canonical(given),
                    "retry_policy": {
                        "maximum_event_age_in_seconds": max(60, minutes * 60),
                        "maximum_retry_attempts": _RETRIES,
                    },
                },
                opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, *first]),
            )
