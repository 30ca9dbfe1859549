"""CapturedDatabase: what both kinds of database that changes come from have in common: outputs, and one grant."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws


class CapturedDatabase(pulumi.ComponentResource):
    """A database whose changes are captured: one of this program's (SourceDatabase), or one that is there already."""

    engine_name: str
    """What DMS calls the engine: ``aurora``, ``mysql`` or ``mariadb``."""
    identity: pulumi.Output[str]
    """Another one for each physical database, in lower-case letters, digits and hyphens. A binlog position of one
    database means something else in the next, so whatever remembers positions carries this in its name."""
    endpoint: pulumi.Output[str] | None
    """Host name of the writer; None where only the secret knows it."""
    master_secret_arn: pulumi.Output[str] | None
    """Secret of the administrator; None where that is not this program's concern."""
    capture_secret_arn: pulumi.Output[str]
    """Secret of the user as which DMS reads: JSON with ``username``, ``password``, ``host`` and ``port``."""

    @property
    def cluster_arn(self) -> pulumi.Output[str] | None:
        """ARN of the cluster; None where the database is not this program's."""
        return None

    @property
    def cluster_id(self) -> pulumi.Output[str] | None:
        """Identifier of the cluster; None where the database is not this program's."""
        return None

    @property
    def instance_ids(self) -> pulumi.Output[list[str]] | None:
        """Identifiers of its instances; None where the database is not this program's."""
        return None

    @property
    def heart(self) -> tuple[pulumi.Output[str], pulumi.Output[str]] | None:
        """ARNs of the cluster and of the secret of the heartbeat's user; None where there is no heartbeat."""
        return None

    @property
    def capture_secret_arns(self) -> pulumi.Output[str]:
        """Pattern of the capture secret's ARN that also finds that of the database before it, if it has one."""
        return self.capture_secret_arn

    def grant_read_capture_secret(self, role: aws.iam.Role) -> aws.iam.RolePolicy:
        """Let a role read the capture user's secret, and nothing else."""
        raise NotImplementedError

    def withdraw_rights(self, name: str, opts: pulumi.ResourceOptions) -> None:
        """Declare that what is granted no more is taken back, when all that ``opts`` names is done.

        Nothing here: an administrator who granted also withdraws.
        """

    def _expose(
        self,
        *,
        identity: pulumi.Output[str],
        endpoint: pulumi.Output[str] | None,
        master_secret_arn: pulumi.Output[str] | None,
        capture_secret_arn: pulumi.Output[str],
    ) -> None:
        """Set and register the outputs; last in a constructor."""
        self.identity = identity
        self.endpoint = endpoint
        self.master_secret_arn = master_secret_arn
        self.capture_secret_arn = capture_secret_arn
        self.register_outputs(
            {
                "identity": identity,
                "endpoint": endpoint,
                "master_secret_arn": master_secret_arn,
                "capture_secret_arn": capture_secret_arn,
            }
        )
