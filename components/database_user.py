"""A user of the source database: its password, and the secret in which people, DMS and the Data API find it.

Both are new with each generation of the database: a task that still runs never learns of the next one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_random as random


@dataclass(frozen=True, kw_only=True)
class DatabaseUserArgs:
    """Arguments of :class:`DatabaseUser`."""

    user: str
    """What the user is for, ``master``, ``capture`` or ``heartbeat``; end of its resources' names."""
    generation: str
    """Number of the database."""
    key_arn: pulumi.Input[str]
    """Key of the secret."""
    destroyable: bool
    """Whether the secret may be deleted without a way back."""


class DatabaseUser:
    """A password, and its secret as soon as it is known where the database listens; children of ``parent``."""

    password: pulumi.Output[str]

    def __init__(self, name: str, args: DatabaseUserArgs, parent: pulumi.Resource) -> None:
        self._name = f"{name}-{args.user}"
        self._args = args
        self._parent = parent
        # Letters and digits only: RDS forbids / @ " and DMS forbids ; . : + { } * & , % and the back-tick.
        # The provider marks the result as a secret, and so is whatever is made of it.
        self.password = random.RandomPassword(
            f"{self._name}-password",
            length=32,
            special=False,
            keepers={"restoreGeneration": args.generation},
            opts=pulumi.ResourceOptions(parent=parent),
        ).result

    def create_secret(
        self, username: pulumi.Input[str], host: pulumi.Input[str], port: int
    ) -> aws.secretsmanager.SecretVersion:
        """The secret's value: who takes the ARN from it waits until there is something to read."""
        secret = aws.secretsmanager.Secret(
            self._name,
            description=f"The {self._args.user} user of the source database",
            kms_key_id=self._args.key_arn,
            recovery_window_in_days=0 if self._args.destroyable else 30,
            opts=pulumi.ResourceOptions(parent=self._parent, replacement_trigger=self._args.generation),
        )
        content = {"username": username, "password": self.password, "host": host, "port": port}
        return aws.secretsmanager.SecretVersion(
            f"{self._name}-version",
            secret_id=secret.id,
            secret_string=pulumi.Output.json_dumps(content),
            opts=pulumi.ResourceOptions(parent=self._parent),
        )


def every_generation(secret_arn: str) -> str:
    """Pattern of a secret's ARN that finds those of other generations: without what Pulumi and AWS add to its name."""
    return re.sub(r"-[0-9a-f]{7}-\w{6}$", "-*", secret_arn)
