"""The cluster parameter group: a binlog that DMS can read, TLS only, audited."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

_PARAMETERS = {
    "binlog_format": "ROW",
    "require_secure_transport": "ON",
    "server_audit_logging": "1",
    "server_audit_events": "CONNECT,QUERY_DCL,QUERY_DDL",
    "slow_query_log": "1",
}
"""What differs from Aurora's defaults. Left alone on purpose: binlog_row_image (FULL, not modifiable on some versions),
binlog_transaction_compression and aurora_enhanced_binlog (off; DMS reads neither). ``preflight.py`` verifies all."""


def create(name: str, engine_version: str, parent: pulumi.Resource) -> aws.rds.ClusterParameterGroup:
    """The group, of the family of ``engine_version`` (``8.0.mysql_aurora.3.10.6``), as a child of ``parent``."""
    major = ".".join(engine_version.split(".")[:2])
    return aws.rds.ClusterParameterGroup(
        name,
        family=f"aurora-mysql{major}",
        description="Row-format binlog for change data capture, TLS only, audited",
        parameters=[
            {"name": parameter, "value": value, "apply_method": "pending-reboot"}
            for parameter, value in _PARAMETERS.items()
        ],
        opts=pulumi.ResourceOptions(parent=parent),
    )
