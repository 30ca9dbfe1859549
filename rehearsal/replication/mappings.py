"""Mappings: which tables a DMS task captures, from its table-mappings document.

The rules of the grammar, as far as they are played here
(https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Selections.html
and …Wildcards.html):

* a table is captured if an ``include`` or ``explicit`` rule matches it and no ``exclude`` rule does;
* names are case-sensitive. ``include`` and ``exclude`` take wildcards: ``%`` any text, ``_`` one character, ``[ab]``
  and ``[a-d]`` one of these, ``[_]`` the underscore itself. ``explicit`` names one table, letter by letter;
* tables load in descending ``load-order``; the page says nothing of ties, here they go by name.

What is not played is refused and never passed over: a rule that is ignored would put other rows in the lake than AWS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from rehearsal.vocabulary import RehearsalError, Table

_MAX_LOAD_ORDER = 2147483647
_REQUIRED = ("rule-type", "rule-id", "rule-name", "rule-action", "object-locator")
_ACTIONS = ("include", "exclude", "explicit")


@dataclass(frozen=True)
class _Rule:
    action: str
    schema: re.Pattern[str]
    table: re.Pattern[str]
    load_order: int

    def matches(self, schema: str, table: str) -> bool:
        return bool(self.schema.fullmatch(schema) and self.table.fullmatch(table))


@dataclass(frozen=True)
class Selection:
    """What a table-mappings document selects."""

    rules: tuple[_Rule, ...]

    def selects(self, schema: str, table: str) -> bool:
        """Whether the task captures this table."""
        actions = {rule.action for rule in self.rules if rule.matches(schema, table)}
        return bool(actions) and "exclude" not in actions

    def in_load_order(self, tables: Iterable[Table]) -> tuple[Table, ...]:
        """The captured ones among ``tables``, in the order in which the full load takes them."""
        chosen = [table for table in tables if self.selects(table.schema, table.name)]
        return tuple(sorted(chosen, key=lambda table: (-self._load_order(table), table.schema, table.name)))

    def _load_order(self, table: Table) -> int:
        return max(rule.load_order for rule in self.rules if rule.matches(table.schema, table.name))


def parse(document: Mapping[str, Any]) -> Selection:
    """Read a table-mappings document (parsed JSON). Raises RehearsalError for what DMS refuses or is not played."""
    rules = document.get("rules")
    if not isinstance(rules, list) or not rules:
        raise RehearsalError("table mappings: 'rules' must be a list with at least one selection rule")
    if unknown := sorted(set(document) - {"rules"}):
        raise RehearsalError(f"table mappings: unknown key {unknown[0]!r} beside 'rules'; DMS takes 'rules' only")
    for key in ("rule-id", "rule-name"):
        _refuse_duplicates(rules, key)
    selection = tuple(_RULE_TYPES.get(_named(rule, "rule-type"), _unknown_type)(rule) for rule in rules)
    if all(rule.action == "exclude" for rule in selection):
        raise RehearsalError("table mappings: only exclude rules, which select nothing; add an include rule")
    return Selection(selection)


def _selection(rule: Mapping[str, Any]) -> _Rule:
    for key in _REQUIRED:
        if key not in rule:
            _refuse(rule, f"misses {key!r}; a selection rule needs {', '.join(_REQUIRED)}")
    if unknown := sorted(set(rule) - {*_REQUIRED, "filters", "load-order"}):
        _refuse(rule, f"has the unknown key {unknown[0]!r}")
    if rule.get("filters"):
        _refuse(rule, "not played yet: source filters; leave 'filters' out or empty")
    action = rule["rule-action"]
    if action not in _ACTIONS:
        _refuse(rule, f"rule-action {action!r} is none of {', '.join(_ACTIONS)}")
    if not str(rule["rule-id"]).isdecimal():
        _refuse(rule, "rule-id must be numeric")
    order = rule.get("load-order", 0)
    if not isinstance(order, int) or isinstance(order, bool) or not 0 <= order <= _MAX_LOAD_ORDER:
        _refuse(rule, f"load-order {order!r} must be a whole number from 0 to {_MAX_LOAD_ORDER}")
    locator = rule["object-locator"]
    if not isinstance(locator, Mapping) or set(locator) != {"schema-name", "table-name"}:
        _refuse(rule, "object-locator must have exactly 'schema-name' and 'table-name' (table-type is not played yet)")
    schema, table = (_pattern(rule, locator[key]) for key in ("schema-name", "table-name"))
    return _Rule(action, schema, table, order)


def _not_played(rule: Mapping[str, Any]) -> NoReturn:
    _refuse(rule, f"not played yet: rules of type {rule['rule-type']!r}; rehearse without this rule")


def _unknown_type(rule: Mapping[str, Any]) -> NoReturn:
    _refuse(rule, f"rule-type {rule['rule-type']!r} is none of {', '.join(_RULE_TYPES)}")


_RULE_TYPES: dict[str, Callable[[Mapping[str, Any]], _Rule]] = {
    "selection": _selection,
    "transformation": _not_played,
    "object-mapping": _not_played,
    "table-settings": _not_played,
}


def _pattern(rule: Mapping[str, Any], name: object) -> re.Pattern[str]:
    if not isinstance(name, str) or not name:
        _refuse(rule, f"object-locator has {name!r} where a name must be")
    if rule["rule-action"] == "explicit":
        if "%" in name:
            _refuse(rule, f"explicit takes one exact name, no wildcard: {name!r}; use include")
        return re.compile(re.escape(name))
    try:
        return re.compile(_expression(name), re.DOTALL)
    except (ValueError, re.error) as error:
        _refuse(rule, f"{name!r} is not a valid pattern ({error}); write [ab], [a-d] or [_]")


def _expression(wildcard: str) -> str:
    """The regular expression of a DMS wildcard."""
    pieces: list[str] = []
    position = 0
    while position < len(wildcard):
        character = wildcard[position]
        if character == "[":
            end = wildcard.index("]", position + 1)
            members = wildcard[position + 1 : end]
            pieces.append("[" + re.sub(r"[\\^\[\]&~|]", r"\\\g<0>", members) + "]")
            position = end
        else:
            pieces.append({"%": ".*", "_": "."}.get(character) or re.escape(character))
        position += 1
    return "".join(pieces)


def _refuse_duplicates(rules: list[Any], key: str) -> None:
    seen: set[str] = set()
    for rule in rules:
        value = str(_named(rule, key))
        if value in seen:
            _refuse(rule, f"{key} {value!r} is used twice; DMS wants every {key} to be unique")
        seen.add(value)


def _named(rule: Any, key: str) -> Any:
    if not isinstance(rule, Mapping):
        raise RehearsalError(f"table mappings: a rule must be an object, not {rule!r}")
    if key not in rule:
        _refuse(rule, f"misses {key!r}")
    return rule[key]


def _refuse(rule: Mapping[str, Any], why: str) -> NoReturn:
    raise RehearsalError(f"table mappings: rule {rule.get('rule-id', '?')} ({rule.get('rule-name', 'unnamed')}): {why}")
