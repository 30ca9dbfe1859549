"""Job: the stack's DMS task, or its serverless replication, looked at, started and stopped.

https://docs.aws.amazon.com/dms/latest/APIReference/API_ReplicationTask.html and API_Replication.html.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from model import PipelineError
from model.window import Place, place
from operations.clients import AwsError, Clients
from operations.outputs import Outputs
from operations.wait import Wait

RUNS = frozenset({"running", "replicating"})
ENDED = frozenset({"stopped", "failed"})
"""States from which a replication that ran once can be started again."""


@dataclass(frozen=True, kw_only=True)
class State:
    """A replication as DMS describes it."""

    status: str
    checkpoint: str
    """Where it goes on; empty while it has none."""
    why: str
    """Why it stopped or failed, in DMS's words; may be empty."""
    loading: int
    """Tables that are loaded or wait for it."""
    described: Mapping[str, Any]
    """The whole answer."""

    @property
    def stands(self) -> Place | None:
        """The checkpoint as a place in the binlog; None where there is none that can be read."""
        return place(self.checkpoint)


@dataclass(frozen=True, kw_only=True)
class Job:
    """One task, or one serverless replication."""

    clients: Clients
    arn: str
    serverless: bool = False

    @property
    def name(self) -> str:
        """What people know it by."""
        return f"the {'replication' if self.serverless else 'task'} {self.arn.rpartition(':')[2]}"

    def look(self) -> State | None:
        """Its state now; None where there is no such replication."""
        kind = "replication-config" if self.serverless else "replication-task"
        found = _described(self.clients, f"{kind}-arn", self.arn)
        return _state(found) if found else None

    def state(self) -> State:
        """Its state now. PipelineError where there is no such replication."""
        found = self.look()
        if found is None:
            raise PipelineError(
                f"{self.name} is not there: `pulumi refresh`, and look whether --region and --profile are the stack's"
            )
        return found

    def statistics(self) -> Iterator[Mapping[str, Any]]:
        """What DMS tells of each table: an item of DescribeTableStatistics. boto3 has pages of one kind's alone."""
        call, key, arn = "describe_table_statistics", "TableStatistics", "ReplicationTaskArn"
        if self.serverless:
            call, key = "describe_replication_table_statistics", "ReplicationTableStatistics"
            arn = "ReplicationConfigArn"
        more: dict[str, str] = {}
        while True:
            told = self.clients.call("dms", call, **{arn: self.arn}, **more)
            yield from told.get(key, ())
            if not told.get("Marker"):
                return
            more = {"Marker": told["Marker"]}

    def start(self, kind: str) -> None:
        """Start it: ``start-replication``, ``resume-processing`` or ``reload-target``."""
        if self.serverless:
            self.clients.call("dms", "start_replication", ReplicationConfigArn=self.arn, StartReplicationType=kind)
        else:
            self.clients.call(
                "dms", "start_replication_task", ReplicationTaskArn=self.arn, StartReplicationTaskType=kind
            )

    def stop(self, wait: Wait) -> None:
        """Stop it, and wait until it has; it may have stopped by itself."""
        if self.state().status not in ENDED:
            self.clients.call("dms", "stop_replication_task", ReplicationTaskArn=self.arn)
        wait.until(lambda: self.state().status in ENDED, f"{self.name} does not stop")

    def remove(self, wait: Wait) -> None:
        """Stop it if it runs, delete it, and wait until it is gone; it may be in any state, and gone already."""
        seen: list[str] = []

        def gone() -> bool:
            state = self.look()
            if state is None:
                return True
            if state.status not in seen:  # each state is acted upon once
                seen.append(state.status)
                if state.status in RUNS:
                    self.clients.call("dms", "stop_replication_task", ReplicationTaskArn=self.arn)
                elif state.status in ENDED | {"ready"}:
                    self.clients.call("dms", "delete_replication_task", ReplicationTaskArn=self.arn)
            return False

        wait.until(gone, f"{self.name} cannot be removed", lambda: len(seen))

    def until_running(self, wait: Wait) -> State:
        """Wait until it runs, or has ended again; the state is either."""
        seen: list[State] = []

        def settled() -> bool:
            seen.append(self.state())
            return seen[-1].status in RUNS | ENDED

        wait.until(settled, f"{self.name} does not start", lambda: seen[-1].status if seen else "")
        return seen[-1]


def main_job(clients: Clients, outputs: Outputs) -> Job:
    """The replication that the stack declares."""
    return Job(clients=clients, arn=outputs.task_arn, serverless=outputs.serverless)


def task_called(clients: Clients, identifier: str) -> Job | None:
    """The task with this identifier; None where there is none."""
    found = _described(clients, "replication-task-id", identifier)
    return Job(clients=clients, arn=found["ReplicationTaskArn"]) if found else None


def replay_of(state: State) -> str:
    """How the identifier of each task that replays this one begins."""
    return f"{state.described['ReplicationTaskIdentifier'][:200].rstrip('-')}-replay-"


def refuse_others(task: Job, state: State) -> None:
    """PipelineError where a replay's task is there that this machine's journal does not know of."""
    if task.serverless:
        return
    asked = {"Filters": [{"Name": "replication-instance-arn", "Values": [state.described["ReplicationInstanceArn"]]}]}
    more: dict[str, str] = {}
    while True:
        told = task.clients.call("dms", "describe_replication_tasks", **asked, **more)
        for it in told["ReplicationTasks"]:
            if it["ReplicationTaskIdentifier"].startswith(replay_of(state)):
                raise PipelineError(
                    f"{it['ReplicationTaskIdentifier']}, the task of a replay, is {it['Status']}, and this machine has "
                    "no journal of it: another machine is at work, or left it behind. Two must not write at once: "
                    "wait until it is gone, or let that machine's `operations resume` remove it. Where there is none, "
                    "stop it if it runs, then aws dms delete-replication-task --replication-task-arn "
                    f"{it['ReplicationTaskArn']}"
                )
        if not told.get("Marker"):
            return
        more = {"Marker": told["Marker"]}


def settings_for_another(described: Mapping[str, Any]) -> str:
    """The settings of a task as another may be made with them: without the log that DMS gave it."""
    settings = json.loads(described["ReplicationTaskSettings"])
    for name in ("CloudWatchLogGroup", "CloudWatchLogStream"):  # CreateReplicationTask refuses them
        settings.get("Logging", {}).pop(name, None)
    return json.dumps(settings)


def _described(clients: Clients, name: str, value: str) -> Mapping[str, Any] | None:
    operation, key = ("describe_replication_tasks", "ReplicationTasks")
    if name.startswith("replication-config"):
        operation, key = ("describe_replications", "Replications")
    try:
        found = clients.call("dms", operation, Filters=[{"Name": name, "Values": [value]}])[key]
    except AwsError as error:
        if error.code == "ResourceNotFoundFault":
            return None
        raise
    return found[0] if found else None


def _state(described: Mapping[str, Any]) -> State:
    reasons = [described.get("LastFailureMessage", ""), *described.get("FailureMessages", ())]
    told = [described.get("StopReason", ""), *reasons]
    stats = described.get("ReplicationTaskStats") or described.get("ReplicationStats") or {}
    return State(
        status=described.get("Status", ""),
        checkpoint=described.get("RecoveryCheckpoint", ""),
        why="; ".join(dict.fromkeys(" ".join(text.split()) for text in told if text)),
        loading=stats.get("TablesLoading", 0) + stats.get("TablesQueued", 0),
        described=described,
    )
