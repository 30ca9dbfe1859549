"""Limitations: what DMS does not do with captured tables, or does otherwise than they may expect, told by name.

Told before rows are loaded, for later it costs a reload. What DMS's own premigration assessments look for carries
their API key. FIDELITY.md lists what is played, what is refused and what is told here.
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html#CHAP_Source.MySQL.Limitations
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.AssessmentReport.MySQL.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import pymysql

from database import catalog
from database.privileges import Name
from database.queries import ask, quoted
from mappings.dms_types import dms_type
from mappings.target import Target
from model import Table, qualified
from rehearsal.source.checks.relations import Relation

MOST_TABLES = 10_000
_INTERNAL, _FOLDS = "awsdms_", "lower_case_file_system"
_CASCADE = re.compile(
    r"CONSTRAINT `((?:[^`]|``)+)` FOREIGN KEY .*?((?: ON (?:DELETE|UPDATE) (?:CASCADE|SET NULL|SET DEFAULT))+)"
)
_ENGINES: Mapping[str, str] = {
    "BLACKHOLE": "keeps no rows, while the log may have some: the lake can not equal it. Exclude it",
    "MEMORY": "loses its rows when the server restarts, and the log then has a statement instead of rows, which ends "
    "the rehearsal. Exclude it",
    "MRG_MyISAM": "shows rows of other tables, and the log has their changes under the names of those. Exclude it",
    **dict.fromkeys(
        ("FEDERATED", "CONNECT", "SPIDER", "S3"),
        "shows rows that are kept elsewhere, and the log has no changes that are made there. Exclude it",
    ),
}
"""What is special of an engine's tables."""


class Limitation(NamedTuple):
    """Something to know of a captured table."""

    table: str
    """``schema.table``."""
    text: str
    explains: bool = False
    """Whether it is a likely cause of what an audit finds in the table."""
    differs: bool = False
    """Whether the lake of a real task may be another than the rehearsal's."""

    def __str__(self) -> str:
        return f"{self.table}: {self.text}"


def limitations(
    connection: pymysql.Connection[Any], targets: Iterable[Target], relations: Iterable[Relation]
) -> tuple[Limitation, ...]:
    """What to say of the captured tables, which are ``targets``; ``relations`` are what the source has."""
    targets = tuple(targets)
    captured = {(target.table.schema, target.table.name): target for target in targets}
    unique, unsteady = _uniquely_keyed(connection), without_transactions(connection)
    found = [one for target in targets for one in _of_table(target, unique)]
    for relation in relations:
        if (relation.schema, relation.name) in captured:
            found += _of_relation(relation, unsteady)
    found += _cascades(connection, captured)
    if dict(ask(connection, "SHOW GLOBAL VARIABLES LIKE 'lower_case_file_system'")).get(_FOLDS) == "ON":
        found += _mixed_case(targets)
    if len(targets) > MOST_TABLES:
        found.append(
            Limitation("mappings", f"select {len(targets):,} tables; DMS checks for 10,000 (mysql-check-10k-tables)")
        )
    return tuple(found)


def left_out(connection: pymysql.Connection[Any], tables: Iterable[Table]) -> tuple[str, ...]:
    """The columns of ``tables`` that DMS leaves out, each with the reason: ``shop.item.total (generated)``."""
    tables = [table for table in tables if table.left_out]
    if not tables:
        return ()
    rows = ask(
        connection,
        "SELECT table_schema, table_name, column_name, extra FROM information_schema.columns WHERE table_schema IN %s",
        (tuple({table.schema for table in tables}),),
    )
    invisible = {row[:3] for row in rows if "INVISIBLE" in row[3].upper()}
    return tuple(
        f"{table}.{column.name} "
        f"({'invisible' if (table.schema, table.name, column.name) in invisible else 'generated'})"
        for table in tables
        for _, column in table.left_out
    )


