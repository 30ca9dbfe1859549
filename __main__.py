"""The program: an Aurora MySQL database, and every change of it in an S3 lake."""

import pulumi
import pulumi_aws as aws

import settings as configuration
from components import capture_user, rds_certificates
from components.cdc_replication import CdcReplication, CdcReplicationArgs
from components.data_key import DataKey, DataKeyArgs
from components.network import Network, NetworkArgs, zones_for
from components.source_database import SourceDatabase, SourceDatabaseArgs
from components.stream_to_lake import StreamToLake, StreamToLakeArgs

settings = configuration.from_stack()
account_id = aws.get_caller_identity().account_id

key = DataKey(
    "data",
    DataKeyArgs(region=settings.region, account_id=account_id, destroyable=settings.destroyable),
)
network = Network(
    "network",
    NetworkArgs(
        settings=settings.network,
        zones=zones_for(settings.network),
        region=settings.region,
        account_id=account_id,
        key_arn=key.arn,
        log_retention_days=settings.general.log_retention_days,
    ),
)
database = SourceDatabase(
    "database",
    SourceDatabaseArgs(
        settings=settings.database,
        identifier=settings.name,
        account_id=account_id,
        subnet_ids=network.subnet_ids,
        security_group_id=network.database_security_group_id,
        key=key,
        log_retention_days=settings.general.log_retention_days,
        automatic_upgrades=settings.automatic_upgrades,
        destroyable=settings.destroyable,
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
        starts_after=[network],
    ),
)

pulumi.export("vpcId", network.vpc_id)
pulumi.export("clusterEndpoint", database.endpoint)
pulumi.export("masterSecretArn", database.master_secret_arn)
pulumi.export("captureSecretArn", database.capture_secret_arn)
pulumi.export(
    "captureUserStatements",
    capture_user.statements(
        user=settings.database.capture_username,
        tables=settings.replication.tables,
        binlog_retention_hours=settings.database.binlog_retention_hours,
    ),
)
pulumi.export("streamName", lake.stream_name)
pulumi.export("streamArn", lake.stream_arn)
pulumi.export("deliveryStreamName", lake.delivery_stream_name)
pulumi.export("lakeBucket", lake.bucket_name)
pulumi.export("lakePrefix", settings.lake.lake_prefix)
pulumi.export("errorPrefix", settings.lake.error_prefix)
pulumi.export("taskArn", replication.task_arn)
pulumi.export("replicationInstanceId", replication.replication_instance_id)
