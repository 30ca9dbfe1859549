"""A stack that runs and is well, as AWS tells of it: canned answers, to be changed by tests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from operations.command import Operation
from operations.commands import status as status_command
from operations.outputs import Outputs
from tests.operations.stacks import Aws, operation

NOW = datetime(2026, 11, 30, 6, 40, tzinfo=UTC)
LOG = "mysql-bin-changelog"
CHECKPOINT = f"checkpoint:V1#27#{LOG}.000042:1975:-1:2002:677883278264080:{LOG}.000042:1876#0#0#*#0#93"
TABLES = ("orders", "payment", "ticket")

Answers = dict[tuple[str, str], list[Any]]
"""By service and operation: the answers, in turn. An exception's name stands for a refusal with that code."""


def minutes(count: float) -> datetime:
    """So many minutes ago."""
    return NOW - timedelta(minutes=count)


def field(value: Any) -> dict[str, Any]:
    """A field of the Data API."""
    if value is None:
        return {"isNull": True}
    return {"longValue": value} if isinstance(value, int) else {"stringValue": str(value)}


def told(columns: Sequence[str], *rows: Sequence[Any]) -> dict[str, Any]:
    """What ExecuteStatement answers."""
    return {
        "columnMetadata": [{"label": it} for it in columns],
        "records": [[field(it) for it in row] for row in rows],
    }


def asked(columns: Mapping[str, str], *rows: Sequence[str | None]) -> dict[str, Any]:
    """What GetQueryResults answers: the columns with their types, and rows of text."""
    cells = [list(columns), *rows]
    return {
        "ResultSet": {
            "ResultSetMetadata": {"ColumnInfo": [{"Name": name, "Type": kind} for name, kind in columns.items()]},
            "Rows": [{"Data": [{} if it is None else {"VarCharValue": it} for it in row]} for row in cells],
        }
    }


def moment(then: datetime) -> str:
    """As SQL tells it."""
    return f"{then:%Y-%m-%d %H:%M:%S}"


def measured(**changed: float | None) -> dict[str, Any]:
    """What GetMetricData answers, the newest value first; None for no value."""
    values: dict[str, float | None] = {
        "latency_source": 3,
        "latency_target": 4,
        "free_storage": 40 * 2**30,
        "iterator_age": 900,
        "incoming": 1234,
        "write_throttles": None,
        "behind": 0,
        "freshness": 61,
        "success": 1,
        **changed,
    }
    return {"MetricDataResults": [{"Id": key, "Values": [] if it is None else [it]} for key, it in values.items()]}


def task(**changed: Any) -> dict[str, Any]:
    """What DescribeReplicationTasks answers."""
    stats = {"FullLoadProgressPercent": 100, "TablesLoaded": 3, "TablesLoading": 0, "TablesQueued": 0}
    return {
        "ReplicationTasks": [
            {
                "Status": "running",
                "MigrationType": "full-load-and-cdc",
                "RecoveryCheckpoint": CHECKPOINT,
                "ReplicationTaskStats": {**stats, "TablesErrored": 0, **changed.pop("stats", {})},
                "TableMappings": json.dumps({"rules": [SELECTION]}),
                "ReplicationTaskSettings": "{}",
                **changed,
            }
        ]
    }


SELECTION = {
    "rule-type": "selection", "rule-id": "1", "rule-name": "shop", "rule-action": "include",
    "object-locator": {"schema-name": "shop", "table-name": "%"}, "filters": [],
}  # fmt: skip


def table(name: str, **changed: Any) -> dict[str, Any]:
    """One of the tables that DescribeTableStatistics answers."""
    counts = {"FullLoadRows": 1000, "Inserts": 10, "Updates": 5, "Deletes": 1, "FullLoadErrorRows": 0}
    return {"SchemaName": "shop", "TableName": name, "TableState": "Table completed", **counts, **changed}


def objects(*times: datetime, more: bool = False) -> dict[str, Any]:
    """What ListObjectsV2 answers for a folder of objects."""
    contents = [{"Key": f"{number}", "LastModified": then, "Size": 1} for number, then in enumerate(times)]
    return {"KeyCount": len(times), "IsTruncated": more, **({"Contents": contents} if contents else {})}


def folders(*names: str) -> dict[str, Any]:
    """What ListObjectsV2 answers for a folder of folders."""
    return {"CommonPrefixes": [{"Prefix": it} for it in names], "KeyCount": len(names), "IsTruncated": False}


def execution(state: str = "SUCCEEDED", **status: str) -> dict[str, Any]:
    """What GetQueryExecution answers."""
    scanned = {"DataScannedInBytes": 3 * 2**20}
    return {"QueryExecution": {"QueryExecutionId": "q-1", "Status": {"State": state, **status}, "Statistics": scanned}}


QUESTION = {
    "cdc_schema": "varchar",
    "cdc_table": "varchar",
    "newest_message": "timestamp",
    "newest_commit": "timestamp",
}


