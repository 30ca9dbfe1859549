"""Filters: which rows of a table a task captures, by the source filters of its include rule.

The rules of https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.Filters.html: conditions of
one filter are joined by OR, the filters of a rule by AND; a negative condition stands alone in its filter; filters
belong to include rules with exact names; LOB columns cannot be filtered. NULL fulfils ``null`` and nothing else, as in
SQL. One evaluator serves the load and the changes.

Where DMS is not known to say yes or no, neither do we, and refuse:

* text is compared by ``eq`` and ``noteq`` only, and values that differ in nothing but case, accents or spaces at the
  end are refused: the source's collation may call them equal, DMS's own comparison not;
* a row whose update carries it into the filter or out of it: the page says that only columns which never change may be
  filtered, and of the others that the outcome is "adverse".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from mappings.rules import Rule, label, refuse
from mappings.target import Condition, Filter, Target
from model import Change, PipelineError, Row, Table

Passes = Callable[[Row], bool]
_Holds = Callable[[Any, tuple[Any, ...]], bool]

_HOLDS: dict[str, tuple[tuple[str, ...], _Holds]] = {
    "eq": (("value",), lambda value, bounds: value == bounds[0]),
    "noteq": (("value",), lambda value, bounds: value != bounds[0]),
    "gte": (("value",), lambda value, bounds: value >= bounds[0]),
    "lte": (("value",), lambda value, bounds: value <= bounds[0]),
    "between": (("start-value", "end-value"), lambda value, bounds: bounds[0] <= value <= bounds[1]),
    "notbetween": (("start-value", "end-value"), lambda value, bounds: not bounds[0] <= value <= bounds[1]),
    "null": ((), lambda value, bounds: False),
    "notnull": ((), lambda value, bounds: True),
}
"""Operator → the keys of its values, whether it holds for a value that is not NULL."""
_NEGATIVE = frozenset({"noteq", "notbetween", "notnull"})
_OF_TEXT = frozenset({"eq", "noteq", "null", "notnull"})


def parse(rule: Rule) -> tuple[Filter, ...]:
    """The filters of a selection rule. Raises PipelineError for what the guide does not allow."""
    declared = rule.get("filters") or []
    if not isinstance(declared, list):
        refuse(rule, f"filters must be a list, not {declared!r}")
    if declared and rule["rule-action"] != "include":
        refuse(rule, "has filters; they are applied by include rules only")
    if declared and any(set(str(name).replace("[_]", "")) & set("%[") for name in rule["object-locator"].values()):
        refuse(rule, "has filters; they take a table with its exact name, no wildcard")
    return tuple(_filter(rule, one) for one in declared)


def _filter(rule: Rule, declared: Any) -> Filter:
    keys = {"filter-type", "column-name", "filter-conditions"}
    if not isinstance(declared, dict) or set(declared) != keys or declared["filter-type"] != "source":
        refuse(rule, f"a filter needs exactly {', '.join(sorted(keys))}, of filter-type 'source': {declared!r}")
    conditions = declared["filter-conditions"]
    if not isinstance(conditions, list) or not conditions:
        refuse(rule, f"the filter of column {declared['column-name']!r} has no filter-conditions")
    parsed = tuple(_condition(rule, condition) for condition in conditions)
    if len(parsed) > 1 and (negative := [one.operator for one in parsed if one.operator in _NEGATIVE]):
        refuse(rule, f"{negative[0]} must be the only condition in its filter")
    return Filter(rule=rule, column=str(declared["column-name"]), conditions=parsed)


def _condition(rule: Rule, declared: Any) -> Condition:
    operator = declared.get("filter-operator") if isinstance(declared, dict) else None
    if operator not in _HOLDS:
        refuse(rule, f"filter-operator {operator!r} is none of {', '.join(_HOLDS)}")
    keys, _ = _HOLDS[operator]
    if set(declared) != {"filter-operator", *keys}:
        refuse(rule, f"{operator} takes {' and '.join(keys) or 'no value'}, not {sorted(set(declared))}")
    values = [declared[key] for key in keys]
    if any(not isinstance(value, str | int) or isinstance(value, bool) for value in values):
        refuse(rule, f"the values of {operator} must be texts: {values!r}")
    return Condition(operator=operator, values=tuple(map(str, values)))


def passes(filters: tuple[Filter, ...], table: Table) -> Passes:
    """Whether a row of ``table`` passes all ``filters``. Raises PipelineError for a column that cannot be filtered."""
    checks = [_check(one, table) for one in filters]
    return lambda row: all(check(row) for check in checks)


def _check(one: Filter, table: Table) -> Passes:
    names = [column.name for column in table.columns]
    if one.column not in names:
        refuse(one.rule, f"{table} has no column {one.column!r} to filter by; names are case-sensitive")
    position = names.index(one.column)
    column = table.columns[position]
    kind = _KINDS.get(column.data_type)
    if kind is None:
        refuse(one.rule, f"a filter of column {one.column}, of type {column.column_type}, is not played")
    form, of_literal = kind
    conditions: list[tuple[_Holds, tuple[Any, ...]]] = []
    for condition in one.conditions:
        if form is _text and condition.operator not in _OF_TEXT:
            refuse(one.rule, f"{condition.operator} of text is not played: it goes by a collation; use eq or noteq")
        try:
            literals = tuple(map(of_literal, condition.values))
        except (ValueError, InvalidOperation):
            refuse(one.rule, f"{condition.values} cannot be compared with {one.column}, of type {column.column_type}")
        conditions.append((_HOLDS[condition.operator][1], literals))
    null = any(condition.operator == "null" for condition in one.conditions)

    def check(row: Row) -> bool:
        value = row[position]
        if value is None:
            return null
        comparable = form(value)
        if form is _text:
            _clear_cut(one, table, comparable, conditions)
        return any(holds(comparable, literals) for holds, literals in conditions)

    return check


def _clear_cut(one: Filter, table: Table, value: str, conditions: list[tuple[_Holds, tuple[Any, ...]]]) -> None:
    for _, literals in conditions:
        if any(value != literal and _loose(value) == _loose(literal) for literal in literals):
            refuse(
                one.rule,
                f"{table}.{one.column} holds a value that differs from the filter's {literals[0]!r} only in case, "
                "accents or trailing spaces; whether DMS goes by the collation is not known. Filter by another column",
            )


def _loose(value: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", value) if not unicodedata.combining(c))
    return plain.casefold().rstrip(" ")


def change_passes(change: Change, target: Target, passing: Passes) -> bool:
    """Whether the task captures ``change``. Raises PipelineError if it moves its row across the filter."""
    outcomes = {passing(row) for row in (change.before, change.after) if row is not None}
    if len(outcomes) > 1:
        columns = ", ".join(sorted({one.column for one in target.filters}))
        raise PipelineError(
            f"table mappings: {label(target.filters[0].rule)}: an update of {change.table} carried a row across its "
            f"filter ({columns}). DMS filters by columns that never change; what it writes now is not defined. Filter "
            "by an immutable column"
        )
    return outcomes.pop()


def _number(value: Any) -> Decimal:
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(value)
    return number


def _text(value: Any) -> str:
    return value


def _date(value: str) -> str:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError(value)
    return value


def _moment(value: str) -> str:
    """A date and time with six fractional digits, so that texts compare as times do."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d(\.\d{1,6})?)?", value):
        raise ValueError(value)
    whole, _, fraction = (value if len(value) > 10 else value + " 00:00:00").partition(".")
    return f"{whole}.{fraction:0<6}"


_KINDS: dict[str, tuple[Callable[[Any], Any], Callable[[str], Any]]] = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint", "year", "decimal"), (_number, _number)),
    **dict.fromkeys(("char", "varchar", "enum", "set"), (_text, _text)),
    "date": (_date, _date),
    **dict.fromkeys(("datetime", "timestamp"), (_moment, _moment)),
}
"""MySQL type → what is compared, from a row's value and from the filter's text."""
