"""Control records: what DMS tells of tables themselves: created, dropped, truncated, altered.

Sources: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html and public records of real tasks.
For MySQL neither DROP TABLE nor RENAME TABLE gives a record. What altered a table is read from its columns before and
after: a renamed column is therefore a drop and an add.
"""

from __future__ import annotations

from json.encoder import encode_basestring

from mappings.dms_types import dms_type
from mappings.target import Target, TargetColumn
from rehearsal.replication.messages import LAYOUTS, Clock, Record, record
from rehearsal.replication.settings import KinesisSettings

_EXCEPTIONS_TABLE = "awsdms_apply_exceptions"
_EXCEPTIONS_COLUMNS = {
    "TASK_NAME": ("STRING", 128),
    "TABLE_OWNER": ("STRING", 128),
    "TABLE_NAME": ("STRING", 128),
    "ERROR_TIME": ("TIMESTAMP", None),
    "STATEMENT": ("STRING", None),
    "ERROR": ("STRING", None),
}


class ControlWriter:
    """Writes the control records of one task."""

    def __init__(self, task_id: str, kinesis: KinesisSettings, clock: Clock) -> None:
        self._task_id = task_id
        self._kinesis = kinesis
        self._clock = clock
        self._layout = LAYOUTS[kinesis.message_format]

    def exceptions_table(self) -> Record:
        """The creation of DMS's own control table, with which every task begins; its schema is empty."""
        columns = {
            name: self._column(kind, nullable=False, **({"length": length} if length else {}))
            for name, (kind, length) in _EXCEPTIONS_COLUMNS.items()
        }
        return self._record("create-table", "", _EXCEPTIONS_TABLE, self._definition(columns, ()))

    def table(self, operation: str, target: Target) -> Record:
        """``create-table``, ``add-column`` and their like, with the table's definition if IncludeControlDetails."""
        columns = {column.name: self._described(target, column) for column in target.columns}
        key = tuple(column.name for column in target.key)
        return self._record(operation, target.schema, target.name, self._definition(columns, key))

    def bare(self, operation: str, target: Target) -> Record:
        """``drop-table`` and ``truncate-table``: there is no definition to tell."""
        return self._record(operation, target.schema, target.name, "{}")

    def _record(self, operation: str, schema: str, name: str, control: str) -> Record:
        layout = self._layout
        metadata = [
            layout.string("timestamp", self._clock()),
            layout.string("record-type", "control"),
            layout.string("operation", operation),
            layout.string("partition-key-type", "task-id"),
        ]
        if self._kinesis.include_partition_value:
            metadata.append(layout.string("partition-key-value", self._task_id))
        metadata += [layout.string("schema-name", schema), layout.string("table-name", name)]
        members = [layout.member("metadata", layout.object(metadata, 1))]
        if self._kinesis.include_control_details:
            members.insert(0, layout.member("control", control))
        key = f"{self._task_id}.{schema}.{name}" if schema else self._task_id
        return record(name, key, layout.object(members, 0))

    def _definition(self, columns: dict[str, str], primary_key: tuple[str, ...]) -> str:
        layout = self._layout
        members = [
            layout.member("columns", layout.object((layout.member(name, text) for name, text in columns.items()), 3))
        ]
        if primary_key:
            members.append(layout.member("primary-key", f"[{','.join(map(encode_basestring, primary_key))}]"))
        return layout.object([layout.member("table-def", layout.object(members, 2))], 1)

    def _described(self, target: Target, described: TargetColumn) -> str:
        column = described.source
        if described.as_string:
            return self._column("STRING", nullable=column.nullable, length=described.max_length)
        kind = dms_type(target.table, column)
        sizes = {"length": column.length} if column.length and not kind.lob else {}
        if kind.name == "NUMERIC":
            sizes = {"precision": column.precision, "scale": column.scale}
        return self._column(kind.name, nullable=column.nullable, **sizes)

    def _column(self, kind: str, *, nullable: bool, **sizes: int | None) -> str:
        layout = self._layout
        members = [layout.string("type", kind)]
        members += [layout.member(name, str(size)) for name, size in sizes.items() if size is not None]
        return layout.object([*members, layout.member("nullable", "true" if nullable else "false")], 4)


def alterations(before: Target, after: Target) -> list[str]:
    """The control operations that name what an ALTER TABLE did to the columns that DMS sees."""
    old = {column.name: column.source for column in before.columns}
    new = {column.name: column.source for column in after.columns}
    retyped = [name for name in new if name in old and new[name].column_type != old[name].column_type]
    return (
        ["drop-column"] * len(old.keys() - new.keys())
        + ["add-column"] * len(new.keys() - old.keys())
        + ["column-type-change"] * len(retyped)
    )
