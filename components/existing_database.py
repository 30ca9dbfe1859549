"""ExistingDatabase: a database that is not this program's, seen through the secret of its capture user.

Nothing is created in it or for it. What to run and to verify there is exported: captureUserStatements, preflightChecks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Set
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import policies
from components.captured_database import CapturedDatabase
from configuration.setting_groups import SourceSettings
from documents import iam


@dataclass(frozen=True, kw_only=True)
class ExistingDatabaseArgs:
    """Arguments of :class:`ExistingDatabase`."""

    settings: SourceSettings
    """The stack's source settings."""
    generation: int
    """Number that the user raises when another database stands behind the same secret."""
    region: str
    """Region of the stack, and of the secret."""
    secret_keys: Set[str] = frozenset()
    """Keys of the settings whose values are secrets of the stack."""


class ExistingDatabase(CapturedDatabase):
    """The same outputs as :class:`SourceDatabase`, as far as they are known."""

    def __init__(self, name: str, args: ExistingDatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:ExistingDatabase", name, None, opts)
        self._name = name
        self._args = args
        self.engine_name = args.settings.database_engine
        secret = args.settings.database_secret_arn
        self._identity = f"{hashlib.sha256(secret.encode()).hexdigest()[:12]}-{args.generation}"
        self._expose(
            identity=pulumi.Output.from_input(self._identity),
            endpoint=None,  # the host is in the secret
            master_secret_arn=None,
            capture_secret_arn=self._flowing("databaseSecretArn", secret),
        )

    def _flowing(self, key: str, value: str) -> pulumi.Output[str]:
        """A secret of the stack stays one wherever it goes."""
        return pulumi.Output.secret(value) if key in self._args.secret_keys else pulumi.Output.from_input(value)

    def grant_read_capture_secret(self, role: aws.iam.Role) -> aws.iam.RolePolicy:
        """Let a role read the capture user's secret, and nothing else."""
        key_arn = self._args.settings.database_secret_key_arn
        key = self._flowing("databaseSecretKeyArn", key_arn)
        via = {"StringEquals": {"kms:ViaService": f"secretsmanager.{self._args.region}.amazonaws.com"}}
        read = iam.read_capture_secret(self.capture_secret_arn)
        decrypt = iam.allow("DecryptCaptureSecret", ["kms:Decrypt"], key, via)
        describe = iam.allow("DescribeCaptureSecretKey", ["kms:DescribeKey"], key)  # DMS may ask in its own name
        return aws.iam.RolePolicy(
            # One for each secret and generation: the next one is made before the old one goes.
            f"{self._name}-read-capture-secret-{self._identity}",
            role=role.id,
            policy=policies.policy(read, *([decrypt, describe] if key_arn else [])),
            opts=pulumi.ResourceOptions(parent=self),
        )
