"""The stack's own database over the RDS Data API: no network path, one statement a call of 45 seconds and 65,536
characters at most, results up to 1 MiB.

It has no session: what a statement needs of one it must say itself. A value comes as the field's type: whole numbers as
64 bits with a sign, DECIMAL, text and times as text, binary as bytes; a BIGINT UNSIGNED above 2**63 - 1 fails or turns
negative [unverified], so ask for it as text (CAST(… AS CHAR)).
https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_ExecuteStatement.html,
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api-limitations.html,
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api-timeouts.html,
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.troubleshooting.html
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from model import PipelineError
from operations.clients import AwsError, Clients
from operations.sql.answer import Answer, TooLargeError

RIGHTS = ("rds-data:ExecuteStatement", "secretsmanager:GetSecretValue", "kms:Decrypt")
_TOO_LARGE = re.compile(r"exceeded size limit|response size limit|more than the allowed", re.IGNORECASE)
_WIDE = re.compile(r"packet for query is too large", re.IGNORECASE)
_LONGEST = 65_536
"""Characters of a statement."""
_TIMEOUT = "StatementTimeoutException"
_BY_ADDRESS = "--source mysql://user@host:port, from where the database can be reached"
_CLOSED = re.compile(r"HttpEndpoint|not enabled", re.IGNORECASE)


class DataApi:
    """Asks a cluster as the user of a secret; in ``database``, where a statement names none."""

    def __init__(self, clients: Clients, cluster_arn: str, secret_arn: str, database: str = "") -> None:
        self._clients = clients
        self._cluster_arn = cluster_arn
        self._secret_arn = secret_arn
        self._database = {"database": database} if database else {}
        self.queries = 0

    def __call__(self, statement: str) -> Answer:
        """Run ``statement``. Raises PipelineError."""
        return self._run(statement)

    def settled(self, setting: str, statement: str) -> Answer:
        """Run ``statement`` after ``setting``, in the session of a transaction that changes nothing."""
        transaction = {"transactionId": self._call("begin_transaction")["transactionId"]}
        try:
            self._run(setting, **transaction)
            return self._run(statement, **transaction)
        finally:
            with suppress(PipelineError):  # it ends by itself within minutes, and must not hide what happened
                self._call("rollback_transaction", **transaction)

    def _run(self, statement: str, **transaction: str) -> Answer:
        if len(statement) > _LONGEST:
            raise TooLargeError(
                f"the Data API takes a statement of {_LONGEST:,} characters, and this has {len(statement):,}. Remedy: "
                f"{_BY_ADDRESS}"
            )
        self.queries += 1
        given = {**self._database, **transaction}
        told = self._call("execute_statement", sql=statement, includeResultMetadata=True, **given)
        columns = tuple(it.get("label") or it.get("name", "") for it in told.get("columnMetadata", ()))
        return Answer(columns, [tuple(map(_value, record)) for record in told.get("records", ())])

    def _call(self, operation: str, **parameters: Any) -> Any:
        where = {"resourceArn": self._cluster_arn, "secretArn": self._secret_arn}
        try:
            return self._clients.call("rds-data", operation, **where, **parameters)
        except AwsError as error:
            raise self._explained(error) from None

    def _explained(self, error: AwsError) -> PipelineError:
        if _TOO_LARGE.search(error.said):
            return TooLargeError(f"{error.said}: the Data API answers with 1 MiB at most. Remedy: {_BY_ADDRESS}")
        if _WIDE.search(error.said):
            return error.instead(f"the Data API gives no row of more than 64 KB: {_BY_ADDRESS}")
        if error.code == _TIMEOUT:
            return error.instead(f"the Data API gives a statement 45 seconds, and this table needs more: {_BY_ADDRESS}")
        if _CLOSED.search(error.code + error.said):
            return error.instead(
                "turn the Data API on (aws rds enable-http-endpoint; T classes and some Regions have none), or give "
                "--source mysql://user@host:port from where the database can be reached"
            )
        if error.denied:
            return error.instead(f"allow {', '.join(RIGHTS)} on the cluster, its master secret and the stack's key")
        return error


def _value(field: dict[str, Any]) -> Any:
    """A field, such as ``{"longValue": 1}``."""
    if field.get("isNull"):
        return None
    ((_, value),) = field.items()
    return int(value) if isinstance(value, bool) else value
