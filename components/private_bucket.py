"""PrivateBucket: an S3 bucket as the security best practices want every bucket to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import policies
from documents import iam

_UNFINISHED_UPLOADS_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class PrivateBucketArgs:
    """Arguments of :class:`PrivateBucket`."""

    destroyable: bool
    """Whether the bucket may be deleted with all it holds."""
    key_arn: pulumi.Input[str] | None = None
    """KMS key of the objects; None for keys that S3 owns (the only ones that S3's own access logs can use)."""
    transition_days: int = 0
    """Days after which an object moves to Standard-IA; 0 for never."""
    expiry_days: int = 0
    """Days after which an object is deleted; 0 for never."""
    old_versions_days: int = 30
    """Days for which an object is still there after it was replaced or deleted."""
    access_logs: PrivateBucket | None = None
    """Bucket that gets the access log; None for none."""
    log_sources: pulumi.Input[str] | None = None
    """Account whose buckets may write their access logs here; None for nobody."""


class PrivateBucket(pulumi.ComponentResource):
    """Nothing public, owner enforced, TLS only, encrypted, versioned, with a life cycle."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: PrivateBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:PrivateBucket", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._bucket = aws.s3.Bucket(
            f"{name}-bucket",
            force_destroy=args.destroyable,
            opts=pulumi.ResourceOptions(parent=self, protect=not args.destroyable),
        )
        self._create_privacy()
        self._create_encryption()
        self._create_lifecycle()
        self._create_access_log()
        self.name = self._bucket.bucket
        self.arn = self._bucket.arn
        self.register_outputs({"name": self.name, "arn": self.arn})

    def _create_privacy(self) -> None:
        """One after the other: S3 refuses two changes to a bucket's access at the same time."""
        block = aws.s3.BucketPublicAccessBlock(
            f"{self._name}-public-access",
            bucket=self._bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._child,
        )
        ownership = aws.s3.BucketOwnershipControls(
            f"{self._name}-ownership",
            bucket=self._bucket.id,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[block]),
        )
        aws.s3.BucketPolicy(
            f"{self._name}-policy",
            bucket=self._bucket.id,
            policy=policies.policy(*self._statements()),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[ownership]),
        )

    def _statements(self) -> Sequence[iam.Statement]:
        objects = pulumi.Output.concat(self._bucket.arn, "/*")
        statements = [
            iam.deny_everyone(
                "TlsOnly", ["s3:*"], [self._bucket.arn, objects], {"Bool": {"aws:SecureTransport": "false"}}
            )
        ]
        if self._args.key_arn is not None:
            named = "s3:x-amz-server-side-encryption-aws-kms-key-id"  # absent where a writer leaves it to the bucket
            foreign = {"Null": {named: "false"}, "StringNotEquals": {named: self._args.key_arn}}
            algorithm = "s3:x-amz-server-side-encryption"
            without_key = {"Null": {algorithm: "false"}, "StringNotEquals": {algorithm: "aws:kms"}}
            statements.append(iam.deny_everyone("NoForeignKey", ["s3:PutObject"], objects, foreign))
            statements.append(iam.deny_everyone("NoOtherEncryption", ["s3:PutObject"], objects, without_key))
        if self._args.log_sources is not None:
            write = iam.allow(
                "WriteAccessLogs",
                ["s3:PutObject"],
                objects,
                {"StringEquals": {"aws:SourceAccount": self._args.log_sources}},
            )
            statements.append(iam.allow_principal({"Service": "logging.s3.amazonaws.com"}, write))
        return statements

    def _create_encryption(self) -> None:
        key_arn = self._args.key_arn
        rule: aws.s3.BucketServerSideEncryptionConfigurationRuleArgsDict = {
            "apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}
        }
        if key_arn is not None:
            rule = {
                "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key_arn},
                "bucket_key_enabled": True,
            }
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{self._name}-encryption", bucket=self._bucket.id, rules=[rule], opts=self._child
        )
        aws.s3.BucketVersioning(
            f"{self._name}-versioning",
            bucket=self._bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=self._child,
        )

    def _create_lifecycle(self) -> None:
        rule: aws.s3.BucketLifecycleConfigurationRuleArgsDict = {
            "id": "age",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "noncurrent_version_expiration": {"noncurrent_days": self._args.old_versions_days},
            "abort_incomplete_multipart_upload": {"days_after_initiation": _UNFINISHED_UPLOADS_DAYS},
        }
        if self._args.transition_days:
            rule["transitions"] = [{"days": self._args.transition_days, "storage_class": "STANDARD_IA"}]
        if self._args.expiry_days:
            rule["expiration"] = {"days": self._args.expiry_days}
        aws.s3.BucketLifecycleConfiguration(
            f"{self._name}-lifecycle", bucket=self._bucket.id, rules=[rule], opts=self._child
        )

    def _create_access_log(self) -> None:
        if self._args.access_logs is not None:
            aws.s3.BucketLogging(
                f"{self._name}-access-log",
                bucket=self._bucket.id,
                target_bucket=self._args.access_logs.name,
                target_prefix=f"{self._name}/",
                opts=pulumi.ResourceOptions(parent=self, depends_on=[self._args.access_logs]),
            )
