"""Outputs: what a stack says of itself, from the Pulumi CLI or from a file, typed and complete, or an error."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from model import PipelineError
from model.plan import Check

ROOT = Path(__file__).resolve().parent.parent
_MASKED = "[secret]"
"""What the Pulumi CLI prints in the place of a secret."""


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """The outputs that commands need; ``task_arn`` here is ``taskArn`` there. No other output is read."""

    region: str
    aws_profile: str | None = None
    """Profile with which the stack is deployed; None for the default credentials."""
    ephemeral: bool
    """Whether the stack says of itself that its data may be lost."""
    freshness_minutes: int
    """Promise: within so many minutes a committed change is in the lake."""
    database_mode: str
    """``own`` or ``existing``."""
    cluster_arn: str | None = None
    """None where the database is not the stack's."""
    master_secret_arn: str | None = None
    """Secret of the administrator; None where that is not the stack's concern."""
    capture_username: str
    """User as which DMS reads a database of the stack's own."""
    preflight_checks: tuple[Check, ...]
    replication_mode: str
    """``instance`` or ``serverless``."""
    task_arn: str
    """Of the task, or of the configuration of a serverless replication."""
    source_endpoint_arn: str
    target_endpoint_arn: str
    replication_instance_id: str
    """Empty for a serverless replication, and so is the ARN."""
    replication_instance_arn: str
    stream_name: str
    delivery_stream_name: str
    lake_bucket: str
    lake_prefix: str
    error_prefix: str
    query_database: str
    query_workgroup: str
    alarm_names: tuple[str, ...]

    @property
    def serverless(self) -> bool:
        """Whether the replication has no instance of its own."""
        return self.replication_mode == "serverless"

    @property
    def task_identifier(self) -> str:
        """What CloudWatch calls the task: the end of its ARN."""
        return self.task_arn.rpartition(":")[2]

    @property
    def cluster_identifier(self) -> str:
        """End of the cluster's ARN; empty where the database is not the stack's."""
        return (self.cluster_arn or "").rpartition(":")[2]


def read(stack: str | None, file: Path | None) -> Outputs:
    """The outputs of ``stack``, or of the JSON in ``file``; one of them is given. Raises PipelineError."""
    if (stack is None) == (file is None):
        raise PipelineError(
            "name the stack with --stack NAME, or its outputs with --outputs FILE (pulumi stack output --json > FILE), "
            "and not both"
        )
    if file is not None:
        return typed(_of_file(file), str(file))
    assert stack is not None
    return typed(_of_stack(stack), f"stack {stack!r}")


def _of_file(file: Path) -> Mapping[str, Any]:
    remedy = "write it with: pulumi stack output --json > FILE"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise PipelineError(f"--outputs {file} cannot be read: {error.strerror}; {remedy}") from None
    except ValueError:
        raise PipelineError(f"--outputs {file} is not JSON; {remedy}") from None
    if not isinstance(found, dict):
        raise PipelineError(f"--outputs {file} is no JSON object of outputs; {remedy}")
    return found


def _of_stack(name: str) -> Mapping[str, Any]:
    try:
        from pulumi import automation
        from pulumi.automation import errors
    except ImportError as error:
        raise PipelineError(
            f"--stack needs Pulumi's SDK ({error}): install requirements.txt, or give --outputs FILE"
        ) from None
    try:
        found = automation.select_stack(stack_name=name, work_dir=str(ROOT)).outputs()
    except FileNotFoundError:
        raise PipelineError(
            "--stack needs the Pulumi CLI, and there is no `pulumi` on the path: install it "
            "(https://www.pulumi.com/docs/install/), or give --outputs FILE, written where it is installed"
        ) from None
    except errors.StackNotFoundError:
        raise PipelineError(
            f"--stack {name}: there is no such stack in this Pulumi backend; `pulumi stack ls` lists those that are, "
            "`pulumi login` chooses the backend"
        ) from None
    except errors.InvalidVersionError as error:
        raise PipelineError(f"--stack {name}: {_line(error)}: upgrade the Pulumi CLI, or give --outputs FILE") from None
    except errors.CommandError as error:
        raise PipelineError(
            f"--stack {name}: the Pulumi CLI cannot read the outputs: {_complaint(error)}. Log in (`pulumi login`) "
            "with the passphrase or key of the stack, or give --outputs FILE"
        ) from None
    return {key: it.value for key, it in found.items()}


def _complaint(error: Exception) -> str:
    """What the CLI wrote to its error output; never its output, which may hold secrets."""
    return _line(str(error).rpartition("stderr:")[2]).removeprefix("error: ") or "it does not say why"


def _line(text: object) -> str:
    return " ".join(str(text).split()).rstrip(".")


def typed(found: Mapping[str, Any], where: str) -> Outputs:
    """The outputs ``found`` at ``where``. PipelineError names an output that is missing or of another kind."""
    if not found:
        raise PipelineError(f"{where} has no outputs: nothing is deployed yet, or it was destroyed; run `pulumi up`")
    kinds = typing.get_type_hints(Outputs)
    names = {it.name: _key(it.name) for it in fields(Outputs)}
    missing = [names[it.name] for it in fields(Outputs) if it.default is MISSING and found.get(names[it.name]) is None]
    if len(missing) > len(names) // 2:
        raise PipelineError(
            f"{where} is not of this program: it has none of {', '.join(missing[:3])} … Name a stack of cdc-lake"
        )
    if missing:
        raise PipelineError(
            f"{where} lacks the output {', '.join(missing)}: an older program deployed it, or not to its end; run "
            "`pulumi up` with this one"
        )
    return Outputs(
        **{
            name: _value(key, found[key], kinds[name], where)
            for name, key in names.items()
            if found.get(key) is not None
        }
    )


def _key(name: str) -> str:
    """``task_arn`` → ``taskArn``."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _value(key: str, value: Any, kind: Any, where: str) -> Any:
    """``value`` as ``kind``; no error repeats it, for it may be a secret."""
    if value == _MASKED:
        raise PipelineError(
            f"{where}: the output {key} is a secret of the stack and masked: use --stack, or write the file with "
            "`pulumi stack output --json --show-secrets` and keep it safe"
        )
    if typing.get_origin(kind) is types.UnionType:
        kind = typing.get_args(kind)[0]
    try:
        if typing.get_origin(kind) is tuple:
            item = typing.get_args(kind)[0]
            return tuple(_check(it) if item is Check else _plain(it, item) for it in _plain(value, list))
        return _plain(value, kind)
    except (TypeError, KeyError):
        raise PipelineError(
            f"{where}: the output {key} is not what this program exports ({kind}): run `pulumi up` with this program"
        ) from None


def _plain(value: Any, kind: type) -> Any:
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)  # the engine knows no whole numbers
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError
    return value


def _check(value: Mapping[str, Any]) -> Check:
    texts = {key: _plain(value[key], str) for key in ("name", "sql", "remedy")}
    return Check(**texts, expect=tuple(_plain(it, str) for it in _plain(value["expect"], list)))
