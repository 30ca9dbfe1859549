"""Mapped tables: what the declared mappings make of the described tables, and what of the mappings is refused.

The grammar that reads the mappings is the one by which they are rehearsed and audited. So a rule that a rehearsal would
refuse is refused here, before anything is made, and a view has the columns that the lake has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from configuration.rule import Problem
from documents.dms_mappings import Capture, declared_rules, table_mappings
from documents.table_descriptions import ColumnDescription, TableDescription
from mappings import filters
from mappings import table_mappings as grammar
from mappings.rules import RuleError, label, refuse
from mappings.target import Target
from mappings.transformations import MASKS, Transformation
from model import Column, PipelineError, Table

_REMEDIES = {
    "dropColumns": "correct the entry, or take it out",
    "maskColumns": (
        "correct the entry, or take it out; mappingRules can make text of a number, and dropColumns leaves a column out"
    ),
    "rowFilters": "filter by another column, or take the filter out",
    "mappingRules": "change the rule, or take it out of the file",
}
_ELSE = "change the rules that the message is about"
_UNVERIFIED = "that DMS writes the new name into its records, which the views and the rehearsal take for granted, is"


@dataclass(frozen=True, kw_only=True)
class MappedTables:
    """The described tables as the lake has them."""

    tables: tuple[TableDescription, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]


def refused(capture: Capture) -> list[Problem]:
    """What the grammar refuses of the mappings, whatever the tables are."""
    try:
        grammar.parse(table_mappings(capture))
    except PipelineError as error:
        return [_problem(capture, error)]
    return []


def mapped_tables(capture: Capture, described: Sequence[TableDescription]) -> MappedTables:
    """What the mappings, which the grammar does not refuse, make of the ``described`` tables."""
    rules = grammar.parse(table_mappings(capture))
    sources = [_source(one) for one in described]
    problems: list[Problem] = list(_of_keys(capture, described))
    shown: list[TableDescription] = []
    if not problems:
        for rule in rules.transformations:
            problems += _caught(capture, lambda rule=rule: _refuse_idle(rule, sources))
        problems += _caught(capture, lambda: rules.in_load_order(sources))
        for table in sources:
            problems += _caught(capture, lambda table=table: shown.append(_shown(rules, table)))
    return MappedTables(
        tables=tuple(shown),
        problems=tuple(dict.fromkeys(problems)),
        warnings=(*_unknown(rules, sources), *_renamed(rules, sources)),
    )


def _caught(capture: Capture, check: Callable[[], object]) -> list[Problem]:
    try:
        check()
    except PipelineError as error:
        return [_problem(capture, error)]
    return []


def _problem(capture: Capture, error: PipelineError) -> Problem:
    """The refusal in terms of the key that asked for the rule."""
    if isinstance(error, RuleError):
        declared = next(one for one in declared_rules(capture) if one.rule["rule-id"] == error.rule["rule-id"])
        name = f"{label(error.rule)}: " if declared.key == "mappingRules" else ""
        key, value = declared.key, declared.value
        if declared.rule.get("filters"):
            key, value = "rowFilters", tuple(str(it) for it in capture.row_filters if str(it.pattern.table) == value)
        return Problem(key, value, f"{name}{error.why}".rstrip("."), _REMEDIES.get(key, _ELSE))
    text = str(error).removeprefix("table mappings: ").rstrip(".")
    key, value = ("mappingRules", capture.mapping_rules.path) if capture.mapping_rules.path else ("dropColumns", "")
    return Problem(key, value or tuple(map(str, capture.drop_columns)), text, _ELSE)


def _of_keys(capture: Capture, described: Sequence[TableDescription]) -> Iterator[Problem]:
    """Drops and masks of a primary key: records of one row could not be told from those of another, or not joined."""
    masks = [("maskColumns", str(masked), masked.pattern) for masked in capture.mask_columns]
    drops = [("dropColumns", str(pattern), pattern) for pattern in capture.drop_columns]
    for key, value, pattern in (*drops, *masks):
        for table in described:
            for column in table.primary_key:
                if pattern.matches(table.schema, table.table, column):
                    says = f"{table}.{column} is of the primary key, by which rows are told apart"
                    yield Problem(key, value, says, _REMEDIES[key])


def _source(description: TableDescription) -> Table:
    columns = tuple(_column(one) for one in description.columns)
    return Table(
        schema=description.schema, name=description.table, columns=columns, primary_key=description.primary_key
    )


def _column(description: ColumnDescription) -> Column:
    kind = description.type.lower()
    found = re.match(r"([a-z]+)(?:\((\d+))?", kind)
    name, size = (found[1], found[2]) if found else (kind, None)
    bits = int(size or 1) if name == "bit" else None
    return Column(name=description.name, data_type=name, column_type=description.type, precision=bits)


def _columns(rule: Transformation, table: Table) -> list[str]:
    """The columns of ``table`` that ``rule`` is for."""
    return [column.name for column in table.columns if rule.matches(table.schema, table.name, column.name)]


def _known(rule: Transformation, tables: Sequence[Table]) -> list[Table]:
    """The tables with known columns that ``rule`` is for."""
    return [table for table in tables if table.columns and rule.matches(table.schema, table.name)]


def _refuse_idle(rule: Transformation, tables: Sequence[Table]) -> None:
    """Refuse a rule for a column that no described table has: misspelt, it would let a clear value pass."""
    known = _known(rule, tables) if rule.target == "column" else []
    if known and not any(_columns(rule, table) for table in known):
        names = ", ".join(map(str, known))
        why = f"no described table has such a column ({names}); names are case-sensitive"
        refuse(rule.rule, f"{why}, and `python -m rehearsal describe` describes a table")


def _unknown(rules: grammar.Mappings, tables: Sequence[Table]) -> Iterator[str]:
    for rule in rules.transformations:
        if rule.target == "column" and not _known(rule, tables):
            yield (
                f"table mappings: {label(rule.rule)} is for tables that schemas/ does not describe: whether it finds a "
                "column shows only when the task runs. `python -m rehearsal describe` writes the descriptions"
            )


def _renamed(rules: grammar.Mappings, tables: Sequence[Table]) -> Iterator[str]:
    for table in tables:
        schema, name = rules.names(table)
        if (schema, name) != (table.schema, table.name):
            yield f"table mappings: {table} is called {schema}.{name} in the lake: {_UNVERIFIED} unverified"


def _shown(rules: grammar.Mappings, table: Table) -> TableDescription:
    if not table.columns:
        schema, name = rules.names(table)
        return TableDescription(schema=schema, table=name)
    target = rules.target(table)
    filters.passes(target.filters, table)
    _refuse_what_is_hidden(rules, target)
    columns = [
        ColumnDescription(name=one.name, type="text" if one.as_string or one.mask else one.source.column_type)
        for one in target.columns
    ]
    columns += [ColumnDescription(name=one.name, type="text") for one in target.attributes]
    key = tuple(one.name for one in target.key)
    return TableDescription(schema=target.schema, table=target.name, primary_key=key, columns=tuple(columns))


def _refuse_what_is_hidden(rules: grammar.Mappings, target: Target) -> None:
    """Refuse a filter of a column that is not in the lake as it is, and a mask that is not the one of its column."""
    table = target.table
    clear = {one.source.name for one in target.columns if not one.mask}
    masked = {one.source.name for one in target.columns if one.mask}
    for one in target.filters:
        if one.column not in clear:
            refuse(one.rule, f"filters {table} by {one.column}, which is dropped or masked")
    for rule in sorted((it for it in rules.transformations if it.action in MASKS), key=lambda it: it.number):
        for column in _columns(rule, table):
            if column not in masked:
                refuse(rule.rule, f"masks {table}.{column}, which another rule drops, or masks already")
            masked.remove(column)
