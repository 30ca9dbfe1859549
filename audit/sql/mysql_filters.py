"""MySQL's filters: the declared source filters as conditions in SQL; exact, by no collation, as expected/rows.py."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from audit.sql.mysql_values import as_text, fraction, in_utc_or_zero, literal, midnight, quoted
from mappings.target import Condition, Filter, Target
from model import Column

_EXACT = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "year", "decimal"})


def condition(target: Target, one: Filter) -> str:
    """The condition that a row passes; for NULL ``null`` alone holds."""
    column = next(column for column in target.table.columns if column.name == one.column)
    value, bound = _comparable(column)
    holds = [_holds(it, value, bound) for it in one.conditions if it.operator != "null"]
    of_null = "TRUE" if len(holds) < len(one.conditions) else "FALSE"
    return f"CASE WHEN {value} IS NULL THEN {of_null} ELSE {' OR '.join(holds) or 'FALSE'} END"


def _comparable(column: Column) -> tuple[str, Callable[[str], str]]:
    """What of a column is compared in a filter, and what makes that of a filter's value: exactly, by no collation."""
    name = quoted(column.name)
    if column.data_type in _EXACT:
        return f"({name} + 0)", lambda text: format(Decimal(text), "f")
    if column.data_type == "timestamp":
        return f"CAST({in_utc_or_zero(name)} AS BINARY)", lambda text: literal(midnight(text))
    if column.data_type == "datetime":
        return f"CAST({fraction(column, name)} AS BINARY)", lambda text: literal(midnight(text))
    if column.data_type == "date":
        return f"CAST(CAST({name} AS CHAR) AS BINARY)", literal
    return f"CAST({as_text(column)} AS BINARY)", literal


def _holds(condition: Condition, value: str, bound: Callable[[str], str]) -> str:
    bounds = [bound(text) for text in condition.values]
    return {
        "eq": "{0} = {1}",
        "noteq": "{0} <> {1}",
        "gte": "{0} >= {1}",
        "lte": "{0} <= {1}",
        "between": "{0} BETWEEN {1} AND {2}",
        "notbetween": "{0} NOT BETWEEN {1} AND {2}",
        "notnull": "TRUE",
    }[condition.operator].format(value, *bounds)
