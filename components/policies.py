"""Policies: IAM documents as JSON text, made when everything that they name is known. The one place that does so."""

from __future__ import annotations

import pulumi

from documents import iam


def policy(*statements: iam.Statement) -> pulumi.Output[str]:
    """A policy document of ``statements``."""
    return pulumi.Output.json_dumps(iam.document(*statements))


def trust(service: str, account_id: str | None, source_arn: pulumi.Input[str] | None = None) -> pulumi.Output[str]:
    """A trust policy for one AWS service that works for ``account_id`` only (None for any), and there for
    ``source_arn`` only."""
    return pulumi.Output.json_dumps(iam.trust(service, account_id, source_arn))
