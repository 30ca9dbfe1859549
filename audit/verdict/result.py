"""Result: what an audit comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from audit.verdict.findings import Finding, FindingKind, Findings


@dataclass(frozen=True, kw_only=True)
class TableResult:
    """One table."""

    rows_source: int
    """Rows that the source has at the stated position."""
    rows_lake: int
    """Rows that the lake's records leave."""
    operations: Mapping[str, int]
    """Records by operation: load, insert, update, delete. Copies count."""
    objects: int
    """Objects that hold records of the table."""
    bytes: int
    """Bytes of the table's records, decompressed."""
    findings: Findings
    notes: Findings

    def as_json(self) -> dict[str, object]:
        """The fields, as JSON can hold them."""
        return {**vars(self), "findings": self.findings.as_json(), "notes": self.notes.as_json()}


@dataclass(frozen=True, kw_only=True)
class ViewResult:
    """One table, as its declared view of the rows shows it."""

    rows: int | None
    """Rows that the view gives; None if there is none, or it could not be asked."""
    findings: Findings
    notes: Findings
    unproven: bool = False
    """The table has rows of which a view could show more: it was not asked, or the view lacks a column."""
    kept: int | None = None
    """Rows that its Iceberg table has; None if there is none, or it could not be asked."""
    columns: int = 0
    """Columns of the table in the lake, by the declaration."""
    uncompared: tuple[str, ...] = ()
    """Of these, the ones of which some values, or all, were not compared."""
    changing: int = 0
    """Rows that changed while they were compared, and are neither equal nor different."""

    @property
    def asked(self) -> bool:
        """Whether a view was asked."""
        return self.rows is not None

    def as_json(self) -> dict[str, object]:
        """The fields, as JSON can hold them."""
        return {**vars(self), "findings": self.findings.as_json(), "notes": self.notes.as_json()}


@dataclass(kw_only=True)
class ViewsResult:
    """The second audit: what the declared views give, against the source."""

    tables: dict[str, ViewResult] = field(default_factory=dict)
    """By ``schema.table``."""
    findings: Findings = field(default_factory=Findings)
    """What belongs to no table: lines that no query sees, or that no view can read."""
    counts: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    """Records that each view of changes or of control records has, by table and operation. Copies count."""
    merges: int = 0
    """Runs of the declared MERGE statements, of all tables that are kept."""
    engine: str = ""
    """What answered in Athena's place, by its name."""

    @property
    def all_findings(self) -> list[Findings]:
        """The findings of the whole and of each table."""
        return [self.findings, *(table.findings for table in self.tables.values())]

    def as_json(self) -> dict[str, object]:
        """The fields, as JSON can hold them."""
        tables = {name: table.as_json() for name, table in self.tables.items()}
        return {
            "engine": self.engine,
            "tables": tables,
            "findings": self.findings.as_json(),
            "counts": self.counts,
            "merges": self.merges,
        }


@dataclass(kw_only=True)
class AuditResult:
    """The whole lake."""

    tables: dict[str, TableResult] = field(default_factory=dict)
    """By ``schema.table``."""
    findings: Findings = field(default_factory=Findings)
    """What belongs to no captured table: objects, lines, unknown tables."""
    notes: Findings = field(default_factory=Findings)
    objects: int = 0
    bytes: int = 0
    """Bytes of the objects as delivered."""
    records: int = 0
    """Everything that was a DMS record: data and control."""
    control_records: int = 0
    internal_control_records: int = 0
    """Of these, the ones of DMS's own tables."""
    internal_records: int = 0
    """Data records of DMS's own tables (``awsdms_*``)."""
    gone: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    """Data records by operation of tables that the task captured and that are no longer there. Copies count."""
    disorder: Findings | None = None
    """What the same audit finds only when the same records lie in disorder; None if that was not tried, because it
    found something in order."""
    views: ViewsResult | None = None
    """The second audit; None if no views are known."""

    @property
    def log(self) -> list[Findings]:
        """The findings of the first audit, of the whole and of each table."""
        return [self.findings, *(table.findings for table in self.tables.values())]

    @property
    def _all_findings(self) -> list[Findings]:
        """All findings: of the first audit, of the first in disorder, and of the second."""
        return [
            *self.log,
            *([self.disorder] if self.disorder else []),
            *(self.views.all_findings if self.views else []),
        ]

    @property
    def equal(self) -> bool:
        """The verdict: the lake is the source and tells its whole history. Notes do not count."""
        return self.total_findings == 0

    @property
    def unproven(self) -> tuple[str, ...]:
        """Tables of which something could not be proven; where nothing was found, they are equal as far as provable."""
        views = self.views.tables if self.views else {}
        unseen = {name for name, view in views.items() if view.unproven}
        return tuple(
            name for name, table in self.tables.items() if table.notes.counts[FindingKind.UNPROVABLE] or name in unseen
        )

    @property
    def total_findings(self) -> int:
        """All findings, listed or not."""
        return sum(found.total for found in self._all_findings)

    @property
    def listed_findings(self) -> list[Finding]:
        """The findings that are listed, of the whole and of all tables."""
        return [finding for found in self._all_findings for finding in found.listed]

    @property
    def note_counts(self) -> Counter[FindingKind]:
        """All notes of the log by kind, of the whole and of all tables."""
        return sum((table.notes.counts for table in self.tables.values()), self.notes.counts)

    def as_json(self) -> dict[str, object]:
        """The fields and the verdict, as JSON can hold them."""
        return {
            **vars(self),
            "equal": self.equal,
            "unproven": list(self.unproven),
            "total_findings": self.total_findings,
            "tables": {name: table.as_json() for name, table in self.tables.items()},
            "findings": self.findings.as_json(),
            "notes": self.notes.as_json(),
            "disorder": self.disorder.as_json() if self.disorder else None,
            "views": self.views.as_json() if self.views else None,
        }
