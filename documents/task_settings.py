"""Task settings: the JSON document that says how a DMS task works. Pure functions; no pulumi here.

Only keys that AWS echoes back, no list except ``LogComponents``, never the read-only CloudWatch keys: anything else
shows up as a change in every preview (hashicorp/terraform-provider-aws issues 19883 and 31136).
"""

from __future__ import annotations

from typing import Any

BEFORE_IMAGE = "before-image"
"""The field of an update's record that has the row as it was."""

_LOG_COMPONENTS = ("SOURCE_UNLOAD", "SOURCE_CAPTURE", "TARGET_LOAD", "TARGET_APPLY", "TASK_MANAGER")


def task_settings(
    *,
    parallel_load_threads: int,
    parallel_apply_threads: int,
    max_lob_kb: int,
    before_images: bool,
    on_table_error: str,
) -> dict[str, Any]:
    """Settings of a ``full-load-and-cdc`` task with a Kinesis target; ``on_table_error`` is ``stop`` or ``suspend``."""
    before_image = {
        "BeforeImageSettings": {"EnableBeforeImage": True, "FieldName": BEFORE_IMAGE, "ColumnFilter": "all"}
    }
    return {
        "TargetMetadata": _target(parallel_load_threads, parallel_apply_threads, max_lob_kb),
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
        "ErrorBehavior": _error_behaviour(_POLICIES[on_table_error]),
    }


def _target(parallel_load_threads: int, parallel_apply_threads: int, max_lob_kb: int) -> dict[str, Any]:
    return {
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
    }


_POLICIES = {"stop": "STOP_TASK", "suspend": "SUSPEND_TABLE"}


def _error_behaviour(policy: str) -> dict[str, Any]:
    """Retry for ever what can be retried. What cannot stops the task, or suspends its table if that was asked for and
    an alarm waits for it; DMS would else leave out the record with nothing but a line in its log. A schema that matches
    nothing fails the task instead of doing nothing.
    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.ErrorHandling.html
    """
    return {
        "FailOnNoTablesCaptured": True,
        "DataErrorPolicy": policy,
        "DataTruncationErrorPolicy": policy,
        "TableErrorPolicy": policy,
        "RecoverableErrorCount": -1,
        "RecoverableErrorInterval": 5,
        "RecoverableErrorThrottling": True,
        "RecoverableErrorThrottlingMax": 1800,
    }
