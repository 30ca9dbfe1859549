"""Settings: what of the task's settings document and of ``kinesisSettings`` decides what a record looks like.

The only place that knows these documents' keys. Each key has the default that AWS gives it, and a setting that would
change the records in a way that is not played is refused, because ignoring it would rehearse another task.

Sources: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.html and below it,
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html,
https://docs.aws.amazon.com/dms/latest/APIReference/API_KinesisSettings.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from model import PipelineError

_T = TypeVar("_T", bool, int, str)

_DESTINATION_KEYS = {"streamArn", "serviceAccessRoleArn"}  # where records go, not what they look like


@dataclass(frozen=True, kw_only=True)
class KinesisSettings:
    """``kinesisSettings`` of the target endpoint. All switches are off by default."""

    message_format: str = "json"
    """``json`` (spread over lines, with tabs) or ``json-unformatted`` (one line)."""
    include_control_details: bool = False
    include_null_and_empty: bool = False
    include_partition_value: bool = False
    include_table_alter_operations: bool = False
    include_transaction_details: bool = False
    partition_include_schema_table: bool = False
    no_hex_prefix: bool = False
    use_large_integer_value: bool = False


@dataclass(frozen=True, kw_only=True)
class BeforeImage:
    """``BeforeImageSettings``, when they are enabled."""

    field_name: str
    column_filter: str
    """``pk-only``, ``non-lob`` or ``all``."""


@dataclass(frozen=True, kw_only=True)
class Retries:
    """What ``ErrorBehavior`` says of recoverable errors, as when the source is gone.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.ErrorHandling.html
    """

    count: int
    """How many times the task tries again before it stops; below zero for ever."""
    interval: int
    """Seconds before the first time."""
    longest: int
    """Seconds before any later time, each of which waits twice as long as the one before it."""

    def pause(self, tries: int) -> float:
        """Seconds to wait after so many tries in vain."""
        return min(self.interval * 2.0 ** min(tries, 32), max(self.interval, self.longest))


@dataclass(frozen=True, kw_only=True)
class TaskSettings:
    """The parts of the task settings document that are played."""

    support_lobs: bool
    lob_max_bytes: int | None
    """Longest LOB in bytes, the rest is cut off (LimitedSizeLobMode); None without a limit."""
    key_by_primary_key: bool
    """Whether changes are partitioned by primary key: any ParallelApply setting above its default."""
    drop_and_create: bool
    """TargetTablePrepMode is DROP_AND_CREATE, what the API does when nothing is set."""
    handle_altered: bool
    handle_truncated: bool
    fail_on_no_tables: bool
    retries: Retries
    before_image: BeforeImage | None


class _Section:
    """One object of a document, read key by key with defaults and types."""

    def __init__(self, where: str, values: object) -> None:
        if not isinstance(values, Mapping | None):
            raise PipelineError(f"{where} must be an object, not {values!r}")
        self._where = where
        self._values: Mapping[str, Any] = values or {}

    def get(self, key: str, default: _T, allowed: tuple[_T, ...] = ()) -> _T:
        value = self._values.get(key)
        if value is None:
            return default
        if type(value) is not type(default):
            kind = {bool: "true or false", int: "a whole number", str: "text"}[type(default)]
            raise PipelineError(f"{self._where}.{key} is {value!r}; it must be {kind}")
        if allowed and value not in allowed:
            raise PipelineError(f"{self._where}.{key} is {value!r}; it must be one of {', '.join(map(str, allowed))}")
        return value

    def refuse_unknown(self, known: set[str]) -> None:
        if unknown := sorted(set(self._values) - known):
            raise PipelineError(f"{self._where}.{unknown[0]} is not played yet; rehearse without it")


def kinesis_settings(document: Mapping[str, Any]) -> KinesisSettings:
    """Read ``kinesisSettings`` in the provider's camelCase names."""
    section = _Section("kinesisSettings", document)
    names = {
        "includeControlDetails": "include_control_details",
        "includeNullAndEmpty": "include_null_and_empty",
        "includePartitionValue": "include_partition_value",
        "includeTableAlterOperations": "include_table_alter_operations",
        "includeTransactionDetails": "include_transaction_details",
        "partitionIncludeSchemaTable": "partition_include_schema_table",
        "noHexPrefix": "no_hex_prefix",
        "useLargeIntegerValue": "use_large_integer_value",
    }
    section.refuse_unknown({*names, "messageFormat", *_DESTINATION_KEYS})
    return KinesisSettings(
        message_format=section.get("messageFormat", "json", ("json", "json-unformatted")),
        **{field: section.get(key, False) for key, field in names.items()},
    )


