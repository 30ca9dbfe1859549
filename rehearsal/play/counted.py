"""Counted: what the runs of a replication come to together."""

from __future__ import annotations

from collections.abc import Iterable

from rehearsal.replication import ReplicationProgress


def written(run: ReplicationProgress) -> int:
    """Data records of one run."""
    return sum(sum(counts.values()) for counts in run.records.values())


def acknowledged(runs: Iterable[ReplicationProgress]) -> dict[str, dict[str, int]]:
    """Data records in the stream by table and operation: of changes all, of load records those of the last load.

    Of a run that was killed those before the last checkpoint that it told of: the next run writes the rest again.
    """
    counts: dict[str, dict[str, int]] = {}
    for run in runs:
        for table, operations in run.acknowledged.items():
            known = counts.setdefault(table, {})
            if "load" in operations:  # it was loaded again, or made anew
                known.pop("load", None)
            for operation, count in operations.items():
                known[operation] = known.get(operation, 0) + count
    return counts
