"""Expected rows: the source's rows as the declared mappings want them in the lake.

From the declaration's grammar (mappings/target.py) come the names, the rules and nothing else: what a
filter lets through, what a value is as text and what its mask is are worked out here anew, so that a mistake of the
code that wrote the lake is not repeated by the code that judges it. A masked value is masked before it is compared:
what the audit shows of it is never the clear value of the source.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from mappings.target import Attribute, Condition, Filter, Target, TargetColumn
from model import Row, Value

_NUMBERS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "year", "decimal"})
_MOMENTS = frozenset({"datetime", "timestamp"})
_WITHIN: dict[str, Callable[..., bool]] = {
    "eq": lambda value, wanted: value == wanted,
    "noteq": lambda value, unwanted: value != unwanted,
    "gte": lambda value, least: not value < least,
    "lte": lambda value, most: not value > most,
    "between": lambda value, least, most: not (value < least or value > most),
    "notbetween": lambda value, least, most: value < least or value > most,
    "notnull": lambda value: True,
    "null": lambda value: False,
}
_DIGITS = "0123456789"


def projected(target: Target, rows: Iterable[Row]) -> Iterator[Row]:
    """What of the source's ``rows`` the lake must have: the rows that pass the filters, in the lake's columns."""
    if not target.filters and not target.attributes and not _changes(target):
        yield from rows
        return
    for row in rows:
        if all(_lets_through(target, one, row) for one in target.filters):
            yield _row(target, row)


def _changes(target: Target) -> bool:
    plain = [column.position for column in target.columns if not column.as_string and not column.mask]
    return plain != list(range(len(target.table.columns)))


def _row(target: Target, row: Row) -> Row:
    values = tuple(_value(column, row[column.position]) for column in target.columns)
    return values + tuple(_attribute(attribute, row) for attribute in target.attributes)


def _value(column: TargetColumn, value: Value) -> Value:
    if value is None:
        return None
    if column.as_string:
        value = as_text(value)
    if column.mask is None:
        return value
    clear = str(value)
    if column.mask.character:
        return clear.translate(dict.fromkeys(map(ord, _DIGITS), column.mask.character))
    return hashlib.sha256(clear.encode("utf-8")).digest().hex().upper()


def as_text(value: Value) -> str:
    """A number or a text of the source as text, with all its digits."""
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _attribute(attribute: Attribute, row: Row) -> str:
    return "".join(part if isinstance(part, str) else as_text(row[part]) for part in attribute.parts)


def _lets_through(target: Target, one: Filter, row: Row) -> bool:
    """Whether ``row`` passes: for NULL the condition ``null`` alone holds."""
    position = [column.name for column in target.table.columns].index(one.column)
    kind, value = target.table.columns[position].data_type, row[position]
    if value is None:
        return "null" in {condition.operator for condition in one.conditions}
    return any(_holds(condition, kind, value) for condition in one.conditions)


def _holds(condition: Condition, kind: str, value: Any) -> bool:
    return _WITHIN[condition.operator](_form(kind, value), *(_form(kind, bound) for bound in condition.values))


def _form(kind: str, value: Any) -> Any:
    """What is compared: numbers exactly, days and moments as text in which a day alone is its midnight."""
    if kind in _NUMBERS:
        return Decimal(value)
    return value + "0000-00-00 00:00:00.000000"[len(value) :] if kind in _MOMENTS else value
