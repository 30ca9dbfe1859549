"""``reload``: loads tables again, waits until that is over, and audits them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from model import PipelineError, qualified
from operations import journal
from operations.command import FOUND, WELL, Operation, add_command
from operations.commands.audit import audit
from operations.job import RUNS, Job, main_job
from operations.proof.report import show
from operations.proof.waiting import add_patience, patience
from operations.sql.source import add_source, source
from operations.wait import add_wait, wait

_RIGHTS = (
    "dms:DescribeReplicationTasks",
    "dms:DescribeTableStatistics",
    "dms:ReloadTables",
    "dms:DescribeReplications, dms:DescribeReplicationTableStatistics and dms:ReloadReplicationTables (serverless)",
)
_AT_ONCE = 10
"""Tables of one call: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.ReloadTables.html."""
_DONE = "table completed"
_ENDED = frozenset({_DONE, "table error", "table cancelled", "table does not exist"})
Table = tuple[str, str]
Statistics = Mapping[Table, Mapping[str, Any]]


def add(subparsers: Any) -> None:
    """The command's parser."""
    command = add_command(
        subparsers,
        "reload",
        does="load tables again, wait until that is over, and audit them",
        rights=_RIGHTS,
        run=run,
        more="DMS reads a table by the definition that it has of it: after an ALTER TABLE resume the task first. The "
        "rights of `audit` are needed, too, but with --no-audit.",
    )
    command.add_argument("tables", nargs="+", metavar="TABLE", help="SCHEMA.TABLE, as the source calls it")
    command.add_argument("--no-audit", action="store_true", help="do not compare the tables with the source then")
    add_source(command)
    add_patience(command)
    add_wait(command)


def run(operation: Operation) -> int:
    """Ask for all, ten at a time, wait for each, and audit them if all were loaded."""
    _check_audit(operation)
    journal.clean(operation)
    task = main_job(operation.clients, operation.outputs)
    state = task.state()
    if state.status not in RUNS:
        raise PipelineError(
            f"{task.name} is {state.status}: DMS loads tables again while it runs. Start it first: "
            f"python -m operations resume {operation.named}"
        )
    known = _statistics(task)
    wanted = _wanted(operation.options.tables, known)
    failed = [table for some in _slices(wanted) for table in _reload(operation, task, some, known)]
    told = {"reloaded": [qualified(*it) for it in wanted], "failed": [qualified(*it) for it in failed]}
    if failed:
        operation.say(
            f"{len(failed)} of {len(wanted)} tables were not loaded: the task's log in CloudWatch says why",
            style="bold red",
        )
        operation.tell(told)
        return FOUND
    operation.say(f"{len(wanted)} tables were loaded again", style="bold green")
    if operation.options.no_audit:
        operation.tell(told)
        return WELL
    with source(operation) as database:
        audited = audit(operation, database, told["reloaded"])
    show(operation, audited)
    operation.tell({**told, "audit": audited.as_json()})
    return audited.code


def _check_audit(operation: Operation) -> None:
    """PipelineError where the tables could not be audited when they are loaded."""
    if operation.options.no_audit:
        return
    patience(operation)
    if operation.outputs.cluster_arn is None and not operation.options.source:
        raise PipelineError(
            "the tables are to be audited when they are loaded, and the database is not the stack's own: give its "
            "address with --source mysql://user@host:port, or --no-audit"
        )


def _wanted(names: Sequence[str], known: Statistics) -> list[Table]:
    """The tables of ``names``, each once. PipelineError for one that the task does not capture."""
    by_name = {qualified(*table): table for table in known}
    strange = [name for name in names if name not in by_name]
    if strange:
        listed = ", ".join(sorted(by_name)[:20]) + (" …" if len(by_name) > 20 else "")
        raise PipelineError(f"the task captures no table {', '.join(strange)}: it captures {listed or 'none'}")
    return list(dict.fromkeys(by_name[name] for name in names))


def _slices(tables: Sequence[Table]) -> Iterator[Sequence[Table]]:
    return (tables[first : first + _AT_ONCE] for first in range(0, len(tables), _AT_ONCE))


def _reload(operation: Operation, task: Job, tables: Sequence[Table], before: Statistics) -> list[Table]:
    """Load ``tables`` again; gives those that were not loaded."""
    asked = [{"SchemaName": schema, "TableName": name} for schema, name in tables]
    if task.serverless:
        operation.clients.call("dms", "reload_replication_tables", ReplicationConfigArn=task.arn, TablesToReload=asked)
    else:
        operation.clients.call("dms", "reload_tables", ReplicationTaskArn=task.arn, TablesToReload=asked)
    operation.say(f"loading {', '.join(qualified(*table) for table in tables)}")
    left, begun, failed, rows = list(tables), set[Table](), list[Table](), 0

    def done() -> bool:
        nonlocal rows
        now = _statistics(task)
        rows = sum(told.get("FullLoadRows", 0) for told in now.values())
        for table in tuple(left):
            told = now.get(table, {})
            state = told.get("TableState", "")
            if state.lower() not in _ENDED or _times(told) != _times(before[table]):
                begun.add(table)
            if table in begun and state.lower() in _ENDED:
                left.remove(table)
                failed.extend([table] * (state.lower() != _DONE or told.get("FullLoadErrorRows", 0) > 0))
                rows_failed = f", {it:,} failed" if (it := told.get("FullLoadErrorRows", 0)) else ""
                operation.say(f"{qualified(*table)}: {state}, {told.get('FullLoadRows', 0):,} rows{rows_failed}")
        return not left

    wait(operation).until(done, "the tables are not loaded", lambda: (len(left), len(begun), rows))
    return failed


def _times(told: Mapping[str, Any]) -> tuple[Any, ...]:
    """What is another once a load has begun: until then a table tells of the one before."""
    return tuple(told.get(name) for name in ("FullLoadStartTime", "FullLoadEndTime", "FullLoadReloaded"))


def _statistics(task: Job) -> dict[Table, Mapping[str, Any]]:
    return {(it["SchemaName"], it["TableName"]): it for it in task.statistics()}
