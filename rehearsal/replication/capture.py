"""Capture: the tables that the task captures, as the source's catalog has them now, and what DDL does to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from mappings.dms_types import dms_type
from mappings.filters import Passes, change_passes, passes
from mappings.table_mappings import Mappings
from mappings.target import Target
from model import Row, SchemaChange, Table, Transaction
from rehearsal.replication.control import ControlWriter, alterations
from rehearsal.replication.messages import Record
from rehearsal.replication.settings import KinesisSettings, TaskSettings

_COMMENT = re.compile(r"/\*(?!M?!).*?\*/|(?:--\s|#)[^\n]*", re.DOTALL)  # /*! … */ is code, not comment
_NAME = r"(?:`((?:[^`]|``)+)`|([\w$]+))"
_TRUNCATE = re.compile(rf"TRUNCATE\s+(?:TABLE\s+)?(?:{_NAME}\s*\.\s*)?{_NAME}", re.IGNORECASE)

Name = tuple[str, str]
"""Schema and table."""


class Capture:
    """The captured tables and rows. ``catalog`` reads every table of the source."""

    def __init__(self, mappings: Mappings, catalog: Callable[[], Iterable[Table]]) -> None:
        self._mappings = mappings
        self._catalog = catalog
        self.targets: dict[Name, Target] = {}
        """What each is in the lake, by its name in the source; in the order of the full load."""
        self._filters: dict[Name, Passes] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read the catalog again. Raises PipelineError for a column of a type that DMS cannot read, or a rule that a
        table does not allow."""
        fresh: dict[Name, Target] = {}
        for table in self._mappings.in_load_order(self._catalog()):
            for column in table.columns:
                dms_type(table, column)
            known = self.targets.get((table.schema, table.name))
            # one object while unchanged
            fresh[table.schema, table.name] = known if known and known.table == table else self._mappings.target(table)
        self.targets = fresh
        self._filters = {name: passes(target.filters, target.table) for name, target in fresh.items() if target.filters}

    def table_of(self, schema: str, name: str) -> Table | None:
        """The captured table of this name; None if it is not captured."""
        target = self.targets.get((schema, name))
        return target.table if target else None

    def rows(self, table: Table, rows: Iterable[Row]) -> Iterable[Row]:
        """Those of ``rows`` that pass the filters of ``table``."""
        passing = self._filters.get((table.schema, table.name))
        return filter(passing, rows) if passing else rows

    def changes(self, transaction: Transaction) -> Transaction:
        """``transaction`` with the changes that pass the filters. Raises PipelineError for one that crosses them."""
        if not self._filters:
            return transaction
        changes = tuple(
            change
            for change in transaction.changes
            if (passing := self._filters.get(name := (change.table.schema, change.table.name))) is None
            or change_passes(change, self.targets[name], passing)
        )
        return replace(transaction, changes=changes)


def control_records(
    change: SchemaChange,
    before: dict[Name, Target],
    after: dict[Name, Target],
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
            yield control.bare("truncate-table", after[name])
        return
    for name, target in after.items():
        if name not in before:
            if statement[:6].upper() == "CREATE":
                yield control.table("create-table", target)
        elif task.handle_altered and kinesis.include_table_alter_operations:
            for operation in alterations(before[name], target):
                yield control.table(operation, target)


def _named(change: SchemaChange, match: re.Match[str]) -> Name:
    quoted_schema, schema, quoted_table, table = match.groups()
    return (
        (quoted_schema or schema or change.schema).replace("``", "`"),
        (quoted_table or table).replace("``", "`"),
    )
