"""XA: the identifiers of distributed transactions, as XA statements in the log spell them. Pure."""

from __future__ import annotations


def prepared(body: bytes) -> str:
    """What an XA PREPARE event names: ``X'61',X'',1``."""
    format_id, gtrid_size, bqual_size = (int.from_bytes(body[at : at + 4], "little") for at in (1, 5, 9))
    gtrid = body[13 : 13 + gtrid_size].hex()
    bqual = body[13 + gtrid_size : 13 + gtrid_size + bqual_size].hex()
    return f"X'{gtrid}',X'{bqual}',{format_id}".upper()


def named(statement: str) -> str:
    """What XA COMMIT or XA ROLLBACK names; empty if nothing."""
    return "".join(statement.split()[2:3]).upper()
