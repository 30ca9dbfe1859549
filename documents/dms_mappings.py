"""The table mappings of a DMS task: what it captures, and what of it. Pure functions; no pulumi here.

A name of a pattern (table_patterns.py) is written so that it means exactly itself: its underscores as ``[_]``, because
a bare ``_`` is DMS's wildcard for one character and ``dms_sample`` would silently capture ``dms-sample`` too. A pattern
goes to DMS as it is.

The rules are numbered in one sequence. Of several rules for one column DMS applies the one with the lowest id, and a
mask beside it; so drops come first, and masks last, behind a changed type that they may need.
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Masking.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from documents.column_patterns import ColumnPattern, MaskedColumn
from documents.row_filters import FilterCondition, RowFilter
from documents.table_patterns import TablePattern, is_name

_MASKS = {
    "hash": {"rule-action": "data-masking-hash-mask"},
    "digits": {"rule-action": "data-masking-digits-mask", "value": "#"},
}
_VALUES = {1: ("value",), 2: ("start-value", "end-value"), 0: ()}


@dataclass(frozen=True, repr=False)
class FurtherRules:
    """Rules of a file of the user's, for what no key says."""

    path: str
    """The file, as the configuration names it; empty for none."""
    rules: tuple[Mapping[str, Any], ...] = ()

    def __repr__(self) -> str:
        return repr(self.path)


@dataclass(frozen=True, kw_only=True)
class DeclaredRule:
    """One rule of the mappings, and where it comes from."""

    key: str
    """The configuration key that asks for it."""
    value: str
    """What of the key's value does."""
    rule: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Capture:
    """What leaves the database."""

    tables: tuple[TablePattern, ...]
    exclude_tables: tuple[TablePattern, ...] = ()
    drop_columns: tuple[ColumnPattern, ...] = ()
    mask_columns: tuple[MaskedColumn, ...] = ()
    row_filters: tuple[RowFilter, ...] = ()
    mapping_rules: FurtherRules = FurtherRules("")


def table_mappings(capture: Capture) -> dict[str, Any]:
    """The table-mappings document of a task that captures ``capture``."""
    return {"rules": [one.rule for one in declared_rules(capture)]}


def declared_rules(capture: Capture) -> tuple[DeclaredRule, ...]:
    """The rules of the document, in its order."""
    return tuple(_numbered(_rules(capture)))


def reshaping(capture: Capture) -> list[Mapping[str, Any]]:
    """The rules without ids and names that make less, or something else, of a captured table than what it is."""
    rules = [one.rule for one in declared_rules(capture)]
    return [
        {key: value for key, value in rule.items() if key not in ("rule-id", "rule-name")}
        for rule in rules
        if rule["rule-type"] != "selection" or rule["filters"]
    ]


def _rules(capture: Capture) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for pattern in capture.tables:
        filters = [one for one in capture.row_filters if one.pattern.table == pattern]
        yield ("tables", str(pattern), _selection("include", pattern, filters))
    for pattern in capture.exclude_tables:
        yield ("excludeTables", str(pattern), _selection("exclude", pattern, ()))
    for column in capture.drop_columns:
        yield ("dropColumns", str(column), _of_column("drop", column) | {"rule-action": "remove-column"})
    for rule in capture.mapping_rules.rules:
        yield ("mappingRules", capture.mapping_rules.path, dict(rule))
    for masked in capture.mask_columns:
        yield ("maskColumns", str(masked), _of_column("mask", masked.pattern) | _MASKS[masked.mask])


def _numbered(rules: Iterable[tuple[str, str, dict[str, Any]]]) -> Iterator[DeclaredRule]:
    """Give each rule its id, and a name to a rule of the program's: what it does, and the id."""
    for number, (key, value, rule) in enumerate(rules, start=1):
        named = {} if key == "mappingRules" else {"rule-name": f"{rule['rule-name']}-{number}"}
        yield DeclaredRule(key=key, value=value, rule=rule | {"rule-id": str(number)} | named)


def _selection(action: str, pattern: TablePattern, filters: Iterable[RowFilter]) -> dict[str, Any]:
    return {
        "rule-type": "selection",
        "rule-name": action,
        "rule-action": action,
        "object-locator": _locator(pattern),
        "filters": [_filter(one) for one in filters],  # AWS echoes an empty list; without it every preview differs
    }


def _of_column(name: str, column: ColumnPattern) -> dict[str, Any]:
    return {
        "rule-type": "transformation",
        "rule-name": name,
        "rule-target": "column",
        "object-locator": _locator(column.table) | {"column-name": _located(column.column)},
    }


def _filter(one: RowFilter) -> dict[str, Any]:
    return {
        "filter-type": "source",
        "column-name": one.pattern.column,
        "filter-conditions": [_condition(condition) for condition in one.conditions],
    }


def _condition(condition: FilterCondition) -> dict[str, str]:
    keys = _VALUES[len(condition.values)]
    return {"filter-operator": condition.operator, **dict(zip(keys, condition.values, strict=True))}


def _locator(pattern: TablePattern) -> dict[str, str]:
    return {"schema-name": _located(pattern.schema), "table-name": _located(pattern.table)}


def _located(part: str) -> str:
    return part.replace("_", "[_]") if is_name(part) else part
