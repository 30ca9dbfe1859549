"""Transformations: what transformation rules make of the names, the columns and the values of a table.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Transformations.html
and …Masking.html (DMS 3.5.4 or later):

* one rule is applied to each schema, table and column, the one with the lowest rule-id; only a mask may stand beside
  another rule of its column;
* a column of a LOB type can be removed and nothing else; names with ``#``, ``\\``, ``/`` or ``-`` are not transformed;
* a mask is for text (STRING, WSTRING). Any other column needs a change-data-type to string with a smaller rule-id;
* ``include-column`` drops the columns that no such rule names.

Object locators name the source's objects. Refused, because the guide says too little to play it: removing a column of
the primary key, a digits mask on one, and any other rule for a column beside include-column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from mappings.dms_types import SPELLED_AS_TEXT, dms_type
from mappings.rules import Rule, check_keys, number, pattern, refuse, text
from mappings.target import Mask, TargetColumn, columns_of
from model import Table

_HASH_LENGTH = 64
_LOCATORS = {
    "schema": ("schema-name",),
    "table": ("schema-name", "table-name"),
    "column": ("schema-name", "table-name", "column-name"),
}
_RENAMES: dict[str, tuple[tuple[str, ...], Callable[[str, str, str], str]]] = {
    "rename": (("value",), lambda name, new, old: new),
    "convert-lowercase": ((), lambda name, new, old: name.lower()),
    "convert-uppercase": ((), lambda name, new, old: name.upper()),
    "add-prefix": (("value",), lambda name, new, old: new + name),
    "add-suffix": (("value",), lambda name, new, old: name + new),
    "remove-prefix": (("value",), lambda name, new, old: name.removeprefix(new)),
    "remove-suffix": (("value",), lambda name, new, old: name.removesuffix(new)),
    "replace-prefix": (
        ("value", "old-value"),
        lambda name, new, old: new + name[len(old) :] if name.startswith(old) else name,
    ),
    "replace-suffix": (
        ("value", "old-value"),
        lambda name, new, old: name[: -len(old)] + new if name.endswith(old) else name,
    ),
}
"""Action → the values that it needs, the new name of an object."""
_REMOVE, _INCLUDE, _RETYPE = "remove-column", "include-column", "change-data-type"
_HASH, _DIGITS = "data-masking-hash-mask", "data-masking-digits-mask"
MASKS = frozenset({_HASH, _DIGITS})
"""The actions that hide a value; one may stand beside another rule of its column."""
_OF_COLUMNS = {_REMOVE: (), _INCLUDE: (), _RETYPE: ("data-type",), _HASH: (), _DIGITS: ("value",)}
_NOT_PLAYED = frozenset(
    {"add-column", "define-primary-key", "add-before-image-columns", "data-masking-digits-randomize"}
)


@dataclass(frozen=True, kw_only=True)
class Transformation:
    """A transformation rule."""

    rule: Rule
    number: int
    target: str
    """``schema``, ``table`` or ``column``."""
    action: str
    names: tuple[re.Pattern[str], ...]
    """Of the schema, the table and the column, as far as its target goes."""

    def matches(self, *names: str) -> bool:
        """Whether it is for the object with these names of the source."""
        return all(mine.fullmatch(name) for mine, name in zip(self.names, names, strict=False))

    def renamed(self, name: str) -> str:
        """The new name of an object; the old one for an action that does not rename."""
        if self.action not in _RENAMES:
            return name
        new = _RENAMES[self.action][1](name, self.rule.get("value") or "", self.rule.get("old-value") or "")
        if not new:
            refuse(self.rule, f"nothing is left of the name {name!r}")
        return new


def parse(rule: Rule) -> Transformation:
    """Read a transformation rule. Raises PipelineError for what DMS refuses or is not played."""
    check_keys(rule, "transformation", ("rule-target", "value", "old-value", "data-type"))
    target, action = rule.get("rule-target"), rule["rule-action"]
    if target not in _LOCATORS:
        refuse(rule, f"rule-target {target!r} is none of {', '.join(_LOCATORS)} (tablespaces are Oracle's)")
    if action in _NOT_PLAYED:
        refuse(rule, f"not played: rule-action {action}; rehearse without this rule")
    known = {name: keys for name, (keys, _) in _RENAMES.items()} | (_OF_COLUMNS if target == "column" else {})
    if action not in known:
        refuse(rule, f"rule-action {action!r} of a {target} is none of {', '.join(known)}")
    for key in known[action]:
        if key != "data-type":
            text(rule, key)
    if spare := [key for key in ("value", "old-value", "data-type") if rule.get(key) and key not in known[action]]:
        refuse(rule, f"{action} takes no {spare[0]!r}")
    _CHECKS.get(action, lambda rule: None)(rule)
    return Transformation(
        rule=rule, number=number(rule), target=target, action=action, names=_names(rule, _LOCATORS[target])
    )


def _names(rule: Rule, keys: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    locator = rule["object-locator"]
    if not isinstance(locator, Mapping) or not set(keys) <= set(locator):
        refuse(rule, f"object-locator must have {', '.join(keys)}")
    if spare := [key for key in locator if key not in keys and not (key == "table-name" and locator[key] == "%")]:
        refuse(rule, f"not played: {spare[0]!r} in the object-locator of a {rule['rule-target']}")
    return tuple(pattern(rule, locator[key]) for key in keys)


def _check_digits(rule: Rule) -> None:
    if len(rule["value"]) != 1 or not "!" <= rule["value"] <= "~":
        refuse(rule, f"'value' is {rule['value']!r}; it must be one printable ASCII character")


def _check_type(rule: Rule) -> None:
    declared = rule.get("data-type")
    if not isinstance(declared, Mapping) or declared.get("type") not in ("string", "wstring"):
        refuse(rule, f"not played: change-data-type to {declared!r}; only to string or wstring")
    if any(declared.get(key) for key in set(declared) - {"type", "length"}):
        refuse(rule, f"a string has a length and nothing else: {declared!r}")
    if declared.get("length") and not str(declared["length"]).isdecimal():
        refuse(rule, f"length {declared['length']!r} must be a number of characters")


_CHECKS: dict[str, Callable[[Rule], None]] = {_DIGITS: _check_digits, _RETYPE: _check_type}


def renamed(rules: Iterable[Transformation], target: str, *names: str) -> str:
    """The name in the lake of the schema or table with these names."""
    matching = [rule for rule in rules if rule.target == target and rule.matches(*names)]
    return min(matching, key=lambda rule: rule.number).renamed(names[-1]) if matching else names[-1]


def columns(rules: Iterable[Transformation], table: Table) -> tuple[TargetColumn, ...]:
    """The columns in the lake of ``table``. Raises PipelineError for a rule that one of them does not allow."""
    mine = [rule for rule in rules if rule.target == "column" and rule.matches(table.schema, table.name)]
    mine.sort(key=lambda rule: rule.number)
    listing = next((rule for rule in mine if rule.action == _INCLUDE), None)
    kept: list[TargetColumn] = []
    for column in columns_of(table):
        matching = [rule for rule in mine if rule.matches(table.schema, table.name, column.name)]
        if transformed := _column(table, column, matching, listing):
            kept.append(transformed)
    return tuple(kept)


def _column(
    table: Table, column: TargetColumn, rules: list[Transformation], listing: Transformation | None
) -> TargetColumn | None:
    """The column as ``rules``, lowest id first, leave it; None if it is left out."""
    mask = next((rule for rule in rules if rule.action in MASKS), None)
    plain = [rule for rule in rules if rule.action not in MASKS]
    for rule in rules:
        _allow(rule, table, column)
    if listing and len({rule.action for rule in plain} | {_INCLUDE}) > 1:
        refuse(plain[0].rule, f"not played: {table}.{column.name} has another rule beside include-column")
    first = plain[0] if plain else None
    leaves_out = first if first and first.action == _REMOVE else (None if first else listing)
    if leaves_out:
        if column.source.name in table.primary_key:
            why = f"leaves out {table}.{column.name}, of the primary key: its records could not be told apart"
            refuse(leaves_out.rule, why)
        return None
    if first:
        column = replace(column, name=first.renamed(column.name))
    if first and first.action == _RETYPE:
        column = _as_string(first, table, column)
    return _masked(mask, first, table, column) if mask else column


def _allow(rule: Transformation, table: Table, column: TargetColumn) -> None:
    """Refuse what no column of this type or name can have."""
    if rule.action in (_REMOVE, _INCLUDE):
        return
    if dms_type(table, column.source).lob:
        refuse(rule.rule, f"{table}.{column.name} is a LOB, which can be removed and not be transformed otherwise")
    if re.search(r"[#\\/-]", column.name):
        refuse(rule.rule, f"{table}.{column.name} has a special character in its name: DMS cannot transform it")


def _as_string(rule: Transformation, table: Table, column: TargetColumn) -> TargetColumn:
    if column.source.data_type not in SPELLED_AS_TEXT:
        why = f"how DMS writes {table}.{column.name}, of type {column.source.column_type}, as a string is not known"
        refuse(rule.rule, f"not played: {why}")
    length = rule.rule["data-type"].get("length")
    return replace(column, as_string=True, max_length=int(length) if length else None)


def _masked(mask: Transformation, first: Transformation | None, table: Table, column: TargetColumn) -> TargetColumn:
    retyped = column.as_string and first is not None and first.number < mask.number
    if not retyped and dms_type(table, column.source).name not in ("STRING", "WSTRING"):
        refuse(
            mask.rule,
            f"{table}.{column.source.name} is of type {column.source.column_type}; a mask is for text. Change its type "
            "to string by a change-data-type rule with a smaller rule-id",
        )
    if column.as_string and not retyped:
        refuse(mask.rule, "the change-data-type rule of its column must have a smaller rule-id")
    if mask.action == _HASH:
        if column.max_length is not None and column.max_length < _HASH_LENGTH:
            assert first
            refuse(first.rule, f"a hash has {_HASH_LENGTH} characters, its column only {column.max_length}")
        return replace(column, mask=Mask())
    if column.source.name in table.primary_key:
        refuse(mask.rule, f"{table}.{column.source.name} is of the primary key, which only a hash keeps unique")
    return replace(column, mask=Mask(character=mask.rule["value"]))
