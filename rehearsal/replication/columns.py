"""Columns: how the rows of one table are written, worked out once per table."""

from __future__ import annotations

import json
from typing import NamedTuple

from rehearsal.replication.settings import KinesisSettings, TaskSettings
from rehearsal.replication.text import LAYOUTS
from rehearsal.replication.values import Renderer, dms_type, is_empty, renderer
from rehearsal.vocabulary import Column, Row, Table


class _Written(NamedTuple):
    position: int
    """Where the value stands in a row."""
    name: str
    """The column's name as JSON text, with its colon."""
    render: Renderer


class RowFormat:
    """Turns rows of ``table`` into JSON objects and partition keys."""

    def __init__(self, table: Table, task: TaskSettings, kinesis: KinesisSettings) -> None:
        self.table = table
        self._layout = LAYOUTS[kinesis.message_format]
        self._keep_empty = kinesis.include_null_and_empty
        self._key_prefix = f"{table}." if kinesis.partition_include_schema_table else ""
        renderers = {column.name: renderer(table, column, task, kinesis) for column in table.columns}
        lobs = {column.name for column in table.columns if dms_type(table, column).lob}

        def written(chosen: set[str]) -> list[_Written]:
            return [
                _Written(position, self._layout.member(column.name, ""), renderers[column.name])
                for position, column in enumerate(table.columns)
                if column.name in chosen
            ]

        every = {column.name for column in table.columns}
        self._data = written(every if task.support_lobs else every - lobs)
        self._before = written(_before_image_columns(table, task) - lobs)
        self._key = [(table.columns[position], position) for position in table.key_positions if table.primary_key]
        self._renderers = renderers

    def data(self, row: Row) -> str:
        """The ``data`` object."""
        return self._object(self._data, row)

    def before_image(self, row: Row) -> str:
        """The before image's object: the columns that ColumnFilter names, of which MySQL never gives LOBs."""
        return self._object(self._before, row)

    def key(self, row: Row) -> str:
        """The primary key's values as text, joined by dots; ``schema.table.`` before them if so declared."""
        return self._key_prefix + ".".join(self._key_text(column, row, position) for column, position in self._key)

    def _key_text(self, column: Column, row: Row, position: int) -> str:
        text = self._renderers[column.name](row[position])
        return json.loads(text) if text[0] == '"' else text

    def _object(self, columns: list[_Written], row: Row) -> str:
        members: list[str] = []
        for position, name, render in columns:
            value = row[position]
            text = "null" if value is None else render(value)
            if self._keep_empty or not is_empty(text):
                members.append(name + text)
        return self._layout.object(members, 1)


def _before_image_columns(table: Table, task: TaskSettings) -> set[str]:
    if task.before_image is None:
        return set()
    if task.before_image.column_filter == "pk-only":
        return set(table.primary_key)
    return {column.name for column in table.columns}
