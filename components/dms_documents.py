"""The two JSON documents of a DMS task: table mappings and task settings. Pure functions; no pulumi here.

Patterns. ``schema.table``; the *first* dot separates the two, so a table's name may hold dots and a schema's may not.
A part without ``%`` and ``[`` is a *name* and means exactly itself: its underscores are written ``[_]``, because a
bare ``_`` is DMS's wildcard for one character and ``dms_sample`` would silently capture ``dms-sample`` too.
A part with ``%`` or ``[`` is a *pattern* and goes to DMS as it is: ``%`` any text, ``_`` one character, ``[_]`` an
underscore, ``[ab]`` and ``[a-d]`` one of these characters. Names are case-sensitive.

Settings. Only keys that AWS echoes back, no list except ``LogComponents``, never the read-only CloudWatch keys:
anything else shows up as a change in every preview (hashicorp/terraform-provider-aws issues 19883 and 31136).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

BEFORE_IMAGE = "before-image"
"""The field of an update's record that has the row as it was."""

_LOG_COMPONENTS = ("SOURCE_UNLOAD", "SOURCE_CAPTURE", "TARGET_LOAD", "TARGET_APPLY", "TASK_MANAGER")


@dataclass(frozen=True)
class TablePattern:
    """One ``schema.table`` pattern of the configuration."""

    schema: str
    """Name or pattern of schemas."""
    table: str
    """Name or pattern of tables."""

    @classmethod
    def parse(cls, text: str) -> TablePattern:
        """Split at the first dot; raise ``ValueError`` when there is none or a side is empty."""
        schema, dot, table = text.partition(".")
        if not (schema and dot and table):
            raise ValueError(text)
        return cls(schema, table)

    @property
    def names_one_table(self) -> bool:
        """Whether it means one table, which it names in full."""
        return is_name(self.schema) and is_name(self.table)

    def matches(self, schema: str, table: str) -> bool:
        """Whether DMS captures the table by this pattern."""
        return finds(self.schema, schema) and finds(self.table, table)

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}"


_WILDCARD = re.compile(r"(%|_|\[[^]]+\])")
_WILDCARDS = {"%": ".*", "_": "."}


def is_name(part: str) -> bool:
    """Whether one side of a pattern is a plain name, which means exactly itself."""
    return "%" not in part and "[" not in part


def finds(part: str, name: str) -> bool:
    """Whether one side of a pattern selects ``name``."""
    if is_name(part):
        return part == name
    return re.fullmatch("".join(map(_expression, _WILDCARD.split(part))), name, re.DOTALL) is not None


def _expression(piece: str) -> str:
    if _WILDCARD.fullmatch(piece):
        return _WILDCARDS.get(piece) or "[" + re.sub(r"([\\^])", r"\\\1", piece[1:-1]) + "]"
    return re.escape(piece)


def _located(part: str) -> str:
    return part.replace("_", "[_]") if is_name(part) else part


def table_mappings(tables: Iterable[TablePattern], exclude_tables: Iterable[TablePattern] = ()) -> dict[str, Any]:
    """Selection rules: include every pattern of ``tables``, then leave out those of ``exclude_tables``."""
    selections = [("include", pattern) for pattern in tables] + [("exclude", pattern) for pattern in exclude_tables]
    return {
        "rules": [
            {
                "rule-type": "selection",
                "rule-id": str(number),
                "rule-name": f"{action}-{number}",
                "rule-action": action,
                "object-locator": {"schema-name": _located(pattern.schema), "table-name": _located(pattern.table)},
                "filters": [],  # AWS echoes an empty list; leaving it out is a change in every preview
            }
            for number, (action, pattern) in enumerate(selections, start=1)
        ]
    }


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
