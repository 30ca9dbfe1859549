"""The declared delivery stream, read from its resource, and what CreateDeliveryStream would refuse of it.

The refusals are in AWS's words where people have seen them; a rule about prefixes is in ``delivery.prefixes``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from declaration import Declaration, Resource
from model import PipelineError
from model.plan import DeliveryPlan
from rehearsal.plan.inputs import required

_MIB = 1024 * 1024
_DELIMITER, _EXTRACTION = "AppendDelimiterToRecord", "MetadataExtraction"
_ENGINE = "JQ-1.6"
_PARTITIONED_MIB, _PARTITIONED_SECONDS = 64, 60
"""The least buffer with dynamic partitioning. AWS's API tells them to whoever declares less:
https://github.com/aws/aws-cdk/issues/35903."""


class _Processing(NamedTuple):
    """The declared processors."""

    append_delimiter: bool
    query: str


def delivery_plan(declaration: Declaration, delivery: Resource, task: Resource) -> DeliveryPlan:
    """What the resource ``delivery`` declares; PipelineError for what AWS would refuse and for what is not played."""
    target = required(delivery, "extendedS3Configuration")
    processing = _processing(delivery, target)
    plan = DeliveryPlan(
        name=delivery.outputs["name"],
        bucket=_bucket(declaration, delivery, target["bucketArn"]),
        prefix=target.get("prefix", ""),
        error_prefix=target.get("errorOutputPrefix", ""),
        buffer_bytes=target.get("bufferingSize", 5) * _MIB,
        buffer_seconds=target.get("bufferingInterval", 300),
        compression=target.get("compressionFormat", "UNCOMPRESSED"),
        file_extension=target.get("fileExtension", ""),
        append_delimiter=processing.append_delimiter,
        time_zone=target.get("customTimeZone", "UTC"),
        role_policies=_policies(declaration, delivery, target["roleArn"]),
        starts_before_task=declaration.happens_before(delivery, task),
        partition_query=processing.query,
    )
    _check_partitioning(delivery, target, plan)
    return plan


def _processing(delivery: Resource, target: Mapping[str, Any]) -> _Processing:
    declared = target.get("processingConfiguration") or {}
    processors = {it["type"]: it for it in declared.get("processors", ())} if declared.get("enabled") else {}
    if unknown := ", ".join(sorted(processors.keys() - {_DELIMITER, _EXTRACTION})):
        raise PipelineError(
            f"{delivery.name}: processors {unknown} are not played, only {_DELIMITER} and {_EXTRACTION} are"
        )
    if _EXTRACTION not in processors:
        return _Processing(_DELIMITER in processors, "")
    values = {it["parameterName"]: it["parameterValue"] for it in processors[_EXTRACTION].get("parameters", ())}
    if values.get("JsonParsingEngine") != _ENGINE:
        raise PipelineError(
            f"{delivery.name}: JsonParsingEngine of {_EXTRACTION} is {values.get('JsonParsingEngine')!r}; "
            f"Firehose has {_ENGINE} only: set it"
        )
    if not values.get("MetadataExtractionQuery"):
        raise PipelineError(
            f"{delivery.name}: {_EXTRACTION} has no MetadataExtractionQuery; write {{name: expression}} for each key"
        )
    return _Processing(_DELIMITER in processors, values["MetadataExtractionQuery"])


def _check_partitioning(delivery: Resource, target: Mapping[str, Any], plan: DeliveryPlan) -> None:
    """Refuse what does not agree with whether dynamic partitioning is enabled, as CreateDeliveryStream does."""
    enabled = (target.get("dynamicPartitioningConfiguration") or {}).get("enabled", False)
    if plan.partition_query and not enabled:
        refusal = f"{_EXTRACTION} can only be present when Dynamic Partitioning is enabled; enable it, or take it out"
    elif enabled and not plan.partition_query:
        refusal = (
            "Dynamic Partitioning is enabled, and nothing makes partition keys; "
            f"declare {_EXTRACTION} (a Lambda is not played), or leave dynamicPartitioningConfiguration out"
        )
    elif enabled and plan.buffer_bytes < _PARTITIONED_MIB * _MIB:
        refusal = (
            f"bufferingSize {plan.buffer_bytes // _MIB} must be at least {_PARTITIONED_MIB} (MiB) "
            "when Dynamic Partitioning is enabled; raise it"
        )
    elif enabled and plan.buffer_seconds < _PARTITIONED_SECONDS:
        refusal = (
            f"bufferingInterval {plan.buffer_seconds} must be at least {_PARTITIONED_SECONDS} seconds "
            "when Dynamic Partitioning is enabled; raise it"
        )
    else:
        return
    raise PipelineError(f"{delivery.name}: Firehose refuses this: {refusal}")


def _bucket(declaration: Declaration, delivery: Resource, arn: str) -> str:
    for bucket in declaration.all("aws:s3/bucket:Bucket"):
        if bucket.outputs["arn"] == arn:
            return bucket.outputs["bucket"]
    raise PipelineError(f"{delivery.name}: bucketArn {arn} is no bucket of this program")


def _policies(declaration: Declaration, user: Resource, role_arn: str) -> tuple[str, ...]:
    roles = [role for role in declaration.all("aws:iam/role:Role") if role.outputs["arn"] == role_arn]
    if not roles:
        raise PipelineError(f"{user.name}: roleArn {role_arn!r} is no role of this program, so nobody knows its rights")
    policies = declaration.all("aws:iam/rolePolicy:RolePolicy")
    return tuple(policy.inputs["policy"] for policy in policies if policy.inputs["role"] == roles[0].outputs["name"])
