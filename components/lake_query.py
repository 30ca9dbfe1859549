"""LakeQuery: the lake as tables. A Glue database over the change log, views of it, and an Athena workgroup.

The views are made as Glue tables in the form that Athena's CREATE VIEW leaves behind. AWS has no page on that form; it
is what Terraform users do (iconara/terraform-aws-athena-view on GitHub), and nothing of it has been run on AWS here:

* Without SerDe information Athena fails with HIVE_METASTORE_ERROR, so there is some that means nothing
  (https://github.com/hashicorp/terraform-provider-aws/issues/28517).
* A changed view is updated in place. Glue wants a ``ViewUpdateAction`` for multi-dialect views alone and refuses it for
  this form, and a newer provider asks for it by that rule
  (https://github.com/hashicorp/terraform-provider-aws/pull/48532); whether the one in use does is unverified.
* That a view may have columns of type ``timestamp(6)`` is taken from Trino; a CREATE TABLE AS of one needs a cast to
  ``timestamp(3)``, which is all that Hive's tables take.
* No view has a description: newer releases of Trino take it for the ``comment`` that says that it is a view (seen on
  476). What it shows is in a parameter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pulumi
import pulumi_aws as aws

from components import policies, workgroup
from components.data_key import DataKey
from components.private_bucket import PrivateBucket, PrivateBucketArgs
from configuration.setting_groups import LakeSettings, QuerySettings
from documents.lake_catalog import Catalog, RawTable, first_day, view_text
from documents.lake_sql import View
from documents.query_rights import query_rights

_GB = 1024**3
_MOST_NAME = 128
_OLD_RESULTS_DAYS = 1


@dataclass(frozen=True, kw_only=True)
class LakeQueryArgs:
    """Arguments of :class:`LakeQuery`."""

    settings: QuerySettings
    """The stack's query settings."""
    lake: LakeSettings
    """The stack's lake settings: where records lie, in which folders, and for how long."""
    database: str
    """Name of the Glue database, and so what users type. In lower-case letters, digits and underscores."""
    account_id: str
    """Account of the stack."""
    region: str
    """Region of the stack."""
    key: DataKey
    """Key of the results."""
    bucket_name: pulumi.Input[str]
    """Name of the lake bucket."""
    access_logs: PrivateBucket
    """Bucket that gets the access log of the results' bucket."""
    catalog: Catalog
    """The raw tables, views and questions, as SQL."""
    today: date
    """Day of the deployment, in UTC."""
    destroyable: bool
    """Whether database and workgroup may be deleted with the views, tables and queries that users made in them."""


