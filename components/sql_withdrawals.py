"""SqlWithdrawals: the rights that are taken away again, as a resource that comes after the task.

The bootstrap grants before the task starts, or goes on with more tables. What is captured no more is withdrawn here,
when the task has stopped, changed and gone on: until then it reads what it is about to lose.

A dynamic resource like SqlBootstrap, with the same rights and the same care: pickled by reference, no password.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ResourceProvider, UpdateResult

from components.sql_bootstrap import compared, connect, without_traceback
from documents.capture_user import grants, withdrawals

INPUTS = ("clusterArn", "masterSecretArn", "region", "profile", "grants")


class SqlWithdrawalsProvider(ResourceProvider):
    """Create, update and delete of :class:`SqlWithdrawals`."""

    serialize_as_secret_always = False  # it captures nothing, and code in plain sight shows when it changes

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Another cluster has rights of its own; other grants may withdraw some."""
        return compared(INPUTS, _olds, _news)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Nothing to withdraw yet."""
        return CreateResult(f"{props['clusterArn']}/withdrawals", {key: props[key] for key in INPUTS})

    @without_traceback
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """A REVOKE for each grant that is made no more. One that fails is tried again in the next update."""
        revokes = withdrawals(_olds.get("grants", ()), _news["grants"])
        if revokes:
            api, _ = connect(_news)
            api.open()
            for revoke in revokes:
                api.revoke(revoke)
        return UpdateResult({key: _news[key] for key in INPUTS})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Nothing: rights go with the cluster, or are an administrator's from now on."""


@dataclass(frozen=True, kw_only=True)
class SqlWithdrawalsArgs:
    """Arguments of :class:`SqlWithdrawals`."""

    cluster_arn: pulumi.Input[str]
    """The cluster; another one replaces the resource and withdraws nothing."""
    master_secret_arn: pulumi.Input[str]
    """Secret of the user that granted: JSON with ``username`` and ``password``."""
    region: str
    """Region of the cluster."""
    profile: str
    """Profile of the AWS configuration file whose credentials to use; empty for the default chain."""
    statements: Sequence[str]
    """SQL of the bootstrap, of which the grants count."""


class SqlWithdrawals(pulumi.dynamic.Resource):
    """The grants of the capture user, as far as they may be taken back."""

    def __init__(self, name: str, args: SqlWithdrawalsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        inputs = {
            "clusterArn": args.cluster_arn,
            "masterSecretArn": args.master_secret_arn,
            "region": args.region,
            "profile": args.profile,
            "grants": grants(args.statements),
        }
        super().__init__(SqlWithdrawalsProvider(), name, inputs, opts)
