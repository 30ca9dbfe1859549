"""The program: an Aurora MySQL database, and every change of it in an S3 lake."""

import pulumi
import pulumi_aws as aws

from components import dms_service_roles
from components.cdc_replication import CdcReplication, CdcReplicationArgs
from components.data_key import DataKey, DataKeyArgs
from components.existing_database import ExistingDatabase, ExistingDatabaseArgs
from components.fixed_settings import FixedSettings, FixedSettingsArgs
from components.heartbeat import Heartbeat, HeartbeatArgs
from components.lake_query import LakeQuery, LakeQueryArgs
from components.lake_tables import LakeTables, LakeTablesArgs
from components.network import Network, NetworkArgs, zones_for
from components.pipeline_watch import PipelineWatch, PipelineWatchArgs
from components.source_database import SourceDatabase, SourceDatabaseArgs
from components.sql_bootstrap import SqlScript
from components.stream_to_lake import StreamToLake, StreamToLakeArgs
from configuration import descriptions, rds_certificates
from configuration.settings import from_stack
from configuration.watched import watched
from documents.lake_catalog import identifier

settings = from_stack()
catalog = descriptions.catalog(settings)
account_id = aws.get_caller_identity().account_id

zones = zones_for(settings.network)

fixed = FixedSettings("settings", FixedSettingsArgs(settings=settings, zones=zones, tables=catalog.kept_tables))
key = DataKey(
    "data",
    DataKeyArgs(
        region=settings.region,
        account_id=account_id,
        tells=not settings.watch.alarm_topic_arn,
        destroyable=settings.destroyable,
    ),
)
network = Network(
    "network",
    NetworkArgs(
        settings=settings.network,
        source=settings.source,
        zones=zones,
        region=settings.region,
        account_id=account_id,
        key_arn=key.arn,
        log_retention_days=settings.general.log_retention_days,
    ),
)
script = SqlScript(
    runs=settings.source.sql_bootstrap == "auto",
    region=settings.region,
    profile=settings.profile,
    user=settings.database.capture_username,
    tables=settings.replication.capture.tables,
    binlog_retention_hours=settings.database.binlog_retention_hours,
    beats=settings.replication.beats,
)
if settings.source.database_mode == "own":
    database = SourceDatabase(
        "database",
        SourceDatabaseArgs(
            settings=settings.database,
            identifier=settings.name,
            account_id=account_id,
            port=settings.source.database_port,
            subnet_ids=network.subnet_ids,
            security_group_id=network.database_security_group_id,
            key=key,
            log_retention_days=settings.general.log_retention_days,
            automatic_upgrades=settings.automatic_upgrades,
            destroyable=settings.destroyable,
            script=script,
        ),
    )
else:
    database = ExistingDatabase(
        "database",
        ExistingDatabaseArgs(
            settings=settings.source,
            generation=settings.database.restore_generation,
            region=settings.region,
            secret_keys=settings.secret_keys,
        ),
    )
heartbeat = None
if database.heart is not None:
    cluster_arn, heartbeat_secret_arn = database.heart
    heartbeat = Heartbeat(
        "heartbeat",
        HeartbeatArgs(
            minutes=settings.replication.heartbeat_minutes,
            account_id=account_id,
            generation=settings.database.restore_generation,
            cluster_arn=cluster_arn,
            secret_arn=heartbeat_secret_arn,
            key=key,
            starts_after=[database],
        ),
    )
