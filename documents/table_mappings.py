"""Table mappings: the JSON document that says which tables a DMS task captures. Pure functions; no pulumi here.

A name of a table pattern (table_patterns.py) is written so that it means exactly itself: its underscores as ``[_]``,
because a bare ``_`` is DMS's wildcard for one character and ``dms_sample`` would silently capture ``dms-sample`` too. A
pattern goes to DMS as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from documents.table_patterns import TablePattern, is_name


def table_mappings(tables: Iterable[TablePattern], exclude_tables: Iterable[TablePattern] = ()) -> dict[str, Any]:
    """Selection rules: include every pattern of ``tables``, then leave out those of ``exclude_tables``."""
    selections = [("include", pattern) for pattern in tables] + [("exclude", pattern) for pattern in exclude_tables]
    return {
        "rules": [
            {
                "rule-type": "selection",
                "rule-id": str(number),
                "rule-name": f"{action}-{number}",
                "rule-action": action,
                "object-locator": {"schema-name": _located(pattern.schema), "table-name": _located(pattern.table)},
                "filters": [],  # AWS echoes an empty list; leaving it out is a change in every preview
            }
            for number, (action, pattern) in enumerate(selections, start=1)
        ]
    }


def _located(part: str) -> str:
    return part.replace("_", "[_]") if is_name(part) else part
