"""Rule warnings: what a reader of the mappings should know before it is too late. DMS says none of it."""

from __future__ import annotations

from collections.abc import Iterable

from mappings.rules import label, refuse
from mappings.table_mappings import Mappings
from mappings.target import Target
from mappings.transformations import MASKS, Transformation
from model import Table


def rule_warnings(
    mappings: Mappings, targets: Iterable[Target], *, before_images: bool, running: bool = False
) -> tuple[str, ...]:
    """Warnings about rules that have no effect, and about masks.

    Raises PipelineError for a mask that hides nothing: its column, misspelt or renamed at the source, would reach the
    lake in the clear. That its table was dropped is no reason while the task is ``running``.
    """
    targets = tuple(targets)
    tables = [target.table for target in targets]
    found: list[str] = []
    for rule in mappings.transformations:
        if not any(_concerns(rule, table) for table in tables):
            left = [table for table in tables if not running or rule.matches(table.schema, table.name)]
            if rule.action in MASKS and left:
                refuse(rule.rule, "masks no column of any captured table; names are case-sensitive")
            found.append(f"table mappings: {label(rule.rule)} matches nothing that is captured")
    names = {(table.schema, table.name) for table in tables}
    found += [
        f"table mappings: {label(mapping.rule)} maps a table that is not captured"
        for mapping in mappings.objects
        if (mapping.schema, mapping.table) not in names
    ]
    for table in tables:
        found += _shadowed(mappings.transformations, table)
    if before_images and any(column.mask for target in targets for column in target.columns):
        found.append(
            "masks: here before images are masked too, but the guide does not say so: look at one update record of the "
            "real task before you rely on it"
        )
    return tuple(dict.fromkeys(found))


def _concerns(rule: Transformation, table: Table) -> bool:
    if rule.target != "column":
        return rule.matches(table.schema, table.name)
    return any(rule.matches(table.schema, table.name, column.name) for column in table.columns)


def _shadowed(rules: Iterable[Transformation], table: Table) -> Iterable[str]:
    """The rules for a column that another one with a lower rule-id leaves without effect."""
    for column in table.columns:
        mine = [r for r in rules if r.target == "column" and r.matches(table.schema, table.name, column.name)]
        first, *others = sorted((r for r in mine if r.action not in MASKS), key=lambda r: r.number) or [None]
        for rule in others:
            if rule and first:
                what = f"is not applied to {table}.{column.name}: {label(first.rule)} has the lower rule-id"
                yield f"table mappings: {label(rule.rule)} {what}"
