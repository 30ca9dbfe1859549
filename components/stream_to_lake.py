"""StreamToLake: a Kinesis stream, and Firehose that writes whatever is in it to the lake bucket, a record per line."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import iam
from components.data_key import DataKey
from components.private_bucket import PrivateBucket, PrivateBucketArgs
from setting_groups import LakeSettings

_READ_STREAM = ("kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards")
_WRITE_STREAM = ("kinesis:PutRecord", "kinesis:PutRecords", "kinesis:DescribeStream")
_FIND_BUCKET = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")
_WRITE_OBJECTS = ("s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload")
_DAY, _HOUR = "dt=!{timestamp:yyyy-MM-dd}", "hr=!{timestamp:HH}"


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

    def __init__(self, name: str, args: StreamToLakeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:StreamToLake", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        stream = self._create_stream()
        self.stream_name, self.stream_arn = stream.name, stream.arn
        self._bucket = self._create_bucket()
        self.bucket_name = self._bucket.name
        self.delivery_stream_name = self._create_delivery(*self._create_log(), self._create_delivery_role()).name
        self.register_outputs(
            {
                "stream_name": self.stream_name,
                "stream_arn": self.stream_arn,
                "delivery_stream_name": self.delivery_stream_name,
                "bucket_name": self.bucket_name,
            }
        )

    def grant_write(self, role: aws.iam.Role) -> aws.iam.RolePolicy:
        """Let a role write records to the stream."""
        return aws.iam.RolePolicy(
            f"{self._name}-write-changes",
            role=role.id,
            policy=iam.document(
                iam.allow("WriteChanges", _WRITE_STREAM, self.stream_arn),
                self._args.key.use("EncryptChanges", "kinesis", ["kms:GenerateDataKey", "kms:Decrypt"]),
            ),
            opts=self._child,
        )

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

    def _create_bucket(self) -> PrivateBucket:
        args, settings = self._args, self._args.settings
        access_logs = PrivateBucket(
            f"{self._name}-access-logs",
            PrivateBucketArgs(
                destroyable=args.destroyable, expiry_days=args.log_retention_days, log_sources=args.account_id
            ),
            opts=self._child,
        )
        return PrivateBucket(
            f"{self._name}-records",
            PrivateBucketArgs(
                destroyable=args.destroyable,
                key_arn=args.key.arn,
                transition_days=settings.lake_transition_days,
                expiry_days=settings.lake_expiry_days,
                access_logs=access_logs,
            ),
            opts=self._child,
        )

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
            assume_role_policy=iam.trust("firehose.amazonaws.com", self._args.account_id),
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
            policy=iam.document(
                iam.allow("ReadChanges", _READ_STREAM, self.stream_arn),
                key.use("DecryptChanges", "kinesis", ["kms:Decrypt"]),
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
        settings = self._args.settings
        policy = self._create_delivery_policy(role, log_stream)
        return aws.kinesis.FirehoseDeliveryStream(
            f"{self._name}-delivery",
            destination="extended_s3",
            kinesis_source_configuration={"kinesis_stream_arn": self.stream_arn, "role_arn": role.arn},
            extended_s3_configuration={
                "bucket_arn": self._bucket.arn,
                "role_arn": role.arn,
                "prefix": f"{settings.lake_prefix}/{_DAY}/{_HOUR}/",
                "error_output_prefix": f"{settings.error_prefix}/!{{firehose:error-output-type}}/{_DAY}/",
                "custom_time_zone": "UTC",
                "buffering_size": settings.buffer_size_mb,
                "buffering_interval": settings.buffer_interval_seconds,
                "compression_format": "GZIP",
                "file_extension": ".json.gz",  # Athena unpacks by the suffix
                "kms_key_arn": self._args.key.arn,
                "processing_configuration": {"enabled": True, "processors": [{"type": "AppendDelimiterToRecord"}]},
                "cloudwatch_logging_options": {
                    "enabled": True,
                    "log_group_name": group.name,
                    "log_stream_name": log_stream.name,
                },
            },
            # Firehose tries the role when it is made; the policies must be there, and so must the bucket's settings.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, self._bucket]),
        )
