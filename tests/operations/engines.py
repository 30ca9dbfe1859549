"""AWS's two engines of SQL, played over real ones: the Data API over a server, Athena over DuckDB."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pymysql
from botocore.exceptions import ClientError

from tests.audit.sql.lakes import Lake, presto_type


class PlayedDataApi:
    """``rds-data`` over a connection: typed fields, and no answer about rows above ``limit`` bytes. (What the catalog
    lists is as long as the server has tables, which other tests make.)"""

    def __init__(self, connection: pymysql.Connection[Any], limit: int = 2**20) -> None:
        self._connection = connection
        self._limit = limit
        self.refused = 0
        """Answers that were too large."""

    def begin_transaction(self, **_: Any) -> dict[str, Any]:
        return {"transactionId": "t"}

    def rollback_transaction(self, **_: Any) -> dict[str, Any]:
        return {}

    def execute_statement(self, *, sql: str, **_: Any) -> dict[str, Any]:
        assert len(sql) <= 65_536, "more is a ValidationException"
        with self._connection.cursor() as cursor:
            try:
                cursor.execute(sql)
            except pymysql.MySQLError as error:
                raise _error("ExecuteStatement", "DatabaseErrorException", str(error)) from None
            names = [{"label": it[0]} for it in cursor.description or ()]
            records = [[_field(value) for value in row] for row in cursor.fetchall()]
        if "SHA1(" in sql and len(json.dumps(records, default=str)) > self._limit:
            self.refused += 1
            said = "Database returned more than the allowed response size limit"
            raise _error("ExecuteStatement", "BadRequestException", said)
        return {"columnMetadata": names, "records": records}


def _field(value: Any) -> dict[str, Any]:
    if value is None:
        return {"isNull": True}
    if isinstance(value, int):
        return {"longValue": value}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"blobValue": value} if isinstance(value, bytes) else {"stringValue": str(value)}


class PlayedAthena:
    """``athena`` over a lake: every value as text, with its type beside it, a thousand rows a page."""

    def __init__(self, lake: Lake, fails: str = "") -> None:
        self._lake = lake
        self._fails = fails
        self._answers: dict[str, tuple[Sequence[str], list[tuple[Any, ...]]]] = {}

    def start_query_execution(self, *, QueryString: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        identifier = str(len(self._answers))
        answer = self._lake.ask(QueryString)
        self._answers[identifier] = answer.columns, list(answer.rows)
        return {"QueryExecutionId": identifier}

    def get_query_execution(self, **_: Any) -> dict[str, Any]:
        status = {"State": "FAILED", "StateChangeReason": self._fails} if self._fails else {"State": "SUCCEEDED"}
        return {"QueryExecution": {"Status": status, "Statistics": {"DataScannedInBytes": 1000}}}

    def get_query_results(self, *, QueryExecutionId: str, NextToken: str = "0") -> dict[str, Any]:  # noqa: N803
        columns, rows = self._answers[QueryExecutionId]
        kinds = [next((presto_type(it) for row in rows if (it := row[n]) is not None), "varchar") for n, _ in
                 enumerate(columns)]  # fmt: skip
        described = [{"Name": name, "Type": kind.partition("(")[0]} for name, kind in zip(columns, kinds, strict=True)]
        lines = [tuple(columns), *rows]
        start = int(NextToken)
        page = [{"Data": [_cell(it) for it in line]} for line in lines[start : start + 1000]]
        more = {"NextToken": str(start + 1000)} if start + 1000 < len(lines) else {}
        return {"ResultSet": {"ResultSetMetadata": {"ColumnInfo": described}, "Rows": page}, **more}

    def stop_query_execution(self, **_: Any) -> dict[str, Any]:
        return {}


def _cell(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    written: dict[type, Callable[[Any], str]] = {
        bool: lambda it: str(it).lower(),
        bytes: lambda it: it.hex(" "),
        datetime: lambda it: it.isoformat(" ", "microseconds"),
        Decimal: lambda it: format(it, "f"),
        float: repr,
    }
    return {"VarCharValue": written.get(type(value), str)(value)}


def glue_view(lake: Lake, schema: str, table: str) -> dict[str, Any]:
    """What GetTables answers of the view ``lake`` of a table's rows."""
    columns = [{"name": name, "type": kind} for name, kind in lake.types]
    document = {"originalSql": "SELECT 1", "catalog": "awsdatacatalog", "schema": "s", "columns": columns}
    text = base64.b64encode(json.dumps(document).encode()).decode()
    marks = {"cdc-lake.schema": schema, "cdc-lake.table": table, "cdc-lake.view": "current", "presto_view": "true"}
    return {
        "Name": lake.name,
        "TableType": "VIRTUAL_VIEW",
        "ViewOriginalText": f"/* Presto View: {text} */",
        "Parameters": marks,
    }


def _error(operation: str, code: str, said: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": said}}, operation)
