"""Glue view: what Athena keeps of a view in the Glue catalog: JSON in base64 in a comment. AWS does not write it down.

The columns have Presto's types there; where the catalog lists them, they have Hive's.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

_TEXT = re.compile(r"/\* Presto View: ([A-Za-z0-9+/=]+) \*/")
_NEEDED = frozenset({"originalSql", "catalog", "schema", "columns"})


def read_view(text: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The document in ``text``, Glue's ViewOriginalText, of a table with these ``parameters``.

    ValueError says why Athena could not read it.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ValueError("no comment that begins with 'Presto View:'")
    document = json.loads(base64.b64decode(match[1], validate=True))
    if missing := _NEEDED - document.keys():
        raise ValueError(f"it has no {', '.join(sorted(missing))}")
    if parameters.get("presto_view") != "true":
        raise ValueError("the table's parameter presto_view is not 'true'")
    return document


def shown_table(parameters: Mapping[str, Any]) -> tuple[str, str] | None:
    """Schema and name of the source's table that a view of these ``parameters`` shows; None for one of all tables."""
    schema, table = parameters.get("cdc-lake.schema"), parameters.get("cdc-lake.table")
    return (schema, table) if schema is not None and table is not None else None


def shown_kind(parameters: Mapping[str, Any]) -> str:
    """``current``, ``replayed``, ``changes``, or nothing for a view of all tables."""
    return parameters.get("cdc-lake.view", "")