def _of_table(target: Target, unique: frozenset[Name]) -> Iterator[Limitation]:
    table, name = target.table, str(target.table)
    lobs = [column.source.name for column in target.columns if dms_type(table, column.source).lob]
    if lobs and not table.primary_key and (table.schema, table.name) not in unique:
        yield Limitation(
            name,
            f"has no primary or unique key, without which DMS does not migrate LOB columns, here {', '.join(lobs)} "
            "(table-with-lob-but-without-primary-key-or-unique-constraint): the rehearsal writes them and a real task "
            "does not. Add a key, or take the columns out",
            differs=True,
        )
    elif lobs:
        yield Limitation(
            name,
            f"of several changes of a LOB in one transaction DMS keeps the last alone, the rehearsal all: "
            f"{', '.join(lobs)}",
        )
    names = (table.schema, table.name, *(column.source.name for column in target.columns))
    if odd := [one for one in names if "`" in one or "'" in one]:
        yield Limitation(
            name,
            f"DMS supports no back-ticks and single quotes in names, as in {', '.join(odd)}: rename it or exclude it",
            differs=True,
        )
    if table.name.lower().startswith(_INTERNAL):
        yield Limitation(
            name,
            f"is named as DMS names tables of its own ({_INTERNAL}…), which readers of the lake leave out: rename it, "
            "in the source or by a rule",
            explains=True,
        )


def _of_relation(relation: Relation, unsteady: frozenset[Name]) -> Iterator[Limitation]:
    if relation.engine in _ENGINES:
        yield Limitation(
            str(relation), f"engine {relation.engine}: it {_ENGINES[relation.engine]}", explains=True, differs=True
        )
    elif (relation.schema, relation.name) in unsteady:
        yield Limitation(
            str(relation),
            f"engine {relation.engine} knows no transactions, so no consistent read of it is possible while it is "
            "written: let its writers rest when the capture ends (mysql-check-table-storage-engine)",
            explains=True,
        )
    if "partitioned" in relation.options:
        yield Limitation(
            str(relation),
            "is partitioned: DMS suspends it at DDL of its partitions unless skipTableSuspensionForPartitionDdl is "
            "true (mysql-check-skip-table-suspension-partition-ddl)",
            explains=True,
        )


def _cascades(connection: pymysql.Connection[Any], captured: Mapping[Name, Target]) -> Iterator[Limitation]:
    """The foreign keys by which a change of one table changes another, of which the log has nothing.

    SHOW CREATE TABLE tells them: MariaDB lists their rules to no user that may only read.
    """
    referring = ask(
        connection,
        "SELECT table_schema, table_name FROM information_schema.key_column_usage "
        "WHERE referenced_table_name IS NOT NULL AND CAST(table_schema AS BINARY) NOT IN %s",
        (catalog.SYSTEM_SCHEMAS,),
    )
    for schema, name in sorted({row for row in referring if tuple(row) in captured}):
        ((_, statement),) = ask(connection, f"SHOW CREATE TABLE {quoted(schema)}.{quoted(name)}")
        for constraint, rules in _CASCADE.findall(statement):
            yield Limitation(
                qualified(schema, name),
                f"foreign key {constraint.replace('``', '`')}{rules}: the server changes these rows by itself and logs "
                "no change of them, so no task can follow (mysql-check-cascade-constraints)",
                explains=True,
            )


def _mixed_case(targets: Iterable[Target]) -> Iterator[Limitation]:
    """Of a server on a file system that does not tell cases apart, as on Windows and macOS."""
    for target in targets:
        if target.table.name not in (target.table.name.lower(), target.table.name.upper()):
            text = (
                "is named in both cases, and the source's file system does not tell them apart: DMS captures no changes"
            )
            yield Limitation(str(target.table), f"{text}. Capture from a server on another system", differs=True)


def _uniquely_keyed(connection: pymysql.Connection[Any]) -> frozenset[Name]:
    rows = ask(connection, "SELECT table_schema, table_name FROM information_schema.statistics WHERE non_unique = 0")
    return frozenset((schema, name) for schema, name in rows)


def without_transactions(connection: pymysql.Connection[Any]) -> frozenset[Name]:
    """The tables that no snapshot holds, by schema and name."""
    rows = ask(
        connection,
        "SELECT t.table_schema, t.table_name FROM information_schema.tables t JOIN information_schema.engines e "
        "ON e.engine = t.engine WHERE COALESCE(e.transactions, 'NO') <> 'YES' "
        "AND CAST(t.table_schema AS BINARY) NOT IN %s",
        (catalog.SYSTEM_SCHEMAS,),
    )
    return frozenset((schema, name) for schema, name in rows)
