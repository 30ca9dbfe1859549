"""Table mappings: what a DMS task captures and what it makes of it, from its table-mappings document.

The rules of the grammar, as far as they are played here
(https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Selections.html):

* a table is captured if an ``include`` or ``explicit`` rule matches it and no ``exclude`` rule does;
* names are case-sensitive. ``include`` and ``exclude`` take wildcards (``rules``). ``explicit`` names one table, letter
  by letter;
* tables load in descending ``load-order``; the page says nothing of ties, here they go by name;
* source filters are read by ``filters``, transformation rules by ``transformations``, object-mapping rules by
  ``object_mapping``; what comes out for a table is its ``Target``.

What is not played is refused and never passed over: a rule that is ignored would put other rows in the lake than AWS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from mappings import filters, object_mapping, transformations
from mappings.object_mapping import ObjectMapping
from mappings.rules import Rule, check_keys, exact, number, pattern, refuse
from mappings.target import Filter, Target
from mappings.transformations import Transformation
from model import PipelineError, Table

_MAX_LOAD_ORDER = 2147483647
_ACTIONS = ("include", "exclude", "explicit")


@dataclass(frozen=True, kw_only=True)
class Selection:
    """A selection rule."""

    rule: Rule
    action: str
    schema: re.Pattern[str]
    table: re.Pattern[str]
    load_order: int
    filters: tuple[Filter, ...]

    def matches(self, schema: str, table: str) -> bool:
        """Whether it is for this table."""
        return bool(self.schema.fullmatch(schema) and self.table.fullmatch(table))


@dataclass(frozen=True, kw_only=True)
class Mappings:
    """What a table-mappings document says."""

    selections: tuple[Selection, ...] = ()
    transformations: tuple[Transformation, ...] = ()
    objects: tuple[ObjectMapping, ...] = ()

    def selects(self, schema: str, table: str) -> bool:
        """Whether the task captures this table."""
        actions = {rule.action for rule in self.selections if rule.matches(schema, table)}
        return bool(actions) and "exclude" not in actions

    def in_load_order(self, tables: Iterable[Table]) -> tuple[Table, ...]:
        """The captured ones among ``tables``, in the order in which the full load takes them.

        Raises PipelineError where two would be one in the lake.
        """
        chosen = [table for table in tables if self.selects(table.schema, table.name)]
        names: dict[tuple[str, str], Table] = {}
        for table in chosen:
            other = names.setdefault(self.names(table), table)
            if other is not table:
                raise PipelineError(
                    f"table mappings: {other} and {table} would both be {'.'.join(self.names(table))} in the lake; "
                    "DMS does not replicate two tables to one"
                )
        return tuple(sorted(chosen, key=lambda table: (-self._load_order(table), table.schema, table.name)))

    def _load_order(self, table: Table) -> int:
        return max(rule.load_order for rule in self.selections if rule.matches(table.schema, table.name))

    def names(self, table: Table) -> tuple[str, str]:
        """Schema and name of ``table`` in the lake."""
        mapping = self._object(table)
        schema = transformations.renamed(self.transformations, "schema", table.schema)
        name = transformations.renamed(self.transformations, "table", table.schema, table.name)
        return schema, (mapping.target_table if mapping else "") or name

    def _object(self, table: Table) -> ObjectMapping | None:
        mine = [one for one in self.objects if (one.schema, one.table) == (table.schema, table.name)]
        if len(mine) > 1:
            refuse(mine[1].rule, f"{table} has another object-mapping rule already")
        return mine[0] if mine else None

    def target(self, table: Table) -> Target:
        """What ``table`` is in the lake. Raises PipelineError for a rule that it does not allow."""
        schema = transformations.renamed(self.transformations, "schema", table.schema)
        name = transformations.renamed(self.transformations, "table", table.schema, table.name)
        columns = transformations.columns(self.transformations, table)
        names = [column.name for column in columns]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise PipelineError(f"table mappings: two columns of {table} would both be {twice[0]!r} in the lake")
        if not columns:
            raise PipelineError(f"table mappings: no column of {table} is left; exclude the table instead")
        target = Target(table=table, schema=schema, name=name, columns=columns, filters=self._filters(table))
        mapping = self._object(table)
        return object_mapping.apply(mapping, target) if mapping else target

    def _filters(self, table: Table) -> tuple[Filter, ...]:
        mine = [one for one in self.selections if one.matches(table.schema, table.name) and one.action != "exclude"]
        filtered = [one for one in mine if one.filters]
        if filtered and len(mine) > 1:
            refuse(
                filtered[0].rule,
                f"not played: {table} is selected by another rule too, and which one's filters DMS heeds is not known. "
                "Let only one rule select a filtered table",
            )
        return filtered[0].filters if filtered else ()


def parse(document: Mapping[str, Any]) -> Mappings:
    """Read a table-mappings document (parsed JSON). Raises PipelineError for what DMS refuses or is not played."""
    rules = document.get("rules")
    if not isinstance(rules, list) or not rules:
        raise PipelineError("table mappings: 'rules' must be a list with at least one selection rule")
    if unknown := sorted(set(document) - {"rules"}):
        raise PipelineError(f"table mappings: unknown key {unknown[0]!r} beside 'rules'; DMS takes 'rules' only")
    for key in ("rule-id", "rule-name"):
        _refuse_duplicates(rules, key)
    mappings = Mappings()
    for rule in rules:
        mappings = _RULE_TYPES.get(_named(rule, "rule-type"), _unknown_type)(mappings, rule)
    if all(one.action == "exclude" for one in mappings.selections):
        raise PipelineError("table mappings: only exclude rules, which select nothing; add an include rule")
    return mappings


def _selection(mappings: Mappings, rule: Rule) -> Mappings:
    check_keys(rule, "selection", ("filters", "load-order"))
    action = rule["rule-action"]
    if action not in _ACTIONS:
        refuse(rule, f"rule-action {action!r} is none of {', '.join(_ACTIONS)}")
    number(rule)
    order = rule.get("load-order", 0)
    if not isinstance(order, int) or isinstance(order, bool) or not 0 <= order <= _MAX_LOAD_ORDER:
        refuse(rule, f"load-order {order!r} must be a whole number from 0 to {_MAX_LOAD_ORDER}")
    locator = rule["object-locator"]
    if not isinstance(locator, Mapping) or set(locator) != {"schema-name", "table-name"}:
        refuse(rule, "object-locator must have exactly 'schema-name' and 'table-name' (table-type is not played yet)")
    if action == "explicit" and any("%" in str(name) for name in locator.values()):
        refuse(rule, f"explicit takes one exact name, no wildcard: {dict(locator)}; use include")
    read = exact if action == "explicit" else pattern
    schema, table = (read(rule, locator[key]) for key in ("schema-name", "table-name"))
    parsed = Selection(
        rule=rule, action=action, schema=schema, table=table, load_order=order, filters=filters.parse(rule)
    )
    return replace(mappings, selections=(*mappings.selections, parsed))


def _transformation(mappings: Mappings, rule: Rule) -> Mappings:
    return replace(mappings, transformations=(*mappings.transformations, transformations.parse(rule)))


def _object_mapping(mappings: Mappings, rule: Rule) -> Mappings:
    return replace(mappings, objects=(*mappings.objects, object_mapping.parse(rule)))


def _not_played(mappings: Mappings, rule: Rule) -> NoReturn:
    refuse(rule, f"not played yet: rules of type {rule['rule-type']!r}; rehearse without this rule")


def _unknown_type(mappings: Mappings, rule: Rule) -> NoReturn:
    refuse(rule, f"rule-type {rule['rule-type']!r} is none of {', '.join(_RULE_TYPES)}")


_RULE_TYPES: dict[str, Callable[[Mappings, Rule], Mappings]] = {
    "selection": _selection,
    "transformation": _transformation,
    "object-mapping": _object_mapping,
    "table-settings": _not_played,
}


def _refuse_duplicates(rules: list[Any], key: str) -> None:
    seen: set[str] = set()
    for rule in rules:
        value = str(_named(rule, key))
        if value in seen:
            refuse(rule, f"{key} {value!r} is used twice; DMS wants every {key} to be unique")
        seen.add(value)


def _named(rule: Any, key: str) -> Any:
    if not isinstance(rule, Mapping):
        raise PipelineError(f"table mappings: a rule must be an object, not {rule!r}")
    if key not in rule:
        refuse(rule, f"misses {key!r}")
    return rule[key]
