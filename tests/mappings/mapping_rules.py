"""Rules of a table-mappings document, as a stack would declare them."""

from __future__ import annotations

from typing import Any


def include(rule_id: int, schema: str, table: str, *filters: dict[str, Any], action: str = "include", **more: Any):
    locator = {"schema-name": schema, "table-name": table}
    return _rule("selection", rule_id, action, locator, {"filters": list(filters), **more})


def only(column: str, *conditions: tuple[str, ...]) -> dict[str, Any]:
    """A source filter of (operator, value…) conditions."""
    keys = {0: (), 1: ("value",), 2: ("start-value", "end-value")}
    declared = [{"filter-operator": name} | dict(zip(keys[len(v)], v, strict=True)) for name, *v in conditions]
    return {"filter-type": "source", "column-name": column, "filter-conditions": declared}


def transform(rule_id: int, action: str, *names: str, **more: Any) -> dict[str, Any]:
    """A transformation of the schema, the table or the column that ``names`` lead to."""
    keys = ("schema-name", "table-name", "column-name")[: len(names)]
    target = ("schema", "table", "column")[len(names) - 1]
    more = {key.replace("_", "-"): value for key, value in more.items()}
    return _rule(
        "transformation", rule_id, action, dict(zip(keys, names, strict=True)), {"rule-target": target, **more}
    )


def map_record(rule_id: int, schema: str, table: str, *, target_table: str = "", **parameters: Any) -> dict[str, Any]:
    """An object-mapping rule; ``parameters`` are its mapping-parameters."""
    more: dict[str, Any] = {"mapping-parameters": {key.replace("_", "-"): v for key, v in parameters.items()}}
    if target_table:
        more["target-table-name"] = target_table
    locator = {"schema-name": schema, "table-name": table}
    return _rule("object-mapping", rule_id, "map-record-to-record", locator, more)


def attribute(name: str, value: str) -> dict[str, str]:
    return {
        "target-attribute-name": name,
        "attribute-type": "scalar",
        "attribute-sub-type": "string",
        "value": value,
    }


def document(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"rules": list(rules)}


def _rule(kind: str, rule_id: int, action: str, locator: dict[str, str], more: dict[str, Any]) -> dict[str, Any]:
    head = {"rule-type": kind, "rule-id": str(rule_id), "rule-name": f"rule-{rule_id}", "rule-action": action}
    return {**head, "object-locator": locator, **more}
