"""Capture: the tables that the task captures, as the source's catalog has them now, and what DDL does to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from rehearsal.replication.control import ControlWriter, alterations
from rehearsal.replication.mappings import Selection
from rehearsal.replication.settings import KinesisSettings, TaskSettings
from rehearsal.replication.text import Record
from rehearsal.replication.values import dms_type
from rehearsal.vocabulary import SchemaChange, Table

_COMMENT = re.compile(r"/\*(?!M?!).*?\*/|(?:--\s|#)[^\n]*", re.DOTALL)  # /*! … */ is code, not comment
_NAME = r"(?:`((?:[^`]|``)+)`|([\w$]+))"
_TRUNCATE = re.compile(rf"TRUNCATE\s+(?:TABLE\s+)?(?:{_NAME}\s*\.\s*)?{_NAME}", re.IGNORECASE)

Name = tuple[str, str]
"""Schema and table."""


class Capture:
    """The captured tables. ``catalog`` reads every table of the source."""

    def __init__(self, selection: Selection, catalog: Callable[[], Iterable[Table]]) -> None:
        self._selection = selection
        self._catalog = catalog
        self.tables: dict[Name, Table] = {}
        """In the order of the full load."""
        self.refresh()

    def refresh(self) -> None:
        """Read the catalog again. Raises RehearsalError for a column of a type that DMS cannot read."""
        fresh: dict[Name, Table] = {}
        for table in self._selection.in_load_order(self._catalog()):
            for column in table.columns:
                dms_type(table, column)
            known = self.tables.get((table.schema, table.name))
            fresh[table.schema, table.name] = known if known and known == table else table  # one object while unchanged
        self.tables = fresh

    def table_of(self, schema: str, name: str) -> Table | None:
        """The captured table of this name; None if it is not captured."""
        return self.tables.get((schema, name))


def control_records(
    change: SchemaChange,
    before: dict[Name, Table],
    after: dict[Name, Table],
    control: ControlWriter,
    task: TaskSettings,
    kinesis: KinesisSettings,
) -> Iterator[Record]:
    """What DMS tells of a DDL statement, from the captured tables before and after it.

    HandleSourceTable* and IncludeTableAlterOperations decide
    (https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.DDLHandling.html).
    A MySQL source tells nothing of DROP TABLE and RENAME TABLE.
    """
    statement = _COMMENT.sub(" ", change.statement).strip()
    if truncated := _TRUNCATE.match(statement):
        name = _named(change, truncated)
        if task.handle_truncated and name in after:
            yield control.bare("truncate-table", *name)
        return
    for name, table in after.items():
        if name not in before:
            if statement[:6].upper() == "CREATE":
                yield control.table("create-table", table)
        elif task.handle_altered and kinesis.include_table_alter_operations:
            for operation in alterations(before[name], table):
                yield control.table(operation, table)


def _named(change: SchemaChange, match: re.Match[str]) -> Name:
    quoted_schema, schema, quoted_table, table = match.groups()
    return (
        (quoted_schema or schema or change.schema).replace("``", "`"),
        (quoted_table or table).replace("``", "`"),
    )
