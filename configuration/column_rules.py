"""Rules on what leaves the database: the columns that are dropped or masked, and the rows that are filtered.

What needs to know a table's columns is asked in ``mapped_tables.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations, pairwise
from typing import Any

from configuration.rule import Rule, distinct
from documents.column_patterns import ColumnPattern
from documents.dms_mappings import FurtherRules
from documents.row_filters import RowFilter
from documents.table_patterns import TablePattern, is_closed

_FURTHER = frozenset({"transformation", "object-mapping"})


def _closed(columns: Iterable[ColumnPattern]) -> bool:
    return all(is_closed(part) for column in columns for part in column.parts)


def _further(given: FurtherRules) -> bool:
    return all(rule.get("rule-type") in _FURTHER for rule in given.rules)


def _rising(given: FurtherRules) -> bool:
    ids = [str(rule["rule-id"]) for rule in given.rules if "rule-id" in rule]
    if not ids:
        return True
    numbers = [int(text) for text in ids if text.isdecimal()]
    return len(numbers) == len(given.rules) and all(a < b for a, b in pairwise(numbers))


def _captured(columns: Iterable[ColumnPattern], v: Mapping[str, Any]) -> bool:
    """Whether each of ``columns`` could be of a captured table, as far as names and patterns tell."""
    return all(
        any(column.table.meets(tables) for tables in v["tables"]) and not _left_out(column.table, v["excludeTables"])
        for column in columns
    )


def _left_out(table: TablePattern, excluded: Iterable[TablePattern]) -> bool:
    if table.names_one_table:
        return any(pattern.matches(table.schema, table.table) for pattern in excluded)
    return table in tuple(excluded)


def _masked(v: Mapping[str, Any]) -> list[ColumnPattern]:
    return [masked.pattern for masked in v["maskColumns"]]


def _apart(ones: Iterable[ColumnPattern], others: Iterable[ColumnPattern]) -> bool:
    others = list(others)
    return not any(one.meets(other) for one in ones for other in others)


def _alone(filters: Iterable[RowFilter], v: Mapping[str, Any]) -> bool:
    """Whether ``tables`` names each filtered table, and finds it by nothing else."""
    tables = {one.pattern.table for one in filters}
    return all(
        [pattern for pattern in v["tables"] if pattern.matches(table.schema, table.table)] == [table]
        for table in tables
    )


_DMS = "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks."
_CLASS = "[ opens a character class, which must be closed, not empty and from low to high", "write [_], [ab] or [a-d]"

# fmt: off
COLUMN_RULES: tuple[Rule, ...] = (
    Rule("closed classes in drops", "dropColumns", _closed, *_CLASS),
    Rule("distinct drops", "dropColumns", distinct, "a pattern is listed twice", "list it once"),
    Rule("closed classes in masks", "maskColumns", lambda masks: _closed(one.pattern for one in masks), *_CLASS),
    Rule("one mask for a column", "maskColumns",
         lambda masks: not any(a.pattern.meets(b.pattern) for a, b in combinations(masks, 2)),
         "two entries could mean the same column, and DMS would apply the first of them",
         "write patterns that no column has in common"),
    Rule("filters by name", "rowFilters",
         lambda filters: all(one.pattern.names_one_column for one in filters),
         "a filter is of one table and one column, without % and [", "name the table and the column in full"),
    Rule("one filter for a column", "rowFilters", lambda filters: distinct(one.pattern for one in filters),
         "two filters are of one column, and what DMS makes of that is not known",
         "write one, with between, or its conditions joined by or"),
    Rule("further rules", "mappingRules", _further,
         "a rule is neither a transformation nor an object-mapping: what is captured, and what the capture user may "
         "read, follows from tables, excludeTables and rowFilters", "take the rule out of the file"),
    Rule("rising ids", "mappingRules", _rising,
         "the rules are numbered anew in the order of the file, and these ids have another order, or are not all there",
         "leave rule-id out, or sort the rules by it"),
)
"""On one key."""

COLUMN_CONTRADICTIONS: tuple[Rule, ...] = (
    Rule("drops of captured tables", "dropColumns", lambda v: _captured(v["dropColumns"], v),
         "a column is of a table that is not captured", "remove it, or capture its table with tables",
         _DMS + "TableMapping.SelectionTransformation.Transformations.html"),
    Rule("masks of captured tables", "maskColumns", lambda v: _captured(_masked(v), v),
         "a column is of a table that is not captured", "remove it, or capture its table with tables",
         _DMS + "TableMapping.SelectionTransformation.Masking.html"),
    Rule("filtered table by name", "rowFilters", lambda v: _alone(v["rowFilters"], v),
         "DMS filters a table that tables names in full; which filters it heeds where a pattern finds the table too is "
         "not known", "name the table in tables, and let no other pattern there find it",
         _DMS + "Filters.html"),
    Rule("filters of captured tables", "rowFilters",
         lambda v: not any(_left_out(one.pattern.table, v["excludeTables"]) for one in v["rowFilters"]),
         "a filter is of a table that excludeTables leaves out", "remove it, or the table from excludeTables",
         _DMS + "Filters.html"),
    Rule("dropped or masked", "maskColumns", lambda v: _apart(_masked(v), v["dropColumns"]),
         "a column is both masked and dropped", "take it out of maskColumns or of dropColumns",
         _DMS + "TableMapping.SelectionTransformation.Masking.html"),
    Rule("filtered or hidden", "rowFilters",
         lambda v: _apart((one.pattern for one in v["rowFilters"]), [*v["dropColumns"], *_masked(v)]),
         "a filter asks a column that is dropped or masked: whether DMS then asks the clear value is not known, and "
         "which rows are there would tell it", "filter by another column, or keep this one as it is",
         _DMS + "Filters.html"),
)
"""Of several keys."""
# fmt: on
