"""Transformed: the JSON text of values that a rule changes: another type, a mask, an attribute of several columns.

A value is first written as its type has it, then as text if its type was changed, then masked: the guide has a changed
type come before its mask. NULL stays NULL; whether DMS masks it is not documented, nor what becomes of an empty text,
which is hashed here like any other. The hash is that of the guide's own example, SHA-256 of UTF-8 in upper case:
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Masking.html
"""

from __future__ import annotations

import hashlib
import json
import re
from json.encoder import encode_basestring
from typing import Any

from mappings.target import Attribute, Mask, TargetColumn
from model import PipelineError, Row, Table
from rehearsal.replication.settings import KinesisSettings, TaskSettings
from rehearsal.replication.values import Renderer, renderer


def column_renderer(table: Table, column: TargetColumn, task: TaskSettings, kinesis: KinesisSettings) -> Renderer:
    """The function that writes the values of a column of the lake as JSON text."""
    render = renderer(table, column.source, task, kinesis)
    if column.as_string:
        render = _as_string(table, column, render)
    return _masked(column.mask, render) if column.mask else render


def _as_string(table: Table, column: TargetColumn, render: Renderer) -> Renderer:
    longest = column.max_length

    def string(value: Any) -> str:
        plain = json.loads(render(value)) if isinstance(value, str) else spelled(value)
        if longest is not None and len(plain) > longest:
            raise PipelineError(
                f"{table}.{column.source.name} holds a value of {len(plain)} characters, its change-data-type rule has "
                f"room for {longest}; what DMS makes of it is not known. Declare a greater length"
            )
        return encode_basestring(plain)

    return string


def spelled(value: Any) -> str:
    """An integer, a DECIMAL or a text as text, with every digit."""
    return value if isinstance(value, str) else f"{value:f}" if not isinstance(value, int) else str(value)


def _masked(mask: Mask, render: Renderer) -> Renderer:
    if mask.character:
        return lambda value: encode_basestring(re.sub("[0-9]", lambda digit: mask.character, json.loads(render(value))))
    return lambda value: f'"{hashlib.sha256(json.loads(render(value)).encode()).hexdigest().upper()}"'


def attribute(table: Table, declared: Attribute, row: Row) -> str:
    """The text of an attribute. PipelineError if one of its columns is NULL: what DMS writes then is not known."""
    pieces: list[str] = []
    for part in declared.parts:
        value = row[part] if isinstance(part, int) else part
        if value is None:
            raise PipelineError(
                f"the attribute {declared.name} of {table} is made of a column that is NULL in a row; what DMS writes "
                "then is not known. Map columns that are NOT NULL"
            )
        pieces.append(spelled(value))
    return "".join(pieces)
