"""Rules on the patterns of tables: what is captured, and what of it is left out."""

from __future__ import annotations

import re

from configuration.rule import Rule, distinct
from documents.table_patterns import TablePattern, finds, is_closed, is_name

SYSTEM_SCHEMAS = frozenset({"mysql", "information_schema", "performance_schema", "sys"})
_UNSPEAKABLE = re.compile(r"[`'\"\\\x00-\x1f\x7f\U00010000-\U0010ffff]")
_UNSPOKEN = "DMS or MySQL has no names with quotes, back-ticks, backslashes, control characters or emojis"
_PATTERN = "write schema.table patterns such as dms_sample.% or shop.orders"


def _schemas_are_named(patterns: tuple[TablePattern, ...]) -> bool:
    return all(_names_something(pattern.schema) for pattern in patterns)


def _names_something(part: str) -> bool:
    return is_name(part) or bool(re.sub(r"\[[^\]]*\]|[%_]", "", part))


def _schemas_are_own(patterns: tuple[TablePattern, ...]) -> bool:
    named = (pattern.schema.lower() for pattern in patterns if _names_something(pattern.schema))
    return not any(finds(schema, system) for schema in named for system in SYSTEM_SCHEMAS)


def _speakable(patterns: tuple[TablePattern, ...]) -> bool:
    return not any(_UNSPEAKABLE.search(str(pattern)) for pattern in patterns)


def _classes_are_closed(patterns: tuple[TablePattern, ...]) -> bool:
    return all(is_closed(part) for pattern in patterns for part in (pattern.schema, pattern.table))


# fmt: off
TABLE_RULES: tuple[Rule, ...] = (
    Rule("tables", "tables", bool, "no table would be captured", _PATTERN),
    Rule("wildcard schema", "tables", _schemas_are_named,
         "a schema of nothing but wildcards also captures the system schemas", "name the schema: shop.%"),
    Rule("system schema", "tables", _schemas_are_own,
         "mysql, information_schema, performance_schema and sys cannot be captured", "list your own schemas"),
    Rule("speakable tables", "tables", _speakable,
         _UNSPOKEN, "rename the table or leave it out"),
    Rule("closed classes", "tables", _classes_are_closed,
         "[ opens a character class, which must be closed, not empty and from low to high", "write [_], [ab] or [a-d]"),
    Rule("distinct tables", "tables", distinct, "a pattern is listed twice", "list it once"),
    Rule("speakable exclusions", "excludeTables", _speakable,
         _UNSPOKEN, "leave the pattern out"),
    Rule("closed classes in exclusions", "excludeTables", _classes_are_closed,
         "[ opens a character class, which must be closed, not empty and from low to high", "write [_], [ab] or [a-d]"),
    Rule("distinct exclusions", "excludeTables", distinct, "a pattern is listed twice", "list it once"),
)
# fmt: on
