"""Data API: SQL in the stack's own database without a network path.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.html. A call has one statement and a session of its
own; its answer has at most 1 MiB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from model import PipelineError
from operations.clients import Clients
from operations.outputs import Outputs

RIGHTS = ("rds-data:ExecuteStatement", "secretsmanager:GetSecretValue", "kms:Decrypt")
Value = None | bool | int | float | str | bytes


@dataclass(frozen=True, kw_only=True)
class DataApi:
    """The database of a stack, as its administrator."""

    clients: Clients
    cluster_arn: str
    secret_arn: str

    def ask(self, sql: str, database: str = "", parameters: Mapping[str, int | str] | None = None) -> list[list[Value]]:
        """Run one statement; gives its rows. ``:name`` in it stands for a parameter. Raises AwsError."""
        given = {"database": database} if database else {}
        if parameters:
            values = {name: _field(value) for name, value in parameters.items()}
            given["parameters"] = [{"name": name, "value": value} for name, value in values.items()]
        answer = self.clients.call(
            "rds-data",
            "execute_statement",
            resourceArn=self.cluster_arn,
            secretArn=self.secret_arn,
            sql=sql,
            **given,
        )
        return [[_value(field) for field in record] for record in answer.get("records", ())]


def data_api(clients: Clients, outputs: Outputs) -> DataApi:
    """The Data API of the stack's database. PipelineError where the stack has none of its own."""
    if not outputs.cluster_arn or not outputs.master_secret_arn:
        raise PipelineError(
            f"databaseMode is {outputs.database_mode!r}: the stack has no database of its own whose administrator it "
            "knows, so nothing can be asked over the Data API"
        )
    return DataApi(clients=clients, cluster_arn=outputs.cluster_arn, secret_arn=outputs.master_secret_arn)


def _field(value: int | str) -> dict[str, int | str]:
    return {"longValue": value} if isinstance(value, int) else {"stringValue": value}


def _value(field: Mapping[str, Value]) -> Value:
    if field.get("isNull"):
        return None
    return next(iter(field.values()))
