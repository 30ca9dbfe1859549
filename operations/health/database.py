"""The database: whether it runs, for how long it keeps its binlog, and whether that still holds the task's place.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html#Aurora.Status
"""

from __future__ import annotations

from model import Position
from model.window import LogFile, gap, place
from operations.binlog import log_files, retention_hours
from operations.health.look import Look
from operations.health.part import Part
from operations.sql import data_api

RIGHTS = ("rds:DescribeDBClusters", *data_api.RIGHTS)
_WELL = frozenset({"available", "backing-up", "modifying", "maintenance", "storage-optimization", "upgrading"})
_MENDS = {
    "stopped": "aws rds start-db-cluster --db-cluster-identifier {cluster}",
    "inaccessible-encryption-credentials-recoverable": "enable the stack's key again (aws kms enable-key), then "
    "aws rds start-db-cluster --db-cluster-identifier {cluster}",
}
_LEAST_RETENTION = 24
"""Hours, above which DMS's own check wants it (mysql-check-binlog-retention-time)."""
_GIB = 2**30


def database(look: Look) -> Part:
    """What the database tells of itself."""
    part = Part("database")
    if look.operation.outputs.cluster_arn is not None:
        _state(part, look, look.operation.outputs.cluster_arn)
    retention(part, look)
    log(part, look)
    return part


def _state(part: Part, look: Look, arn: str) -> None:
    identifier = look.operation.outputs.cluster_identifier
    told = part.ask(lambda: look.operation.clients.call("rds", "describe_db_clusters", DBClusterIdentifier=arn))
    if told is None:
        return
    cluster = told["DBClusters"][0]
    writers = [it["DBInstanceIdentifier"] for it in cluster.get("DBClusterMembers", ()) if it.get("IsClusterWriter")]
    part.facts["state"] = status = cluster["Status"]
    part.facts["version"] = cluster.get("EngineVersion", "not told")
    part.facts["writer"] = ", ".join(writers) or "none"
    if status not in _WELL and not status.startswith("configuring-"):
        events = "aws rds describe-events --source-type db-cluster --duration 1440 --source-identifier {cluster}"
        part.wrong(f"the cluster is {status}", _MENDS.get(status, events).format(cluster=identifier))
    elif not writers:
        part.wrong("the cluster has no writer, so nothing is written or read", "pulumi up --refresh")


def retention(part: Part, look: Look) -> None:
    """For how long the binlog is kept."""
    answer = part.ask(lambda: [retention_hours(look.source)])
    if answer is None:
        return
    (hours,) = answer
    part.facts["binlog kept"] = f"{hours:g} h" if hours else "not for a set time"
    if not hours or hours <= _LEAST_RETENTION:
        kept = f"for {hours:g} h only" if hours else "as long as RDS likes"
        part.wrong(
            f"the binlog is kept {kept}: a task that stands still for a day loses its place",
            f"{look.command('preflight')} says what to run; with sqlBootstrap: auto `pulumi up` runs it",
        )


def log(part: Part, look: Look) -> None:
    """What the binlog holds, and whether the task's place is in it."""
    files = part.ask(lambda: log_files(look.source))
    if files is None:
        return
    if not files:
        part.wrong("the server lists no binlog file", f"{look.command('preflight')} says what is missing")
        return
    size = sum(file.size for file in files) / _GIB
    part.facts["oldest binlog"] = min(files).name
    part.facts["binlog"] = f"{len(files)} files, {size:.1f} GiB"
    replication = look.told(lambda: look.replication)
    if replication is None or not replication.checkpoint or replication.migration_type == "full-load":
        return
    stands = place(replication.checkpoint)
    if stands is None:
        part.unknown.append(f"the task's checkpoint names no place in a binlog: {replication.checkpoint}")
        return
    missing = gap(stands.needed, files)
    part.facts["task's place"] = "gone" if missing else f"{_distance(files, stands.reached)} before its end"
    if missing:
        part.wrong(
            f"the binlog does not hold the place where the task goes on: {missing.why}; {missing.lost} is lost to it",
            f"{look.command('resume')} offers the reload that is left",
        )


def _distance(files: list[LogFile], reached: Position) -> str:
    """Bytes from a place to the end of the log; the checkpoint of a task that runs may lag."""
    later = sum(it.size for it in files if it.name > reached.file)
    here = next((it.size - reached.offset for it in files if it.name == reached.file), 0)
    return f"{max(later + here, 0) / 2**20:.1f} MiB"
