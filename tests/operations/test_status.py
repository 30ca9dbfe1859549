"""``operations status``: what each state of a service comes to, and that nothing unknown passes for well."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from operations.health.lake import FRESHNESS
from operations.outputs import Outputs
from tests.declared import declare
from tests.operations.running import (
    NOW,
    QUESTION,
    SELECTION,
    TABLES,
    Answers,
    alarms,
    asked,
    delivery,
    execution,
    failure,
    measured,
    minutes,
    moment,
    objects,
    status,
    stream,
    table,
    task,
    told,
    well,
)
from tests.operations.stacks import OTHERS_DATABASE, SERVERLESS, Aws, outputs

STOPPED = {"stats": {"StopDate": minutes(200)}}
DMS_TASK, DMS_TABLES = ("dms", "describe_replication_tasks"), ("dms", "describe_table_statistics")
INSTANCE, METRICS = ("dms", "describe_replication_instances"), ("cloudwatch", "get_metric_data")
LOG, S3, SQL = ("logs", "filter_log_events"), ("s3", "list_objects_v2"), ("rds-data", "execute_statement")


@pytest.fixture(scope="module")
def stack() -> Outputs:
    return outputs()


def verdict(told: str) -> str:
    """The last line."""
    return told.rstrip().splitlines()[-1]


def test_a_stack_that_is_well_is_called_so(aws: Aws, stack: Outputs):
    ran = status(aws, stack, well(stack))
    assert verdict(ran.told) == "WELL: every part does what is promised"
    assert ran.code == 0
    aws.done()
    assert "firing 0 of" in ran.told
    for name in TABLES:
        assert f"shop.{name}" in ran.told


def test_each_part_tells_what_is_known_of_it(aws: Aws, stack: Outputs, capsys: pytest.CaptureFixture[str]):
    status(aws, stack, well(stack), json=True)
    facts = {it["name"]: it["facts"] for it in json.loads(capsys.readouterr().out)["parts"]}
    assert facts["database"] == {
        "state": "available",
        "version": "8.0.mysql_aurora.3.10.6",
        "writer": "cdc-lake-dev-1",
        "binlog kept": "72 h",
        "oldest binlog": "mysql-bin-changelog.000012",
        "binlog": "31 files, 3.9 GiB",
        "task's place": "128.0 MiB before its end",
    }
    assert facts["task"] == {
        "instance": "available",
        "free storage": "40.0 of 50 GiB",
        "state": "running",
        "phase": "follows the binlog",
        "behind source": "3 s",
        "behind target": "4 s",
        "tables": "3, 3,000 rows loaded",
        "checkpoint": "mysql-bin-changelog.000042:2002",
    }
    assert facts["stream"] == {
        "state": "ACTIVE",
        "mode": "ON_DEMAND, 4 shards",
        "keeps": "7.0 days",
        "throttled": "0 in 15 min",
        "oldest unread": "1 s",
        "records": "1,234 in 15 min",
    }
    assert facts["delivery"] == {
        "state": "ACTIVE",
        "last object": "3 min ago",
        "behind stream": "0 s",
        "oldest held": "61 s",
        "undelivered": "0 objects",
    }
    assert facts["lake"] == {"newest record": "2 min ago", "behind source": "0 of 3 tables", "scanned": "3.0 MiB"}


def stopped(answers: Answers, **changed: Any) -> None:
    answers[DMS_TASK] = [task(**STOPPED, **changed)]


def full_storage(answers: Answers) -> None:
    answers[INSTANCE] = [
        {"ReplicationInstances": [{"ReplicationInstanceStatus": "storage-full", "AllocatedStorage": 50}]}
    ]
    stopped(answers, Status="failed", LastFailureMessage="Last Error  No space left")


def purged(answers: Answers) -> None:
    answers[SQL][1] = told(["Log_name", "File_size"], ["mysql-bin-changelog.000050", 99])
    stopped(answers, Status="failed", StopReason="Stop Reason FATAL_ERROR", LastFailureMessage="Last Error 1236")


def denied_by_kms(answers: Answers) -> None:
    answers[LOG] = [failure(minutes(1), "S3.KMS.AccessDeniedException", "no kms:GenerateDataKey")]
    answers[METRICS] = [measured(freshness=5400.0, iterator_age=5_000_000.0)]


def suspended(answers: Answers) -> None:
    tables = [table("orders", TableState="Table error"), table("payment"), table("ticket")]
    answers[DMS_TABLES] = [{"TableStatistics": tables}]


def failed_rows(answers: Answers) -> None:
    answers[DMS_TABLES] = [{"TableStatistics": [table("orders", FullLoadErrorRows=7)]}]


def lake_behind(answers: Answers) -> None:
    answers[SQL][3] = told(["s", "t", "u"], *([["shop", it, moment(minutes(90))] for it in TABLES]))
    rows = [["shop", it, moment(minutes(600)), moment(minutes(600))] for it in TABLES[1:]]
    answers["athena", "get_query_results"] = [asked(QUESTION, *rows)]


def undelivered(answers: Answers) -> None:
    answers[S3][3] = objects(*[minutes(50)] * 3)


def cluster(status: str, writer: bool = True) -> Callable[[Answers], None]:
    def change(answers: Answers) -> None:
        members = [{"DBInstanceIdentifier": "w", "IsClusterWriter": True}] if writer else []
        answers["rds", "describe_db_clusters"] = [{"DBClusters": [{"Status": status, "DBClusterMembers": members}]}]

    return change


def changed(key: tuple[str, str], *to: Any) -> Callable[[Answers], None]:
    def change(answers: Answers) -> None:
        answers[key] = list(to)

    return change


def throttled(answers: Answers) -> None:
    answers["kinesis", "describe_stream_summary"] = [stream(StreamModeDetails={"StreamMode": "PROVISIONED"})]
    answers[METRICS] = [measured(write_throttles=312.0, latency_target=3000.0)]


STATES: dict[str, tuple[Callable[[Answers], None], str, str]] = {
    "the task failed": (
        lambda it: stopped(it, Status="failed", StopReason="Stop Reason FATAL_ERROR", LastFailureMessage="Last\n X"),
        "task: the task failed 3.3 h ago (FATAL_ERROR): Last X", "python -m operations resume --stack dev"),
    "the task was stopped by an error": (
        lambda it: stopped(it, Status="stopped", StopReason="Stop Reason RECOVERABLE_ERROR"),
        "task: the task was stopped by an error 3.3 h ago (RECOVERABLE_ERROR)",
        "python -m operations resume --stack dev"),
    "somebody stopped the task": (
        lambda it: stopped(it, Status="stopped", StopReason="Stop Reason NORMAL"),
        "task: the task is stopped 3.3 h ago", "python -m operations resume --stack dev"),
    "the task was never started": (
        changed(DMS_TASK, task(Status="ready", RecoveryCheckpoint="")), "task: the task was never started",
        "pulumi config set startTask true && pulumi up"),
    "the task is starting": (changed(DMS_TASK, task(Status="starting")), "the task is starting", "wait, and look"),
    "the task failed to move": (changed(DMS_TASK, task(Status="failed-move")), "task: the task failed", "resume"),
    "the task is gone": (
        changed(DMS_TASK, {"ReplicationTasks": []}), "NOT WELL: task: no arn:aws:dms:eu", "pulumi up --refresh"),
    "the stream is gone": (
        changed(("kinesis", "describe_stream_summary"), "ResourceNotFoundException"), "NOT WELL: stream: ",
        "it is gone, or of another account or Region"),
    "tables are suspended": (
        suspended, "task: 1 table is not captured any more: shop.orders (Table error)",
        "python -m operations reload shop.orders --stack dev"),
    "rows failed to load": (failed_rows, "task: rows failed to load: 7 of shop.orders", "reload shop.orders --stack"),
    "the instance's storage is full": (
        full_storage, "task: the replication instance's 50 GiB are full (1 more below)",
        "pulumi config set replicationStorageGb 100 && pulumi up, then python -m operations resume --stack dev"),
    "the instance is away": (
        changed(INSTANCE, {"ReplicationInstances": [{"ReplicationInstanceStatus": "rebooting"}]}),
        "the replication instance is rebooting", "wait, and look again"),
    "the binlog lost the task's place": (
        purged, "database: the binlog does not hold the place where the task goes on: its oldest file is "
        "mysql-bin-changelog.000050: mysql-bin-changelog.000042 was purged", "resume --stack dev offers the reload"),
    "the binlog is not kept": (
        lambda it: it[SQL].__setitem__(0, told(["value"], [None])), "kept as long as RDS likes", "preflight"),
    "the database is stopped": (
        cluster("stopped"), "database: the cluster is stopped",
        "aws rds start-db-cluster --db-cluster-identifier cdc-lake-dev"),
    "the database has no writer": (cluster("available", writer=False), "the cluster has no writer", "pulumi up"),
    "the stream is throttled": (
        throttled, "stream: the stream refused 312 records in 15 min", "pulumi config set shardCount 8 && pulumi up"),
    "records wait in the stream": (
        changed(METRICS, measured(iterator_age=3.6e6)), "stream: records wait in the stream for 60 min",
        "docs/runbook.md#stream-age"),
    "records are nearly lost": (
        changed(METRICS, measured(iterator_age=3.6e8)), "and after 168 h they are lost", "streamRetentionHours 336"),
    "the key is denied to the delivery": (
        denied_by_kms, "delivery: Firehose cannot deliver: S3.KMS.AccessDeniedException: no kms:GenerateDataKey",
        "pulumi up --refresh gives the delivery its right on the key back"),
    "the bucket is denied to the delivery": (
        changed(LOG, failure(minutes(1), "S3.AccessDenied", "Access was denied")), "cannot deliver: S3.AccessDenied",
        "pulumi up --refresh gives the delivery its rights back"),
    "the delivery stream failed": (
        changed(("firehose", "describe_delivery_stream"), delivery(
            DeliveryStreamStatus="CREATING_FAILED", FailureDescription={"Type": "KMS_ACCESS_DENIED", "Details": "x"})),
        "delivery: the delivery stream is CREATING_FAILED: KMS_ACCESS_DENIED x", "pulumi up --refresh"),
    "records could not be delivered": (
        undelivered, "delivery: 3 objects lie below errors/", "python -m operations redrive --stack dev"),
    "the lake is behind its source": (
        lake_behind, "lake: shop.orders changed 90 min ago, its newest record is older than yesterday; shop.payment",
        "python -m operations audit shop.orders shop.payment shop.ticket --stack dev"),
    "DMS is late": (
        changed(METRICS, measured(latency_source=4000.0)), "task: DMS reads the binlog 67 min late",
        "docs/runbook.md#latency-source"),
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_the_verdict_names_the_first_cause_and_what_mends_it(aws: Aws, stack: Outputs, state: str):
    change, cause, mend = STATES[state]
    answers = well(stack)
    change(answers)
    ran = status(aws, stack, answers)
    said = verdict(ran.told)
    assert cause in said
    assert mend in said
    assert ran.code == (2 if said.startswith("NOT KNOWN") else 1)


def test_an_error_of_the_delivery_is_over_when_it_has_written_since(aws: Aws, stack: Outputs):
    answers = well(stack)
    answers[LOG] = [failure(minutes(20), "S3.KMS.AccessDeniedException", "no")]
    ran = status(aws, stack, answers)
    assert ran.code == 0
    assert "last error" in ran.told


def test_an_alarm_alone_is_told_with_what_to_do_first(aws: Aws, stack: Outputs):
    answers = well(stack)
    answers["cloudwatch", "describe_alarms"] = [alarms(stack, binlog_size="ALARM")]
    ran = status(aws, stack, answers)
    assert "alarms: the alarm watch-binlog-size" in ran.told
    assert "fires: Do this first. It means that." in verdict(ran.told)
    assert verdict(ran.told).endswith("Mend it: docs/runbook.md#that")


def test_alarms_that_are_gone_or_silenced_are_told(aws: Aws, stack: Outputs):
    answers = well(stack)
    found = alarms(stack)["MetricAlarms"]
    found[1]["ActionsEnabled"] = False
    answers["cloudwatch", "describe_alarms"] = [{"MetricAlarms": found[1:]}]
    ran = status(aws, stack, answers)
    assert f"alarms are gone: {stack.alarm_names[0]}" in ran.told
    assert f"alarms tell nobody: {stack.alarm_names[1]}" in ran.told


@pytest.mark.parametrize(
    ("service", "call", "right"),
    [
        ("rds", "describe_db_clusters", "rds:DescribeDBClusters"),
        ("rds-data", "begin_transaction", "rds-data:ExecuteStatement"),
        ("dms", "describe_replication_tasks", "dms:DescribeReplicationTasks"),
        ("dms", "describe_table_statistics", "dms:DescribeTableStatistics"),
        ("dms", "describe_replication_instances", "dms:DescribeReplicationInstances"),
        ("cloudwatch", "get_metric_data", "cloudwatch:GetMetricData"),
        ("cloudwatch", "describe_alarms", "cloudwatch:DescribeAlarms"),
        ("kinesis", "describe_stream_summary", "kinesis:DescribeStreamSummary"),
        ("firehose", "describe_delivery_stream", "firehose:DescribeDeliveryStream"),
        ("logs", "filter_log_events", "logs:FilterLogEvents"),
        ("s3", "list_objects_v2", "s3:ListBucket"),
        ("athena", "start_query_execution", "athena:StartQueryExecution"),
    ],
)
def test_what_a_right_does_not_let_ask_is_named_and_the_rest_is_shown(
    aws: Aws, stack: Outputs, service: str, call: str, right: str
):
    answers = well(stack)
    answers[service, call] = ["AccessDeniedException"] * len(answers[service, call])
    ran = status(aws, stack, answers)
    assert ran.code == 2, "nothing unknown passes for well"
    assert verdict(ran.told).startswith("NOT KNOWN: what could be asked is well, but")
    line = next(it for it in ran.told.splitlines() if it.startswith("not known: "))
    assert right in line
    for part in ("database", "task", "stream", "delivery", "lake"):
        assert part in ran.told


@pytest.mark.parametrize(
    ("silent", "said"),
    [("latency_source", "DMS sent no CDCLatencySource"), ("behind", "Firehose sent no KinesisMillisBehindLatest")],
)
def test_a_part_that_is_silent_is_not_taken_for_well(aws: Aws, stack: Outputs, silent: str, said: str):
    ran = status(aws, stack, {**well(stack), METRICS: [measured(**{silent: None})]})
    assert ran.code == 2
    assert f"not known: {said}" in ran.told


def test_a_lake_that_nothing_can_be_compared_with_is_not_taken_for_well(aws: Aws, stack: Outputs):
    """InnoDB forgets at a restart when a table was changed."""
    answers = well(stack)
    answers[SQL][-1] = told(["s", "t", "u"], ["shop", "orders", None])
    assert status(aws, stack, answers).code == 0, "records come"
    answers["athena", "get_query_results"] = [
        asked(QUESTION, ["shop", "orders", moment(minutes(300)), moment(minutes(300))])
    ]
    ran = status(aws, stack, answers)
    assert ran.code == 2
    assert "not known: when a table was changed last" in ran.told


def test_a_metric_that_cannot_be_read_is_not_taken_for_0(aws: Aws, stack: Outputs):
    told = measured()
    told["MetricDataResults"] = [
        {**it, "Values": [], "StatusCode": "InternalError"} if it["Id"] == "write_throttles" else it
        for it in told["MetricDataResults"]
    ]
    ran = status(aws, stack, {**well(stack), METRICS: [told]})
    assert ran.code == 2
    assert "CloudWatch did not read AWS/Kinesis WriteProvisionedThroughputExceeded: InternalError" in ran.told


def test_a_task_that_follows_no_table_is_not_well(aws: Aws, stack: Outputs):
    ran = status(aws, stack, {**well(stack), DMS_TABLES: [{"TableStatistics": []}]})
    assert ran.code == 1
    assert "NOT WELL: task: the task follows the binlog and captures no table" in ran.told


def test_a_task_that_loads_is_well_and_what_is_not_loaded_yet_is_not_missed(aws: Aws, stack: Outputs):
    answers = well(stack)
    lake_behind(answers)
    stats = {"FullLoadProgressPercent": 40, "TablesLoading": 1, "TablesQueued": 2}
    answers[DMS_TASK] = [task(stats=stats)]
    states = ("Full load", "Before load", "Table is being reloaded")
    tables = [table(name, TableState=state) for name, state in zip(TABLES, states, strict=True)]
    answers[DMS_TABLES] = [{"TableStatistics": tables}]
    answers[METRICS] = [measured(latency_source=None)]
    ran = status(aws, stack, answers)
    assert "full load, 40 %" in ran.told
    assert ran.code == 0


def test_a_cause_is_told_though_something_else_is_unknown(aws: Aws, stack: Outputs):
    answers = well(stack)
    answers["kinesis", "describe_stream_summary"] = ["AccessDeniedException"]
    stopped(answers, Status="failed", LastFailureMessage="x")
    ran = status(aws, stack, answers)
    assert ran.code == 1
    assert "task: the task failed 3.3 h ago: x (1 not known). Mend it" in verdict(ran.told)


def test_a_database_of_somebody_elses_is_not_taken_for_well(aws: Aws):
    other = outputs(**OTHERS_DATABASE)
    answers = {key: it for key, it in well(other).items() if key[0] not in ("rds", "rds-data")}
    ran = status(aws, other, answers)
    assert ran.code == 2
    assert "give its address with --source mysql://user@host:port" in verdict(ran.told)


def test_a_query_that_fails_is_not_taken_for_well(aws: Aws, stack: Outputs):
    answers = well(stack)
    failed = execution("FAILED", StateChangeReason="Bytes scanned limit was exceeded")
    answers["athena", "get_query_execution"] = [failed]
    del answers["athena", "get_query_results"]
    ran = status(aws, stack, answers)
    assert ran.code == 2
    assert "Bytes scanned limit was exceeded. Remedy: raise queryScanLimitGb" in ran.told


def test_without_the_lake_the_verdict_says_so(aws: Aws, stack: Outputs):
    answers = {key: it for key, it in well(stack).items() if key[0] != "athena"}
    ran = status(aws, stack, answers, without_lake=True)
    assert verdict(ran.told) == "WELL: every part does what is promised; but the lake was not asked (--without-lake)"
    assert ran.code == 0


def test_a_change_that_a_filter_may_leave_out_is_not_missed(aws: Aws, stack: Outputs):
    answers = well(stack)
    lake_behind(answers)
    conditions = [{"filter-operator": "eq", "value": "1"}]
    filters = [{"filter-type": "source", "column-name": "id", "filter-conditions": conditions}]
    rule = {**SELECTION, "object-locator": {"schema-name": "shop", "table-name": "orders"}, "filters": filters}
    answers[DMS_TASK] = [task(TableMappings=json.dumps({"rules": [rule]}))]
    answers[DMS_TABLES] = [{"TableStatistics": [table("orders")]}]
    ran = status(aws, stack, answers)
    assert ran.code == 0


def test_a_serverless_replication_is_asked_as_one(aws: Aws):
    other = outputs(**SERVERLESS)
    found = task()["ReplicationTasks"][0]
    answers = {key: it for key, it in well(other).items() if key[0] != "dms"}
    kept = ("Status", "RecoveryCheckpoint")
    stats = {"ReplicationStats": found["ReplicationTaskStats"], "ReplicationType": "full-load-and-cdc"}
    answers["dms", "describe_replications"] = [{"Replications": [{**{it: found[it] for it in kept}, **stats}]}]
    answers["dms", "describe_replication_configs"] = [
        {"ReplicationConfigs": [{"TableMappings": found["TableMappings"], "ReplicationSettings": "{}"}]}
    ]
    answers["dms", "describe_replication_table_statistics"] = [
        {"ReplicationTableStatistics": [table(it) for it in TABLES]}
    ]
    assert status(aws, other, answers).code == 0


def test_machines_are_told_the_same(aws: Aws, stack: Outputs, capsys: pytest.CaptureFixture[str]):
    answers = well(stack)
    suspended(answers)
    ran = status(aws, stack, answers, json=True)
    found = json.loads(capsys.readouterr().out)
    assert ran.told == ""
    assert found["verdict"]["exitCode"] == ran.code == 1
    assert found["verdict"]["mend"] == "python -m operations reload shop.orders --stack dev"
    assert [it["name"] for it in found["parts"]] == ["database", "task", "stream", "delivery", "lake", "alarms"]
    assert {it["name"]: it["state"] for it in found["tables"]}["shop.orders"] == "Table error"
    assert found["at"] == NOW.isoformat()


def test_it_looks_again_until_it_is_interrupted(aws: Aws, stack: Outputs):
    from dataclasses import replace

    from operations.commands import status as command
    from tests.operations.running import play, timeless
    from tests.operations.stacks import operation

    first, second = well(stack), well(stack)
    suspended(second)
    play(aws, first)
    play(aws, second)
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        if waited.count(30) == 2:
            raise KeyboardInterrupt

    at_work, shown = operation(aws.clients, stack, watch=30.0, without_lake=False, source=None)
    assert command.run(replace(timeless(at_work), pause=pause)) == 1, "the last verdict counts"
    assert shown.getvalue().count("WELL:") == 2
    aws.done()


def test_the_freshness_is_asked_as_the_saved_query_asks_it():
    questions = declare("dev").all("aws:athena/namedQuery:NamedQuery")
    (saved,) = (it.inputs["query"] for it in questions if it.inputs["name"] == "freshness")
    words = saved.replace('"cdc_lake_dev".', "").replace(",", " ").split()
    assert set(FRESHNESS.replace(",", " ").split()) <= set(words)
