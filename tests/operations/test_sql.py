"""The Data API, a server by its address, and Athena: answers as they are meant, and refusals with what to do."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pymysql
import pytest

from database.server import Server
from model import PipelineError
from operations.sql import server as servers
from operations.sql.answer import TooLargeError
from operations.sql.athena import Athena
from operations.sql.data_api import DataApi
from operations.sql.server import ServerSql
from tests.operations.running import asked, execution
from tests.operations.stacks import Aws, outputs

SQL = ("rds-data", "execute_statement")
START, STATE, RESULTS = "start_query_execution", "get_query_execution", "get_query_results"


def data_api(aws: Aws) -> DataApi:
    return DataApi(aws.clients, "arn:aws:cluster", "arn:aws:secret")


def test_the_fields_of_the_data_api_are_values(aws: Aws):
    row = [{"isNull": True}, {"longValue": 7}, {"doubleValue": 1.5}, {"stringValue": "x"}, {"blobValue": b"\0"},
           {"booleanValue": True}]  # fmt: skip
    columns = [{"label": "a", "name": "b"}, {"name": "c"}]
    aws.answer(*SQL, {"records": [row], "columnMetadata": columns}, {
        "resourceArn": "arn:aws:cluster", "secretArn": "arn:aws:secret", "sql": "SELECT 1",
        "includeResultMetadata": True,
    })  # fmt: skip
    answer = data_api(aws)("SELECT 1")
    assert answer.rows == [(None, 7, 1.5, "x", b"\0", 1)]
    assert answer.columns == ("a", "c")


@pytest.mark.parametrize(
    ("code", "said", "told", "kind"),
    [
        ("BadRequestException", "Database returned more than the allowed response size limit", "1 MiB", TooLargeError),
        ("DatabaseErrorException", "Database response exceeded size limit", "1 MiB", TooLargeError),
        ("DatabaseErrorException", "Packet for query is too large", "64 KB: --source", PipelineError),
        ("StatementTimeoutException", "", "45 seconds, and this table needs more: --source", PipelineError),
        ("DatabaseResumingException", "", "try again in a minute", PipelineError),
        ("BadRequestException", "HttpEndpoint is not enabled", "aws rds enable-http-endpoint", PipelineError),
        ("HttpEndpointNotEnabledException", "", "or give --source", PipelineError),
        ("AccessDeniedException", "", "allow rds-data:ExecuteStatement, secretsmanager:GetSecretValue", PipelineError),
        ("DatabaseErrorException", "Unknown column", "Unknown column", PipelineError),
    ],
)
def test_a_refusal_of_the_data_api_says_what_to_do(aws: Aws, code: str, said: str, told: str, kind: type[Exception]):
    aws.refuse(*SQL, code, said)
    with pytest.raises(kind, match=told):
        data_api(aws)("SELECT 1")


def test_a_statement_that_is_longer_than_the_data_api_takes_is_asked_in_parts(aws: Aws):
    with pytest.raises(TooLargeError, match=r"65,536 characters, and this has 65,537. Remedy: --source mysql://"):
        data_api(aws)("x" * 65_537)
    aws.answer(*SQL, {"records": []})
    assert data_api(aws)("x" * 65_536).rows == []


def test_the_session_of_a_setting_ends_also_when_it_fails(aws: Aws):
    aws.answer("rds-data", "begin_transaction", {"transactionId": "t"})
    aws.refuse(*SQL, "DatabaseErrorException", "Unknown system variable")
    aws.answer("rds-data", "rollback_transaction", {}, {
        "resourceArn": "arn:aws:cluster", "secretArn": "arn:aws:secret", "transactionId": "t",
    })  # fmt: skip
    with pytest.raises(PipelineError, match="Unknown system variable"):
        data_api(aws).settled("SET x = 1", "SELECT 1")
    aws.done()


def athena(aws: Aws, paused: list[float]) -> Athena:
    return Athena(aws.clients, outputs(), paused.append)


def test_athena_is_awaited_and_its_pages_are_values(aws: Aws):
    aws.answer("athena", START, {"QueryExecutionId": "q"})
    for state in ("QUEUED", "RUNNING", "SUCCEEDED"):
        aws.answer("athena", STATE, execution(state))
    kinds = {"a": "bigint", "b": "boolean", "c": "double", "d": "decimal", "e": "varbinary", "f": "date",
             "g": "timestamp", "h": "varchar"}  # fmt: skip
    first = asked(kinds, ["1", "true", "1.5", "7.50", "00 ff", "2026-01-02", "2026-01-02 03:04:05.123456789", "x"])
    second = asked(kinds, [None] * 8)
    del second["ResultSet"]["Rows"][0]  # only the first page begins with the columns' names
    aws.answer("athena", RESULTS, {**first, "NextToken": "2"}, {"QueryExecutionId": "q"})
    aws.answer("athena", RESULTS, second, {"QueryExecutionId": "q", "NextToken": "2"})
    paused: list[float] = []
    ask = athena(aws, paused)
    answer = ask("SELECT 1")
    moment = datetime(2026, 1, 2, 3, 4, 5, 123456)
    assert answer.rows == [
        (1, True, 1.5, Decimal("7.50"), b"\0\xff", date(2026, 1, 2), moment, "x"),
        (None,) * 8,
    ]
    assert answer.columns == tuple(kinds)
    assert len(paused) == 2
    assert (ask.queries, ask.scanned) == (1, 3 * 2**20)


def test_a_value_that_python_has_not_is_told_as_it_is_written(aws: Aws):
    aws.answer("athena", START, {"QueryExecutionId": "q"})
    aws.answer("athena", STATE, execution("SUCCEEDED"))
    given = ["12345-01-01", "-0001-01-01 00:00:00.000"]
    aws.answer("athena", RESULTS, asked({"a": "date", "b": "timestamp"}, given), {"QueryExecutionId": "q"})
    assert athena(aws, [])("SELECT 1").rows == [tuple(given)], "the audit says that it is no day"


def test_a_query_that_nobody_waits_for_is_stopped(aws: Aws):
    aws.answer("athena", START, {"QueryExecutionId": "q"})
    aws.answer("athena", STATE, execution("RUNNING"))
    aws.answer("athena", "stop_query_execution", {}, {"QueryExecutionId": "q"})

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Athena(aws.clients, outputs(), interrupt)("SELECT 1")
    aws.done()


def test_a_right_on_athena_is_in_the_declared_policy(aws: Aws):
    aws.refuse("athena", START, "AccessDeniedException")
    with pytest.raises(PipelineError, match="attach the policy of the stack output queryPolicyArn"):
        athena(aws, [])("SELECT 1")


class Session:
    """A connection of PyMySQL that fails once."""

    def __init__(self, error: Exception | None) -> None:
        self.open, self._error = True, error

    def cursor(self) -> Session:
        return self

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, statement: str) -> None:
        if self._error:
            raise self._error

    description: Any = (("a",),)

    def fetchall(self) -> list[tuple[int]]:
        return [(1,)]

    def close(self) -> None:
        self.open = False


def test_a_lost_session_is_told_and_the_next_question_begins_another(monkeypatch: pytest.MonkeyPatch):
    sessions = [Session(pymysql.err.OperationalError(2013, "Lost connection")), Session(None)]
    given = iter(sessions)
    monkeypatch.setattr(servers.Server, "connect", lambda self: next(given))
    with ServerSql(Server("h", 3306, "me", "sesame42")) as ask:
        with pytest.raises(PipelineError, match="me@h:3306 does not answer: 2013 Lost connection") as told:
            ask("SELECT 1")
        assert "sesame42" not in str(told.value)
        assert ask("SELECT 1").rows == [(1,)]
    assert [it.open for it in sessions] == [False, False]
