"""Expectations: what the declared DMS task promises about its records. The audit demands that and no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from model import Table
from model.plan import ReplicationPlan


@dataclass(frozen=True, kw_only=True)
class Expectations:
    """The switches of the Kinesis endpoint and of the task that change what a record says.

    https://docs.aws.amazon.com/dms/latest/APIReference/API_KinesisSettings.html
    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.BeforeImage.html
    """

    full_load: bool = True
    """The task loads the tables before it captures; without, a table's first rows are not in the lake."""
    before_image: str = ""
    """Name of the field that carries an update's old row; empty when no before image is declared."""
    null_and_empty: bool = False
    """NULL and empty columns are written. Without, an absent column stands for either and nobody can tell which."""
    transaction_details: bool = False
    """Changes carry their place in the source's log. Without, a replayed change cannot be told from a new one, so
    neither the history nor a change delivered twice with another timestamp can be proven."""

    mappings: Mapping[str, Any] | None = None
    """The declared table mappings (parsed JSON): which rows and columns the lake has, under which names and masks.
    None: the audited tables as they are."""

    lob_bytes: int | None = None
    """Length at which DMS cuts LOBs; None: it does not."""
    placed: str = ""
    """What the name of every object matches (a regular expression); empty: any name."""
    failed: str = ""
    """What the names of those match that hold what could not be delivered (placement.py); ``placed`` goes first."""
    from_start: bool = False
    """The lake holds the task's whole life, so its first change is the task's first and names none before it."""
    acknowledged: Mapping[str, Mapping[str, int]] | None = None
    """Data records that the task knows to be in the stream, by table of the source and operation, each once: of changes
    all, of load records those of the last load. None: nobody counted."""
    load_ends: Mapping[str, int] | None = None
    """The log's end when a table was loaded, by table of the source, as the id of a transaction that begins there: only
    changes before it may have been in the table. None, or none for a table: only times tell, the source's of changes
    and the task's of load records."""
    control: int | None = None
    """Control records that the task knows to be in the stream. None: nobody counted."""
    last_change: tuple[int, int] | None = None
    """(transaction-id, transaction-record-id) of the last change among them; None if there was none."""

    gone: tuple[str, ...] = ()
    """Tables by their names in the lake that the task captured and that were dropped, or renamed away, since."""

    def may_be_loaded(self, table: Table, transaction: int, commit: str, until: str) -> bool:
        """Whether a change of ``table`` may have been in it when it was loaded: the change's transaction id (below 0:
        unknown) and commit time, and the time at which the load was over."""
        end = (self.load_ends or {}).get(str(table))
        return commit <= until if end is None or transaction < 0 else transaction < end

    @classmethod
    def of(cls, replication: ReplicationPlan) -> Self:
        """What ``replication`` declares, with the defaults of DMS for what it leaves out."""
        image = replication.settings.get("BeforeImageSettings") or {}
        lobs = replication.settings.get("TargetMetadata") or {}
        limited = lobs.get("LimitedSizeLobMode", True)
        return cls(
            full_load=replication.migration_type != "cdc",
            before_image=image.get("FieldName", "before-image") if image.get("EnableBeforeImage") else "",
            null_and_empty=bool(replication.kinesis.get("includeNullAndEmpty")),
            transaction_details=bool(replication.kinesis.get("includeTransactionDetails")),
            mappings=replication.table_mappings or None,
            lob_bytes=lobs.get("LobMaxSize", 32) * 1024 if limited else None,
        )
