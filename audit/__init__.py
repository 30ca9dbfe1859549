"""The audit: is the lake the source, row by row and column by column, and does it tell of every change?

It knows nothing of the code that wrote the lake: it reads delivered objects as any consumer would, by lines, and trusts
only what the declaration promises (`Expectations`) and what the source itself says. Of the replication it shares the
grammar of table mappings, the parsed declaration, and nothing that reads or writes a value.

    compression.py, objects.py
                  bytes → JSON documents, as much as can be had of a damaged object
    placement.py  where the declaration wants objects to lie
    envelopes.py  JSON document → DMS record
    log.py        a table's records, each change once, in the order in which they happened
    fold.py       log → rows; bags.py the same for tables without a primary key
    history.py    whether the changes join up: a lost change in between is found though the rows are right
    projection.py the source's rows as the declared mappings want them in the lake
    promised.py   whether every record is there that the task knows to have written
    compare.py    rows against the source's, by the forms of values.py
    views.py      the second audit, which asks the declared views instead: view_rows.py what they give, typed.py by
                  which types, view_lines.py whether queries see every line, view_counts.py whether every change,
                  asking.py what is said of a query that fails
    kept.py       the source's rows in a folder, for auditing again
"""

from audit.expected.expectations import Expectations
from audit.expected.kept_source import KeptSource, keep_expectations, keep_source, open_source
from audit.expected.placement import placement
from audit.log.audit import audit
from audit.objects.delivered import DeliveredObject
from audit.verdict.findings import Finding, FindingKind, Ledger
from audit.verdict.result import AuditResult, TableResult, ViewResult, ViewsResult
from audit.views.audit import audit_views, unanswered
from audit.views.counts import check_counts
from audit.views.lines import check_lines

__all__ = [
    "AuditResult",
    "DeliveredObject",
    "Expectations",
    "Finding",
    "FindingKind",
    "KeptSource",
    "Ledger",
    "TableResult",
    "ViewResult",
    "ViewsResult",
    "audit",
    "audit_views",
    "check_counts",
    "check_lines",
    "keep_expectations",
    "keep_source",
    "open_source",
    "placement",
    "unanswered",
]
