"""The audit: is the lake the source, row by row and column by column, and does it tell of every change?

It knows nothing of the code that wrote the lake: it reads delivered objects as any consumer would, by lines, and trusts
only what the declaration promises (`Expectations`) and what the source itself says. Of the replication it shares the
grammar of table mappings, the parsed declaration, and nothing that reads or writes a value.

``expected``  what the lake must have, by the declaration and the source
``objects``   what a delivered object holds, as much as can be had of a damaged one
``log``       the first audit: the records of the lake, in order, must lead to the source's rows
``views``     the second audit: the declared views must show the source's rows
``sql``       what both sides are asked for that, so that only rows that differ are read
``verdict``   findings, and what an audit comes to
"""

from audit.expected.expectations import Expectations
from audit.expected.kept_source import KeptSource, keep_expectations, keep_source, open_source
from audit.expected.placement import placement
from audit.log.audit import audit
from audit.log.latency import Latencies, percentile
from audit.objects.delivered import DeliveredObject
from audit.sql import Answer, Ask, Comparison, SqlSource
from audit.verdict.findings import Finding, FindingKind, Findings
from audit.verdict.result import AuditResult, TableResult, ViewResult, ViewsResult
from audit.views.audit import audit_kept, audit_views, unanswered
from audit.views.compare import Patience, Way
from audit.views.counts import check_counts
from audit.views.lines import DeliveredLines, check_lines
from audit.views.tables import audit_rows, questions

__all__ = [
    "Answer",
    "Ask",
    "AuditResult",
    "Comparison",
    "DeliveredLines",
    "DeliveredObject",
    "Expectations",
    "Finding",
    "FindingKind",
    "Findings",
    "KeptSource",
    "Latencies",
    "Patience",
    "SqlSource",
    "TableResult",
    "ViewResult",
    "ViewsResult",
    "Way",
    "audit",
    "audit_kept",
    "audit_rows",
    "audit_views",
    "check_counts",
    "check_lines",
    "keep_expectations",
    "keep_source",
    "open_source",
    "percentile",
    "placement",
    "questions",
    "unanswered",
]
