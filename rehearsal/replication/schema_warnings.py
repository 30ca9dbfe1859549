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
            f"ADD COLUMN {column} on {where}: whether DMS supports FIRST and AFTER with a Kinesis target its guide has "
            "said both ways, and it was never seen here: add columns at the end, or try it first"
        )
    for column in one.filled:
        yield (
            f"{column} was added to {where} with a value for the rows that were there: MySQL logs no change of them, "
            "so the lake has no value until a row changes. Reload the table"
        )
    yield from _reshaped(one, where)
    if one.partitions:
        yield (
            f"{one.partitions} on {where} took away or brought rows, of which MySQL logs no change: the lake does not "
            "follow, and DMS may suspend the table (skipTableSuspensionForPartitionDdl). Reload the table"
        )


def _reshaped(one: TableChange, where: str) -> Iterator[str]:
    before, after = (table.columns if table else () for table in (one.before, one.after))
    old = {column.name: column.charset for column in before}
    recoded = [column.name for column in after if old.get(column.name, column.charset) != column.charset]
    if recoded:
        yield (
            f"the character set of {', '.join(recoded)} on {where} was changed, which DMS does not support for a MySQL "
            "source; what it writes of later rows is not known"
        )
    new = [column.name for column in after if column.name in old]
    if new != [column.name for column in before if column.name in new]:
        yield (
            f"columns on {where} were put in another order: what DMS writes of later rows is not known. Leave the "
            "order as it is"
        )


def _name(table: object) -> Name:
    return (getattr(table, "schema", ""), getattr(table, "name", ""))