lake = StreamToLake(
    "lake",
    StreamToLakeArgs(
        settings=settings.lake,
        account_id=account_id,
        key=key,
        log_retention_days=settings.general.log_retention_days,
        destroyable=settings.destroyable,
    ),
)
network.limit_endpoints(stream_arn=lake.stream_arn, secret_arns=database.capture_secret_arns)
replication = CdcReplication(
    "replication",
    CdcReplicationArgs(
        settings=settings.replication,
        identifier=settings.name,
        region=settings.region,
        account_id=account_id,
        subnet_ids=network.subnet_ids,
        security_group_id=network.replication_security_group_id,
        secrets_endpoint_dns=network.secrets_endpoint_dns,
        certificate_authorities=rds_certificates.bundle(settings.region, settings.replication.ca_bundle_file),
        database=database,
        stream=lake,
        key=key,
        log_retention_days=settings.general.log_retention_days,
        automatic_upgrades=settings.automatic_upgrades,
        destroyable=settings.destroyable,
        service_roles=dms_service_roles.plan(
            settings.replication.dms_service_roles, stack=settings.name, region=settings.region
        ),
        starts_after=[network, *([heartbeat] if heartbeat else [])],
    ),
)
query = LakeQuery(
    "query",
    LakeQueryArgs(
        settings=settings.query,
        lake=settings.lake,
        database=identifier(settings.name),
        account_id=account_id,
        region=settings.region,
        key=key,
        bucket_name=lake.bucket_name,
        access_logs=lake.access_logs,
        catalog=catalog,
        today=settings.today,
        destroyable=settings.destroyable,
    ),
)
tables = None
if catalog.kept_tables:
    tables = LakeTables(
        "tables",
        LakeTablesArgs(
            every_minutes=settings.kept.tables_every_minutes,
            database=identifier(settings.name),
            account_id=account_id,
            region=settings.region,
            key=key,
            lake_bucket_arn=lake.bucket_arn,
            lake_prefix=settings.lake.lake_prefix,
            results=query.results,
            access_logs=lake.access_logs,
            catalog=catalog,
            log_has_expired=fixed.log_has_expired,
            starts_after=[query],
            destroyable=settings.destroyable,
        ),
    )
fixed.remember_when_done([key, network, database, lake, replication, query, *([tables] if tables else [])])
watch = PipelineWatch(
    "watch",
    PipelineWatchArgs(
        settings=settings.watch,
        watched=watched(settings),
        account_id=account_id,
        region=settings.region,
        error_prefix=settings.lake.error_prefix,
        key=key,
        database=database,
        stream=lake,
        replication=replication,
        heartbeat=heartbeat,
        tables=tables,
    ),
)

pulumi.export("region", settings.region)
pulumi.export("awsProfile", settings.profile or None)
pulumi.export("ephemeral", settings.general.ephemeral)
pulumi.export("freshnessMinutes", settings.watch.freshness_minutes)
pulumi.export("vpcId", network.vpc_id)
pulumi.export("databaseMode", settings.source.database_mode)
pulumi.export("clusterArn", database.cluster_arn)
pulumi.export("clusterEndpoint", database.endpoint)
pulumi.export("masterSecretArn", database.master_secret_arn)
pulumi.export("captureSecretArn", database.capture_secret_arn)
pulumi.export("captureUsername", settings.database.capture_username)
pulumi.export("captureUserStatements", script.statements)
pulumi.export("preflightChecks", script.checks)
pulumi.export("streamName", lake.stream_name)
pulumi.export("streamArn", lake.stream_arn)
pulumi.export("deliveryStreamName", lake.delivery_stream_name)
pulumi.export("lakeBucket", lake.bucket_name)
pulumi.export("lakePrefix", settings.lake.lake_prefix)
pulumi.export("errorPrefix", settings.lake.error_prefix)
pulumi.export("queryDatabase", query.database_name)
pulumi.export("queryWorkgroup", query.workgroup_name)
pulumi.export("queryPolicyArn", query.policy_arn)
pulumi.export("replicationMode", settings.replication.replication_mode)
pulumi.export("taskArn", replication.task_arn)
pulumi.export("sourceEndpointArn", replication.source_endpoint_arn)
pulumi.export("targetEndpointArn", replication.target_endpoint_arn)
pulumi.export("replicationInstanceId", replication.replication_instance_id)
pulumi.export("replicationInstanceArn", replication.replication_instance_arn)
pulumi.export("heartbeatGroup", heartbeat.group_name if heartbeat else None)
pulumi.export("tablesMachine", tables.machine_arn if tables else None)
pulumi.export("tablesPolicyArn", tables.policy_arn if tables else None)
pulumi.export("tablesBucket", tables.bucket_name if tables else None)
pulumi.export("alarmNames", watch.alarm_names)
