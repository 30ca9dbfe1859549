"""The commands of docs/mending.md's bad day, run against test doubles of AWS: what they print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from audit import Findings, ViewResult
from operations import journal
from operations.commands import resume
from operations.outputs import Outputs
from operations.proof.report import Audited, show
from tests.declared import declare
from tests.operations.dms import FILE, Dms, SqlSource, at_work
from tests.operations.running import (
    CHECKPOINT,
    QUESTION,
    Answers,
    asked,
    measured,
    minutes,
    moment,
    objects,
    status,
    task,
    told,
    well,
)
from tests.operations.stacks import Aws, operation

WHY = "Last Error Lost connection to MySQL server during query"


def failed(stack: Outputs) -> Answers:
    """At twenty past three DMS lost the database; it is twenty to seven."""
    answers = well(stack)
    at = {"stats": {"StopDate": minutes(200)}}
    answers["dms", "describe_replication_tasks"] = [
        task(Status="failed", StopReason="Stop Reason RECOVERABLE_ERROR", LastFailureMessage=WHY, **at)
    ]
    answers["cloudwatch", "get_metric_data"] = [
        measured(latency_source=None, latency_target=None, incoming=None, iterator_age=0)
    ]
    answers["cloudwatch", "describe_alarms"] = [_one_fires(stack, "watch-latency-source")]
    answers["s3", "list_objects_v2"][2] = objects(minutes(199))
    newest = {"orders": (201, 130), "payment": (260, 260), "ticket": (800, 800)}
    rows = [["shop", it, moment(minutes(lake)), moment(minutes(lake))] for it, (lake, _) in newest.items()]
    answers["athena", "get_query_results"] = [asked(QUESTION, *rows)]
    changed = [["shop", it, moment(minutes(source))] for it, (_, source) in newest.items()]
    answers["rds-data", "execute_statement"][3] = told(["s", "t", "u"], *changed)
    return answers


def _one_fires(stack: Outputs, name: str) -> dict[str, Any]:
    """What DescribeAlarms answers, with the declared texts."""
    declared = declare("dev").all("aws:cloudwatch/metricAlarm:MetricAlarm")
    texts = {it.outputs["name"]: (it.name, it.inputs["alarmDescription"]) for it in declared}
    return {
        "MetricAlarms": [
            {
                "AlarmName": it,
                "AlarmDescription": texts[it][1],
                "StateValue": "ALARM" if texts[it][0] == name else "OK",
                "ActionsEnabled": True,
            }
            for it in stack.alarm_names
        ]
    }


def status_of(answers: Answers, stack: Outputs) -> str:
    """What ``operations status`` prints."""
    aws = Aws()
    try:
        return status(aws, stack, answers).told
    finally:
        aws.close()


def resumed(stack: Outputs, folder: Path, patch: pytest.MonkeyPatch) -> str:
    """What ``operations resume`` prints."""
    patch.setattr(journal, "FOLDER", folder)
    dms = Dms()
    dms.add(stack.task_arn, "failed", RecoveryCheckpoint=CHECKPOINT, LastFailureMessage=WHY)
    files = [(FILE(number), 2**27) for number in range(12, 43)]
    work, told = at_work(dms, SqlSource(files), stack, reload=False)
    resume.run(work)
    return told.getvalue()


def audited(stack: Outputs) -> str:
    """What ``operations audit`` prints of a lake that is equal but for a row that changes all the time."""
    none = {"findings": Findings(), "notes": Findings()}
    tables = {
        "shop.orders": ViewResult(rows=184_212, columns=9, changing=1, **none),
        "shop.payment": ViewResult(rows=97_004, columns=6, **none),
        "shop.ticket": ViewResult(rows=12_551, columns=8, **none),
    }
    work, told = operation(Aws().clients, stack)
    for name in tables:
        work.say(f"auditing {name}")
    show(work, Audited(tables=tables, named=False, queries=5, scanned=412 * 2**20, source_queries=9))
    return told.getvalue()