def task_settings(document: Mapping[str, Any]) -> TaskSettings:
    """Read the task settings document (parsed JSON). Raises PipelineError for what DMS cannot do with Kinesis."""
    target = _Section("TargetMetadata", document.get("TargetMetadata"))
    load = _Section("FullLoadSettings", document.get("FullLoadSettings"))
    ddl = _Section("ChangeProcessingDdlHandlingPolicy", document.get("ChangeProcessingDdlHandlingPolicy"))
    errors = _Section("ErrorBehavior", document.get("ErrorBehavior"))
    _refuse_for_kinesis(target, _Section("ValidationSettings", document.get("ValidationSettings")))
    limited = target.get("LimitedSizeLobMode", True)
    return TaskSettings(
        support_lobs=target.get("SupportLobs", True),
        lob_max_bytes=target.get("LobMaxSize", 32) * 1024 if limited else None,
        key_by_primary_key=_parallel_apply(target),
        drop_and_create=load.get("TargetTablePrepMode", "DROP_AND_CREATE", _PREP_MODES) == "DROP_AND_CREATE",
        handle_altered=ddl.get("HandleSourceTableAltered", True),
        handle_truncated=ddl.get("HandleSourceTableTruncated", True),
        fail_on_no_tables=errors.get("FailOnNoTablesCaptured", False),
        retries=_retries(errors),
        before_image=_before_image(_Section("BeforeImageSettings", document.get("BeforeImageSettings"))),
    )


def _retries(errors: _Section) -> Retries:
    interval = errors.get("RecoverableErrorInterval", 5)
    return Retries(
        count=errors.get("RecoverableErrorCount", -1),
        interval=interval,
        longest=errors.get("RecoverableErrorThrottlingMax", 1800)
        if errors.get("RecoverableErrorThrottling", True)
        else interval,
    )


_PREP_MODES = ("DO_NOTHING", "DROP_AND_CREATE", "TRUNCATE_BEFORE_LOAD")


def _parallel_apply(target: _Section) -> bool:
    """With ParallelApply* the partition key becomes the primary key (CHAP_Target.Kinesis, multithreaded CDC)."""
    return target.get("ParallelApplyThreads", 0) > 0


def _before_image(section: _Section) -> BeforeImage | None:
    if not section.get("EnableBeforeImage", False):
        return None
    field = section.get("FieldName", "")
    if not field:
        raise PipelineError("BeforeImageSettings.FieldName is empty; DMS requires it with EnableBeforeImage")
    return BeforeImage(
        field_name=field, column_filter=section.get("ColumnFilter", "pk-only", ("pk-only", "non-lob", "all"))
    )


def _refuse_for_kinesis(target: _Section, validation: _Section) -> None:
    for section, key, why in (
        (target, "BatchApplyEnabled", "with a Kinesis target it fails the task or loses data"),
        (target, "FullLobMode", "a Kinesis target knows limited LOB mode only; use LimitedSizeLobMode with LobMaxSize"),
        (validation, "EnableValidation", "DMS does not validate Kinesis targets"),
    ):
        if section.get(key, False):
            raise PipelineError(f"task settings: {key} is true: {why}. Set it to false.")
