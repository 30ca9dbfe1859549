"""DMS in memory: tasks that change their state as AWS's do, one step each time they are looked at.

Every call is checked against botocore's model, and what it is told to refuse it refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from operations.clients import Clients
from operations.outputs import Outputs
from tests.operations.stacks import REGION, client, operation

FILE = "mysql-bin-changelog.{:06}".format
_NEXT = {"starting": "running", "stopping": "stopped", "creating": "ready"}


def checkpoint(file: int, offset: int) -> str:
    """As DMS writes one."""
    return f"checkpoint:V1#27#{FILE(file)}:{offset}:-1:{offset}:{file << 32}:{FILE(file)}:{offset - 99}#0#0#*#0#93"


class Dms:
    """boto3's client of it, as far as this program calls it."""

    def __init__(self) -> None:
        self.tasks: dict[str, dict[str, Any]] = {}
        self.called: list[str] = []
        self.refuses: dict[str, str] = {}
        """Code of the error by operation."""
        self.statistics: list[dict[str, Any]] = []
        self.reload: Sequence[dict[str, Any]] = ()
        """What a table that is loaded again tells of itself, one after the other."""
        self.loads: dict[str, Iterator[dict[str, Any]]] = {}
        self.reloaded: list[list[str]] = []
        """Tables of each call."""
        self.checkpoints: list[str] = []
        """Of a task that is made, one after the other while it runs."""
        self.ends: dict[str, str] = {}
        """What a started task becomes in the place of ``running``, by its kind (``cdc`` …)."""

    def add(self, arn: str, status: str, **more: Any) -> dict[str, Any]:
        """A task that is there."""
        self.tasks[arn] = {
            "ReplicationTaskIdentifier": "cdc-lake-dev", "ReplicationTaskArn": arn, "Status": status,
            "MigrationType": "full-load-and-cdc", "TableMappings": '{"rules":[]}',
            "ReplicationTaskSettings": '{"Logging":{"EnableLogging":true,"CloudWatchLogGroup":"g"},"Mine":1}',
            "SourceEndpointArn": "arn:source", "TargetEndpointArn": "arn:target", "ReplicationInstanceArn": "arn:rep",
            **more,
        }  # fmt: skip
        return self.tasks[arn]

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return lambda **asked: self._call(operation, asked)

    def _call(self, operation: str, asked: dict[str, Any]) -> Any:
        name = "".join(word.capitalize() for word in operation.split("_"))
        shape = client("dms").meta.service_model.operation_model(name).input_shape
        problems = ParamValidator().validate(asked, shape).generate_report()
        assert not problems, problems
        self.called.append(operation)
        if code := self.refuses.get(operation):
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, name)
        return getattr(self, f"_{operation}")(asked)

    def _describe_replication_tasks(self, asked: dict[str, Any]) -> Any:
        (only,) = asked["Filters"]
        field = {
            "replication-task-arn": "ReplicationTaskArn", "replication-task-id": "ReplicationTaskIdentifier",
            "replication-instance-arn": "ReplicationInstanceArn",
        }  # fmt: skip
        found = [it for it in self.tasks.values() if it[field[only["Name"]]] in only["Values"]]
        if not found:
            raise ClientError({"Error": {"Code": "ResourceNotFoundFault", "Message": "none"}}, "Describe")
        for task in found:
            self._advance(task)
        return {"ReplicationTasks": [dict(task) for task in found]}

    def _describe_replications(self, asked: dict[str, Any]) -> Any:
        for task in self.tasks.values():
            self._advance(task)
        return {"Replications": [{**task, "ReplicationConfigArn": arn} for arn, task in self.tasks.items()]}

    def _advance(self, task: dict[str, Any]) -> None:
        if task["Status"] == "deleting":
            del self.tasks[task["ReplicationTaskArn"]]
            return
        if task["Status"] == "running" and task.get("made") and self.checkpoints:
            task["RecoveryCheckpoint"] = self.checkpoints.pop(0)
        if task["Status"] == "starting" and (end := self.ends.get(task["MigrationType"])):
            task.update(Status=end, LastFailureMessage="the source is gone")
            return
        task["Status"] = _NEXT.get(task["Status"], task["Status"])

    def _create_replication_task(self, asked: dict[str, Any]) -> Any:
        self.add(f"arn:task:{asked['ReplicationTaskIdentifier']}", "creating", made=True, **asked)

    def _start_replication_task(self, asked: dict[str, Any]) -> Any:
        task = self.tasks[asked["ReplicationTaskArn"]]
        assert task["Status"] in ("ready", "stopped", "failed"), f"AWS refuses to start a task that is {task['Status']}"
        task.update(Status="starting", started=asked["StartReplicationTaskType"])

    def _start_replication(self, asked: dict[str, Any]) -> Any:
        self.tasks[asked["ReplicationConfigArn"]].update(Status="starting", started=asked["StartReplicationType"])

    def _stop_replication_task(self, asked: dict[str, Any]) -> Any:
        task = self.tasks[asked["ReplicationTaskArn"]]
        assert task["Status"] == "running", f"AWS refuses to stop a task that is {task['Status']}"
        task["Status"] = "stopping"

    def _delete_replication_task(self, asked: dict[str, Any]) -> Any:
        assert self.tasks[asked["ReplicationTaskArn"]]["Status"] in ("ready", "stopped", "failed")
        self.tasks[asked["ReplicationTaskArn"]]["Status"] = "deleting"

    def _describe_table_statistics(self, asked: dict[str, Any]) -> Any:
        """A table a page; the states of a reload go on with the first."""
        number = int(asked.get("Marker", "0"))
        if number == 0:
            for table in self.statistics:
                table.update(next(self.loads.get(table["TableName"], iter(())), {}))
        page = {"TableStatistics": [dict(it) for it in self.statistics[number : number + 1]]}
        return page | ({"Marker": str(number + 1)} if number + 1 < len(self.statistics) else {})

    def _describe_replication_table_statistics(self, asked: dict[str, Any]) -> Any:
        told = self._describe_table_statistics(asked)
        return {**told, "ReplicationTableStatistics": told.pop("TableStatistics")}

    def _reload_tables(self, asked: dict[str, Any]) -> Any:
        names = [(it["SchemaName"], it["TableName"]) for it in asked["TablesToReload"]]
        assert len(names) <= 10, "AWS takes no more"
        self.reloaded.append([".".join(name) for name in names])
        for _, name in names:
            self.loads[name] = iter(self.reload)

    _reload_replication_tables = _reload_tables


