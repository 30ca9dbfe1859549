"""IAM documents: the only place that spells a policy version.

A statement is a dict made by :func:`allow` or :func:`deny_everyone`; its ``Sid`` says what it is for. ARNs come from
resources, so a document may hold values that are not known yet; components/policies.py makes JSON of it when they are.
(``aws.iam.PolicyDocumentArgs`` is not used: with pulumi 3.272 it fails as soon as ``action`` is a list.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Statement = dict[str, Any]

Conditions = Mapping[str, Mapping[str, Any]]


def allow(sid: str, actions: Sequence[str], resource: Any, condition: Conditions | None = None) -> Statement:
    """Allow ``actions`` on ``resource`` (one ARN or a list of ARNs)."""
    statement: Statement = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement


def write_changes(stream_arn: Any) -> Statement:
    """What DMS does with the stream: its role allows it, and so must the endpoint that lies between."""
    return allow("WriteChanges", ["kinesis:PutRecord", "kinesis:PutRecords", "kinesis:DescribeStream"], stream_arn)


def read_capture_secret(secret_arn: Any) -> Statement:
    """What DMS does with the capture user's secret, likewise."""
    return allow("ReadCaptureSecret", ["secretsmanager:GetSecretValue"], secret_arn)


def allow_principal(principal: Mapping[str, Any], statement: Statement) -> Statement:
    """The same statement in a resource's own policy, for ``principal``."""
    return {"Sid": statement["Sid"], "Effect": statement["Effect"], "Principal": principal, **statement}


def deny_everyone(sid: str, actions: Sequence[str], resource: Any, condition: Conditions) -> Statement:
    """Deny ``actions`` where ``condition`` holds, to everyone: a deny is the one place for that principal."""
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": list(actions),
        "Resource": resource,
        "Condition": condition,
    }


def document(*statements: Statement) -> dict[str, Any]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(service: str, account_id: str | None, source_arn: Any = None) -> dict[str, Any]:
    """A trust policy for one AWS service that works for this account only (no confused deputy); None for any account,
    where the service does not say for whom it asks. ``source_arn`` is the one thing in it for which it works."""
    statement: Statement = {
        "Sid": "AssumedByService",
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    thing = {} if source_arn is None else {"aws:SourceArn": source_arn}
    condition = {"StringEquals": {"aws:SourceAccount": account_id, **thing}}
    return document(statement if account_id is None else {**statement, "Condition": condition})
