"""Keys that must agree, one named row each. They are asked once every key is right by itself.

A row blames one key and says what to do; its examples are in ``tests/configuration/test_settings.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from configuration.aws_names import is_zone, region_of
from configuration.column_rules import COLUMN_CONTRADICTIONS
from configuration.rds_certificates import rds_regions, vendored_regions
from configuration.rule import Rule
from configuration.watch_rules import WATCH_CONTRADICTIONS
from documents.table_patterns import TablePattern, is_name

OWN_CREDENTIALS = tuple(
    f"aws:{key}"
    for key in ("accessKey", "secretKey", "token", "assumeRole", "assumeRoles", "assumeRoleWithWebIdentity",
                "sharedConfigFiles", "sharedCredentialsFiles")
)  # fmt: skip
"""What gives the AWS provider credentials that a program next to it does not have."""
_WITHOUT_DATA_API = frozenset({"ap-south-2", "ap-southeast-4", "ap-southeast-6", "ap-east-2", "ca-west-1",
                               "eu-central-2", "il-central-1", "mx-central-1"})  # fmt: skip
_OF_EXISTING = ("databaseSecretArn", "databaseSecretKeyArn", "databaseSecurityGroupId")


def _bootstraps(v: Mapping[str, Any]) -> bool:
    return v["databaseMode"] == "own" and v["sqlBootstrap"] == "auto"


_DMS = "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_"
_AURORA = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/"
_EC2 = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/"
_TF = "https://github.com/hashicorp/terraform-provider-aws/issues/"


def _of_region(v: Mapping[str, Any], key: str) -> bool:
    return region_of(v[key]) in ("", v["aws:region"])


def _something_is_left(tables: Iterable[TablePattern], excluded: Sequence[TablePattern]) -> bool:
    """Whether no exclusion takes in all of some pattern; that both lists have it is another rule's."""
    return not all(any(one.covers(pattern) and one != pattern for one in excluded) for pattern in tables)


def _apart(one: str, other: str) -> bool:
    return not f"{one}/".startswith(f"{other}/") and not f"{other}/".startswith(f"{one}/")