def well(stack: Outputs) -> Answers:
    """Every answer of a stack that is well."""
    newest = [["shop", it, moment(minutes(2)), moment(minutes(2.2))] for it in TABLES]
    changed = [["shop", it, moment(minutes(2.2))] for it in TABLES]
    return {
        ("rds", "describe_db_clusters"): [
            {
                "DBClusters": [
                    {
                        "Status": "available",
                        "EngineVersion": "8.0.mysql_aurora.3.10.6",
                        "DBClusterMembers": [{"DBInstanceIdentifier": "cdc-lake-dev-1", "IsClusterWriter": True}],
                    }
                ]
            }
        ],
        ("rds-data", "execute_statement"): [
            told(["value"], ["72"]),
            told(["Log_name", "File_size"], *([f"{LOG}.{it:06}", 2**27] for it in range(12, 43))),
            told([]),
            told(["s", "t", "u"], *changed),
        ],
        ("rds-data", "begin_transaction"): [{"transactionId": "t-1"}],
        ("rds-data", "rollback_transaction"): [{"transactionStatus": "Rollback Complete"}],
        ("dms", "describe_replication_tasks"): [task()],
        ("dms", "describe_replication_instances"): [
            {"ReplicationInstances": [{"ReplicationInstanceStatus": "available", "AllocatedStorage": 50}]}
        ],
        ("dms", "describe_table_statistics"): [{"TableStatistics": [table(it) for it in TABLES]}],
        ("cloudwatch", "get_metric_data"): [measured()],
        ("cloudwatch", "describe_alarms"): [alarms(stack)],
        ("kinesis", "describe_stream_summary"): [stream()],
        ("firehose", "describe_delivery_stream"): [delivery()],
        ("s3", "list_objects_v2"): [
            folders("raw/dt=2026-11-29/", "raw/dt=2026-11-30/"),
            folders("raw/dt=2026-11-30/hr=05/", "raw/dt=2026-11-30/hr=06/"),
            objects(minutes(9), minutes(3)),
            objects(),
        ],
        ("logs", "filter_log_events"): [{"events": []}],
        ("athena", "start_query_execution"): [{"QueryExecutionId": "q-1"}],
        ("athena", "get_query_execution"): [execution("RUNNING"), execution()],
        ("athena", "get_query_results"): [asked(QUESTION, *newest)],
    }


def alarms(stack: Outputs, **states: str) -> dict[str, Any]:
    """What DescribeAlarms answers; a state by the end of an alarm's name in the program, such as ``stream_age``."""
    return {
        "MetricAlarms": [
            {
                "AlarmName": name,
                "AlarmDescription": "Do this first. It means that. Stack cdc-lake-dev. Runbook: docs/runbook.md#that",
                "StateValue": next((to for end, to in states.items() if end.replace("_", "-") in name), "OK"),
                "ActionsEnabled": True,
            }
            for name in stack.alarm_names
        ]
    }


def stream(**changed: Any) -> dict[str, Any]:
    """What DescribeStreamSummary answers."""
    return {
        "StreamDescriptionSummary": {
            "StreamName": "lake-stream", "StreamARN": "arn", "StreamStatus": "ACTIVE", "RetentionPeriodHours": 168,
            "StreamModeDetails": {"StreamMode": "ON_DEMAND"}, "StreamCreationTimestamp": NOW, "EnhancedMonitoring": [],
            "OpenShardCount": 4, **changed,
        }
    }  # fmt: skip


def delivery(**changed: Any) -> dict[str, Any]:
    """What DescribeDeliveryStream answers."""
    logging = {"Enabled": True, "LogGroupName": "lake-delivery-log", "LogStreamName": "DestinationDelivery"}
    target = {
        "RoleARN": "arn:aws:iam::111122223333:role/r", "BucketARN": "arn:aws:s3:::b", "BufferingHints": {},
        "CompressionFormat": "GZIP", "EncryptionConfiguration": {}, "CloudWatchLoggingOptions": logging,
    }  # fmt: skip
    return {
        "DeliveryStreamDescription": {
            "DeliveryStreamName": "lake-delivery", "DeliveryStreamARN": "arn", "DeliveryStreamStatus": "ACTIVE",
            "DeliveryStreamType": "KinesisStreamAsSource", "VersionId": "1", "HasMoreDestinations": False,
            "Destinations": [{"DestinationId": "d", "ExtendedS3DestinationDescription": target}], **changed,
        }
    }  # fmt: skip


def failure(at: datetime, code: str, said: str) -> dict[str, Any]:
    """What FilterLogEvents answers."""
    message = json.dumps({"errorCode": code, "message": said})
    return {"events": [{"timestamp": int(at.timestamp() * 1000), "message": message}]}


def play(aws: Aws, answers: Answers) -> None:
    """Let AWS answer so."""
    for (service, call), told in answers.items():
        for answer in told:
            _one(aws, service, call, answer)


def _one(aws: Aws, service: str, call: str, answer: Any) -> None:
    if isinstance(answer, str):
        aws.refuse(service, call, answer, f"not authorized to perform {service}")
    else:
        aws.answer(service, call, answer)


@dataclass
class Ran:
    """What a command came to."""

    code: int
    told: str


def status(aws: Aws, stack: Outputs, answers: Answers, **options: Any) -> Ran:
    """``operations status``, once."""
    play(aws, answers)
    given = {"watch": None, "without_lake": False, "source": None, **options}
    at_work, told = operation(aws.clients, stack, **given)
    code = status_command.run(timeless(at_work))
    return Ran(code, told.getvalue())


def timeless(at_work: Operation) -> Operation:
    """It is always ``NOW``, and nothing waits."""
    return replace(at_work, now=lambda: NOW, pause=lambda _: None)
