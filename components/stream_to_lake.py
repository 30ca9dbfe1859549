"""StreamToLake: a Kinesis stream, and Firehose that writes whatever is in it to the lake bucket, a record per line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import policies
from components.data_key import DataKey
from components.private_bucket import PrivateBucket, PrivateBucketArgs
from configuration.setting_groups import LakeSettings
from documents import iam

_Processor = aws.kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationProcessingConfigurationProcessorArgsDict
_Target = aws.kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationArgsDict
_READ_STREAM = ("kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards")
_FIND_BUCKET = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")
_WRITE_OBJECTS = ("s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload")
_DAY, _HOUR = "dt=!{timestamp:yyyy-MM-dd}", "hr=!{timestamp:HH}"
_TABLE = "schema=!{partitionKeyFromQuery:schema}/table=!{partitionKeyFromQuery:table}"
_OR_NONE = 'if .==null or .=="" then "_none" else . end'
_TABLE_OF_RECORD = f'{{schema:(.metadata["schema-name"]|{_OR_NONE}),table:(.metadata["table-name"]|{_OR_NONE})}}'
"""In JQ 1.6. Firehose takes a key that is null or empty for a failure and puts the record below the error prefix, and
DMS writes control records with an empty schema name. (JQ's ``//`` would not help: an empty text is true.)"""
_PARTITION_RETRY_SECONDS = 7200
"""The longest that there is: what Firehose gives up is not below the lake's prefix, and this leaves two hours to mend a
policy or a key."""


@dataclass(frozen=True, kw_only=True)
class StreamToLakeArgs:
    """Arguments of :class:`StreamToLake`."""

    settings: LakeSettings
    """The stack's stream and lake settings."""
    account_id: str
    """Account of the stack."""
    key: DataKey
    """Key of the stream, the lake and the delivery log."""
    log_retention_days: int
    """Days for which the delivery log and the bucket's access log are kept."""
    destroyable: bool
    """Whether the records in stream and lake may be destroyed."""


class StreamToLake(pulumi.ComponentResource):
    """Stream, delivery stream, lake bucket and the role that delivery uses.

    Firehose reads the stream from LATEST: a record that is written before the delivery stream exists never gets to the
    lake. A writer must therefore depend on this component.
    """

    stream_name: pulumi.Output[str]
    stream_arn: pulumi.Output[str]
    delivery_stream_name: pulumi.Output[str]
    bucket_name: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]

    def __init__(self, name: str, args: StreamToLakeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:StreamToLake", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        stream = self._create_stream()
        self.stream_name, self.stream_arn = stream.name, stream.arn
        self.access_logs = self._create_access_logs()
        """Where S3 logs who used the lake bucket; another bucket of the stack may log to it, too."""
        self._bucket = self._create_bucket()
        self.bucket_name, self.bucket_arn = self._bucket.name, self._bucket.arn
        self.delivery_stream_name = self._create_delivery(*self._create_log(), self._create_delivery_role()).name
        self.register_outputs(
            {
                "stream_name": self.stream_name,
                "stream_arn": self.stream_arn,
                "delivery_stream_name": self.delivery_stream_name,
                "bucket_name": self.bucket_name,
                "bucket_arn": self.bucket_arn,
            }
        )

    def grant_write(self, role: aws.iam.Role) -> aws.iam.RolePolicy:
        """Let a role write records to the stream."""
        return aws.iam.RolePolicy(
            f"{self._name}-write-changes",
            role=role.id,
            policy=policies.policy(
                iam.write_changes(self.stream_arn),
                self._use_key_of_stream("EncryptChanges", ["kms:GenerateDataKey", "kms:Decrypt"]),
            ),
            opts=self._child,
        )

    def _use_key_of_stream(self, sid: str, actions: Sequence[str]) -> iam.Statement:
        """Kinesis sends the stream's ARN as encryption context in all its calls of KMS, says
        https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html."""
        of_stream = {"StringLike": {"kms:EncryptionContext:aws:kinesis:arn": self.stream_arn}}
        return self._args.key.use(sid, "kinesis", actions, of_stream)

    def _create_stream(self) -> aws.kinesis.Stream:
        settings = self._args.settings
        return aws.kinesis.Stream(
            f"{self._name}-stream",
            stream_mode_details={"stream_mode": settings.stream_mode},
            shard_count=settings.shard_count or None,  # an on-demand stream must not have one
            retention_period=settings.stream_retention_hours,
            encryption_type="KMS",
            kms_key_id=self._args.key.arn,
            enforce_consumer_deletion=self._args.destroyable,
            opts=pulumi.ResourceOptions(parent=self, protect=not self._args.destroyable),
        )

    def _create_access_logs(self) -> PrivateBucket:
        args = self._args
        return PrivateBucket(
            f"{self._name}-access-logs",
            PrivateBucketArgs(
                destroyable=args.destroyable, expiry_days=args.log_retention_days, log_sources=args.account_id
            ),
            opts=self._child,
        )

    def _create_bucket(self) -> PrivateBucket:
        args, settings = self._args, self._args.settings
        bucket = PrivateBucket(
            f"{self._name}-records",
            PrivateBucketArgs(
                destroyable=args.destroyable,
                key_arn=args.key.arn,
                transition_days=settings.lake_transition_days,
                expiry_days=settings.lake_expiry_days,
                access_logs=self.access_logs,
            ),
            opts=self._child,
        )
        aws.s3.BucketNotification(
            f"{self._name}-records-events", bucket=bucket.name, eventbridge=True, opts=self._child
        )
        return bucket

    def _create_log(self) -> tuple[aws.cloudwatch.LogGroup, aws.cloudwatch.LogStream]:
        group = aws.cloudwatch.LogGroup(
            f"{self._name}-delivery-log",
            retention_in_days=self._args.log_retention_days,
            kms_key_id=self._args.key.arn,
            opts=self._child,
        )
        stream = aws.cloudwatch.LogStream(
            f"{self._name}-delivery-log-stream", name="DestinationDelivery", log_group_name=group.name, opts=self._child
        )
        return group, stream

    def _create_delivery_role(self) -> aws.iam.Role:
        return aws.iam.Role(
            f"{self._name}-delivery-role",
            assume_role_policy=policies.trust("firehose.amazonaws.com", self._args.account_id),
            opts=self._child,
        )

    def _create_delivery_policy(self, role: aws.iam.Role, log_stream: aws.cloudwatch.LogStream) -> aws.iam.RolePolicy:
        bucket, key = self._bucket.arn, self._args.key
        prefixes = (self._args.settings.lake_prefix, self._args.settings.error_prefix)
        # With a bucket key S3 encrypts in the name of the bucket, without one in the name of the object.
        of_lake = {"StringLike": {"kms:EncryptionContext:aws:s3:arn": [bucket, pulumi.Output.concat(bucket, "/*")]}}
        return aws.iam.RolePolicy(
            f"{self._name}-delivery-policy",
            role=role.id,
            policy=policies.policy(
                iam.allow("ReadChanges", _READ_STREAM, self.stream_arn),
                self._use_key_of_stream("DecryptChanges", ["kms:Decrypt"]),
                iam.allow("FindLake", _FIND_BUCKET, bucket),
                iam.allow("WriteLake", _WRITE_OBJECTS, [pulumi.Output.concat(bucket, f"/{it}/*") for it in prefixes]),
                key.use("EncryptLake", "s3", ["kms:GenerateDataKey", "kms:Decrypt"], of_lake),
                iam.allow("WriteDeliveryLog", ["logs:PutLogEvents"], log_stream.arn),
            ),
            opts=self._child,
        )

    def _create_delivery(
        self, group: aws.cloudwatch.LogGroup, log_stream: aws.cloudwatch.LogStream, role: aws.iam.Role
    ) -> aws.kinesis.FirehoseDeliveryStream:
        settings, by_table = self._args.settings, self._args.settings.partition_by_table
        policy = self._create_delivery_policy(role, log_stream)
        target: _Target = {
            "bucket_arn": self._bucket.arn,
            "role_arn": role.arn,
            # Time before table: below an hour's folder a reader finds the same in both layouts.
            "prefix": f"{settings.lake_prefix}/{_DAY}/{_HOUR}/" + (f"{_TABLE}/" if by_table else ""),
            "error_output_prefix": f"{settings.error_prefix}/!{{firehose:error-output-type}}/{_DAY}/",
            "custom_time_zone": "UTC",
            "buffering_size": settings.buffer_size_mb,
            "buffering_interval": settings.buffer_interval_seconds,
            "compression_format": "GZIP",
            "file_extension": ".json.gz",  # Athena unpacks by the suffix
            "kms_key_arn": self._args.key.arn,
            "processing_configuration": {"enabled": True, "processors": _processors(by_table=by_table)},
            "cloudwatch_logging_options": {
                "enabled": True,
                "log_group_name": group.name,
                "log_stream_name": log_stream.name,
            },
        }
        if by_table:
            target["dynamic_partitioning_configuration"] = {
                "enabled": True,
                "retry_duration": _PARTITION_RETRY_SECONDS,
            }
        return aws.kinesis.FirehoseDeliveryStream(
            f"{self._name}-delivery",
            destination="extended_s3",
            kinesis_source_configuration={"kinesis_stream_arn": self.stream_arn, "role_arn": role.arn},
            extended_s3_configuration=target,
            opts=self._delivery_options([policy, self._bucket]),
        )

    def _delivery_options(self, tried: list[pulumi.Resource]) -> pulumi.ResourceOptions:
        """Firehose tries its role when it is made: ``tried``, the policies and the bucket's settings, must be there.

        A delivery stream that is deleted takes its buffer with it, and the next one begins at the end of the stream.
        """
        return pulumi.ResourceOptions(parent=self, depends_on=tried, protect=not self._args.destroyable)


def _processors(*, by_table: bool) -> list[_Processor]:
    """What Firehose does to a record: takes its schema and table from its metadata, for its folder; ends its line."""
    query, engine = "MetadataExtractionQuery", "JsonParsingEngine"
    extract: _Processor = {
        "type": "MetadataExtraction",
        "parameters": [
            {"parameter_name": query, "parameter_value": _TABLE_OF_RECORD},
            {"parameter_name": engine, "parameter_value": "JQ-1.6"},
        ],
    }
    return [*([extract] if by_table else []), {"type": "AppendDelimiterToRecord"}]
