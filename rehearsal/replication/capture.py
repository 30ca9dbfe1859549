"""Capture: the tables that the task captures, as they are at its place in the log, and what it tells of DDL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from mappings.dms_types import dms_type
from mappings.filters import Passes, change_passes, passes
from mappings.table_mappings import Mappings
from mappings.target import Target
from model import Row, SchemaChange, Table, TableChange, Transaction
from rehearsal.replication.control import ControlWriter, alterations
from rehearsal.replication.messages import Record
from rehearsal.replication.settings import KinesisSettings, TaskSettings

Name = tuple[str, str]
"""Schema and table."""


class Capture:
    """The captured tables and rows.

    ``tables`` gives every table at the task's place in the log. ``may_read`` says whether the user may read one that
    appeared after the start: the catalog does not list the others, but the log tells of them.
    """

    def __init__(
        self,
        mappings: Mappings,
        tables: Callable[[], Iterable[Table]],
        may_read: Callable[[Table], bool] = lambda table: True,
    ) -> None:
        self._mappings = mappings
        self._tables = tables
        self._may_read = may_read
        self.targets: dict[Name, Target] = {}
        """What each is in the lake, by its name in the source; in the order of the full load."""
        self.hidden: set[Name] = set()
        """Tables that the mappings select and the user may not read."""
        self._filters: dict[Name, Passes] = {}
        self._take([table for table in self._tables() if self._selects(table)])

    def refresh(self) -> None:
        """Look at the tables again. Raises PipelineError for a column of a type that DMS cannot read, or a rule that a
        table does not allow."""
        selected = [table for table in self._tables() if self._selects(table)]
        self.hidden &= {(table.schema, table.name) for table in selected}
        for table in selected:
            if (table.schema, table.name) not in self.targets and not self._may_read(table):
                self.hidden.add((table.schema, table.name))
        self._take([table for table in selected if (table.schema, table.name) not in self.hidden])

    def _selects(self, table: Table) -> bool:
        return self._mappings.selects(table.schema, table.name)

    def _take(self, tables: list[Table]) -> None:
        fresh: dict[Name, Target] = {}
        for table in self._mappings.in_load_order(tables):
            for column in table.columns:
                dms_type(table, column)
            known = self.targets.get((table.schema, table.name))
            # one object while unchanged
            fresh[table.schema, table.name] = known if known and known.table == table else self._mappings.target(table)
        self.targets = fresh
        self._filters = {name: passes(target.filters, target.table) for name, target in fresh.items() if target.filters}

    def target(self, table: Table) -> Target | None:
        """What ``table``, as it was or will be, is in the lake; None if it is not captured."""
        if not self._selects(table) or (table.schema, table.name) in self.hidden:
            return None
        return self._mappings.target(table)

    def rows(self, table: Table, rows: Iterable[Row]) -> Iterable[Row]:
        """Those of ``rows`` that pass the filters of ``table``."""
        passing = self._filters.get((table.schema, table.name))
        return filter(passing, rows) if passing else rows

    def changes(self, transaction: Transaction) -> Transaction:
        """``transaction`` with the changes that pass the filters. Raises PipelineError for one that crosses them."""
        if not self._filters and not self.hidden:
            return transaction
        changes = tuple(
            change
            for change in transaction.changes
            if (change.table.schema, change.table.name) not in self.hidden
            and (
                (passing := self._filters.get(name := (change.table.schema, change.table.name))) is None
                or change_passes(change, self.targets[name], passing)
            )
        )
        return replace(transaction, changes=changes)


def control_records(
    change: SchemaChange, capture: Capture, control: ControlWriter, task: TaskSettings, kinesis: KinesisSettings
) -> Iterator[tuple[TableChange, Record]]:
    """What DMS tells of a DDL statement: each record with what it tells of.

    HandleSourceTable* and IncludeTableAlterOperations decide
    (https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.DDLHandling.html).
    A MySQL source tells nothing of DROP TABLE and RENAME TABLE.
    """
    for one in change.tables:
        target = capture.target(one.after) if one.after else None
        before = capture.target(one.before) if one.before else None
        if target is None:
            continue
        if one.kind == "created":
            yield one, control.table("create-table", target)
        elif one.kind == "truncated" and task.handle_truncated:
            yield one, control.bare("truncate-table", target)
        elif one.kind == "altered" and before and task.handle_altered and kinesis.include_table_alter_operations:
            for operation in alterations(before, target):
                yield one, control.table(operation, target)
