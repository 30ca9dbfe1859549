"""Schema warnings: what a DDL statement did to captured tables that DMS does not tell, or does not do as the rehearsal.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html#CHAP_Source.MySQL.Limitations
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from model import SchemaChange, TableChange, qualified

Name = tuple[str, str]
"""Schema and table."""


def schema_warnings(change: SchemaChange, captured: Set[Name], hidden: Iterable[Name]) -> Iterator[str]:
    """What to say of ``change``; ``captured`` are the tables that were captured before or are after it."""
    taken = {_name(one.after) for one in change.tables if one.kind == "renamed"}
    for one in change.tables:
        if one.kind == "renamed":
            yield from _renamed(one, captured, taken, change)
        elif one.kind == "altered" and one.after and _name(one.after) in captured:
            yield from _altered(one, change)
    for name in hidden:
        yield f"{qualified(*name)} matches the mappings and is not captured: the capture user may not read it"


def _renamed(one: TableChange, captured: Set[Name], taken: set[Name], change: SchemaChange) -> Iterator[str]:
    if _name(one.after) in captured:
        yield (
            f"RENAME TABLE put {one.before} in the place of {one.after} (binlog {change.end}): DMS tells nothing of "
            f"it, and the rows that came with it are not in the lake. Reload {one.after}"
        )
    elif _name(one.before) in captured - taken:
        yield (
            f"{one.before} was renamed to {one.after} (binlog {change.end}), which is not captured: DMS tells nothing "
            f"of it, and the lake keeps the rows of {one.before}"
        )


def _altered(one: TableChange, change: SchemaChange) -> Iterator[str]:
    where = f"{one.after} (binlog {change.end})"
    for column in one.placed:
        yield (
            f"ADD COLUMN {column} on {where}: DMS does not support FIRST and AFTER for a MySQL source, where a column "
            "must be added at the end; what it writes of later rows is not known"
        )
    for column in one.filled:
        yield (
            f"{column} was added to {where} with a value for the rows that were there: MySQL logs no change of them, "
            "so the lake has no value until a row changes. Reload the table"
        )
    if one.partitions:
        yield (
            f"{one.partitions} on {where} took away or brought rows, of which MySQL logs no change: the lake does not "
            "follow, and DMS may suspend the table (skipTableSuspensionForPartitionDdl). Reload the table"
        )


def _name(table: object) -> Name:
    return (getattr(table, "schema", ""), getattr(table, "name", ""))
