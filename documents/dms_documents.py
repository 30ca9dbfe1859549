"""The task settings of a DMS task, and the one spelling of its documents. Pure functions; no pulumi here.

Only keys that AWS echoes back, no list except ``LogComponents``, never the read-only CloudWatch keys:
anything else shows up as a change in every preview (hashicorp/terraform-provider-aws issues 19883 and 31136).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

BEFORE_IMAGE = "before-image"
"""The field of an update's record that has the row as it was."""

_LOG_COMPONENTS = ("SOURCE_UNLOAD", "SOURCE_CAPTURE", "TARGET_LOAD", "TARGET_APPLY", "TASK_MANAGER")


def task_settings(
    *, parallel_load_threads: int, parallel_apply_threads: int, max_lob_kb: int, before_images: bool
) -> dict[str, Any]:
    """Settings of a ``full-load-and-cdc`` task with a Kinesis target."""
    before_image = {
        "BeforeImageSettings": {"EnableBeforeImage": True, "FieldName": BEFORE_IMAGE, "ColumnFilter": "all"}
    }
    return {
        "TargetMetadata": {
            "SupportLobs": True,
            "FullLobMode": False,  # a Kinesis target has no full LOB mode
            "LimitedSizeLobMode": True,
            "LobMaxSize": max_lob_kb,
            "ParallelLoadThreads": parallel_load_threads,
            "ParallelLoadBufferSize": 100,
            "ParallelApplyThreads": parallel_apply_threads,
            "ParallelApplyBufferSize": 100,
            "ParallelApplyQueuesPerThread": 1,
            "BatchApplyEnabled": False,  # with a Kinesis target it fails the task or loses data
        },
        "FullLoadSettings": {
            "TargetTablePrepMode": "DO_NOTHING",
            "MaxFullLoadSubTasks": 8,
            "TransactionConsistencyTimeout": 600,
            "CommitRate": 10000,
            "StopTaskCachedChangesApplied": False,
            "StopTaskCachedChangesNotApplied": False,
        },
        "Logging": {
            "EnableLogging": True,
            "LogComponents": [{"Id": name, "Severity": "LOGGER_SEVERITY_DEFAULT"} for name in _LOG_COMPONENTS],
        },
        "ChangeProcessingDdlHandlingPolicy": {
            "HandleSourceTableDropped": True,
            "HandleSourceTableTruncated": True,
            "HandleSourceTableAltered": True,
        },
        **(before_image if before_images else {}),
        "ErrorBehavior": _error_behaviour(),
        "ValidationSettings": {"EnableValidation": False},  # DMS cannot validate a Kinesis target
    }


def _error_behaviour() -> dict[str, Any]:
    """Retry for ever what can be retried, and stop at what cannot: DMS would else leave out the record, or the whole
    table, with nothing but a line in its log. A schema that matches nothing fails the task instead of doing nothing.
    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.ErrorHandling.html
    """
    return {
        "FailOnNoTablesCaptured": True,
        "DataErrorPolicy": "STOP_TASK",
        "DataTruncationErrorPolicy": "STOP_TASK",
        "TableErrorPolicy": "STOP_TASK",
        "RecoverableErrorCount": -1,
        "RecoverableErrorInterval": 5,
        "RecoverableErrorThrottling": True,
        "RecoverableErrorThrottlingMax": 1800,
    }


def canonical(document: Mapping[str, Any]) -> str:
    """The one spelling of a document: sorted keys, no spaces. The same settings give the same bytes."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))
