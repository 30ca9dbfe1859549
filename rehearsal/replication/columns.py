"""Columns: how the rows of one table are written, worked out once per table."""

from __future__ import annotations

import json
from typing import NamedTuple

from mappings.dms_types import dms_type
from mappings.target import Target, TargetColumn
from model import Row
from rehearsal.replication.messages import LAYOUTS
from rehearsal.replication.settings import KinesisSettings, TaskSettings
from rehearsal.replication.transformed import attribute, column_renderer
from rehearsal.replication.values import Renderer, is_empty


class _Written(NamedTuple):
    position: int
    """Where the value stands in a row of the source."""
    name: str
    """The column's name as JSON text, with its colon."""
    render: Renderer


class RowFormat:
    """Turns rows of the source into the JSON objects and partition keys of ``target``."""

    def __init__(self, target: Target, task: TaskSettings, kinesis: KinesisSettings) -> None:
        self.target = target
        table = target.table
        self._layout = LAYOUTS[kinesis.message_format]
        self._keep_empty = kinesis.include_null_and_empty
        self._key_prefix = f"{target}." if kinesis.partition_include_schema_table else ""
        renderers = {column.name: column_renderer(table, column, task, kinesis) for column in target.columns}
        lobs = {column.name for column in target.columns if dms_type(table, column.source).lob}

        def written(chosen: set[str]) -> list[_Written]:
            return [
                _Written(column.position, self._layout.member(column.name, ""), renderers[column.name])
                for column in target.columns
                if column.name in chosen
            ]

        every = {column.name for column in target.columns}
        self._data = written(every if task.support_lobs else every - lobs)
        self._before = written(_before_image_columns(target, task) - lobs)
        self._renderers = renderers

    def data(self, row: Row) -> str:
        """The ``data`` object."""
        added = [
            self._layout.string(declared.name, attribute(self.target.table, declared, row))
            for declared in self.target.attributes
        ]
        return self._object(self._data, row, added)

    def before_image(self, row: Row) -> str:
        """The before image's object: the columns that ColumnFilter names, of which MySQL never gives LOBs."""
        return self._object(self._before, row, [])

    def key(self, row: Row) -> str:
        """The primary key's values as text, joined by dots; ``schema.table.`` before them if so declared."""
        return self._key_prefix + ".".join(self._text(column, row) for column in self.target.key)

    def attribute(self, row: Row, name: str) -> str:
        """The value as text of the attribute or column ``name`` of the record; empty for NULL."""
        for declared in self.target.attributes:
            if declared.name == name:
                return attribute(self.target.table, declared, row)
        column = next(column for column in self.target.columns if column.name == name)
        return "" if row[column.position] is None else self._text(column, row)

    def _text(self, column: TargetColumn, row: Row) -> str:
        text = self._renderers[column.name](row[column.position])
        return json.loads(text) if text[0] == '"' else text

    def _object(self, columns: list[_Written], row: Row, added: list[str]) -> str:
        members: list[str] = []
        for position, name, render in columns:
            value = row[position]
            text = "null" if value is None else render(value)
            if self._keep_empty or not is_empty(text):
                members.append(name + text)
        return self._layout.object(members + added, 1)


def _before_image_columns(target: Target, task: TaskSettings) -> set[str]:
    if task.before_image is None:
        return set()
    columns = target.key if task.before_image.column_filter == "pk-only" else target.columns
    return {column.name for column in columns}