class LakeQuery(pulumi.ComponentResource):
    """Database, raw tables, views, workgroup with its results' bucket, saved queries, and a policy for who asks.

    Nothing here holds data of its own but query results, which expire. What users make beside it (views, tables, saved
    queries) goes with the database and the workgroup, so these are as safe as the data.
    """

    database_name: pulumi.Output[str]
    workgroup_name: pulumi.Output[str]
    results: PrivateBucket
    """Bucket of query results."""
    policy_arn: pulumi.Output[str]
    """Of a policy that nobody has yet: whoever is to query the lake is given it."""

    def __init__(self, name: str, args: LakeQueryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:LakeQuery", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._named_child = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        parts = args.catalog
        self.database_name = self._create_database().name
        self._create_raw_tables(parts)
        self._create_views(parts)
        self.results = self._create_results()
        group = self._create_workgroup(self.results)
        self.workgroup_name = group.name
        self.policy_arn = self._create_policy(group, self.results).arn
        self._create_questions(parts)
        self.register_outputs(
            {
                "database_name": self.database_name,
                "workgroup_name": self.workgroup_name,
                "policy_arn": self.policy_arn,
            }
        )

    def _create_database(self) -> aws.glue.CatalogDatabase:
        """With a name of ours: people type it, and a made-up one would have hyphens, which Athena does not take."""
        return aws.glue.CatalogDatabase(
            f"{self._name}-database",
            name=self._args.database,
            description="Change log of the source database, and its tables as they are now",
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, protect=not self._args.destroyable),
        )

    def _create_raw_tables(self, parts: Catalog) -> None:
        for table in parts.raw_tables:
            aws.glue.CatalogTable(
                f"{self._name}-{table.name}",
                name=table.name,
                description=table.about,
                database_name=self.database_name,
                table_type="EXTERNAL_TABLE",
                parameters=self._projection(table),
                partition_keys=[{"name": "dt", "type": "string"}, {"name": "hr", "type": "string"}],
                storage_descriptor={
                    "columns": [{"name": "line", "type": "string"}],
                    "location": pulumi.Output.concat(
                        "s3://", self._args.bucket_name, f"/{self._args.lake.lake_prefix}/"
                    ),
                    "input_format": "org.apache.hadoop.mapred.TextInputFormat",
                    "output_format": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                    "ser_de_info": {
                        "serialization_library": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                        "parameters": {"serialization.format": "1"},  # splits at Ctrl-A, which JSON never has
                    },
                },
                opts=self._named_child,
            )

    def _projection(self, table: RawTable) -> dict[str, pulumi.Input[str]]:
        """Partitions that Athena works out instead of looking them up: nothing has to add one each hour.
        https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
        """
        args = self._args
        begin = first_day(args.settings.catalog_start_date, args.lake.lake_expiry_days, args.today)
        hours = f"/{self._args.lake.lake_prefix}/dt=${{dt}}/hr=${{hr}}/{table.folder}"
        return {
            "EXTERNAL": "TRUE",
            "classification": "json",
            "projection.enabled": "true",
            "projection.dt.type": "date",
            "projection.dt.format": "yyyy-MM-dd",
            "projection.dt.range": f"{begin},NOW",
            "projection.dt.interval": "1",
            "projection.dt.interval.unit": "DAYS",
            "projection.hr.type": "integer",
            "projection.hr.range": "0,23",
            "projection.hr.digits": "2",
            "storage.location.template": pulumi.Output.concat("s3://", self._args.bucket_name, hours),
        }

    def _create_views(self, parts: Catalog) -> None:
        for view in parts.views:
            aws.glue.CatalogTable(
                f"{self._name}-{view.name}",
                name=view.name,
                database_name=self.database_name,
                table_type="VIRTUAL_VIEW",
                parameters=_marks(view),
                storage_descriptor={
                    "columns": [{"name": name, "type": kind.hive} for name, kind in view.columns.items()],
                    "ser_de_info": {"name": "-", "serialization_library": "-"},
                },
                view_original_text=view_text(self._args.database, view),
                view_expanded_text="/* Presto View */",
                opts=self._named_child,
            )

    def _create_results(self) -> PrivateBucket:
        """Always destroyable: whatever is in it can be asked again."""
        args = self._args
        return PrivateBucket(
            f"{self._name}-results",
            PrivateBucketArgs(
                destroyable=True,
                key_arn=args.key.arn,
                expiry_days=args.settings.query_result_days,
                old_versions_days=_OLD_RESULTS_DAYS,
                access_logs=args.access_logs,
            ),
            opts=self._child,
        )

    def _create_workgroup(self, results: PrivateBucket) -> aws.athena.Workgroup:
        return aws.athena.Workgroup(
            f"{self._name}-workgroup",
            description="Queries on the lake",
            force_destroy=self._args.destroyable,
            configuration=workgroup.configuration(
                results,
                "",
                account_id=self._args.account_id,
                key_arn=self._args.key.arn,
                limit_bytes=self._args.settings.query_scan_limit_gb * _GB,
            ),
            # A query would fail, or leave its result in an unguarded bucket.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[results]),
        )

    def _create_policy(self, group: aws.athena.Workgroup, results: PrivateBucket) -> aws.iam.Policy:
        args = self._args
        lake = pulumi.Output.concat("arn:aws:s3:::", args.bucket_name)
        rights = query_rights(
            workgroup=group.arn,
            catalog=f"arn:aws:glue:{args.region}:{args.account_id}:",
            database=args.database,
            lake=lake,
            records=pulumi.Output.concat(lake, f"/{args.lake.lake_prefix}/*"),
            results=results.arn,
            answers=pulumi.Output.concat(results.arn, "/*"),
            key=args.key.arn,
        )
        return aws.iam.Policy(
            f"{self._name}-policy",
            description="Queries on the lake, and nothing else",
            policy=policies.policy(*rights),
            opts=self._child,
        )

    def _create_questions(self, parts: Catalog) -> None:
        for question in parts.questions:
            aws.athena.NamedQuery(
                f"{self._name}-{question.name}",
                name=question.name[:_MOST_NAME],  # two may have one name
                description=question.about,
                workgroup=self.workgroup_name,
                database=self.database_name,
                query=question.sql,
                opts=self._named_child,
            )


def _marks(view: View) -> dict[str, str]:
    """What says that it is a view of Athena's, what it shows, and of which table of the source."""
    marks = {"presto_view": "true", "comment": "Presto View", "cdc-lake.about": view.about}
    if view.table is None:
        return marks
    return marks | {
        "cdc-lake.schema": view.table.schema,
        "cdc-lake.table": view.table.table,
        "cdc-lake.view": view.shows,
    }
