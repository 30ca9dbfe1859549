"""The task: whether DMS runs, on what, how far it is, and what became of each table."""

from __future__ import annotations

from model.window import place
from operations import journal
from operations.health.dms import Replication, TableState, named
from operations.health.look import Look
from operations.health.part import Part, age, ago

_NEW = ("ready", "created")
_FINISHED = ("FULL_LOAD_ONLY_FINISHED", "STOPPED_AFTER_FULL_LOAD", "STOPPED_AFTER_CACHED_EVENTS")
_FOLLOWS = "follows the binlog"
_MOST = 3
"""Names of tables in one line."""
_GIB = 2**30


def task(look: Look) -> Part:
    """What DMS tells of the task."""
    part = Part("task")
    if not look.operation.outputs.serverless:
        _instance(part, look)
    _check_replay(part, look)
    found = part.ask(lambda: look.replication)
    if found is not None:
        part.facts["state"] = found.status + (f" ({found.stop_reason})" if found.stop_reason else "")
        part.facts["phase"] = _phase(found)
        _check_state(part, look, found)
        if found.runs:
            _latencies(part, look, follows=part.facts["phase"] == _FOLLOWS)
    tables = part.ask(lambda: look.tables)
    if tables is not None:
        part.facts["tables"] = f"{len(tables)}, {sum(it.loaded for it in tables):,} rows loaded"
        if not tables and part.facts.get("phase") == _FOLLOWS:
            part.wrong(
                "the task follows the binlog and captures no table",
                f"{look.command('preflight')} says which tables its mappings select",
            )
        _check_tables(part, look, tables)
    if found is not None:
        stands = place(found.checkpoint)
        part.facts["checkpoint"] = str(stands.reached) if stands else found.checkpoint or "none"
    return part


def _check_replay(part: Part, look: Look) -> None:
    """What the journal of this machine says; of a replay that somebody made elsewhere nobody knows here."""
    left = part.ask(lambda: journal.load(look.operation.outputs))
    if left is None:
        return
    if journal.at_work(left):
        part.facts["replay"] = f"from {left.begin}, at work"
    elif left.unfinished:
        part.wrong(
            f"a replay from {left.begin} was not written to its end: rows may be shown as they were",
            look.command(f"replay --from '{left.begin}'"),
        )


def _instance(part: Part, look: Look) -> None:
    """It comes first: a task on a full disk only says that it failed."""
    stack = look.operation.outputs
    filters = [{"Name": "replication-instance-id", "Values": [stack.replication_instance_id]}]
    told = part.ask(
        lambda: list(
            look.operation.clients.every(
                "dms", "describe_replication_instances", "ReplicationInstances", Filters=filters
            )
        )
    )
    if told is None:
        return
    if not told:
        part.wrong(f"there is no replication instance {stack.replication_instance_id}", "pulumi up --refresh")
        return
    status, storage = told[0]["ReplicationInstanceStatus"], told[0].get("AllocatedStorage", 0)
    part.facts["instance"] = status
    free = (part.ask(lambda: look.readings) or {}).get("free_storage")
    if free is not None:
        part.facts["free storage"] = f"{free / _GIB:.1f} of {storage} GiB"
    if status == "storage-full":
        part.wrong(
            f"the replication instance's {storage} GiB are full",
            f"pulumi config set replicationStorageGb {storage * 2} && pulumi up, then {look.command('resume')}",
        )
    elif status != "available":
        part.wrong(
            f"the replication instance is {status}",
            "wait, and look again" if status in ("modifying", "upgrading", "rebooting", "maintenance", "creating")
            else "aws dms describe-events --source-type replication-instance --duration 1440 --source-identifier "
            + stack.replication_instance_id,
        )  # fmt: skip


def _phase(found: Replication) -> str:
    if found.status in (*_NEW, "creating"):
        return "not begun"
    if found.migration_type != "cdc" and found.percent < 100:
        loading = f"{found.tables['loading']} loading, {found.tables['queued']} queued"
        return f"full load, {found.percent} % ({loading})"
    if found.migration_type == "full-load" or not found.runs:
        return "loaded"
    return _FOLLOWS


def _check_state(part: Part, look: Look, found: Replication) -> None:
    since = f" {ago(found.stopped_at, look.now)}" if found.stopped_at and not found.runs else ""
    said = f": {found.failure}" if found.failure else ""
    if found.stopped_by_error:
        reason = f" ({found.stop_reason})" if found.stop_reason else ""
        verb = "failed" if found.status.startswith("failed") else "was stopped by an error"
        part.wrong(f"the task {verb}{since}{reason}{said}", look.command("resume"))
    elif found.status == "stopped" and found.stop_reason not in _FINISHED:
        part.wrong(f"the task is stopped{since}", look.command("resume"))
    elif found.status == "stopped" and found.migration_type != "full-load":
        part.wrong(f"the task stopped after its full load{since} and follows nothing", look.command("resume"))
    elif found.status in _NEW:
        part.wrong("the task was never started", "pulumi config set startTask true && pulumi up")
    elif not found.runs and found.status != "stopped":
        part.wrong(f"the task is {found.status}", "wait, and look again")


def _latencies(part: Part, look: Look, *, follows: bool) -> None:
    """A task that follows the binlog sends them; that it does while it loads is on no page."""
    readings = part.ask(lambda: look.readings)
    if readings is None:
        return
    for name, label in (("latency_source", "behind source"), ("latency_target", "behind target")):
        seconds = readings.get(name)
        part.facts[label] = "no data" if seconds is None else age(seconds)
        if seconds is None and follows and name == "latency_source":
            part.unknown.append("DMS sent no CDCLatencySource for 15 min, so nobody knows how late it reads the binlog")
        if seconds is not None and seconds > look.promise.total_seconds():
            what = "reads the binlog" if name == "latency_source" else "writes to the stream"
            part.wrong(
                f"DMS {what} {age(seconds)} late, and {age(look.promise.total_seconds())} are promised",
                f"docs/runbook.md#{name.replace('_', '-')}",
                symptom=True,
            )


def _check_tables(part: Part, look: Look, tables: list[TableState]) -> None:
    lost = [it for it in tables if it.left_out]
    if lost:
        part.wrong(
            f"{_some(len(lost))} not captured any more: {', '.join(f'{it.name} ({it.state})' for it in lost[:_MOST])}"
            + (" …" if len(lost) > _MOST else ""),
            look.command(f"reload {named(lost)}"),
        )
    failed = [it for it in tables if it.failed and not it.left_out]
    if failed:
        counted = ", ".join(f"{it.failed:,} of {it.name}" for it in failed[:_MOST])
        part.wrong(f"rows failed to load: {counted}", look.command(f"reload {named(failed)}"))


def _some(count: int) -> str:
    return "1 table is" if count == 1 else f"{count} tables are"
