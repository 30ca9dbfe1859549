"""Columns: how the rows of one table are written, worked out once per table."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from json.encoder import encode_basestring
from typing import NamedTuple

from mappings.dms_types import dms_type
from mappings.target import Attribute, Target, TargetColumn
from model import Row
from rehearsal.replication.compiled import PLACE, Part, compiled
from rehearsal.replication.messages import LAYOUTS
from rehearsal.replication.settings import KinesisSettings, TaskSettings
from rehearsal.replication.transformed import attribute, column_renderer
from rehearsal.replication.values import is_empty

_PLAIN = (int.__repr__, float.__repr__)
"""Renderers that write a value as an f-string does."""


class Shape(NamedTuple):
    """What the records of one table and operation have in common."""

    kind: str
    """The kind of their partition key."""
    write: Callable[[Row, Row | None, str, str, str], str]
    """A record's text, from its row, the row before an update, its partition key, its time and what its metadata end
    with."""


class RowFormat:
    """Turns rows of the source into parts of the records of ``target``, and into partition keys."""

    data: Part
    """The ``data`` object of ``row``."""
    before_image: Part
    """The before image's object, of ``before``: what ColumnFilter names, of which MySQL never gives LOBs."""
    names: dict[str, object]
    """What the expressions of both use."""
    key: Callable[[Row], str]
    """The primary key's values as text, joined by dots; ``schema.table.`` before them if so declared."""
    shapes: dict[str, Shape]
    """By operation, once there was a record of it."""

    def __init__(self, target: Target, task: TaskSettings, kinesis: KinesisSettings) -> None:
        self.target, self.shapes = target, {}
        self._layout, self._keeps_empty = LAYOUTS[kinesis.message_format], kinesis.include_null_and_empty
        self._renderers = {c.position: column_renderer(target.table, c, task, kinesis) for c in target.columns}
        self.names = {f"render{position}": render for position, render in self._renderers.items()}
        self.names |= {"null": "null", "text": _text, "attribute": self._attribute}
        lobs = {column.name for column in target.columns if dms_type(target.table, column.source).lob}
        every = {column.name for column in target.columns}
        self.data = self._object("row", every if task.support_lobs else every - lobs, target.attributes)
        self.before_image = self._object("before", _before_image_columns(target, task) - lobs, ())
        prefix = f"{target}." if kinesis.partition_include_schema_table else ""
        key = Part(prefix + ".".join(PLACE for _ in target.key), [self._text_of(column) for column in target.key])
        self.key = compiled("row", key, self.names)

    def attribute(self, row: Row, name: str) -> str:
        """The value as text of the attribute or column ``name`` of the record; empty for NULL."""
        for declared in self.target.attributes:
            if declared.name == name:
                return attribute(self.target.table, declared, row)
        column = next(column for column in self.target.columns if column.name == name)
        value = row[column.position]
        return "" if value is None else _text(self._renderers[column.position](value))

    def _object(self, row: str, chosen: set[str], attributes: Sequence[Attribute]) -> Part:
        """The object of the ``chosen`` columns and the attributes of ``row``, the variable of that name."""
        columns = [column for column in self.target.columns if column.name in chosen]
        if not self._keeps_empty:
            self.names[f"gathered_{row}"] = partial(self._gathered, columns, attributes)
            return Part(PLACE, [f"gathered_{row}({row})"])
        names = [*(column.name for column in columns), *(declared.name for declared in attributes)]
        values = [
            f"null if (value := {row}[{column.position}]) is None else {self._rendered(column, 'value')}"
            for column in columns
        ]
        added = [f"attribute({number}, {row})" for number, _ in enumerate(attributes)]
        text = self._layout.object([self._layout.member(name, PLACE) for name in names], 1)
        return Part(text, [*values, *added])

    def _gathered(self, columns: Sequence[TargetColumn], attributes: Sequence[Attribute], row: Row) -> str:
        """The object with the attributes and of the columns those that are neither NULL nor empty."""
        members: list[str] = []
        for column in columns:
            value = row[column.position]
            text = "null" if value is None else self._renderers[column.position](value)
            if not is_empty(text):
                members.append(self._layout.member(column.name, text))
        for number, declared in enumerate(attributes):
            members.append(self._layout.member(declared.name, self._attribute(number, row)))
        return self._layout.object(members, 1)

    def _attribute(self, number: int, row: Row) -> str:
        return encode_basestring(attribute(self.target.table, self.target.attributes[number], row))

    def _rendered(self, column: TargetColumn, value: str) -> str:
        return value if self._renderers[column.position] in _PLAIN else f"render{column.position}({value})"

    def _text_of(self, column: TargetColumn) -> str:
        rendered = self._rendered(column, f"row[{column.position}]")
        return rendered if self._renderers[column.position] in _PLAIN else f"text({rendered})"


def _text(text: str) -> str:
    """What a JSON text says: a string without its quotes, all else as it stands there."""
    if text[0] != '"':
        return text
    return json.loads(text) if "\\" in text else text[1:-1]


def _before_image_columns(target: Target, task: TaskSettings) -> set[str]:
    if task.before_image is None:
        return set()
    columns = target.key if task.before_image.column_filter == "pk-only" else target.columns
    return {column.name for column in columns}
