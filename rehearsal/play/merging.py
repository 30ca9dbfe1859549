"""Merging: the declared statements that keep Iceberg tables, run while the lake grows, as badly as a schedule may.

Objects arrive up to two hours late, which is more than Firehose's buffer may make of it. Runs come when they come,
begin with an answer that is no longer new, and meet records again that were merged before. What came last is not merged
until the views were asked, which must show it all the same.

A MERGE takes the clock for a sign that nothing older can come. An engine whose clock is this machine's has at once what
is so old.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

from audit import Finding, FindingKind
from audit.views.queries import not_answered
from model import PipelineError, qualified
from model.plan import CatalogPlan, KeptTablePlan
from rehearsal.athena import Queryable, start_of
from rehearsal.lake import LakeObject

_STEPS = 3
_LATE = timedelta(hours=2)
_SURE = timedelta(hours=40)
"""What is younger may come by every declaration: a stream keeps its records for 24 hours at least, and Firehose then
tries for as many to deliver them. The rest is for the hours of a long audit."""
_AGAIN, _OLD = 0.2, 0.3
"""Of the objects that were merged, how many are seen again; of the runs, how many begin with an answer of before."""
_HOUR = re.compile(r"(?:.*/)?dt=(\d{4}-\d\d-\d\d)/hr=(\d\d)/")
_NOWHERE = datetime(2000, 1, 1, tzinfo=UTC)
"""When an object arrives that lies in no hour's folder: no query sees it."""
_Values = Mapping[str, str]
"""What is put in the places of a statement, by their texts."""


def grow(
    athena: Queryable, catalog: CatalogPlan, objects: Sequence[LakeObject], seed: int, now: datetime
) -> tuple[int, list[Finding]]:
    """Let the lake of ``athena`` grow until it has ``objects`` at ``now``, and merge on the way: how often, and
    a finding for each statement that cannot be run.
    """
    runs, dice = _Runs(athena), Random(seed)
    arriving = sorted(((_hour(it.key) + dice.random() * _LATE, it) for it in objects), key=lambda it: it[0])
    sure = datetime.now(UTC) - _SURE if athena.has_own_clock else _NOWHERE
    first = max((place for place, (_, it) in enumerate(arriving, 1) if _hour(it.key) < sure), default=1)
    ends = sorted(dice.sample(range(first, len(arriving)), min(_STEPS, max(0, len(arriving) - first))))
    answers: dict[str, _Values] = {}
    for begin, end in pairwise((0, *ends)):
        again = (it for it in arriving[:begin] if runs.findings or dice.random() < _AGAIN)  # what failed is not merged
        athena.see([it for _, it in (*again, *arriving[begin:end])], arriving[end - 1][0])
        for table in catalog.kept_tables:
            answer = runs.start(table)
            before = answers.setdefault(table.name, answer)
            runs.merge(table, before if dice.random() < _OLD else answer)
            answers[table.name] = answer
    athena.see(objects, now)
    return runs.merges, runs.findings


def finish(athena: Queryable, catalog: CatalogPlan) -> tuple[int, list[Finding]]:
    """Merge all that there is, twice, and sweep: how often, and a finding where the second run changes anything or a
    statement cannot be run.
    """
    runs = _Runs(athena)
    for table in catalog.kept_tables:
        runs.merge(table, runs.start(table))
        if changed := runs.merge(table, runs.start(table)):
            text = f"the MERGE of {table.name}, run again on the same lake, changes {changed:,} rows and should none"
            runs.findings.append(Finding(kind=FindingKind.REPEATED, text=text, table=qualified(*table.table)))
        runs.change(table, table.sweep, runs.start(table))
    return runs.merges, runs.findings


class _Runs:
    """Runs of declared statements. One that fails is a finding: what else there is to be asked is asked."""

    def __init__(self, athena: Queryable) -> None:
        self._athena = athena
        self.merges = 0
        self.findings: list[Finding] = []

    def start(self, table: KeptTablePlan) -> _Values:
        """From where on the table is to be merged."""
        try:
            return start_of(self._athena, table)
        except PipelineError as error:
            self._failed(table, error)
            return {}

    def merge(self, table: KeptTablePlan, start: _Values) -> int:
        """How many rows it changes."""
        self.merges += 1
        return self.change(table, table.merge, start)

    def change(self, table: KeptTablePlan, sql: str, start: _Values) -> int:
        """How many rows another statement changes."""
        try:
            return self._athena.change(sql, start)
        except PipelineError as error:
            self._failed(table, error)
            return 0

    def _failed(self, table: KeptTablePlan, error: Exception) -> None:
        if not any(one.table == qualified(*table.table) for one in self.findings):
            found = not_answered(f"the statements that keep the table {table.name}", error)
            self.findings.append(replace(found, table=qualified(*table.table)))


def _hour(key: str) -> datetime:
    place = _HOUR.match(key)
    return datetime.strptime(f"{place[1]} {place[2]}", "%Y-%m-%d %H").replace(tzinfo=UTC) if place else _NOWHERE
