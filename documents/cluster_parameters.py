"""The cluster parameters: a binlog that DMS can read, TLS only, audited. No pulumi here."""

from __future__ import annotations

PARAMETERS = {
    "binlog_format": "ROW",
    "require_secure_transport": "ON",
    "server_audit_logging": "1",
    "server_audit_events": "CONNECT,QUERY_DCL,QUERY_DDL",
    "slow_query_log": "1",
}
"""What differs from Aurora's defaults. Left alone on purpose: binlog_row_image (FULL, not modifiable on some versions),
binlog_transaction_compression and aurora_enhanced_binlog (off; DMS reads neither). ``preflight.py`` verifies all."""


def family(engine_version: str) -> str:
    """The parameter group family of ``engine_version``: ``8.0.mysql_aurora.3.10.6`` → ``aurora-mysql8.0``."""
    return f"aurora-mysql{'.'.join(engine_version.split('.')[:2])}"