class SqlSource:
    """The source's answers over the Data API, by a word of the statement."""

    def __init__(self, files: Sequence[tuple[str, int]] = ((FILE(7), 900), (FILE(8), 500)), hours: str = "72") -> None:
        self.answers: dict[str, list[list[Any]]] = {
            "SHOW BINARY LOGS": [[*file, "No"] for file in files],
            "binlog retention hours": [[hours]] if hours else [],
        }
        self.asked: list[dict[str, Any]] = []
        self.refuses = ""

    def execute_statement(self, **asked: Any) -> Any:
        """Rows in the form of the Data API."""
        shape = client("rds-data").meta.service_model.operation_model("ExecuteStatement").input_shape
        assert not ParamValidator().validate(asked, shape).has_errors()
        self.asked.append(asked)
        if self.refuses:
            raise ClientError({"Error": {"Code": self.refuses, "Message": "no"}}, "ExecuteStatement")
        rows = next((rows for word, rows in self.answers.items() if word in asked["sql"]), [])
        return {"records": [[_field(value) for value in row] for row in rows]}


def _field(value: Any) -> dict[str, Any]:
    return {"isNull": True} if value is None else {"longValue" if isinstance(value, int) else "stringValue": value}


class Time:
    """Goes on only while somebody waits."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 29, 22, tzinfo=UTC)

    def pause(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def __call__(self) -> datetime:
        return self.now


def at_work(dms: Dms, sql: SqlSource, stack: Outputs, **options: Any) -> Any:
    """A command's `Operation` over both, and what it tells people."""
    given = {"source": None, "wait": 30.0, **options}
    time = Time()
    work, told = operation(Clients(REGION, made={"dms": dms, "rds-data": sql}), stack, **given)
    for name, value in (("pause", time.pause), ("now", time)):
        object.__setattr__(work, name, value)
    return work, told
