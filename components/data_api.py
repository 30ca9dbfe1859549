"""The RDS Data API as this program needs it: turn it on, wait for the writer, run one statement, keep the password.

The clients are given, so that nothing here knows of credentials, and so is the way to wait. No pulumi here.
Sources: Aurora user guide, "Using the Amazon RDS Data API" (writer only, one statement a call, not on T classes) and
"EnableHttpEndpoint" (the way to turn it on after a restore, which has no such parameter).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

PAUSE_SECONDS = 10
ATTEMPTS = 90
"""A quarter of an hour: a restored cluster takes minutes to apply its new password and to open the endpoint."""

_BUSY = frozenset({"InvalidResourceStateFault", "InvalidDBClusterStateFault"})
_NOT_YET = frozenset({
    "HttpEndpointNotEnabledException", "DatabaseResumingException", "DatabaseUnavailableException",
    "ServiceUnavailableError", "InternalServerErrorException", "StatementTimeoutException",
    "InvalidResourceStateException",
})  # fmt: skip
_NOT_YET_SAID = re.compile(r"access denied for user|not enabled|communications link", re.IGNORECASE)
"""What passes while an endpoint opens and, after a restore, until the new password is in force."""
_NO_SUCH_GRANT = re.compile(r"\b(1141|1147|1269)\b|no such grant", re.IGNORECASE)


class DataApiError(Exception):
    """The Data API refused. The text names the statement as declared, what AWS said, and what to do; no password."""


class DataApi:
    """The Data API of one cluster, as the user whose secret is given."""

    def __init__(
        self, *, rds: Any, data: Any, cluster_arn: str, secret_arn: str, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._rds = rds
        self._data = data
        self._cluster_arn = cluster_arn
        self._secret_arn = secret_arn
        self._pause = pause

    def open(self) -> None:
        """Turn the Data API on where it is off, and return when the writer answers. Raises DataApiError."""
        try:
            (cluster,) = self._rds.describe_db_clusters(DBClusterIdentifier=self._cluster_arn)["DBClusters"]
            if not cluster.get("HttpEndpointEnabled"):
                self._patiently(lambda: self._rds.enable_http_endpoint(ResourceArn=self._cluster_arn), _BUSY)
            self._patiently(lambda: self._call("SELECT 1"), _NOT_YET, _NOT_YET_SAID)
        except (ClientError, BotoCoreError) as error:
            raise DataApiError(
                f"The Data API of {self._cluster_arn} does not answer: {_said(error)}. Remedy: give the deployer "
                "rds:DescribeDBClusters, rds:EnableHttpEndpoint, rds-data:ExecuteStatement and "
                "secretsmanager:GetSecretValue; where there is no Data API, set sqlBootstrap: manual."
            ) from None

    def ask(self, query: str) -> str:
        """The last column of the first row as text; '' for NULL and where there is no row. Raises DataApiError."""
        rows = self._run(query, query).get("records") or [[]]
        return _text(rows[0][-1]) if rows[0] else ""

    def run(self, statement: str, *, placeholder: str = "", password: str = "") -> None:
        """Run a statement with ``password`` in the place of ``placeholder``. Raises DataApiError."""
        holds_password = bool(placeholder) and placeholder in statement
        self._run(statement, statement.replace(placeholder, password) if holds_password else statement, holds_password)

    def revoke(self, statement: str) -> None:
        """Run a REVOKE; that there is nothing to revoke is no failure. Raises DataApiError."""
        try:
            self._run(statement, statement)
        except DataApiError as error:
            if not _NO_SUCH_GRANT.search(str(error)):
                raise

    def _run(self, declared: str, sql: str, silent: bool = False) -> dict[str, Any]:
        """``silent`` keeps what the server said out of the error: it quotes statements, and cuts a password in two."""
        try:
            return self._call(sql)
        except (ClientError, BotoCoreError) as error:
            said = _code(error) if silent else _said(error)
        raise DataApiError(
            f"{declared}\n  failed: {said}. Remedy: correct what it complains of and run pulumi up again."
        )

    def _call(self, sql: str) -> dict[str, Any]:
        return self._data.execute_statement(resourceArn=self._cluster_arn, secretArn=self._secret_arn, sql=sql)

    def _patiently(
        self, call: Callable[[], Any], passing: frozenset[str], said: re.Pattern[str] = re.compile(r"(?!)")
    ) -> None:
        """Repeat ``call`` while it fails with a passing error; any other, and the last one, is raised as it is."""
        for _ in range(ATTEMPTS - 1):
            try:
                call()
            except ClientError as error:
                if _name(error) not in passing and not said.search(str(error)):
                    raise
            else:
                return
            self._pause(PAUSE_SECONDS)
        call()


def _name(error: Exception) -> str:
    """AWS's name of the error."""
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__


def _said(error: Exception) -> str:
    return str(error).rstrip(".")


def _code(error: Exception) -> str:
    """AWS's name of the error and the server's number, nothing of its text."""
    number = re.search(r"error code: (\d+)", str(error), re.IGNORECASE)
    return f"{_name(error)}, error code {number[1]}" if number else _name(error)


def _text(field: dict[str, Any]) -> str:
    """A field of the Data API, ``{"longValue": 1}``, as text. Booleans count as numbers, as they do in SQL."""
    if field.get("isNull"):
        return ""
    ((_, value),) = field.items()
    return str(int(value)) if isinstance(value, bool) else str(value)
