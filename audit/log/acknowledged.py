"""Acknowledged records: what the task knows to have written must be in the lake.

Rows and history show no loss that nothing contradicts: changes that the load had already, a tail without net effect, a
load record whose row was deleted. Where the task has counted, they are missed by their number.
"""

from __future__ import annotations

from collections.abc import Collection

from audit.expected.expectations import Expectations
from audit.log.table_log import TableLog
from audit.verdict.findings import Finding, FindingKind, Findings


def check_acknowledged(
    logs: Collection[TableLog], control: int, expectations: Expectations, findings: Findings, *, last: bool
) -> None:
    """Report fewer records of a table and operation than the task counted, and a last change that is not there.

    ``control`` is how many control records the lake has; of them a copy may stand for one that is lost. More than it
    counted are right: of what it wrote just before it was killed it may know nothing. ``last`` is whether the last
    change is in the lake, be it of a table that is gone.
    """
    for log in logs:
        counted, there = (expectations.acknowledged or {}).get(str(log.report.expected.table), {}), log.distinct
        for operation, count in counted.items():
            if there[operation] < count:
                lost = count - there[operation]
                text = f"the task wrote {count} {operation} records, {lost} of them are not in the lake"
                log.report.find(FindingKind.LOST_CHANGE, text)
    if control < (wrote := expectations.control or 0):
        text = f"the task wrote {wrote} control records, {wrote - control} of them are not in the lake"
        findings.put(Finding(kind=FindingKind.LOST_CHANGE, text=text))
    change = expectations.last_change
    if change and expectations.transaction_details and not last:
        text = f"transaction {change[0]} record {change[1]}, the last that the task wrote, is not in the lake"
        findings.add(FindingKind.LOST_CHANGE, lambda: Finding(kind=FindingKind.LOST_CHANGE, text=text))
