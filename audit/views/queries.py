"""Queries: a query of the second audit, and what is said of one that fails.

A query that Athena cannot answer is what the audit is there to find, and no reason to throw away what it has found.
"""

from __future__ import annotations

import re

from audit.verdict.findings import Finding, FindingKind

_ERROR = "Error: "
_VALUES = re.compile(r"'[^']*'?|Input: .*|[{\[].*", re.DOTALL)
_MOST = 2000  # characters


def not_answered(what: str, error: Exception) -> Finding:
    """The finding that ``what`` could not be asked."""
    return Finding(kind=FindingKind.UNASKED, text=f"{what} could not be asked: {without_values(str(error))}")


def without_values(error: str) -> str:
    """The text of an error without the values in it: an engine's error shows the line of the lake that it met."""
    said, mark, about = error.partition(_ERROR)
    return (said + mark + _VALUES.sub("…", about))[:_MOST]