# fmt: off
CONTRADICTIONS: tuple[Rule, ...] = (
    Rule("captured or excluded", "excludeTables", lambda v: not set(v["tables"]) & set(v["excludeTables"]),
         "a pattern is both captured and excluded", "take it out of both lists",
         _DMS + "Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Selections.html"),
    Rule("something is left", "excludeTables", lambda v: _something_is_left(v["tables"], v["excludeTables"]),
         "nothing of what tables captures is left", "exclude less, or capture more",
         _DMS + "Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Selections.html"),
    *COLUMN_CONTRADICTIONS,
    Rule("certificate authorities", "aws:region",
         lambda v: bool(v["caBundleFile"]) or v["aws:region"] in vendored_regions(),
         "this repository holds no RDS certificate authorities of that Region",
         "download its bundle from AWS's RDS trust store and name the file in caBundleFile",
         _AURORA + "UsingWithRDS.SSL.html"),
    Rule("authorities of the Region", "caBundleFile",
         lambda v: not v["caBundleFile"] or v["aws:region"] in (
             rds_regions(v["caBundleFile"]) or {v["aws:region"]}),  # authorities of somebody else are the user's matter
         "it holds the RDS authorities of other Regions alone, and each Region has its own",
         "name the bundle of aws:region, or the global one",
         _AURORA + "UsingWithRDS.SSL.html"),
    Rule("zones of the Region", "availabilityZones",
         lambda v: all(is_zone(zone, v["aws:region"]) for zone in v["availabilityZones"]),
         "one is no zone of aws:region, whose zones have its name and a letter (a local zone is none)",
         "name zones of that Region, or none",
         _EC2 + "using-regions-availability-zones.html"),
    Rule("existing VPC", "subnetIds", lambda v: bool(v["vpcId"]) == bool(v["subnetIds"]),
         "vpcId and subnetIds belong together", "give both (an existing VPC) or none (one of its own)",
         _DMS + "ReplicationInstance.VPC.html"),
    Rule("zones follow the subnets", "availabilityZones", lambda v: not (v["vpcId"] and v["availabilityZones"]),
         "in an existing VPC the subnets decide on the zones", "remove availabilityZones or vpcId",
         _DMS + "ReplicationInstance.VPC.html"),
    Rule("a way to AWS", "createVpcEndpoints", lambda v: v["createVpcEndpoints"] or bool(v["vpcId"]),
         "a VPC of its own has no other way to Kinesis and Secrets Manager", "set it to true",
         _DMS + "VPC_Endpoints.html"),
    Rule("endpoints are reachable", "endpointSecurityGroupId",
         lambda v: bool(v["endpointSecurityGroupId"]) != v["createVpcEndpoints"],
         "the group of existing endpoints is needed without createVpcEndpoints and means nothing with it",
         "name it, or let this program create endpoints",
         _DMS + "VPC_Endpoints.html"),
    Rule("keys of an existing database", "databaseMode",
         lambda v: v["databaseMode"] == "existing" or (
             not any(v[key] for key in _OF_EXISTING)
             and v["databaseEngine"] == "aurora" and v["openDatabaseSecurityGroup"]),
         f"{', '.join(_OF_EXISTING)}, databaseEngine and openDatabaseSecurityGroup describe an existing database",
         "remove them, or set it to existing",
         _DMS + "Source.MySQL.html"),
    Rule("way to an existing database", "databaseMode",
         lambda v: v["databaseMode"] == "own" or bool(
             v["databaseSecretArn"] and v["databaseSecurityGroupId"] and v["vpcId"]),
         "DMS must know an existing database's secret and security group, and stand in its network",
         "give databaseSecretArn, databaseSecurityGroupId, vpcId and subnetIds",
         "https://docs.aws.amazon.com/dms/latest/userguide/security_iam_secretsmanager.html"),
    Rule("secret of the Region", "databaseSecretArn",
         lambda v: _of_region(v, "databaseSecretArn"),
         "DMS reads secrets of its own Region only", "replicate the secret to aws:region",
         "https://docs.aws.amazon.com/dms/latest/userguide/security_iam_secretsmanager.html"),
    Rule("key of the Region", "databaseSecretKeyArn",
         lambda v: _of_region(v, "databaseSecretKeyArn"),
         "a secret is encrypted with a key of its own Region only", "name the key of the secret in aws:region",
         "https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"),
    Rule("snapshot of the Region", "snapshotIdentifier",
         lambda v: _of_region(v, "snapshotIdentifier"),
         "RDS restores snapshots of its own Region only", "copy the snapshot to aws:region",
         _AURORA + "aurora-restore-snapshot.html"),
    Rule("no restore of an existing database", "snapshotIdentifier",
         lambda v: v["databaseMode"] == "own" or not v["snapshotIdentifier"],
         "with databaseMode existing nothing is restored",
         "restore it yourself, point its secret to the new one and raise restoreGeneration",
         _AURORA + "aurora-restore-snapshot.html"),
    Rule("no SQL in an existing database", "sqlBootstrap",
         lambda v: v["databaseMode"] == "own" or v["sqlBootstrap"] == "manual",
         "this program runs nothing in a database that is not its own",
         "set it to manual and run the exported statements",
         _AURORA + "data-api.html"),
    Rule("Data API of the class", "sqlBootstrap",
         lambda v: not _bootstraps(v) or not v["databaseInstanceClass"].startswith("db.t"),
         "T classes have no RDS Data API", "set it to manual, or choose db.serverless",
         _AURORA + "data-api.limitations.html"),
    Rule("Data API of the Region", "sqlBootstrap",
         lambda v: not _bootstraps(v) or v["aws:region"] not in _WITHOUT_DATA_API,
         "this Region has no RDS Data API for Aurora MySQL", "set it to manual",
         _AURORA + "Concepts.Aurora_Fea_Regions_DB-eng.Feature.Data_API.html"),
    Rule("Data API of the engine", "sqlBootstrap",
         lambda v: not _bootstraps(v) or v["engineVersion"].startswith("8.0."),
         "AWS documents the RDS Data API for Aurora MySQL 3 alone", "set it to manual",
         _AURORA + "Concepts.Aurora_Fea_Regions_DB-eng.Feature.Data_API.html"),
    Rule("schemas by name", "tables",
         lambda v: not _bootstraps(v) or all(is_name(pattern.schema) for pattern in v["tables"]),
         "Aurora MySQL takes % and _ in the schema of a GRANT literally (partial_revokes), so the capture user could "
         "not read what a pattern of schemas finds",
         "name each schema, or set sqlBootstrap to manual and GRANT SELECT ON *.* to the user",
         "https://github.com/petoju/terraform-provider-mysql/issues/3"),
    Rule("credentials of the bootstrap", "sqlBootstrap",
         lambda v: not _bootstraps(v) or not any(v[key] for key in OWN_CREDENTIALS),
         "it runs with the credentials of the environment or of aws:profile, not with those of aws:accessKey, "
         "aws:assumeRoles and the like",
         "assume the role before pulumi up, or set it to manual",
         _AURORA + "data-api.access.html"),
    Rule("restored from something", "restoreGeneration",
         lambda v: not v["restoreGeneration"] or bool(v["snapshotIdentifier"]) or v["databaseMode"] == "existing",
         "an empty database would replace the one that is there", "name the snapshot in snapshotIdentifier",
         _TF + "15563"),
    Rule("restored is loaded", "migrationType",
         lambda v: v["migrationType"] == "full-load-and-cdc" or (not v["restoreGeneration"]
         and not (v["snapshotIdentifier"] and v["migrationType"] == "cdc")),
         "the binlog of a restored database begins anew: only a load of every row makes lake and database agree",
         "set it to full-load-and-cdc",
         "https://github.com/airbytehq/airbyte/issues/85783"),
    Rule("start of cdc", "cdcStartPosition",
         lambda v: v["migrationType"] != "cdc" or bool(v["cdcStartPosition"] or v["cdcStartTime"]),
         "without a start cdc begins whenever its task is made, and what changed before is not in the lake",
         "give cdcStartPosition or cdcStartTime, or set migrationType to full-load-and-cdc",
         _DMS + "Task.CDC.html"),
    Rule("start position of cdc alone", "cdcStartPosition",
         lambda v: v["migrationType"] == "cdc" or not v["cdcStartPosition"],
         "a load decides by itself where the changes begin", "remove it, or set migrationType to cdc",
         _TF + "23319"),
    Rule("start time of cdc alone", "cdcStartTime",
         lambda v: v["migrationType"] == "cdc" or not v["cdcStartTime"],
         "a load decides by itself when the changes begin", "remove it, or set migrationType to cdc",
         _DMS + "Task.CDC.html"),
    Rule("one start", "cdcStartTime", lambda v: not (v["cdcStartPosition"] and v["cdcStartTime"]),
         "DMS takes a position or a time, not both", "remove one of the two",
         _DMS + "Task.CDC.html"),
    Rule("serverless loads", "replicationMode",
         lambda v: v["replicationMode"] == "instance" or v["migrationType"] != "cdc",
         "a serverless replication starts at no position: one that is replaced would lose what changed meanwhile",
         "set it to instance, or migrationType to full-load-and-cdc",
         _DMS + "Serverless.Limitations.html"),
    Rule("units in order", "maxReplicationUnits", lambda v: v["minReplicationUnits"] <= v["maxReplicationUnits"],
         "the most is less than minReplicationUnits", "raise it",
         _DMS + "Serverless.Components.html"),
    Rule("two images in a record", "maxLobKb", lambda v: not v["beforeImages"] or v["maxLobKb"] <= 500,
         "with beforeImages an update carries a LOB twice, and a record of the stream holds 1 MiB",
         "500 at most, or set beforeImages to false",
         _DMS + "Target.Kinesis.html"),
    Rule("capacity in order", "maxCapacity", lambda v: v["minCapacity"] <= v["maxCapacity"],
         "the most is less than minCapacity", "raise it",
         _AURORA + "aurora-serverless-v2.setting-capacity.html"),
    Rule("origin of the master user", "masterUsername",
         lambda v: bool(v["masterUsername"]) != bool(v["snapshotIdentifier"]),
         "a new cluster needs a master user, and a snapshot brings its own",
         "with snapshotIdentifier set it to '', without name one",
         _AURORA + "aurora-restore-snapshot.html"),
    Rule("two users", "captureUsername", lambda v: v["captureUsername"].lower() != v["masterUsername"].lower(),
         "DMS must not read as the master user", "choose another name",
         _DMS + "Source.MySQL.html"),
    Rule("shards follow the mode", "shardCount", lambda v: (v["streamMode"] == "PROVISIONED") == (v["shardCount"] > 0),
         "a provisioned stream needs shards, an on-demand one must not have any", "0 with ON_DEMAND, else 1 or more",
         _TF + "36625"),
    Rule("buffer of a partition", "bufferSizeMb", lambda v: not v["partitionByTable"] or v["bufferSizeMb"] >= 64,
         "Firehose partitions with a buffer of at least 64 MiB only", "64 or more, or set partitionByTable to false",
         "https://github.com/aws/aws-cdk/issues/35903"),
    Rule("interval of a partition", "bufferIntervalSeconds",
         lambda v: not v["partitionByTable"] or v["bufferIntervalSeconds"] >= 60,
         "Firehose partitions with an interval of at least 60 seconds only",
         "60 or more, or set partitionByTable to false",
         "https://docs.aws.amazon.com/firehose/latest/dev/buffering.html"),
    Rule("errors apart from rows", "errorPrefix", lambda v: _apart(v["lakePrefix"], v["errorPrefix"]),
         "records that failed would lie among the rows of lakePrefix", "use two folders of which none holds the other",
         "https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html"),
    Rule("expiry after transition", "lakeExpiryDays",
         lambda v: not v["lakeExpiryDays"] or v["lakeExpiryDays"] > v["lakeTransitionDays"],
         "objects would expire before lakeTransitionDays", "raise it, or 0 to keep objects",
         "https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html"),
    Rule("log outlives its merge", "lakeExpiryDays",
         lambda v: not (v["tablesEveryMinutes"] and v["lakeExpiryDays"])
         or v["lakeExpiryDays"] * 24 > v["streamRetentionHours"] + v["tablesWindowHours"] + 24,
         "records could expire before they are merged into the tables, if their delivery or the schedule was late",
         "raise it above streamRetentionHours and tablesWindowHours and a day, or set tablesEveryMinutes to 0",
         "https://docs.aws.amazon.com/firehose/latest/dev/retry.html"),
    *WATCH_CONTRADICTIONS,
)
# fmt: on
