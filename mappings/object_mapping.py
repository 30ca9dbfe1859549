"""Object mapping: what an object-mapping rule makes of the records of one table.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html#CHAP_Target.Kinesis.ObjectMapping. Played are
``map-record-to-record`` with ``target-table-name``, the partition key, ``exclude-columns`` and scalar string
attributes such as ``"${lastname}, ${firstname}"``. Columns are named as the source names them, letter by letter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mappings.dms_types import SPELLED_AS_TEXT
from mappings.rules import Rule, check_keys, number, refuse, text
from mappings.target import Attribute, Partition, Target

_KINDS = ("schema-table", "transaction-id", "primary-key", "constant", "attribute-name")
_PARAMETERS = {"partition-key-type", "partition-key-name", "partition-key", "exclude-columns", "attribute-mappings"}
_ATTRIBUTE = {"target-attribute-name", "attribute-type", "attribute-sub-type", "value"}
_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")


@dataclass(frozen=True, kw_only=True)
class ObjectMapping:
    """An object-mapping rule for the table ``schema.table``."""

    rule: Rule
    schema: str
    table: str
    target_table: str
    """Empty if the table keeps its name."""
    partition: Partition | None
    excluded: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]
    """Name and template."""


def parse(rule: Rule) -> ObjectMapping:
    """Read an object-mapping rule. Raises PipelineError for what DMS refuses or is not played."""
    check_keys(rule, "object-mapping", ("target-table-name", "mapping-parameters"))
    number(rule)
    if rule["rule-action"] != "map-record-to-record":
        refuse(rule, f"not played: rule-action {rule['rule-action']!r}; only map-record-to-record")
    locator = rule["object-locator"]
    if not isinstance(locator, Mapping) or set(locator) != {"schema-name", "table-name"}:
        refuse(rule, "object-locator must have exactly 'schema-name' and 'table-name'")
    if any(not isinstance(name, str) or not name or set(name) & set("%[") for name in locator.values()):
        # AWS's own words, from public logs of real tasks
        refuse(rule, "Exact schema and table required when using object mapping rule with '3.5' engine.")
    parameters = rule.get("mapping-parameters") or {}
    if not isinstance(parameters, Mapping) or set(parameters) - _PARAMETERS:
        refuse(rule, f"mapping-parameters takes {', '.join(sorted(_PARAMETERS))}; not played: {parameters!r}")
    return ObjectMapping(
        rule=rule,
        schema=locator["schema-name"],
        table=locator["table-name"],
        target_table=text(rule, "target-table-name") if "target-table-name" in rule else "",
        partition=_partition(rule, parameters),
        excluded=_texts(rule, parameters.get("exclude-columns") or []),
        attributes=tuple(_attribute(rule, one) for one in parameters.get("attribute-mappings") or []),
    )


def _partition(rule: Rule, parameters: Mapping[str, Any]) -> Partition | None:
    constant = parameters.get("partition-key")
    kind = parameters.get("partition-key-type", "constant" if constant else None)
    if kind is None:
        return None
    if kind not in _KINDS:
        refuse(rule, f"partition-key-type {kind!r} is none of {', '.join(_KINDS)}")
    if kind == "constant":
        if not isinstance(constant, Mapping) or not isinstance(constant.get("value"), str) or not constant["value"]:
            refuse(rule, 'a constant partition key needs "partition-key": {"value": "…"}')
        return Partition(rule=rule, kind=kind, value=constant["value"])
    name = parameters.get("partition-key-name", "")
    if (kind == "attribute-name") is not bool(name) or constant:
        refuse(rule, "partition-key-name belongs to partition-key-type attribute-name, and partition-key to constant")
    return Partition(rule=rule, kind=kind, value=str(name))


def _texts(rule: Rule, names: Any) -> tuple[str, ...]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        refuse(rule, f"exclude-columns must be a list of names, not {names!r}")
    return tuple(names)


def _attribute(rule: Rule, declared: Any) -> tuple[str, str]:
    if not isinstance(declared, Mapping) or set(declared) != _ATTRIBUTE:
        refuse(rule, f"an attribute mapping needs exactly {', '.join(sorted(_ATTRIBUTE))}: {declared!r}")
    if (declared["attribute-type"], declared["attribute-sub-type"]) != ("scalar", "string"):
        refuse(rule, "not played: attributes other than scalar strings")
    if not all(isinstance(declared[key], str) and declared[key] for key in ("target-attribute-name", "value")):
        refuse(rule, f"an attribute needs a name and a value: {declared!r}")
    return declared["target-attribute-name"], declared["value"]


def apply(mapping: ObjectMapping, target: Target) -> Target:
    """``target`` as ``mapping`` changes it. Raises PipelineError for a column that cannot be mapped so."""
    table, rule = target.table, mapping.rule
    if mapping.target_table and target.name != table.name:
        refuse(rule, f"target-table-name: a transformation rule renames {table} already")
    sources = {column.source.name: column for column in target.columns}
    for name in mapping.excluded:
        if name not in sources:
            refuse(rule, f"exclude-columns: {table} has no column {name!r}; names are case-sensitive")
        if name in table.primary_key:
            refuse(rule, f"exclude-columns: {name} is of the primary key: the records could not be told apart")
    columns = tuple(column for column in target.columns if column.source.name not in mapping.excluded)
    attributes = tuple(Attribute(name=name, parts=_parts(rule, target, value)) for name, value in mapping.attributes)
    names = [one.name for one in (*columns, *attributes)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        refuse(rule, f"{twice[0]!r} would be in the record twice")
    partition = mapping.partition
    if partition and partition.kind == "attribute-name" and partition.value not in names:
        refuse(rule, f"partition-key-name {partition.value!r} is neither a column in the record nor an attribute")
    if partition and partition.kind == "primary-key" and not table.primary_key:
        refuse(rule, f"partition-key-type primary-key: {table} has no primary key")
    name = mapping.target_table or target.name
    return replace(target, name=name, columns=columns, attributes=attributes, partition=partition)


def _parts(rule: Rule, target: Target, template: str) -> tuple[str | int, ...]:
    """The template's texts and, in place of its ``${column}``, the places of those columns."""
    columns = {column.source.name: column for column in target.columns}
    parts: list[str | int] = []
    for number_, piece in enumerate(_PLACEHOLDER.split(template)):
        if number_ % 2 == 0:
            parts += [piece] if piece else []
            continue
        column = columns.get(piece)
        if column is None:
            refuse(rule, f"attribute value {template!r}: {target.table} has no column {piece!r} in the record")
        if column.transformed or column.source.data_type not in SPELLED_AS_TEXT:
            why = "another rule transforms it" if column.transformed else f"of type {column.source.column_type}"
            refuse(rule, f"not played: attribute value {template!r} with column {piece} ({why})")
        parts.append(column.position)
    return tuple(parts)
