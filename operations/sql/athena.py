"""The lake, asked in the declared workgroup: a query is started, awaited and read page by page.

The workgroup says where results go and how much a query may scan. A query that is not awaited to its end is stopped,
for it costs as long as it runs. https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryExecution.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from model import PipelineError
from operations.clients import AwsError, Clients
from operations.outputs import Outputs
from operations.sql.answer import Answer

RIGHTS = (
    "athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults", "athena:StopQueryExecution",
    "and all else of the policy that the stack output queryPolicyArn names",
)  # fmt: skip
_LONGEST_PAUSE = 5.0
_MICROSECONDS = len("2026-11-29 18:00:00.123456")
"""Athena may give nine digits of a second."""
_INTEGERS = ("tinyint", "smallint", "integer", "bigint")
_KINDS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(_INTEGERS, int),
    "boolean": lambda text: text == "true",
    "double": float,
    "float": float,
    "decimal": Decimal,
    "varbinary": lambda text: bytes.fromhex(text),
    "date": date.fromisoformat,
    "timestamp": lambda text: datetime.fromisoformat(text[:_MICROSECONDS]),
}
"""What a value of a type is; of any other it stays the text that Athena gives."""


class Athena:
    """Asks the lake, and counts what it cost."""

    def __init__(self, clients: Clients, outputs: Outputs, pause: Callable[[float], None]) -> None:
        self._clients = clients
        self._outputs = outputs
        self._pause = pause
        self.queries = 0
        self.scanned = 0
        """Bytes that Athena charges."""

    def __call__(self, statement: str) -> Answer:
        """Run ``statement``. Raises PipelineError."""
        try:
            identifier = self._call(
                "start_query_execution",
                QueryString=statement,
                QueryExecutionContext={"Database": self._outputs.query_database},
                WorkGroup=self._outputs.query_workgroup,
            )["QueryExecutionId"]
            self._await(identifier)
            pages = list(self._pages(identifier))
        except AwsError as error:
            if error.denied:
                raise error.instead(
                    f"attach the policy of the stack output queryPolicyArn to who runs this ({error.right} is in it)"
                ) from None
            raise
        described = pages[0]["ResultSetMetadata"]["ColumnInfo"]
        columns = tuple(it["Name"] for it in described)
        kinds = [_KINDS.get(it["Type"], str) for it in described]
        rows = [row for page in pages for row in page["Rows"]]
        return Answer(columns, [_row(row, kinds) for row in rows[1:]])  # the first has the names of the columns

    def _await(self, identifier: str) -> None:
        pause = 0.25
        self.queries += 1
        try:
            while (execution := self._execution(identifier))["Status"]["State"] in ("QUEUED", "RUNNING"):
                self._pause(pause)
                pause = min(pause * 1.5, _LONGEST_PAUSE)
        except BaseException:
            with suppress(PipelineError):  # it must not hide what happened
                self._call("stop_query_execution", QueryExecutionId=identifier)
            raise
        self.scanned += execution.get("Statistics", {}).get("DataScannedInBytes", 0)
        if execution["Status"]["State"] != "SUCCEEDED":
            raise self._failed(execution["Status"], identifier)

    def _failed(self, status: dict[str, Any], identifier: str) -> PipelineError:
        why = " ".join(status.get("StateChangeReason", "no reason is given").split())
        remedy = "look at it in Athena's history of the workgroup"
        if "limit" in why.lower() and "scan" in why.lower():
            remedy = "raise queryScanLimitGb and run pulumi up, or ask for fewer tables"
        return PipelineError(
            f"Athena's query {identifier} in the workgroup {self._outputs.query_workgroup} ended as "
            f"{status['State']}: {why}. Remedy: {remedy}"
        )

    def _execution(self, identifier: str) -> dict[str, Any]:
        return self._call("get_query_execution", QueryExecutionId=identifier)["QueryExecution"]

    def _pages(self, identifier: str) -> Iterator[dict[str, Any]]:
        following: dict[str, str] = {}
        while True:
            page = self._call("get_query_results", QueryExecutionId=identifier, **following)
            yield page["ResultSet"]
            if not page.get("NextToken"):
                return
            following = {"NextToken": page["NextToken"]}

    def _call(self, operation: str, **parameters: Any) -> Any:
        return self._clients.call("athena", operation, **parameters)


def _row(row: dict[str, Any], kinds: list[Callable[[str], Any]]) -> tuple[Any, ...]:
    values = (it.get("VarCharValue") for it in row["Data"])
    return tuple(None if text is None else _value(text, kind) for text, kind in zip(values, kinds, strict=True))


def _value(text: str, kind: Callable[[str], Any]) -> Any:
    """Python's value; the text itself of what Athena knows and Python does not, as a day of the year 12345."""
    try:
        return kind(text)
    except (ValueError, ArithmeticError):
        return text
