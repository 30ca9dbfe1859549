"""How a workgroup of Athena is configured, whoever asks in it."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.private_bucket import PrivateBucket


def configuration(
    results: PrivateBucket, folder: str, *, account_id: str, key_arn: pulumi.Input[str], limit_bytes: int | None = None
) -> aws.athena.WorkgroupConfigurationArgsDict:
    """Results go to ``folder`` of ``results``, under the key. ``limit_bytes`` is what a query may read; None: all."""
    configured: aws.athena.WorkgroupConfigurationArgsDict = {
        "enforce_workgroup_configuration": True,  # else a client could write results anywhere, in the clear
        "publish_cloudwatch_metrics_enabled": True,
        "engine_version": {"selected_engine_version": "Athena engine version 3"},
        "result_configuration": {
            "output_location": pulumi.Output.concat("s3://", results.name, f"/{folder}"),
            "expected_bucket_owner": account_id,
            "encryption_configuration": {"encryption_option": "SSE_KMS", "kms_key_arn": key_arn},
        },
    }
    if limit_bytes is not None:
        configured["bytes_scanned_cutoff_per_query"] = limit_bytes
    return configured
